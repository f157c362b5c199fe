"""GET /v2/approvals: what a wallet has allowed the venue's contracts, as an index of the chain.

Rows and form are those that polymarket-client 0.14 requires; what else the venue's catalogue holds
is not established. Without a chain the CLOB's own copy of the allowances is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.chain.artefacts import raw
from mock_clob.contracts import Contracts
from mock_clob.data.markets import iso
from mock_clob.data.refusals import Handler, answer
from mock_clob.data.requests import V2Query, required_user
from mock_clob.data.shared import DataRoutes
from mock_clob.ledger import COLLATERAL, UNLIMITED
from mock_clob.wire import Json

if TYPE_CHECKING:
    from mock_clob.chain.evm import Chain

# Published addresses that are no contracts here (polymarket-client 0.14, environments).
PERPS_DEPOSIT = "0xDCa4af75705dbB50f62437045afF9921947917d2"
AUTO_REDEEM = "0xa1200000d0002264C9a1698e001292D00E1b00af"
BINARY_MODULE = "0x1000008dD9001B968442c1000017eaE6E0dA00Ba"
NEG_RISK_MODULE = "0x200000900045e3B6259600682756002200028933"


class ApprovalRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {"/v2/approvals": self.approvals}

    async def approvals(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        user = self.refuse_contracts(required_user(query))
        query.end()
        venue = self.venue
        if venue.chain is None:
            rows = list(self._from_ledger(user))
        else:
            rows = await venue.on_chain(_from_chain, venue.chain, venue.contracts, user)
        shown = {"address": wire.checksum(user), "chain_id": venue.options.chain_id}
        return answer({"data": shown | {"checked_at": iso(self.now), "contracts": rows}})

    def _from_ledger(self, user: str) -> Iterator[Json]:
        ledger = self.venue.ledger
        for token, spender in erc20(self.venue.contracts):
            yield erc20_row(token, spender, ledger.allowance(user, spender, COLLATERAL))
        for token, operator in erc1155(self.venue.contracts):
            approved = bool(ledger.allowance(user, operator, "CONDITIONAL"))
            yield erc1155_row(token, operator, approved)


def _from_chain(chain: Chain, contracts: Contracts, user: str) -> list[Json]:
    rows = [
        erc20_row(token, spender, chain.allowance(token, user, spender))
        for token, spender in erc20(contracts)
    ]
    for token, operator in erc1155(contracts):
        key = raw(user), raw(operator)
        approved = bool(chain.stored("ConditionalTokens", token, "isApprovedForAll", *key))
        rows.append(erc1155_row(token, operator, approved))
    return rows


def erc20(c: Contracts) -> list[tuple[str, str]]:
    """(token, spender) of what may take collateral."""
    spenders = (
        c.exchange_v2,
        c.neg_risk_exchange_v2,
        c.collateral_adapter,
        c.neg_risk_collateral_adapter,
        c.router,
        c.exchange_v3,
        PERPS_DEPOSIT,
    )
    return [(c.pusd, spender) for spender in spenders]


def erc1155(c: Contracts) -> list[tuple[str, str]]:
    """(token, operator) of what may take shares."""
    of_conditions = (
        c.exchange_v2,
        c.neg_risk_exchange_v2,
        c.collateral_adapter,
        c.neg_risk_collateral_adapter,
        AUTO_REDEEM,
        BINARY_MODULE,
        NEG_RISK_MODULE,
    )
    of_positions = (c.router, c.exchange_v3, AUTO_REDEEM)
    return [(c.ctf, operator) for operator in of_conditions] + [
        (c.position_manager, operator) for operator in of_positions
    ]


def erc20_row(token: str, spender: str, amount: int) -> Json:
    row = _row(token, spender, "ERC20", approved=amount > 0)
    return row | {"amount": "max" if amount == UNLIMITED else str(amount)}


def erc1155_row(token: str, operator: str, approved: bool) -> Json:
    return _row(token, operator, "ERC1155", approved=approved)


def _row(token: str, spender: str, standard: str, *, approved: bool) -> Json:
    return {
        "id": f"{token}-{spender}".lower(),
        "feature": "trading",
        "token": token,
        "spender": spender,
        "standard": standard,
        "approved": approved,
    }
