"""eth_getLogs: which logs a filter of address, topics and blocks finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_clob.chain import rpc_values
from mock_clob.chain.blocks import Block, Log
from mock_clob.chain.evm import Chain
from mock_clob.chain.rpc_json import Json, log_json
from mock_clob.chain.rpc_values import (
    INVALID_PARAMS,
    SERVER_ERROR,
    RpcError,
    address,
    hash32,
    invalid,
)

MAX_TOPICS = 4

# At each place the topics that fit; None: any.
Topics = list[frozenset[bytes] | None]


def get_logs(chain: Chain, criteria: Any) -> list[Json]:
    if not isinstance(criteria, dict):
        raise invalid("not a filter object", criteria)
    addresses = _addresses(criteria.get("address"))
    topics = _topics(criteria.get("topics"))
    return [
        log_json(block, receipt, index)
        for block in _blocks(chain, criteria)
        for receipt in block.receipts
        for index, log in enumerate(receipt.logs)
        if (addresses is None or log.address in addresses) and _fits(log, topics)
    ]


def _blocks(chain: Chain, criteria: Json) -> Sequence[Block]:
    first, last = criteria.get("fromBlock"), criteria.get("toBlock")
    if "blockHash" in criteria:
        if first is not None or last is not None:
            raise RpcError(
                INVALID_PARAMS,
                "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other",
            )
        block = rpc_values.block_by_hash(chain, criteria["blockHash"])
        if block is None:
            raise RpcError(SERVER_ERROR, "unknown block")
        return [block]
    start = rpc_values.number(chain, "latest" if first is None else first)
    end = rpc_values.number(chain, "latest" if last is None else last)
    if start > end:
        raise RpcError(INVALID_PARAMS, "invalid block range params")
    return chain.blocks[start : end + 1]


def _addresses(value: Any) -> frozenset[bytes] | None:
    if value is None or value == []:
        return None
    return frozenset(map(address, value if isinstance(value, list) else [value]))


def _topics(value: Any) -> Topics:
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid("topics are a list", value)
    if len(value) > MAX_TOPICS:
        raise RpcError(INVALID_PARAMS, "exceed max topics")
    return [_alternatives(place) for place in value]


def _alternatives(place: Any) -> frozenset[bytes] | None:
    """A topic, a list of topics any of which will do, or null for any."""
    if place is None or place == []:
        return None
    if not isinstance(place, list):
        return frozenset([hash32(place)])
    return None if None in place else frozenset(map(hash32, place))


def _fits(log: Log, topics: Topics) -> bool:
    if len(topics) > len(log.topics):
        return False
    return all(
        wanted is None or topic in wanted for wanted, topic in zip(topics, log.topics, strict=False)
    )
