"""What strangers send as JSON. One process must survive all of it, the EVM loaded or not."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_clob.pytest_plugin import MockClob
from mock_clob.strict_json import MAX_DEPTH, loads

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_json_is_read_as_json(value: object) -> None:
    assert loads(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", b"\xff", "[" * 1_000_000])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(text)


def test_depth_counts_brackets_outside_of_strings_only() -> None:
    nested = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert loads(nested)
    assert loads(json.dumps(["[" * 1000, '"[' * 1000]))
    assert len(loads(json.dumps([[]] * 1000))) == 1000
    with pytest.raises(ValueError, match="nested deeper than 64 levels"):
        loads(f"[{nested}]")


@pytest.mark.parametrize("route", ["/rpc", "/order", "/books"])
def test_deep_nesting_does_not_end_the_server(mock_clob: MockClob, route: str) -> None:
    reply = httpx.post(mock_clob.url + route, content=b"[" * 100_000)
    assert reply.status_code in (200, 400, 401)
    assert httpx.get(f"{mock_clob.url}/ok").json() == "OK"
