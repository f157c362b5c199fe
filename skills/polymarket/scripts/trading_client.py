"""An authenticated py-clob-client, set up from the environment.

POLYMARKET_PRIVATE_KEY     the key that signs
POLYMARKET_SIGNATURE_TYPE  0 EOA (the default), 1 proxy wallet, 2 Safe
POLYMARKET_FUNDER          the wallet that holds the money: needed for 1 and 2
"""

import os

from account_settings import funder, private_key
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import ApiCreds
from py_clob_client.exceptions import PolyApiException

HOST = "https://clob.polymarket.com"
CHAIN_ID = 137


def trading_client() -> ClobClient:
    """A client that may trade. SystemExit, in one line, when a variable is missing or wrong."""
    key, kind = private_key(), os.environ.get("POLYMARKET_SIGNATURE_TYPE") or "0"
    if kind not in ("0", "1", "2"):
        raise SystemExit(
            "POLYMARKET_SIGNATURE_TYPE must be 0, 1 or 2: py-clob-client cannot sign for a deposit"
            " wallet (3), polymarket-client can"
        )
    signer: str = ClobClient(HOST, CHAIN_ID, key).get_address()
    wallet = funder() or signer
    if (kind == "0") != (wallet.lower() == signer.lower()):
        raise SystemExit(
            f"signature type {kind} does not fit funder {wallet}: an EOA (0) pays from the key's"
            " own address, a proxy wallet (1) or a Safe (2) from POLYMARKET_FUNDER"
        )
    client = ClobClient(HOST, CHAIN_ID, key, signature_type=int(kind), funder=wallet)
    client.set_api_creds(api_credentials(client))
    return client


def api_credentials(client: ClobClient, nonce: int = 0) -> ApiCreds:
    """The credentials that this key has at the venue, or new ones if it has none.

    create_or_derive_api_creds() creates first and takes every failure, a timeout too, for "has
    some already". To derive first changes nothing; only its 400 says that there is no API key.
    """
    try:
        credentials = client.derive_api_key(nonce)
    except PolyApiException as error:
        if error.status_code != 400:
            raise
        credentials = client.create_api_key(nonce)
    if credentials is None:  # the client's answer to a reply that it cannot read
        raise SystemExit("the venue's reply held no API credentials: try again in a minute")
    return credentials


if __name__ == "__main__":
    client = trading_client()
    print("signer", client.get_address())
    print("funder", client.builder.funder)
    print("API keys:", len(client.get_api_keys()["apiKeys"]))
