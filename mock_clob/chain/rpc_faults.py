"""Answers of a node that fails, lags, has replaced the last blocks, or is of another chain."""

from __future__ import annotations

from typing import Any

from mock_clob.chain import rpc
from mock_clob.chain.errors import ChainError
from mock_clob.chain.evm import Chain

WRONG_CHAIN = 1  # Ethereum's
# What a node that lags passes on all the same, and what is the mock's own.
_PROMPT = ("eth_sendRawTransaction", "evm_")


def handle(chain: Chain, request: dict[str, Any], fault: str, depth: int) -> Any:
    """The reply to one request under the fault of this name."""
    if fault == "rpc_error":
        error = {"code": -32603, "message": "internal error"}
        return {"jsonrpc": "2.0", "id": request.get("id"), "error": error}
    if fault == "rpc_lag" and not str(request.get("method")).startswith(_PROMPT):
        with chain.behind(depth):
            return rpc.handle(chain, request)
    if fault == "rpc_reorg":
        _reorg(chain, depth)
    reply = rpc.handle(chain, request)
    if fault == "rpc_wrong_chain" and "result" in reply:
        hexadecimal = request["method"] == "eth_chainId"
        reply["result"] = hex(WRONG_CHAIN) if hexadecimal else str(WRONG_CHAIN)
    return reply


def _reorg(chain: Chain, depth: int) -> None:
    try:
        chain.reorg(depth)
    except ChainError:  # a chain that is shorter has nothing to change
        return
