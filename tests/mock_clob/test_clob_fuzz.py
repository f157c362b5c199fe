"""Whatever is asked of any CLOB route, by whomever: an answer of the venue, never a crash."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from py_clob_client.client import ClobClient

from mock_clob.accounts import ACCOUNTS
from mock_clob.auth import request_signature
from mock_clob.hosts import CLOB_GROUPS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES = DOCUMENTED.token_ids[0]
NAMES = (
    "token_id",
    "market",
    "asset_id",
    "id",
    "side",
    "next_cursor",
    "date",
    "maker_address",
    "signature_type",
    "asset_type",
    "ids",
    "order_by",
    "position",
    "page_size",
    "q",
    "tag_slug",
    "min_spread",
    "startTs",
    "endTs",
    "interval",
    "fidelity",
    "state",
    "limit",
    "offset",
    "sortBy",
    "sortDir",
    "priceMin",
    "requestIds",
    "quoteIds",
    "before",
    "after",
    "builder_code",
    "key",
    "address",
)
VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        (
            "",
            "0",
            "-1",
            "1",
            "99999999999999999999",
            "1e400",
            "nan",
            "inf",
            "MA==",
            "LTE=",
            "٣",
            "OTk5OTk5OTk5OTk5OTk5OTk5OTk=",
            "2026-11-23",
            "true",
            "BUY",
            "price",
            YES,
            "9" * 5000,
        )
    ),
)
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(YES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["requestId", "quoteId", "assetIn", "assetOut", "amountIn", "amountOut"]
            )
            | st.sampled_from(
                ["userType", "key", "orderID", "order", "owner", "markets", "token_id"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=8,
)


@pytest.fixture
def alice(mock_clob: MockClob) -> ClobClient:
    """A py-clob-client on a venue whose throttle does not hold the many questions up."""
    mock_clob.reset(exchange=1, chain=False, throttle=False)
    client = ClobClient(mock_clob.url, chain_id=137, key=ACCOUNTS[0].key)
    client.set_api_creds(client.create_or_derive_api_creds())
    return client


def routes(venue: MockClob) -> list[tuple[str, str]]:
    return [
        (method, path)
        for group in CLOB_GROUPS
        for method, path, _ in group(venue.venue).table()
        if path != "/"
    ]


def signed(client: ClobClient, method: str, path: str, body: bytes) -> dict[str, str]:
    now, creds = str(int(time.time())), client.creds
    signature = request_signature(creds.api_secret, now, method, path, body)
    return {
        "POLY_ADDRESS": client.get_address(),
        "POLY_SIGNATURE": signature.decode(),
        "POLY_TIMESTAMP": now,
        "POLY_API_KEY": creds.api_key,
        "POLY_PASSPHRASE": creds.api_passphrase,
    }


@settings(
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_question_of_a_key_holder_crashes_a_route(
    alice: ClobClient, mock_clob: MockClob, data: Any
) -> None:
    method, path = data.draw(st.sampled_from(routes(mock_clob)))
    if path in ("/auth/api-key", "/auth/derive-api-key"):
        return  # the wallet's own, below
    if "{" in path:
        path = path[: path.index("{")] + data.draw(st.sampled_from(["0x12", YES, "multi", "%00"]))
    query = data.draw(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
    body = json.dumps(data.draw(BODIES)).encode() if method != "GET" else b""
    if data.draw(st.booleans()) and method != "GET":
        body = data.draw(st.binary(max_size=20))
    with httpx.Client() as http:
        url = httpx.URL(f"{mock_clob.url}{path}", params=query)
        headers = signed(alice, method, url.path, body)
        answer = http.request(method, url, headers=headers, content=body)
    assert answer.status_code < 500, (method, path, query, body, answer.text)


HEADERS = (
    "POLY_ADDRESS",
    "POLY_SIGNATURE",
    "POLY_TIMESTAMP",
    "POLY_API_KEY",
    "POLY_PASSPHRASE",
    "POLY_NONCE",
    "POLY_READONLY_API_KEY",
    "POLY_BUILDER_API_KEY",
    "POLY_BUILDER_SIGNATURE",
    "POLY_BUILDER_TIMESTAMP",
    "POLY_BUILDER_PASSPHRASE",
)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_headers_crash_a_route(alice: ClobClient, mock_clob: MockClob, data: Any) -> None:
    method, path = data.draw(
        st.sampled_from(
            [
                ("POST", "/auth/api-key"),
                ("GET", "/auth/derive-api-key"),
                ("GET", "/data/orders"),
                ("DELETE", "/auth/builder-api-key"),
                ("GET", "/builder/trades"),
            ]
        )
    )
    headers = signed(alice, method, path, b"")
    odd = st.one_of(
        st.sampled_from(["", "0x", "0x00", "-1", "9" * 400, "9" * 5000, "nan", "é"]),
        st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f")),
    )
    headers |= data.draw(st.dictionaries(st.sampled_from(HEADERS), odd, max_size=4))
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = httpx.request(method, f"{mock_clob.url}{path}", headers=sent)
    assert answer.status_code < 500, (method, path, headers, answer.text)


@pytest.mark.parametrize("name", ["POLY_TIMESTAMP", "POLY_BUILDER_TIMESTAMP"])
def test_timestamp_beyond_all_numbers_is_refused(
    alice: ClobClient, mock_clob: MockClob, name: str
) -> None:
    headers = signed(alice, "GET", "/builder/trades", b"")
    builder = mock_clob.call(lambda: mock_clob.venue.builders.create_key("0x1", 0))
    headers |= {
        "POLY_BUILDER_API_KEY": builder.key,
        "POLY_BUILDER_SIGNATURE": "x",
        "POLY_BUILDER_PASSPHRASE": "x",
        "POLY_BUILDER_TIMESTAMP": "1",
    }
    path = "/data/orders" if name == "POLY_TIMESTAMP" else "/builder/trades"
    answer = httpx.get(f"{mock_clob.url}{path}", headers=headers | {name: "9" * 400})
    assert answer.status_code == 401
