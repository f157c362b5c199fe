"""Balances from the chain: exact, of one named block, and an error when it cannot be read."""

from __future__ import annotations

import runpy
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polygon_rpc import Block, ChainUnreadable, named_block, polygon
from share_balances import share_balances
from usdc_balance import TOKENS, TokenBalance, get_usdc_e_balance, read_balance
from web3 import Web3
from web3.types import BlockIdentifier

from mock_clob.accounts import ACCOUNTS
from mock_clob.contracts import CONTRACTS
from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.snippets.chain_moves import send

SNIPPETS = Path(__file__).parents[2] / "snippets"
READERS = [
    "library/usdc_balance.py",
    "library/balance_tracker.py",
    "library/transfer_log.py",
    "library/move_book.py",
    "data-analytics/share_balances.py",
]
WALLET = ACCOUNTS[0].address
JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def environment(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("POLYGON_RPC_URL", raising=False)
    monkeypatch.setenv("POLYMARKET_FUNDER", WALLET)
    return monkeypatch


def answer(body: str) -> Effect:
    return Effect(status=200, body=body, headers=JSON)


def balance_or_error() -> Decimal | str:
    try:
        return get_usdc_e_balance(WALLET)
    except ChainUnreadable as error:
        return str(error)


# What is read


def test_tokens_have_the_published_addresses() -> None:
    published = CONTRACTS[137]
    assert list(TOKENS) == ["USDC.e", "pUSD", "USDC"]
    assert list(TOKENS.values()) == [published.usdc_e, published.pusd, published.usdc]


def test_the_balance_is_exact_and_has_six_decimals() -> None:
    assert str(get_usdc_e_balance(WALLET)) == "10000.000000"


def test_a_single_base_unit_shows() -> None:
    send(polygon(), 1)
    assert get_usdc_e_balance(WALLET) == Decimal("9999.999999")


@given(st.integers(0, 10**21))
def test_no_base_unit_is_lost(base_units: int) -> None:
    block = Block(1, "0x1", datetime(2026, 11, 23, tzinfo=UTC))
    assert TokenBalance(base_units, block).amount * 10**6 == base_units


def test_a_wallet_without_the_token_has_zero() -> None:
    assert get_usdc_e_balance(WALLET, "USDC") == 0


def test_spelling_of_the_address_does_not_matter() -> None:
    assert get_usdc_e_balance(WALLET.lower()) == get_usdc_e_balance(WALLET)


def test_an_older_block_has_the_older_balance() -> None:
    w3 = polygon()
    before = named_block(w3)
    send(w3, 5_000_000)
    assert read_balance(w3, WALLET).amount == 9_995
    assert read_balance(w3, WALLET, block=before.number).amount == 10_000
    assert read_balance(w3, WALLET, block=before.number).block == before


def test_shares_are_those_of_the_ledger() -> None:
    yes, no = DOCUMENTED.token_ids
    assert share_balances(polygon(), WALLET, [yes, no]) == {yes: 100, no: 100}
    assert share_balances(polygon(), ACCOUNTS[1].address, [no]) == {no: 0}


# What is wrong


@pytest.mark.parametrize("wallet", ["", "0x123", "name.eth", WALLET + "0", WALLET[2:]])
def test_a_bad_address_is_named_before_any_request(mock_clob: MockClob, wallet: str) -> None:
    w3 = polygon()
    asked = len(mock_clob.journal)
    with pytest.raises(ValueError, match="no address"):
        read_balance(w3, wallet)
    assert len(mock_clob.journal) == asked


def test_a_mistyped_address_fails_its_checksum() -> None:
    with pytest.raises(ValueError, match="no address"):
        get_usdc_e_balance("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92263")


def test_an_unknown_token_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no token 'USDT'; there are USDC\.e, pUSD, USDC"):
        get_usdc_e_balance(WALLET, "USDT")


def test_another_chain_is_refused(mock_clob: MockClob) -> None:
    mock_clob.reset(chain_id=80002)
    with pytest.raises(
        ChainUnreadable, match=r"^POLYGON_RPC_URL is chain 80002, not Polygon \(137\)$"
    ):
        get_usdc_e_balance(WALLET)


def test_a_token_without_a_contract_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setitem(TOKENS, "none", "0x00000000000000000000000000000000000000B1")
    with pytest.raises(ChainUnreadable, match="is contract deployed correctly"):
        get_usdc_e_balance(WALLET, "none")


def test_a_block_that_is_not_there_yet_is_refused() -> None:
    with pytest.raises(ChainUnreadable, match="cannot read block 1000000000: "):
        get_usdc_e_balance(WALLET, block=10**9)


@pytest.mark.parametrize(
    "effect",
    [
        Effect(status=503),
        Effect(status=429),
        Effect(drop=True),
        Effect(status=200, body="<html>down for maintenance</html>"),
        answer("[]"),
        answer('{"jsonrpc":"2.0","id":0}'),
        answer('{"jsonrpc":"2.0","id":0,"result":null}'),
        answer('{"jsonrpc":"2.0","id":0,"result":["0x"]}'),
        answer('{"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"header not found"}}'),
    ],
    ids=["503", "429", "cut", "html", "list", "empty", "null", "odd", "error"],
)
def test_an_rpc_that_fails_at_any_request_is_one_error_in_one_line(
    mock_clob: MockClob, effect: Effect
) -> None:
    get_usdc_e_balance(WALLET)
    for request in range(len(mock_clob.journal)):
        fault = mock_clob.fault(effect, path="*", nth=request + 1)
        found = balance_or_error()
        assert fault.fired == 1
        # web3 asks for the chain id once more, and goes on without the answer.
        assert "\n" not in found if isinstance(found, str) else found == 10_000
        mock_clob.call(mock_clob.venue.faults.clear)


def test_a_block_that_is_replaced_while_it_is_read_is_no_answer(
    environment: pytest.MonkeyPatch,
) -> None:
    seen = iter("ab")

    def named(w3: Web3, which: BlockIdentifier) -> Block:
        return Block(named_block(w3, which).number, next(seen), datetime.now(UTC))

    environment.setattr("usdc_balance.named_block", named)
    with pytest.raises(ChainUnreadable, match="was replaced while it was read"):
        get_usdc_e_balance(WALLET)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/v2/s3cret",
        "https://rpc.example.com/v2/s3cret",
        "s3cret",
        "https://[s3cret",
    ],
)
def test_an_unreachable_rpc_is_named_by_its_variable_and_not_by_its_url(
    environment: pytest.MonkeyPatch, url: str
) -> None:
    environment.setenv("POLYGON_RPC_URL", url)
    with pytest.raises(ChainUnreadable, match="cannot reach Polygon at POLYGON_RPC_URL: ") as error:
        get_usdc_e_balance(WALLET)
    assert "s3cret" not in str(error.value)
    assert error.value.__cause__ is None  # a traceback shows the cause, and with it the URL
    assert error.value.__suppress_context__


@pytest.mark.parametrize("snippet", READERS)
def test_a_script_ends_in_one_line_when_the_chain_cannot_be_read(
    environment: pytest.MonkeyPatch, snippet: str
) -> None:
    environment.setenv("POLYGON_RPC_URL", "http://127.0.0.1:9")
    with pytest.raises(SystemExit, match=r"^cannot reach Polygon at POLYGON_RPC_URL: [^\n]*$"):
        runpy.run_path(str(SNIPPETS / snippet), run_name="__main__")


@pytest.mark.parametrize("snippet", [*READERS, "data-analytics/open_positions.py"])
def test_a_script_says_that_no_wallet_is_set(environment: pytest.MonkeyPatch, snippet: str) -> None:
    environment.delenv("POLYMARKET_FUNDER")
    with pytest.raises(SystemExit, match=r"^POLYMARKET_FUNDER is not set$"):
        runpy.run_path(str(SNIPPETS / snippet), run_name="__main__")
