"""Read books and prices with py-clob-client: no key, no account."""

from py_clob_client.client import ClobClient

HOST = "https://clob.polymarket.com"
TOKEN_ID = "71321045679252212594626385532706912750332728571942532289631379312455583992563"


def read_only_client() -> ClobClient:
    """A client at level 0. Methods that need a key raise PolyException."""
    return ClobClient(HOST)


if __name__ == "__main__":
    client = read_only_client()
    book = client.get_order_book(TOKEN_ID)
    # Bids ascend and asks descend: the best price is the last one of each.
    print("best bid", book.bids[-1].price, "x", book.bids[-1].size)
    print("best ask", book.asks[-1].price, "x", book.asks[-1].size)
    print("midpoint", client.get_midpoint(TOKEN_ID)["mid"])
    print("tick size", client.get_tick_size(TOKEN_ID))
