"""GET /v1/accounting/snapshot: a ZIP with positions.csv and equity.csv.

Which columns the venue writes is not established; these are the mock's own.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from mock_clob import wire
from mock_clob.data.books import positions
from mock_clob.data.markets import iso
from mock_clob.data.refusals import Handler
from mock_clob.data.requests import V1Query, required_user
from mock_clob.data.shared import DataRoutes, of
from mock_clob.ledger import COLLATERAL

POSITIONS = ("conditionId", "asset", "size", "curPrice", "valuationTime")
EQUITY = ("cashBalance", "positionsValue", "equity", "valuationTime")


class AccountingRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {"/v1/accounting/snapshot": self.snapshot}

    async def snapshot(self, request: Request) -> Response:
        query = V1Query(request.query_params)
        user = required_user(query)
        query.end()
        held = [p for p in positions(self.venue.engine, of(user, await self.changes())) if p.size]
        cash, worth = self.venue.ledger.balance(user, COLLATERAL), sum(p.value for p in held)
        now = iso(self.now)
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
            rows = [
                (p.market.condition_id, p.token_id, wire.amount(p.size), wire.amount(p.price), now)
                for p in held
            ]
            archive.writestr("positions.csv", _csv(POSITIONS, rows))
            equity = (wire.amount(cash), wire.amount(worth), wire.amount(cash + worth), now)
            archive.writestr("equity.csv", _csv(EQUITY, [equity]))
        headers = {"content-disposition": 'attachment; filename="accounting_snapshot.zip"'}
        return Response(kept.getvalue(), media_type="application/zip", headers=headers)


def _csv(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
