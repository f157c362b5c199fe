"""Ask several Polygon nodes as one: who fails or lags is passed over, who lies is outvoted."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from web3 import HTTPProvider
from web3.exceptions import Web3Exception
from web3.providers.base import JSONBaseProvider
from web3.providers.rpc.utils import ExceptionRetryConfiguration
from web3.types import RPCEndpoint, RPCResponse

TIMEOUT_SECONDS = 10
ONE_TRY = ExceptionRetryConfiguration(errors=(), retries=1)  # web3 alone would repeat reads
log = logging.getLogger(__name__)


class NoQuorum(Web3Exception):
    """Too few nodes gave the same answer: nothing is known."""


class QuorumProvider(JSONBaseProvider):
    """For `Web3(QuorumProvider(urls))`. For reads: a transaction goes to the first that takes it.

    An answer counts when `quorum` nodes give it, word for word; nodes are asked in their order, and
    no more of them than it takes. The newest block is the highest that a quorum has. With a quorum
    of 1 this is plain failover, and a liar is believed.
    """

    def __init__(self, urls: Sequence[str], quorum: int | None = None) -> None:
        """`quorum`: the majority, unless given. ValueError: there are fewer nodes than that."""
        super().__init__()
        self._nodes = [
            HTTPProvider(url, {"timeout": TIMEOUT_SECONDS}, exception_retry_configuration=ONE_TRY)
            for url in urls
        ]
        self.quorum = len(urls) // 2 + 1 if quorum is None else quorum
        if not 1 <= self.quorum <= len(urls):
            raise ValueError(f"a quorum of {self.quorum} needs as many nodes, not {len(urls)}")
        self.failures: Counter[str] = Counter()  # by host: no answer
        self.outvoted: Counter[str] = Counter()  # by host: another answer than the quorum's

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        if method == "eth_sendRawTransaction":
            return self._vote(method, params, 1)
        if "latest" in params:
            head = hex(self._head())
            params = [head if each == "latest" else each for each in params]
        elif method == "eth_blockNumber":
            return {"jsonrpc": "2.0", "id": 0, "result": hex(self._head())}
        return self._vote(method, params, self.quorum)

    def is_connected(self, show_traceback: bool = False) -> bool:
        return any(node.is_connected(show_traceback) for node in self._nodes)

    def _vote(self, method: RPCEndpoint, params: Any, needed: int) -> RPCResponse:
        said: dict[str, list[str]] = {}  # answer -> hosts
        for node in self._nodes:
            reply = self._ask(node, method, params)
            if reply is None:
                continue
            hosts = said.setdefault(_answer(reply), [])
            hosts.append(_host(node))
            if len(hosts) == needed:
                for host in (h for others in said.values() if others is not hosts for h in others):
                    self.outvoted[host] += 1
                    log.warning("%s: %s is outvoted", method, host)
                return reply
        votes = sorted(map(len, said.values()), reverse=True)
        raise NoQuorum(f"{method}: {needed} of {len(self._nodes)} nodes must agree, {votes} do")

    def _head(self) -> int:
        replies = [self._ask(node, RPCEndpoint("eth_blockNumber"), []) for node in self._nodes]
        heads = [int(reply["result"], 16) for reply in replies if reply and "result" in reply]
        if len(heads) < self.quorum:
            raise NoQuorum(f"{len(heads)} of {len(self._nodes)} nodes answer, {self.quorum} must")
        return sorted(heads, reverse=True)[self.quorum - 1]

    def _ask(self, node: HTTPProvider, method: RPCEndpoint, params: Any) -> RPCResponse | None:
        try:
            return node.make_request(method, params)
        except (OSError, ValueError, Web3Exception) as error:  # requests' errors are OSErrors
            if len(self._nodes) == 1:
                raise
            self.failures[_host(node)] += 1
            log.warning("%s: %s: %s", method, _host(node), type(error).__name__)
            return None


def _host(node: HTTPProvider) -> str:
    return urlsplit(str(node.endpoint_uri)).hostname or ""  # the rest may hold an access key


def _answer(reply: RPCResponse) -> str:
    if "error" in reply:
        error = reply["error"]
        return f"error {error['code'] if isinstance(error, dict) else error}"
    return json.dumps(reply.get("result"), sort_keys=True)
