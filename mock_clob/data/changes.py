"""What happened to whose shares: the one list that the whole Data API is derived from.

Trades come from the engine once they have settled; splits, merges, redemptions, conversions and
transfers from the chain's logs; what a wallet had at the start counts as split then. A venue
without a chain takes the ledger's balances: what they hold beyond all this came by transfer.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from mock_clob.data.chain_log import NOBODY, Move, Transaction
from mock_clob.model import Market, Order, Side, Trade, TradeStatus
from mock_clob.scenario import holdings

if TYPE_CHECKING:
    from mock_clob.venue import Venue

START = 1_767_225_600  # 2026-01-01, when the markets of a scenario began
SETTLED = (TradeStatus.MINED, TradeStatus.CONFIRMED)

Key = tuple[int, int, int, int, str]  # a total order: second, millisecond, sequence, part, hash


class Kind(StrEnum):
    TRADE = "TRADE"
    SPLIT = "SPLIT"
    MERGE = "MERGE"
    REDEEM = "REDEEM"
    CONVERSION = "CONVERSION"
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    TIP = "TIP"  # collateral from user to user
    TRANSFER = "TRANSFER"  # of shares: changes positions, and is no activity


@dataclass(frozen=True)
class Change:
    """One thing that happened to one wallet. Amounts in base units, what left it is negative."""

    wallet: str  # lower case
    kind: Kind
    at: int  # Unix seconds
    transaction_hash: str
    key: Key
    market: Market | None = None
    yes: int = 0
    no: int = 0
    collateral: int = 0  # without the fee
    fee: int = 0  # in collateral, on top of what was paid or out of what was received
    order: Order | None = None  # of a trade: the wallet's own
    is_taker: bool = False

    def shares(self, token_id: str) -> int:
        if self.market is None:
            return 0
        return self.yes if token_id == self.market.token_ids[0] else self.no

    @property
    def size(self) -> int:
        """How many shares, whichever way they went."""
        return max(abs(self.yes), abs(self.no))


def changes(venue: Venue, log: list[Transaction]) -> list[Change]:
    """Everything so far, oldest first. `log` is of the venue's chain, empty where it has none."""
    times = {each.hash: each.at for each in log}
    found = list(_at_start(venue))
    for trade in venue.engine.trades.values():
        if trade.status in SETTLED:
            found += _of_trade(trade, times.get(trade.transaction_hash), venue.engine.fees_to)
    settlements = {trade.transaction_hash for trade in venue.engine.trades.values()}
    reader = _Reader(venue)
    for transaction in log:
        if transaction.hash not in settlements:
            found += reader.changes(transaction)
    if venue.chain is None:
        found += _unexplained(venue, found)
    return sorted(found, key=lambda change: change.key)


def _at_start(venue: Venue) -> Iterator[Change]:
    engine, options = venue.engine, venue.options
    held: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for address, asset, amount in holdings(options.chain_id, options.scenario):
        if asset in engine.by_token:
            condition_id = engine.by_token[asset].condition_id
            held[address.lower(), condition_id][asset] = amount
    for part, ((wallet, condition_id), amounts) in enumerate(held.items()):
        market = engine.markets[condition_id]
        yes, no = (amounts.get(token_id, 0) for token_id in market.token_ids)
        name = _made_up_hash(f"genesis {wallet} {condition_id}")
        kind = Kind.SPLIT if yes == no else Kind.TRANSFER
        key = (START, START * 1000, 0, part, name)
        paid = -yes if kind is Kind.SPLIT else 0
        yield Change(wallet, kind, START, name, key, market, yes, no, paid)


def _of_trade(trade: Trade, mined_at: int | None, fees_to: str) -> Iterator[Change]:
    """The taker's side and each maker's. A fee in shares never reaches the taker's wallet."""
    at = trade.updated_ms // 1000 if mined_at is None else mined_at
    taker, in_shares = trade.taker, trade.fee if trade.fee_in_shares else 0

    def change(order: Order, shares: int, collateral: int, part: int, fee: int) -> Change:
        signed = shares if order.side is Side.BUY else -shares
        first = order.token_id == order.market.token_ids[0]
        return Change(
            wallet=order.maker,
            kind=Kind.TRADE,
            at=at,
            transaction_hash=trade.transaction_hash,
            key=(at, trade.matched_ms, taker.sequence, part, trade.id),
            market=order.market,
            yes=signed if first else 0,
            no=0 if first else signed,
            collateral=-collateral if order.side is Side.BUY else collateral,
            fee=fee,
            order=order,
            is_taker=part == 0,
        )

    in_money = 0 if trade.fee_in_shares else trade.fee
    paid = sum(fill.taker_collateral for fill in trade.fills)
    yield change(taker, trade.shares - in_shares, paid, 0, in_money)
    for part, fill in enumerate(trade.fills, 1):
        yield change(fill.order, fill.shares, fill.maker_collateral, part, 0)
    if in_shares:
        first = taker.token_id == taker.market.token_ids[0]
        yes, no = (in_shares, 0) if first else (0, in_shares)
        key = (at, trade.matched_ms, taker.sequence, len(trade.fills) + 1, trade.id)
        name = trade.transaction_hash
        yield Change(fees_to, Kind.TRANSFER, at, name, key, taker.market, yes, no)


def _unexplained(venue: Venue, found: Iterable[Change]) -> Iterator[Change]:
    known: defaultdict[tuple[str, str], int] = defaultdict(int)
    for change in found:
        if change.market:
            for token_id in change.market.token_ids:
                known[change.wallet, token_id] += change.shares(token_id)
    for part, ((wallet, asset), held) in enumerate(list(venue.ledger.balances.items())):
        market = venue.engine.by_token.get(asset)
        rest = held - known[wallet, asset]
        if market is None or not rest:
            continue
        yes, no = (rest, 0) if asset == market.token_ids[0] else (0, rest)
        name = _made_up_hash(f"given {wallet} {asset}")
        key = (START, START * 1000, 1, part, name)
        yield Change(wallet, Kind.TRANSFER, START, name, key, market, yes, no)


def _made_up_hash(text: str) -> str:
    """The zeros mark a hash that is on no chain."""
    return f"0x{'0' * 8}{hashlib.sha256(text.encode()).hexdigest()[:56]}"


class _Reader:
    """Makes changes of transactions that are no settlement of trades."""

    def __init__(self, venue: Venue) -> None:
        self.engine = venue.engine
        self.collateral = venue.collateral.lower()
        contracts = vars(venue.contracts).values()
        self.contracts = {NOBODY, *(address.lower() for address in contracts)}

    def changes(self, transaction: Transaction) -> Iterator[Change]:
        moved = list(self._of_shares(transaction))
        yield from moved
        if not moved:
            yield from self._of_money(transaction)

    def _of_shares(self, transaction: Transaction) -> Iterator[Change]:
        net = self._net(
            move for move in transaction.shares if move.token_id in self.engine.by_token
        )
        by_market: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for (wallet, token_id), amount in net.items():
            market = self.engine.by_token[token_id]
            by_market[wallet, market.condition_id][market.token_ids.index(token_id)] += amount
        mints = any(move.sender == NOBODY for move in transaction.shares)
        burns = any(move.to == NOBODY for move in transaction.shares)
        for part, ((wallet, condition_id), (yes, no)) in enumerate(by_market.items()):
            if not yes and not no:
                continue
            market, collateral = self.engine.markets[condition_id], 0
            if transaction.converted:
                kind = Kind.CONVERSION
                if not part:
                    collateral = self._received(transaction, wallet)
            elif condition_id in transaction.payouts and yes <= 0 and no <= 0:
                kind, collateral = Kind.REDEEM, transaction.payouts[condition_id]
            elif mints and yes == no > 0:
                kind, collateral = Kind.SPLIT, -yes
            elif burns and yes == no < 0:
                kind, collateral = Kind.MERGE, -yes
            else:
                kind = Kind.TRANSFER
            yield self._change(transaction, wallet, kind, part, market, (yes, no), collateral)

    def _of_money(self, transaction: Transaction) -> Iterator[Change]:
        coins = [move for move in transaction.coins if move.token_id == self.collateral]
        between = any(not {move.sender, move.to} & self.contracts and move.amount for move in coins)
        for part, ((wallet, _), amount) in enumerate(self._net(coins).items()):
            if not amount:
                continue
            kind = Kind.TIP if between else Kind.DEPOSIT if amount > 0 else Kind.WITHDRAWAL
            yield self._change(transaction, wallet, kind, part, None, (0, 0), amount)

    def _net(self, moves: Iterable[Move]) -> dict[tuple[str, str], int]:
        """(wallet, token) -> what came in less what went out; the venue's contracts left out."""
        net: defaultdict[tuple[str, str], int] = defaultdict(int)
        for move in moves:
            net[move.sender, move.token_id] -= move.amount
            net[move.to, move.token_id] += move.amount
        return {key: amount for key, amount in net.items() if key[0] not in self.contracts}

    def _received(self, transaction: Transaction, wallet: str) -> int:
        """Collateral of any form that reached a wallet."""
        net = self._net(transaction.coins)
        return sum(amount for (owner, _), amount in net.items() if owner == wallet)

    @staticmethod
    def _change(
        transaction: Transaction,
        wallet: str,
        kind: Kind,
        part: int,
        market: Market | None,
        shares: tuple[int, int],
        collateral: int,
    ) -> Change:
        at = transaction.at
        key = (at, at * 1000, transaction.index, part, transaction.hash)
        return Change(
            wallet, kind, at, transaction.hash, key, market, shares[0], shares[1], collateral
        )
