"""The named scenarios: which markets there are besides the usual ones, what happens in them, when.

Times are seconds after the venue was started or reset, by its clock; prices are of YES, 1e-6.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Drift:
    """The traders' idea of a market's price begins to move there."""

    after: float
    slug: str
    price: int


@dataclass(frozen=True)
class ListMarket:
    """A market that is marked `later` begins."""

    after: float
    slug: str


@dataclass(frozen=True)
class Resolve:
    after: float
    slug: str
    outcome: str


Act = Drift | ListMarket | Resolve


@dataclass(frozen=True)
class Extra:
    """A market besides the usual ones."""

    slug: str
    question: str
    middle: int
    tick: int = 10_000
    neg_risk: bool = False
    later: bool = False  # not there at the start: an act lists it


@dataclass(frozen=True)
class Scenario:
    about: str
    steps_a_second: float = 0.0  # of the flow: orders and cancels by the house; 0: none
    traded: tuple[str, ...] = ()  # slugs that the flow trades; empty: all
    acts: tuple[Act, ...] = ()
    extras: tuple[Extra, ...] = ()
    fee_rate: int = 0  # of every market, 1e-6 of the curve in fees.py
    quotes: bool = True  # the house's orders at the start


DOCUMENTED, A, B, C = "documented-market", "winner-a", "winner-b", "winner-c"
LATE = Extra(
    "late-market", "Will the market that was listed late resolve to Yes?", 400_000, later=True
)

_NEG_RISK = (
    Drift(30, A, 850_000),
    Drift(30, B, 90_000),
    Drift(30, C, 80_000),
    Resolve(120, B, "No"),
    Resolve(120, C, "No"),
    Resolve(121, A, "Yes"),
)
_CLIMB = Drift(5, DOCUMENTED, 970_000)

SCENARIOS = {
    "default": Scenario("Seven markets with quotes of the house; nothing moves by itself."),
    "empty": Scenario("The same markets without a single order.", quotes=False),
    "busy": Scenario("Makers and takers in every market.", steps_a_second=10),
    "fees": Scenario(
        "Every market charges takers; makers and takers trade.", steps_a_second=4, fee_rate=70_000
    ),
    "neg-risk": Scenario(
        "Three outcomes that exclude each other; A wins after two minutes.",
        steps_a_second=6,
        traded=(A, B, C),
        acts=_NEG_RISK,
    ),
    "tick-change": Scenario(
        "A price climbs to 0.97; above 0.96 the tick becomes 0.001.",
        steps_a_second=6,
        traded=(DOCUMENTED,),
        acts=(_CLIMB,),
    ),
    "resolution": Scenario(
        "A price climbs to 0.97, the tick becomes finer; after two minutes Yes has won.",
        steps_a_second=6,
        traded=(DOCUMENTED,),
        acts=(_CLIMB, Resolve(120, DOCUMENTED, "Yes")),
    ),
    "new-market": Scenario(
        "A market is listed after half a minute.",
        steps_a_second=4,
        traded=(DOCUMENTED, LATE.slug),
        acts=(ListMarket(30, LATE.slug),),
        extras=(LATE,),
    ),
    "eventful": Scenario(
        "Everything in three minutes: a new market, a finer tick, a neg-risk event, a resolution.",
        steps_a_second=10,
        acts=(
            ListMarket(30, LATE.slug),
            _CLIMB,
            *_NEG_RISK,
            Resolve(180, DOCUMENTED, "Yes"),
        ),
        extras=(LATE,),
    ),
}


def named(name: str) -> Scenario:
    """Raises ValueError for a name that is none of SCENARIOS."""
    if name not in SCENARIOS:
        raise ValueError(f"no scenario named {name!r}; there are: {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
