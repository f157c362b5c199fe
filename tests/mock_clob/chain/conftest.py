"""A chain at block 0 with a clock that stands still, and web3 talking to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from web3 import AsyncWeb3, Web3
from web3.middleware import ExtraDataToPOAMiddleware, SignAndSendRawMiddlewareBuilder
from web3.providers import JSONBaseProvider
from web3.providers.async_base import AsyncJSONBaseProvider

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.evm import Chain, Match
from mock_clob.chain.rpc import handle
from mock_clob.scenario import HOUSE, genesis

NOON = 1_790_000_000


class ChainProvider(JSONBaseProvider):
    """web3 without a socket: the bytes of a request in, the bytes of the reply out."""

    def __init__(self, chain: Chain) -> None:
        super().__init__()
        self.chain = chain

    def make_request(self, method: Any, params: Any) -> Any:
        return self.decode_rpc_response(self._reply(self.encode_rpc_request(method, params)))

    def make_batch_request(self, requests: Any) -> Any:
        return self.decode_rpc_response(self._reply(self.encode_batch_rpc_request(requests)))

    def _reply(self, request: bytes) -> bytes:
        return json.dumps(handle(self.chain, json.loads(request))).encode()


class AsyncChainProvider(AsyncJSONBaseProvider):
    def __init__(self, chain: Chain) -> None:
        super().__init__()
        self.chain = chain

    async def make_request(self, method: Any, params: Any) -> Any:
        request = json.loads(self.encode_rpc_request(method, params))
        return self.decode_rpc_response(json.dumps(handle(self.chain, request)).encode())


@pytest.fixture(scope="session")
def genesis_chain() -> Chain:
    return Chain(genesis(137))


@pytest.fixture
def clock() -> SimpleNamespace:
    """Its `seconds` stand still until a test moves them."""
    return SimpleNamespace(seconds=NOON)


@pytest.fixture
def chain(genesis_chain: Chain, clock: SimpleNamespace) -> Chain:
    genesis_chain.now_ms = lambda: clock.seconds * 1000
    genesis_chain.reset()
    return genesis_chain


@pytest.fixture
def bare_w3(chain: Chain) -> Web3:
    return Web3(ChainProvider(chain))


@pytest.fixture
def w3(bare_w3: Web3) -> Web3:
    """As a user sets it up for Polygon; sends for account 0."""
    w3 = bare_w3
    w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    signing: Any = SignAndSendRawMiddlewareBuilder.build(ACCOUNTS[0].key)
    w3.middleware_onion.inject(signing, layer=0)
    w3.eth.default_account = w3.to_checksum_address(ACCOUNTS[0].address)
    return w3


@pytest.fixture
def async_w3(chain: Chain) -> AsyncWeb3[Any]:
    w3: AsyncWeb3[Any] = AsyncWeb3(AsyncChainProvider(chain))
    w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
    return w3


@pytest.fixture
def rpc(chain: Chain) -> Callable[..., Any]:
    """rpc(method, *params): the reply's result, or its error object."""

    def ask(method: str, *params: Any) -> Any:
        reply = handle(chain, {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)})
        return reply.get("result", reply.get("error"))

    return ask


@pytest.fixture
def match(chain: Chain) -> Callable[..., Match]:
    """Account 0 buys 10 YES of the house at 0.52, unless a test says otherwise."""
    market = chain.genesis.conditions[0]

    def make(kind: str = "complementary", **changes: Any) -> Match:
        fields: dict[str, Any] = {
            "kind": kind,
            "condition_id": market.condition_id,
            "taker": ACCOUNTS[0].address,
            "maker": HOUSE.address,
            "taker_token_id": market.yes,
            "maker_token_id": market.yes if kind == "complementary" else market.no,
            "taker_side": "SELL" if kind == "merge" else "BUY",
            "shares": 10_000_000,
            "taker_collateral": 5_200_000,
            "maker_collateral": 5_200_000 if kind == "complementary" else 4_800_000,
            "taker_order_id": "0x" + "aa" * 32,
            "maker_order_id": "0x" + "bb" * 32,
        }
        return Match(**fields | changes)

    return make


@pytest.fixture
def unchanged(chain: Chain) -> Iterator[None]:
    """The test must leave the chain as it was."""
    before = chain.head.hash
    yield
    assert chain.head.hash == before
