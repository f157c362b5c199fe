"""Replace the API key: make the next one, see it work, and only then delete the old one.

The same signing key and nonce always give the same credentials, so a new API key needs a new nonce.
"""

from py_clob_client.client import ClobClient
from trading_client import api_credentials, trading_client


def rotate_api_key(client: ClobClient, nonce: int) -> None:
    """Go over to the key of this nonce. Keep the nonce: later starts derive with it."""
    old = client.creds
    new = api_credentials(client, nonce)
    if new.api_key == old.api_key:
        raise ValueError(f"nonce {nonce} belongs to the key that is in use: take the next one")
    client.set_api_creds(new)
    try:
        client.get_api_keys()  # raises when the new key does not work: the old one stays
    finally:
        client.set_api_creds(old)
    client.delete_api_key()
    client.set_api_creds(new)


if __name__ == "__main__":
    client = trading_client()
    before = client.creds.api_key
    rotate_api_key(client, nonce=1)
    keys = client.get_api_keys()["apiKeys"]
    print("new key in use:", client.creds.api_key in keys)
    print("old key gone:", before not in keys)
