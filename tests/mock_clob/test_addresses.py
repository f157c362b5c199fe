"""Addresses in EIP-55, held against the usual implementation."""

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from mock_clob.accounts import ACCOUNTS
from mock_clob.addresses import checksum


@given(st.binary(min_size=20, max_size=20))
def test_every_address_is_spelled_as_eth_utils_spells_it(raw: bytes) -> None:
    assert checksum("0x" + raw.hex()) == to_checksum_address(raw)


def test_the_spelling_that_is_given_does_not_matter() -> None:
    address = ACCOUNTS[0].address
    assert checksum(address.lower()) == checksum(address.upper()) == checksum(address) == address


@pytest.mark.parametrize(
    "text", ["", "0x", "0x12", "f" * 40, "0x" + "g" * 40, "0x" + "0" * 41, "0x" + "00 " * 13 + "0"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no address|hexadecimal"):
        checksum(text)
