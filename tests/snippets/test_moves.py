"""Transfers read from the log, kept in a book, and held against fills."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import transfer_log
from eth_account import Account
from explain_moves import Finding, findings
from fill import Fill
from hypothesis import given
from hypothesis import strategies as st
from move_book import MoveBook
from own_fills import read_fills
from polygon_rpc import ChainUnreadable, named_block, polygon
from py_clob_client.clob_types import OrderArgs
from settled_trade import settled_trade
from share_balances import share_balances
from trading_client import trading_client
from transfer_log import Move, moves
from usdc_balance import read_balance
from web3 import Web3

from mock_clob.accounts import ACCOUNTS
from mock_clob.faults import Effect
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED
from tests.snippets.chain_moves import TRANSFER, USDC_E, mine, revert, send, snapshot

WALLET, OTHER = ACCOUNTS[0].address, ACCOUNTS[1].address
YES, NO = DOCUMENTED.token_ids


@pytest.fixture
def w3(mock_clob: MockClob, monkeypatch: pytest.MonkeyPatch) -> Web3:
    """The chain of a venue whose clock stands still: no block comes that the test did not mine."""
    mock_clob.reset(exchange=1)
    mock_clob.call(mock_clob.venue.clock.freeze)
    monkeypatch.delenv("POLYGON_RPC_URL", raising=False)
    return polygon()


@pytest.fixture
def book(w3: Web3, tmp_path: Path) -> Iterator[MoveBook]:
    book = MoveBook(tmp_path / "moves.sqlite", WALLET, w3.eth.block_number + 1)
    yield book
    book.close()


def trade(index: int, token: str, side: str, price: float, size: float) -> None:
    """One order of the account with this index, settled if it is filled."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("POLYMARKET_PRIVATE_KEY", ACCOUNTS[index].key)
        environment.delenv("POLYMARKET_FUNDER", raising=False)
        client = trading_client()
        reply = client.create_and_post_order(OrderArgs(token, price=price, size=size, side=side))
        for trade_id in reply.get("tradeIDs", []):
            settled_trade(client, trade_id)


def amounts(found: list[Move]) -> list[tuple[str, int]]:
    return [(move.asset, move.base_units) for move in found]


# The log


def test_a_transfer_shows_once_on_either_side(w3: Web3) -> None:
    send(w3, 7)
    head = w3.eth.block_number
    (out,), (came,) = moves(w3, WALLET, 0, head), moves(w3, OTHER, 0, head)
    assert (out.asset, out.base_units, out.other) == ("USDC.e", -7, OTHER.lower())
    assert (came.asset, came.base_units, came.other) == ("USDC.e", 7, WALLET.lower())
    assert out.transaction_hash == came.transaction_hash
    assert out.block_hash == w3.eth.get_block(head)["hash"].to_0x_hex()


def test_several_transfers_in_one_block_are_each_there(w3: Web3, mock_clob: MockClob) -> None:
    """A trade against two resting orders: each part moves collateral and shares."""
    first = w3.eth.block_number + 1
    trade(0, YES, "BUY", 0.53, 150)
    found = moves(w3, WALLET, first, w3.eth.block_number)
    assert len({move.block_number for move in found}) == 1
    totals = {asset: sum(n for a, n in amounts(found) if a == asset) for asset, _ in amounts(found)}
    assert totals == {"USDC.e": -78_500_000, YES: 150_000_000}


def test_ranges_longer_than_a_node_takes_are_read_in_parts(
    w3: Web3, monkeypatch: pytest.MonkeyPatch, mock_clob: MockClob
) -> None:
    for base_units in (1, 2, 3, 4, 5):
        send(w3, base_units)
    monkeypatch.setattr(transfer_log, "CHUNK_BLOCKS", 2)
    found = moves(w3, WALLET, 1, w3.eth.block_number)
    assert [move.base_units for move in found] == [-1, -2, -3, -4, -5]


def test_a_transfer_to_oneself_moves_nothing(w3: Web3) -> None:
    token = w3.eth.contract(Web3.to_checksum_address(USDC_E), abi=[TRANSFER])
    me = Web3.to_checksum_address(WALLET)
    unsigned = token.functions.transfer(me, 5).build_transaction(
        {"from": me, "nonce": w3.eth.get_transaction_count(me)}
    )
    signed = Account.sign_transaction(dict(unsigned), ACCOUNTS[0].key)
    w3.eth.wait_for_transaction_receipt(w3.eth.send_raw_transaction(signed.raw_transaction))
    assert moves(w3, WALLET, 0, w3.eth.block_number) == []


def test_a_batch_of_outcome_tokens_is_taken_apart(w3: Web3) -> None:
    abi = {
        "name": "safeBatchTransferFrom",
        "type": "function",
        "stateMutability": "nonpayable",
        "inputs": [
            {"name": "from", "type": "address"},
            {"name": "to", "type": "address"},
            {"name": "ids", "type": "uint256[]"},
            {"name": "values", "type": "uint256[]"},
            {"name": "data", "type": "bytes"},
        ],
        "outputs": [],
    }
    me, other = Web3.to_checksum_address(WALLET), Web3.to_checksum_address(OTHER)
    shares = w3.eth.contract(Web3.to_checksum_address(transfer_log.SHARES[0]), abi=[abi])
    unsigned = shares.functions.safeBatchTransferFrom(
        me, other, [int(YES), int(NO)], [3, 4], b""
    ).build_transaction({"from": me, "nonce": w3.eth.get_transaction_count(me)})
    signed = Account.sign_transaction(dict(unsigned), ACCOUNTS[0].key)
    w3.eth.wait_for_transaction_receipt(w3.eth.send_raw_transaction(signed.raw_transaction))
    head = w3.eth.block_number
    assert sorted(amounts(moves(w3, WALLET, 0, head))) == sorted([(YES, -3), (NO, -4)])
    assert sorted(amounts(moves(w3, OTHER, 0, head))) == sorted([(YES, 3), (NO, 4)])


# The book


def test_the_book_adds_up_to_the_chain_over_many_moves(w3: Web3, book: MoveBook) -> None:
    before = read_balance(w3, WALLET, "USDC.e").base_units
    held = share_balances(w3, WALLET, [YES, NO])
    rng = random.Random(5)
    for _ in range(4):
        send(w3, rng.randrange(1, 10**6))
        trade(0, YES, "BUY", 0.55, rng.randrange(5, 40))
        book.sync(w3)
    after = read_balance(w3, WALLET, "USDC.e").base_units
    assert before + book.total("USDC.e") == after
    now = share_balances(w3, WALLET, [YES, NO])
    for token in (YES, NO):
        assert held[token] + Decimal(book.total(token)).scaleb(-6) == now[token]


def test_a_book_goes_on_where_it_was_closed(w3: Web3, book: MoveBook, tmp_path: Path) -> None:
    send(w3, 1)
    book.sync(w3)
    book.close()
    send(w3, 2)
    again = MoveBook(tmp_path / "moves.sqlite", WALLET, book.first_block)
    assert amounts(again.moves()) == [("USDC.e", -1)]
    again.sync(w3)
    again.sync(w3)
    assert amounts(again.moves("USDC.e")) == [("USDC.e", -1), ("USDC.e", -2)]
    assert again.moves("pUSD") == []
    again.close()


@pytest.mark.parametrize("synced", [(1,), (1, 2), (1, 2, 3)])
def test_what_a_reorg_takes_back_leaves_the_book(
    w3: Web3, book: MoveBook, synced: tuple[int, ...]
) -> None:
    send(w3, 9)
    book.sync(w3)
    start = snapshot(w3)
    for base_units in synced:
        send(w3, base_units)
        book.sync(w3)
    revert(w3, start)
    send(w3, 50)
    for _ in range(4):
        mine(w3)
    book.sync(w3)
    assert amounts(book.moves()) == [("USDC.e", -9), ("USDC.e", -50)]


def test_a_reorg_to_a_lower_head_is_followed_too(w3: Web3, book: MoveBook) -> None:
    send(w3, 9)
    start = snapshot(w3)
    send(w3, 1)
    book.sync(w3)
    revert(w3, start)
    assert book.sync(w3) == named_block(w3)
    assert amounts(book.moves()) == [("USDC.e", -9)]


def test_a_failure_at_any_request_leaves_the_book_as_it_was(
    w3: Web3, book: MoveBook, mock_clob: MockClob
) -> None:
    send(w3, 1)
    book.sync(w3)
    send(w3, 2)
    before = len(mock_clob.journal)
    MoveBook(":memory:", WALLET, book.first_block).sync(w3)
    for request in range(len(mock_clob.journal) - before):
        mock_clob.fault(Effect(status=503), path="*", nth=request + 1)
        try:
            book.sync(w3)
        except ChainUnreadable:
            assert amounts(book.moves()) == [("USDC.e", -1)]
        mock_clob.call(mock_clob.venue.faults.clear)
        if book.moves()[1:]:
            break
    book.sync(w3)
    assert amounts(book.moves()) == [("USDC.e", -1), ("USDC.e", -2)]


def test_a_block_that_is_replaced_while_it_is_read_changes_nothing(
    w3: Web3, book: MoveBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = snapshot(w3)
    send(w3, 1)

    def read(*args: Any) -> list[Move]:
        found = moves(*args)
        revert(w3, start)
        send(w3, 2)
        return found

    monkeypatch.setattr("move_book.moves", read)
    with pytest.raises(ChainUnreadable, match="was replaced while it was read"):
        book.sync(w3)
    assert book.moves() == []


def test_a_book_of_another_wallet_is_not_continued(book: MoveBook, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"is the book of {WALLET.lower()} from block"):
        MoveBook(tmp_path / "moves.sqlite", OTHER, book.first_block)


# Fills against moves


def test_real_fills_explain_every_move(w3: Web3, book: MoveBook) -> None:
    trade(0, YES, "BUY", 0.53, 150)
    trade(0, NO, "SELL", 0.47, 10)
    trade(0, YES, "SELL", 0.50, 20)  # rests
    trade(1, YES, "BUY", 0.50, 20)
    book.sync(w3)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("POLYMARKET_PRIVATE_KEY", ACCOUNTS[0].key)
        fills = read_fills(trading_client())
    assert len(fills) >= 3
    assert findings(fills, book.moves()) == []
    assert {f.kind for f in findings(fills[1:], book.moves())} <= {"differs", "no fill"}
    assert {f.kind for f in findings(fills, book.moves()[:1])} <= {"differs", "missing"}


def test_a_transfer_without_a_fill_is_named(w3: Web3, book: MoveBook) -> None:
    send(w3, 250_000)
    book.sync(w3)
    (finding,) = findings([], book.moves())
    assert str(finding).startswith("no fill: collateral -0.250000 in 0x")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["BUY", "SELL"]),
            st.integers(1, 10**9),
            st.integers(1, 99),
            st.sampled_from(["0xa", "0xb"]),
        ),
        max_size=8,
    ),
    st.integers(-5, 5),
)
def test_moves_that_follow_from_the_fills_have_no_findings_and_one_base_unit_has(
    trades: list[tuple[str, int, int, str]], off: int
) -> None:
    fills, moved = [], []
    for log, (side, units, cents, tx) in enumerate(trades):
        size, sign = Decimal(units).scaleb(-4), 1 if side == "BUY" else -1
        fills.append(Fill("7132", side, size, Decimal(cents).scaleb(-2), transaction_hash=tx))
        for asset, base in (("7132", sign * units * 100), ("pUSD", -sign * units * cents)):
            moved.append(Move(asset, base, "0x00", tx, 1, "0xb1", log))
    assert findings(fills, moved) == []
    if fills and off:
        moved.append(Move("pUSD", off, "0x00", trades[0][3], 1, "0xb1", 99))
        expected = Decimal(off).scaleb(-6)
        (finding,) = findings(fills, moved)
        assert isinstance(finding, Finding)
        assert (finding.kind, finding.actual - finding.expected) == ("differs", expected)
