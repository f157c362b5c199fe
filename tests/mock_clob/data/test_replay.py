"""Whatever is traded: shares sum up to the supply, and activity played back gives the positions."""

from __future__ import annotations

import itertools
from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_clob.accounts import ACCOUNTS
from mock_clob.data import rows
from mock_clob.data.books import positions
from mock_clob.data.changes import Change, Kind, changes
from mock_clob.exact_json import decimal, dumps, ratio, with_point
from mock_clob.gamma.catalog import Catalog
from mock_clob.model import UNIT, Order, OrderType, Side, TradeStatus
from mock_clob.rules import Rejected
from mock_clob.scenario import DOCUMENTED, HOUSE
from mock_clob.signed_order import exchange_contract
from mock_clob.venue import Options, Venue

TRADERS = [account.address.lower() for account in ACCOUNTS[:3]]
TOKENS = DOCUMENTED.token_ids
_ids = itertools.count()

acts = st.tuples(
    st.sampled_from(TRADERS),
    st.sampled_from(TOKENS),
    st.sampled_from(Side),
    st.integers(1, 99),  # cents
    st.integers(500, 20_000),  # hundredths of a share
    st.sampled_from([TradeStatus.MINED, TradeStatus.CONFIRMED, TradeStatus.FAILED, None]),
)


def played(
    exchange: int, moves: list[tuple[str, str, Side, int, int, TradeStatus | None]]
) -> Venue:
    venue = Venue(Options(exchange=exchange, chain=False, scenario="fees"))
    engine = venue.engine
    for maker, token_id, side, cents, hundredths, status in moves:
        size, price = hundredths * 10_000, cents * 10_000
        cost, buys = size * price // UNIT, side is Side.BUY
        order = Order(
            id=f"0x{next(_ids)}",
            owner=maker,
            signer=maker,
            maker=maker,
            market=engine.by_token[token_id],
            token_id=token_id,
            side=side,
            type=OrderType.GTC,
            price=price,
            size=size,
            maker_amount=cost if buys else size,
            taker_amount=size if buys else cost,
            created_ms=venue.clock.now_ms(),
        )
        contract = exchange_contract(venue.contracts, exchange, False)
        try:
            trade = engine.place(order, contract)
        except Rejected:
            continue
        if trade and status:
            if status is not TradeStatus.FAILED:
                engine.set_trade_status(trade, TradeStatus.MINED, trade.matched_ms, f"0x{trade.id}")
            if status is not TradeStatus.MINED:
                engine.set_trade_status(trade, status, trade.matched_ms)
    return venue


def replayed(found: list[Change], venue: Venue) -> dict[tuple[str, str], Decimal]:
    """Sizes by (wallet, token id), from rows of /v2/activity alone."""
    catalog, held = Catalog(venue.engine), defaultdict[tuple[str, str], Decimal](Decimal)
    for change in found:
        if change.kind is Kind.TRANSFER:
            continue
        row = rows.activity(change, catalog)
        if row["type"] == "SPLIT":
            for token_id in venue.engine.markets[row["condition_id"]].token_ids:
                held[row["proxy_wallet"], token_id] += row["size"]
        else:
            sign = 1 if row["side"] == "BUY" else -1
            held[row["proxy_wallet"], row["token_id"]] += sign * row["size"]
    return {key: size for key, size in held.items() if size}


@given(st.sampled_from([1, 2]), st.lists(acts, max_size=25))
@settings(max_examples=60, deadline=None)
def test_positions_are_the_ledger_the_supply_and_the_replay(
    exchange: int, moves: list[tuple[str, str, Side, int, int, TradeStatus | None]]
) -> None:
    venue = played(exchange, moves)
    found = changes(venue, [])
    held = {(p.wallet, p.token_id): p for p in positions(venue.engine, found)}
    for (wallet, token_id), position in held.items():
        assert position.size == venue.ledger.balance(wallet, token_id)
    supply = {
        token_id: sum(p.size for (_, token), p in held.items() if token == token_id)
        for token_id in TOKENS
    }
    assert supply[TOKENS[0]] == supply[TOKENS[1]]
    shown = {
        (rows.holder(wallet)["proxy_wallet"], token_id): with_point(position.size)
        for (wallet, token_id), position in held.items()
        if position.size and wallet != venue.engine.fees_to  # fees in shares are no activity
    }
    assert replayed(found, venue) == shown


@given(st.lists(acts, max_size=25))
@settings(max_examples=60, deadline=None)
def test_money_is_conserved_to_the_unit(
    moves: list[tuple[str, str, Side, int, int, TradeStatus | None]],
) -> None:
    venue = played(2, moves)
    found = changes(venue, [])
    for position in positions(venue.engine, found):
        assert position.spent == position.cost + (position.received - position.realized)
        assert position.total == position.received + position.value - position.spent
    paid = sum(c.collateral for c in found if c.kind is Kind.TRADE)
    made = sum(c.yes for c in found if c.kind is Kind.TRADE)
    assert paid == -made  # what is paid in net is a dollar for each new pair


def test_house_and_users_are_known_by_name() -> None:
    assert rows.who(HOUSE.address)["name"] == "house"
    assert rows.who("0x" + "5" * 40)["name"] == ""


@given(st.integers(-(10**18), 10**18))
def test_number_in_the_text_is_the_number(units: int) -> None:
    for number in (decimal(units), with_point(units)):
        assert Decimal(dumps(number)) == Decimal(units).scaleb(-6)
        assert "e" not in dumps(number).lower()


def test_ratio_rounds_half_away_from_zero() -> None:
    assert (ratio(1, 2, 0), ratio(-1, 2, 0), ratio(1, 3, 0), ratio(5, 0)) == (1, -1, 0, 0)


def test_float_in_a_reply_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="not exact"):
        dumps({"a": [0.1]})
