"""What goes wrong on the chain, in the words of a Polygon node."""

from __future__ import annotations

_ERROR_STRING = bytes.fromhex("08c379a0")  # the selector of Error(string)


class ChainError(Exception):
    """The chain did not do what was asked, and nothing has changed."""


class Reverted(ChainError):
    """A contract refused. `data` is what it returned."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        reason = _reason(data)
        super().__init__(f"execution reverted: {reason}" if reason else "execution reverted")


def _reason(data: bytes) -> str:
    """The text of Error(string): selector, offset, length, text."""
    if data[:4] != _ERROR_STRING:
        return ""
    length = int.from_bytes(data[36:68], "big")
    return data[68 : 68 + length].decode(errors="replace")
