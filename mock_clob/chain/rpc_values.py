"""JSON-RPC values: reads a request's parameters strictly, writes hexadecimal as nodes do.

A quantity has no leading zeros ("0x0" is zero); data has two digits for each byte.
"""

from __future__ import annotations

import re
from typing import Any

from eth_typing import Address

from mock_clob.chain.evm import Block, Chain

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_ERROR = -32000
REVERTED = 3

# Blocks are final as soon as they are mined, so every tag but "earliest" is the latest block.
_LATEST_TAGS = ("latest", "pending", "safe", "finalized")
_QUANTITY = re.compile(r"0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
_DATA = re.compile(r"0x([0-9a-fA-F]{2})*")


class RpcError(Exception):
    """Becomes the reply's `error` object."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


def invalid(what: str, value: object) -> RpcError:
    return RpcError(INVALID_PARAMS, f"invalid argument: {what}: {shown(value)}")


def shown(value: object) -> str:
    """The beginning of what was sent, fit for any reply."""
    return str(value)[:80].encode("ascii", "backslashreplace").decode()


def hex_quantity(value: int) -> str:
    return hex(value)


def hex_data(value: bytes) -> str:
    return "0x" + value.hex()


def quantity(value: Any) -> int:
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise invalid("not a quantity (0x and no leading zeros)", value)
    return int(value, 16)


def data(value: Any) -> bytes:
    if not isinstance(value, str) or not _DATA.fullmatch(value):
        raise invalid("not data (0x and two digits for each byte)", value)
    return bytes.fromhex(value[2:])


def address(value: Any) -> Address:
    result = data(value)
    if len(result) != 20:
        raise invalid("not an address of 20 bytes", value)
    return Address(result)


def hash32(value: Any) -> bytes:
    result = data(value)
    if len(result) != 32:
        raise invalid("not a hash of 32 bytes", value)
    return result


def number(chain: Chain, value: Any) -> int:
    """A block number; it need not exist."""
    if value == "earliest":
        return 0
    if isinstance(value, str) and value in _LATEST_TAGS:
        return chain.block_number
    return quantity(value)


def block_or_none(chain: Chain, value: Any) -> Block | None:
    """By tag or number; None where the chain is not that long."""
    wanted = number(chain, value)
    return chain.blocks[wanted] if wanted <= chain.block_number else None


def block_by_hash(chain: Chain, value: Any) -> Block | None:
    wanted = hash32(value)
    return next((block for block in chain.blocks if block.hash == wanted), None)


def block(chain: Chain, value: Any) -> Block:
    """By tag, number or EIP-1898 object; a block that is not there is an error."""
    if isinstance(value, dict):
        if len(value.keys() & {"blockHash", "blockNumber"}) != 1:
            raise invalid("a block is named by blockHash or by blockNumber", value)
        found = (
            block_by_hash(chain, value["blockHash"])
            if "blockHash" in value
            else block_or_none(chain, value["blockNumber"])
        )
    else:
        found = block_or_none(chain, value)
    if found is None:
        raise RpcError(SERVER_ERROR, "header not found")
    return found
