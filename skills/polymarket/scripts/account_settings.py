"""The account from the environment, checked before any client sees it; nothing is ever printed."""

import os
import re

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def private_key() -> str:
    """POLYMARKET_PRIVATE_KEY: 64 hex digits, with or without 0x.

    Raises SystemExit in one line that names the variable, never its value.
    """
    key = os.environ.get("POLYMARKET_PRIVATE_KEY", "").strip()
    if not key:
        raise SystemExit("POLYMARKET_PRIVATE_KEY is not set: export the key that signs your orders")
    digits = key.removeprefix("0x")
    if not re.fullmatch("[0-9a-fA-F]{64}", digits) or not 0 < int(digits, 16) < CURVE_ORDER:
        raise SystemExit("POLYMARKET_PRIVATE_KEY is no private key: 64 hex digits are needed")
    return key


def funder() -> str | None:
    """POLYMARKET_FUNDER, the wallet that holds the money; None when unset. Raises SystemExit."""
    address = os.environ.get("POLYMARKET_FUNDER", "").strip()
    if address and not re.fullmatch("0x[0-9a-fA-F]{40}", address):
        raise SystemExit("POLYMARKET_FUNDER is no address: 0x and 40 hex digits are needed")
    return address or None


if __name__ == "__main__":
    print("key is well-formed:", bool(private_key()))
    print("funder is set:", funder() is not None)
