"""Markets of Protocol V2: outcomes are position ids of the position manager, traded on exchange 3.

They are listed on a venue of exchange 3, beside the others, which trade on exchange 2 as ever;
on the chain they stand in any case.
"""

from __future__ import annotations

from dataclasses import replace

from mock_clob.accounts import ACCOUNTS, Account
from mock_clob.model import UNIT, Market
from mock_clob.position_ids import position_ids, structural_condition_id

SHARES = 100 * UNIT  # of each outcome of each market, account 0 only
HOLDER: Account = ACCOUNTS[0]


def _market(slug: str, question: str) -> Market:
    condition = structural_condition_id(slug)
    return Market(
        condition_id=condition, question=question, slug=slug, token_ids=position_ids(condition)
    )


OPEN = _market("position-market", "Does this market trade in position ids?")
RESOLVED = _market("position-resolved", "Did the market of position ids resolve?")
RESOLVED.closed, RESOLVED.accepting_orders = True, False
RESOLVED.winning_token_id = RESOLVED.token_ids[0]


def markets() -> list[Market]:
    """Fresh ones."""
    return [replace(OPEN), replace(RESOLVED)]
