"""Read books and prices with polymarket-client: no key, no account, exact decimals."""

from polymarket import PublicClient

TOKEN_ID = "71321045679252212594626385532706912750332728571942532289631379312455583992563"

if __name__ == "__main__":
    with PublicClient() as client:
        book = client.get_order_book(token_id=TOKEN_ID)
        # Bids ascend and asks descend: the best price is the last one of each.
        print("best bid", book.bids[-1].price, "x", book.bids[-1].size)
        print("best ask", book.asks[-1].price, "x", book.asks[-1].size)
        print("midpoint", client.get_midpoint(token_id=TOKEN_ID))
        print("tick size", book.tick_size)
