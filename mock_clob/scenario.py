"""The start of a scenario: which markets there are, what rests in their books, who holds what.

Every scenario has the markets of the default one; what else there is and happens, scenarios.py
says. A scenario's name is "default" where none is given.

Accounts 0 to 7 are the users'. Account 8 is the house that quotes; account 9 is the operator
that sends settlements.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from mock_clob import protocol_v2
from mock_clob.accounts import ACCOUNTS
from mock_clob.contracts import CONTRACTS
from mock_clob.derivation import legacy_deposit_wallet
from mock_clob.flow import OWNER, Flow
from mock_clob.ledger import COLLATERAL
from mock_clob.model import UNIT, Market, Order, OrderType, Side
from mock_clob.position_ids import token_ids
from mock_clob.scenarios import named
from mock_clob.signed_order import exchange_contract, exchange_of
from mock_clob.wallets import deployed_at_start, derived

if TYPE_CHECKING:
    from mock_clob.chain.genesis import Genesis
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
NEWCOMER = ACCOUNTS[7]  # its smart wallets are not deployed yet
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
    later: bool = False  # an act of the scenario lists it


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


def listings(chain_id: int, name: str = "default") -> list[Listing]:
    """Fresh markets of a scenario; the first is the documented one."""
    chosen = named(name)
    result = _usual(chain_id)
    for extra in chosen.extras:
        market = _market(
            extra.slug,
            extra.question,
            tick=extra.tick,
            neg_risk=extra.neg_risk,
            chain_id=chain_id,
        )
        result.append(Listing(replace(market), extra.middle, extra.later))
    if chosen.fee_rate:
        for listing in result:
            listing.market.fee_rate_bps = 1_000  # what the venue says of every market with a fee
            listing.market.fee_rate = chosen.fee_rate
    return result


def _usual(chain_id: int) -> list[Listing]:

    def listed(
        slug: str, question: str, middle: int, *, tick: int = 10_000, neg_risk: bool = False
    ) -> Listing:
        market = _market(slug, question, tick=tick, neg_risk=neg_risk, chain_id=chain_id)
        return Listing(replace(market), middle)

    resolved = listed("resolved-market", "Did the resolved market resolve?", 500_000)
    resolved.market.closed = True
    resolved.market.accepting_orders = False
    resolved.market.winning_token_id = resolved.market.token_ids[0]  # as its payouts at genesis
    resolved.market.resolved_ms = 1_769_904_000_000  # 2026-02-01
    taxed = listed("taker-fee", "Does this market charge takers a fee?", 500_000)
    taxed.market.fee_rate_bps = 1_000  # what the venue says of every market with a fee
    taxed.market.fee_rate = 70_000  # of crypto markets, 0.07
    taxed.market.tags = ("crypto",)
    winners = [
        listed("winner-a", "Will A win?", 550_000, neg_risk=True),
        listed("winner-b", "Will B win?", 300_000, neg_risk=True),
        listed("winner-c", "Will C win?", 150_000, neg_risk=True),
    ]
    for name, listing in zip("ABC", winners, strict=True):
        listing.market.event_slug, listing.market.event_title = "winner", "Who will win?"
        listing.market.group_title, listing.market.tags = name, ("elections",)
    return [
        Listing(replace(DOCUMENTED), 500_000),
        listed("fine-tick", "Does this market trade in tenths of a cent?", 300_000, tick=1_000),
        *winners,
        resolved,
        taxed,
    ]


def holdings(chain_id: int, name: str = "default") -> Iterator[tuple[str, str, int]]:
    """(address, asset, base units) at the start; the chain's genesis and the ledger agree."""
    for account in USERS:
        yield account.address, COLLATERAL, USER_COLLATERAL
    for wallet in smart_wallets():
        yield wallet, COLLATERAL, USER_COLLATERAL
    for token_id in DOCUMENTED.token_ids:
        yield USERS[0].address, token_id, USER_SHARES
    yield HOUSE.address, COLLATERAL, HOUSE_COLLATERAL
    for listing in listings(chain_id, name):
        for token_id in listing.market.token_ids:
            yield HOUSE.address, token_id, HOUSE_SHARES


def smart_wallets() -> Iterator[str]:
    """The users' proxy, Safe and deposit wallets. Money reaches the newcomer's undeployed too."""
    for account in USERS:
        for _, wallet in derived(account.address):
            if wallet != legacy_deposit_wallet(account.address):
                yield wallet


def position_holdings() -> Iterator[tuple[str, str, int]]:
    """As `holdings`, of the markets of Protocol V2."""
    for market in protocol_v2.markets():
        for token_id in market.token_ids:
            yield protocol_v2.HOLDER.address, token_id, protocol_v2.SHARES
            yield HOUSE.address, token_id, HOUSE_SHARES


def neg_risk_market_id(market: Market) -> str:
    """What the conditions of a neg-risk event share, as Gamma tells it; "" for other markets."""
    if not market.neg_risk:
        return ""
    event = market.slug.rpartition("-")[0]
    return f"0x{hashlib.sha256(f'neg-risk {event}'.encode()).hexdigest()[:62]}00"


def genesis(chain_id: int, name: str = "default") -> Genesis:
    """What a chain starts with: holdings are the ledger's, in USDC.e and in pUSD alike."""
    from mock_clob.chain.genesis import Condition, Genesis  # a venue without a chain needs neither

    contracts = CONTRACTS[chain_id]
    accounts = tuple(account.address for account in (*USERS, HOUSE))
    deployed = deployed_at_start([account.address for account in USERS], [NEWCOMER.address])
    held = [*holdings(chain_id, name), *position_holdings()]
    markets = [listing.market for listing in listings(chain_id, name)] + protocol_v2.markets()
    return Genesis(
        contracts=contracts,
        operator=OPERATOR.address,
        wallets=(*accounts, OPERATOR.address),
        traders=(*accounts, *(wallet for _, wallet, _ in deployed)),
        deployed=tuple(deployed),
        conditions=tuple(
            Condition(
                market.condition_id,
                int(market.token_ids[0]),
                int(market.token_ids[1]),
                contracts.usdc_e,
                (1, 0) if market.closed else None,
                neg_risk_market_id(market),
            )
            for market in markets
        ),
        balances=tuple(
            (token, owner, amount)
            for owner, asset, amount in held
            if asset == COLLATERAL
            for token in (contracts.usdc_e, contracts.pusd)
        ),
        positions=tuple(
            (int(asset), owner, amount) for owner, asset, amount in held if asset != COLLATERAL
        ),
    )


def load(venue: Venue) -> Flow:
    """Put the scenario into a fresh venue; what happens in it by itself."""
    engine, ledger, options = venue.engine, venue.ledger, venue.options
    chosen, now = named(options.scenario), venue.clock.now_ms()
    for address, asset, amount in holdings(options.chain_id, options.scenario):
        ledger.balances[address.lower(), asset] = amount
    allowing = [account.address.lower() for account in (*USERS, HOUSE)]
    allowing += [w.lower() for w in smart_wallets() if venue.wallets.is_deployed(w)]
    for owner in allowing:
        for spender in venue.spenders():
            ledger.allow(owner, spender, COLLATERAL)
            ledger.allow(owner, spender, "CONDITIONAL")
    listed = {each.market.slug: each for each in listings(options.chain_id, options.scenario)}
    if options.exchange == 3:
        listed |= {market.slug: Listing(market, 500_000) for market in protocol_v2.markets()}
        for address, asset, amount in position_holdings():
            ledger.balances[address.lower(), asset] = amount

    opening = _Opening(venue, listed)
    flow = opening.flow = Flow(
        engine,
        wallet=HOUSE.address.lower(),
        contract_of=opening.contract_of,
        list_market=opening.begin,
        seed=options.seed,
        start_ms=now,
        steps_a_second=chosen.steps_a_second if options.flow is None else options.flow,
        acts=chosen.acts,
    )
    for listing in listed.values():
        if not listing.later:
            engine.list_market(listing.market)
            opening.quote(listing, now)
    engine.drain()  # before anybody listens
    return flow


@dataclass
class _Opening:
    """How a market of the scenario begins, at the start or later."""

    venue: Venue
    listed: dict[str, Listing]  # by slug
    flow: Flow | None = None

    def contract_of(self, market: Market) -> str:
        exchange = exchange_of(self.venue.options.exchange, market.token_ids[0])
        return exchange_contract(self.venue.contracts, exchange, market.neg_risk)

    def quote(self, listing: Listing, now_ms: int) -> None:
        engine, chosen = self.venue.engine, named(self.venue.options.scenario)
        engine.books[listing.market.condition_id].last_price = listing.middle
        if chosen.quotes:
            for order in house_orders(listing, now_ms):
                engine.place(order, self.contract_of(listing.market))
        if self.flow and (listing.market.slug in chosen.traded or not chosen.traded):
            self.flow.trade_in(listing.market, listing.middle)

    def begin(self, slug: str, now_ms: int) -> None:
        self.venue.engine.add_market(self.listed[slug].market, now_ms)
        self.quote(self.listed[slug], now_ms)


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
                owner=OWNER,
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
