"""Whatever is sent to the node, it answers, and only a good transaction changes anything."""

from __future__ import annotations

import json
from typing import Any

from eth_account import Account
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mock_clob.accounts import ACCOUNTS
from mock_clob.chain.evm import Chain
from mock_clob.chain.rpc import METHODS, handle
from mock_clob.scenario import genesis

CHAIN = Chain(genesis(137), now_ms=lambda: 1_790_000_000_000)
READS = [method for method in METHODS if method.startswith("eth_")]

_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=8),
    st.sampled_from(["latest", "pending", "0x0", "0x", "0x1", "0xff", ACCOUNTS[0].address]),
    st.binary(max_size=34).map(lambda data: "0x" + data.hex()),
)
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _TEXT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                ["to", "from", "data", "value", "gas", "blockHash", "address", "topics"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        _JSON,
        st.fixed_dictionaries(
            {
                "jsonrpc": st.just("2.0"),
                "id": st.one_of(st.integers(), _JSON),
                "method": st.one_of(st.sampled_from(READS), _TEXT),
                "params": st.one_of(st.lists(_JSON, max_size=3), _JSON),
            }
        ),
    )
)
def test_any_json_is_answered_and_changes_nothing(request: Any) -> None:
    before = CHAIN.head.hash

    reply = handle(CHAIN, request)

    for one in reply if isinstance(reply, list) else [reply]:
        assert set(one) - {"result"} - {"error"} == {"jsonrpc", "id"}
        assert "result" in one or one["error"]["code"] != -32603
    json.dumps(reply, ensure_ascii=False, allow_nan=False).encode()
    assert CHAIN.head.hash == before


_TRANSFER = {
    "to": ACCOUNTS[1].address,
    "value": 1,
    "gas": 100_000,
    "nonce": 0,
    "chainId": 137,
    "maxFeePerGas": 10**11,
    "maxPriorityFeePerGas": 3 * 10**10,
}
_SIGNED = bytes(Account.sign_transaction(_TRANSFER, ACCOUNTS[0].key).raw_transaction)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(_SIGNED) - 1), st.binary(max_size=2))
@example(0, _SIGNED[:1])
def test_signed_transaction_with_a_byte_changed_is_refused(place: int, instead: bytes) -> None:
    CHAIN.reset()
    changed = _SIGNED[:place] + instead + _SIGNED[place + 1 :]

    reply = handle(
        CHAIN,
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "eth_sendRawTransaction",
            "params": ["0x" + changed.hex()],
        },
    )

    if changed == _SIGNED:
        assert CHAIN.block_number == 1
    else:
        assert reply["error"]["code"] == -32000
        assert CHAIN.block_number == 0
