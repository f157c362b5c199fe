"""The default scenario: which markets there are, what rests in their books, who holds what.

Accounts 0 to 7 are the users'. Account 8 is the house that quotes; account 9 is the operator
that sends settlements.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from mock_clob.accounts import ACCOUNTS
from mock_clob.contracts import CONTRACTS
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT, Market, Order, OrderType, Side
from mock_clob.position_ids import token_ids
from mock_clob.signed_order import exchange_contract

if TYPE_CHECKING:
    from mock_clob.venue import Venue

# The token ids that the official clients' documentation uses. They are no CTF ids of the
# condition beside them, which is the clients' own example for get_market.
DOCUMENTED = Market(
    condition_id="0x5f65177b394277fd294cd75650044e32ba009a95022d88a0c1d565897d72f8f1",
    question="Will the documented market resolve to Yes?",
    slug="documented-market",
    token_ids=(
        "71321045679252212594626385532706912750332728571942532289631379312455583992563",
        "52114319501245915516055106046884209969926127482827954674443846427813813222426",
    ),
)

HOUSE, OPERATOR = ACCOUNTS[8], ACCOUNTS[9]
USERS = ACCOUNTS[:8]
USER_COLLATERAL = 10_000 * UNIT
HOUSE_COLLATERAL = 1_000_000 * UNIT
USER_SHARES = 100 * UNIT  # of each outcome of the documented market, account 0 only
HOUSE_SHARES = 100_000 * UNIT

_QUOTES = {  # YES: (price in ticks from the middle, shares)
    Side.BUY: ((-2, 100), (-3, 200), (-5, 500)),
    Side.SELL: ((2, 100), (3, 200), (5, 500)),
}
_QUOTE_STEP = 10_000  # one cent, whatever the market's tick


@dataclass(frozen=True)
class Listing:
    market: Market
    middle: int  # of YES, 1e-6


@cache
def _market(slug: str, question: str, *, tick: int, neg_risk: bool, chain_id: int) -> Market:
    condition = "0x" + hashlib.sha256(slug.encode()).hexdigest()
    contracts = CONTRACTS[chain_id]
    collateral = contracts.neg_risk_adapter if neg_risk else contracts.usdc_e
    return Market(
        condition_id=condition,
        question=question,
        slug=slug,
        token_ids=token_ids(collateral, condition),
        tick=tick,
        neg_risk=neg_risk,
    )


def listings(chain_id: int) -> list[Listing]:
    """Fresh markets of the default scenario; the first is the documented one."""

    def listed(
        slug: str, question: str, middle: int, *, tick: int = 10_000, neg_risk: bool = False
    ) -> Listing:
        market = _market(slug, question, tick=tick, neg_risk=neg_risk, chain_id=chain_id)
        return Listing(replace(market), middle)

    resolved = listed("resolved-market", "Did the resolved market resolve?", 500_000)
    resolved.market.closed = True
    resolved.market.accepting_orders = False
    return [
        Listing(replace(DOCUMENTED), 500_000),
        listed("fine-tick", "Does this market trade in tenths of a cent?", 300_000, tick=1_000),
        listed("winner-a", "Will A win?", 550_000, neg_risk=True),
        listed("winner-b", "Will B win?", 300_000, neg_risk=True),
        listed("winner-c", "Will C win?", 150_000, neg_risk=True),
        resolved,
    ]


def holdings(chain_id: int) -> Iterator[tuple[str, str, int]]:
    """(address, asset, base units) at the start; the chain's genesis and the ledger agree."""
    for account in USERS:
        yield account.address, COLLATERAL, USER_COLLATERAL
    for token_id in DOCUMENTED.token_ids:
        yield USERS[0].address, token_id, USER_SHARES
    yield HOUSE.address, COLLATERAL, HOUSE_COLLATERAL
    for listing in listings(chain_id):
        for token_id in listing.market.token_ids:
            yield HOUSE.address, token_id, HOUSE_SHARES


def load(venue: Venue) -> None:
    """Put the scenario into a fresh venue."""
    engine, ledger = venue.engine, venue.ledger
    for address, asset, amount in holdings(venue.options.chain_id):
        ledger.balances[address.lower(), asset] = amount
    for account in (*USERS, HOUSE):
        for spender in venue.spenders():
            ledger.allow(account.address.lower(), spender, COLLATERAL)
            ledger.allow(account.address.lower(), spender, "CONDITIONAL")
    now = venue.clock.now_ms()
    for listing in listings(venue.options.chain_id):
        engine.list_market(listing.market)
        engine.books[listing.market.condition_id].last_price = listing.middle
        contract = exchange_contract(
            venue.contracts, venue.options.exchange, listing.market.neg_risk
        )
        for order in house_orders(listing, now):
            engine.place(order, contract)
    engine.drain()  # before anybody listens


def house_orders(listing: Listing, now_ms: int) -> Iterator[Order]:
    """The house's resting quotes in a market that takes orders."""
    market = listing.market
    if not market.accepting_orders:
        return
    for side, quotes in _QUOTES.items():
        for steps, shares in quotes:
            limit, size = listing.middle + steps * _QUOTE_STEP, shares * UNIT
            cost = size * limit // UNIT
            name = f"house {market.slug} {side} {limit}"
            yield Order(
                id="0x" + hashlib.sha256(name.encode()).hexdigest(),
                owner="house",
                signer=HOUSE.address.lower(),
                maker=HOUSE.address.lower(),
                market=market,
                token_id=market.token_ids[0],
                side=side,
                type=OrderType.GTC,
                price=limit,
                size=size,
                maker_amount=cost if side is Side.BUY else size,
                taker_amount=size if side is Side.BUY else cost,
                created_ms=now_ms,
            )
