"""The guides' tables of signatures and parameters against the installed packages and the venue."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import polymarket
import pytest
from polymarket import PRODUCTION, AsyncSecureClient, SecureClient
from polymarket.pagination import Paginator
from py_clob_client import clob_types
from py_clob_client.client import ClobClient
from py_clob_client.clob_types import (
    ApiCreds,
    BalanceAllowanceParams,
    BookParams,
    MarketOrderArgs,
    OpenOrderParams,
    OrderArgs,
    OrderBookSummary,
    OrderType,
    PostOrdersArgs,
)
from py_clob_client_v2.client import ClobClient as ClobClientV2
from py_order_utils.model import SignedOrder

from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

SKILL = Path(__file__).parents[2] / "skills" / "polymarket"
GUIDE = SKILL / "library" / "method-signatures.md"
PATTERNS = SKILL / "library" / "production-patterns.md"
MIGRATION = SKILL / "migration"
SETUP = SKILL / "auth" / "client-initialization.md"
HEADING = "py-clob-client"
YES = DOCUMENTED.token_ids[0]


class Row(NamedTuple):
    name: str
    cells: tuple[str, ...]


def rows_below(markdown: str, heading: str, first_column: str) -> list[Row]:
    """The rows of the tables whose first column has this title, in the section of this heading."""
    parts = re.split(rf"^(#+) {re.escape(heading)}$", markdown, flags=re.MULTILINE)
    assert len(parts) == 3, f"the heading {heading!r} must be there once"
    _, hashes, rest = parts
    section = re.split(rf"^#{{1,{len(hashes)}}} ", rest, flags=re.MULTILINE)[0]
    rows, inside = [], False
    for line in section.splitlines():
        name, *cells = (cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|")))
        if not line.startswith("|"):
            inside = False
        elif name == first_column:
            inside = True
        elif inside and not name.startswith("-"):
            rows.append(Row(name.strip("`"), tuple(cells)))
    assert rows, f"no table of {first_column!r} below {heading!r}"
    return rows


def guide_rows(first_column: str) -> list[Row]:
    return rows_below(GUIDE.read_text(), HEADING, first_column)


def main_rows() -> list[Row]:
    """The methods that most bots need: on the page of the patterns, and not repeated."""
    return rows_below(PATTERNS.read_text(), "Common method signatures", "Method")


def methods() -> list[Row]:
    return main_rows() + guide_rows("Method")


def signature_of(function: Callable[..., Any]) -> str:
    """As the guide writes it: without `self`, names without their module."""
    shown = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            continue
        kind = _annotation(parameter.annotation)
        text = f"{parameter.name}: {kind}" if kind else parameter.name
        if parameter.default is not parameter.empty:
            default = repr(parameter.default).replace("'", '"')
            text += f" = {default}" if kind else f"={default}"
        shown.append(text)
    return f"({', '.join(shown)})"


def _annotation(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    if annotation == clob_types.TickSize:
        return "TickSize"
    inner = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Union:
        return f"Optional[{_annotation(inner[0])}]"
    if inner:
        return f"{annotation.__name__}[{_annotation(inner[0])}]"
    return str(annotation.__name__)


SHAPES: dict[str, Any] = {
    "ApiCreds": ApiCreds,
    "OrderBookSummary": OrderBookSummary,
    "SignedOrder": SignedOrder,
}


def shape_errors(value: Any, returns: str) -> list[str]:
    """What is wrong with a cell of the column "Returns", given what the client returned."""
    shape, *keys = re.findall(r"`([^`]+)`", returns)
    wanted = eval(shape, SHAPES)  # the guide's own words, no stranger's
    if typing.get_origin(wanted) is list:
        if not isinstance(value, list) or not value:
            return [f"{value!r} is no list with something in it"]
        (element,) = typing.get_args(wanted)
        return [e for each in value for e in _value_errors(each, element, keys)]
    return _value_errors(value, wanted, keys)


def _value_errors(value: Any, wanted: Any, keys: list[str]) -> list[str]:
    if isinstance(wanted, dict):
        if not isinstance(value, dict) or set(value) != set(wanted):
            return [f"{value!r} has not exactly the keys {sorted(wanted)}"]
        return [e for name in wanted for e in _value_errors(value[name], wanted[name], [])]
    if type(value) is not (wanted or type(None)):
        return [f"{value!r} is a {type(value).__name__}"]
    return [f"{value!r} has no key {key!r}" for key in keys if key not in value]


# What brings each method to return something. The client belongs to account 0, the venue is fresh.
Call = Callable[[ClobClient], Any]


def _order(price: float = 0.05) -> OrderArgs:
    return OrderArgs(YES, price=price, size=20, side="BUY")


def _posted(client: ClobClient, price: float = 0.05) -> str:
    return str(client.create_and_post_order(_order(price))["orderID"])


def _after_posting(read: Callable[[ClobClient, str], Any]) -> Call:
    return lambda client: read(client, _posted(client))


def _after_trading(read: Call) -> Call:
    return lambda client: (_posted(client, 0.52), read(client))[1]


COLLATERAL = BalanceAllowanceParams("COLLATERAL")
BATCH = [BookParams(YES)]

CALLS: dict[str, Call] = {
    "create_order": lambda c: c.create_order(_order()),
    "create_market_order": lambda c: c.create_market_order(MarketOrderArgs(YES, 5, "BUY")),
    "post_order": lambda c: c.post_order(c.create_order(_order()), OrderType.GTC),
    "create_and_post_order": lambda c: c.create_and_post_order(_order()),
    "post_orders": lambda c: c.post_orders([PostOrdersArgs(c.create_order(_order()))]),
    "cancel": _after_posting(lambda c, order_id: c.cancel(order_id)),
    "cancel_orders": _after_posting(lambda c, order_id: c.cancel_orders([order_id])),
    "cancel_market_orders": lambda c: c.cancel_market_orders(asset_id=YES),
    "cancel_all": lambda c: c.cancel_all(),
    "get_order": _after_posting(lambda c, order_id: c.get_order(order_id)),
    "get_orders": _after_posting(lambda c, order_id: c.get_orders(OpenOrderParams(id=order_id))),
    "get_trades": _after_trading(lambda c: c.get_trades()),
    "post_heartbeat": lambda c: c.post_heartbeat(""),
    "get_tick_size": lambda c: c.get_tick_size(YES),
    "get_midpoint": lambda c: c.get_midpoint(YES),
    "get_price": lambda c: c.get_price(YES, "BUY"),
    "get_spread": lambda c: c.get_spread(YES),
    "get_last_trade_price": lambda c: c.get_last_trade_price(YES),
    "get_order_book": lambda c: c.get_order_book(YES),
    "get_order_books": lambda c: c.get_order_books(BATCH),
    "get_neg_risk": lambda c: c.get_neg_risk(YES),
    "get_fee_rate_bps": lambda c: c.get_fee_rate_bps(YES),
    "get_markets": lambda c: c.get_markets(),
    "get_simplified_markets": lambda c: c.get_simplified_markets(),
    "get_market": lambda c: c.get_market(DOCUMENTED.condition_id),
    "get_balance_allowance": lambda c: c.get_balance_allowance(COLLATERAL),
    "update_balance_allowance": lambda c: c.update_balance_allowance(COLLATERAL),
    "create_or_derive_api_creds": lambda c: c.create_or_derive_api_creds(),
    "create_api_key": lambda c: c.create_api_key(nonce=1),
    "derive_api_key": lambda c: c.derive_api_key(),
    "set_api_creds": lambda c: c.set_api_creds(c.creds),
    "get_api_keys": lambda c: c.get_api_keys(),
    "get_closed_only_mode": lambda c: c.get_closed_only_mode(),
    "get_ok": lambda c: c.get_ok(),
    "get_server_time": lambda c: c.get_server_time(),
}


@pytest.fixture
def client(mock_clob: MockClob) -> ClobClient:
    mock_clob.reset(exchange=1, chain=False)
    client = ClobClient(mock_clob.url, chain_id=137, key=ACCOUNTS[0].key)
    client.set_api_creds(client.create_or_derive_api_creds())
    return client


@pytest.mark.parametrize("row", methods(), ids=lambda row: row.name)
def test_a_row_has_the_signature_of_the_installed_method(row: Row) -> None:
    assert row.cells[0].strip("`") == signature_of(getattr(ClobClient, row.name))


@pytest.mark.parametrize("row", guide_rows("Type"), ids=lambda row: row.name)
def test_a_row_has_the_fields_of_the_installed_type(row: Row) -> None:
    assert row.cells[0].strip("`") == signature_of(getattr(clob_types, row.name))


@pytest.mark.parametrize("row", methods(), ids=lambda row: row.name)
def test_a_row_names_what_the_client_returns(row: Row, client: ClobClient) -> None:
    assert shape_errors(CALLS[row.name](client), row.cells[1]) == []


def shape_of(function: Callable[..., Any]) -> str:
    """Names and defaults of the parameters, without `self`; * before those that go by name."""
    shown: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        default = "" if parameter.default is parameter.empty else f"={_default(parameter.default)}"
        shown.append(parameter.name + default)
    return f"({', '.join(shown)})"


def return_of(function: Callable[..., Any]) -> str:
    annotation = inspect.signature(function).return_annotation
    if annotation is inspect.Signature.empty:
        return ""
    text = inspect.formatannotation(annotation)
    if typing.get_origin(annotation) is Paginator and len(text) > 99:
        return "Paginator"  # of a union of a dozen models
    return re.sub(r"\b(?:[a-z_]\w*\.)+", "", text).replace(HANDLES, "handle")


HANDLES = "SyncGaslessTransactionHandle | SyncEoaTransactionHandle"


def agrees(shown: str, signature: str) -> bool:
    """The guide may leave parameters out where it says so: "..."; never change their order."""
    if "..." not in shown:
        return shown == signature
    wanted = [part for part in shown.strip("()").split(", ") if part != "..."]
    there = iter(signature.strip("()").split(", "))
    return all(part in there for part in wanted)


@pytest.mark.parametrize(
    ("client", "row"),
    [
        pytest.param(client, row, id=f"{heading}-{row.name}")
        for heading, client in (
            ("polymarket-client", SecureClient),
            ("py-clob-client-v2", ClobClientV2),
        )
        for row in rows_below(GUIDE.read_text(), heading, "Method")
    ],
)
def test_a_row_has_the_parameters_defaults_and_return_of_the_installed_method(
    client: type, row: Row
) -> None:
    method = getattr(client, row.name)
    signature, returns = (cell.replace("\\|", "|").strip("`") for cell in row.cells[:2])
    assert agrees(signature, shape_of(method)), shape_of(method)
    assert returns == return_of(method)


def test_both_secure_clients_have_the_same_methods_with_the_same_parameters() -> None:
    for row in rows_below(GUIDE.read_text(), "polymarket-client", "Method"):
        both = (getattr(client, row.name) for client in (SecureClient, AsyncSecureClient))
        ours, theirs = map(shape_of, both)
        assert ours == theirs, row.name


def test_the_table_has_every_method_that_is_tried_and_no_other() -> None:
    assert sorted(row.name for row in methods()) == sorted(CALLS)


def test_order_type_has_the_strings_that_the_guide_names() -> None:
    names = {name for name in vars(OrderType) if name.isupper()}
    assert names == {"GTC", "GTD", "FOK", "FAK"}
    assert all(getattr(OrderType, name) == name for name in names)


@pytest.mark.parametrize(
    ("heading", "shown", "function"),
    [
        ("py-clob-client", "`ClobClient`", ClobClient),
        ("polymarket-client", "`SecureClient.create`", SecureClient.create),
    ],
)
def test_a_parameter_table_has_the_parameters_and_defaults_of_the_client(
    heading: str, shown: str, function: Callable[..., Any]
) -> None:
    rows = rows_below(SETUP.read_text(), heading, f"Parameter of {shown}")
    assert {row.name: row.cells[0].strip("`") for row in rows} == {
        name: "needed" if parameter.default is parameter.empty else _default(parameter.default)
        for name, parameter in inspect.signature(function).parameters.items()
    }


def _default(value: Any) -> str:
    return "PRODUCTION" if value is PRODUCTION else repr(value)


def test_both_secure_clients_are_created_alike() -> None:
    def parameters(function: Callable[..., Any]) -> list[str]:
        return list(inspect.signature(function).parameters)

    assert parameters(AsyncSecureClient.create) == parameters(SecureClient.create)


@pytest.mark.parametrize(
    ("old", "row"),
    [
        pytest.param(client, row, id=f"{row.name}-{client.__module__}")
        for name, heading, column, client in (
            ("from-py-clob-client", "Method by method", "py-clob-client", ClobClient),
            (
                "from-py-clob-client-v2",
                "From py-clob-client-v2",
                "py-clob-client-v2",
                ClobClientV2,
            ),
        )
        for row in rows_below((MIGRATION / f"{name}.md").read_text(), heading, column)
    ],
)
def test_a_row_of_the_move_names_methods_and_parameters_that_exist(old: type, row: Row) -> None:
    for name in re.findall(r"(\w+)(?:\([^)]*\))?", row.name):
        assert name == "ClobClient" or callable(getattr(old, name))
    for name, arguments in re.findall(r"`([\w.]+)(?:\((.*?)\))?`", row.cells[0]):
        if name in ("Decimal", "client.credentials", "shares"):
            continue
        method = attrgetter(name)(polymarket) if name[0].isupper() else getattr(SecureClient, name)
        wanted = set(re.findall(r"(\w+)=", arguments))
        assert wanted <= set(inspect.signature(method).parameters), name


# The checks can fail.


def test_a_wrong_parameter_name_is_noticed() -> None:
    assert signature_of(ClobClient.post_order) != "(order, type: OrderType)"


@pytest.mark.parametrize(
    ("value", "returns"),
    [
        ({"mid": "0.5"}, "`str`"),
        ({"mid": 0.5}, '`{"mid": str}`'),
        ({"mid": "0.5", "more": 1}, '`{"mid": str}`'),
        ("0.01", "`float`"),
        (True, "`int`"),
        ({"id": "0x1"}, "`dict`: `id`, `state`"),
        ([], "`list[dict]`: `id`"),
        ([{"id": "0x1"}, {}], "`list[dict]`: `id`"),
        ({}, "`OrderBookSummary`"),
        ("", "`None`"),
    ],
)
def test_a_wrong_return_type_is_noticed(value: Any, returns: str) -> None:
    assert shape_errors(value, returns) != []


@pytest.mark.parametrize("wrong", ["(a=1, c)", "(..., c, a=1)", "(a=2, ...)", "(d, ...)"])
def test_a_shortened_signature_may_only_leave_out(wrong: str) -> None:
    assert agrees("(a=1, ..., c)", "(a=1, b, c)")
    assert agrees("(..., c)", "(a=1, b, c)")
    assert not agrees(wrong, "(a=1, b, c)")


def test_a_table_that_is_lost_is_noticed() -> None:
    elsewhere = f"# A\n## {HEADING}\n## B\n| Method |\n|---|\n| `x` |\n"
    with pytest.raises(AssertionError, match="no table of 'Method'"):
        rows_below(elsewhere, HEADING, "Method")
    with pytest.raises(AssertionError, match="must be there once"):
        rows_below("# A\n", HEADING, "Method")
