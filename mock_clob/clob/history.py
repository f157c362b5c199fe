"""GET /prices-history and its batch form: how prices went.

Refusals and limits were recorded from the venue in 2026: at most 15 days between `startTs` and
`endTs`, and a least `fidelity` (minutes between points) for the longer intervals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.clob.shared import ClobRoutes, RouteTable
from mock_clob.price_history import first_trade_ms, price_points
from mock_clob.replies import reply
from mock_clob.rules import Rejected
from mock_clob.signed_order import parse_json
from mock_clob.wire import Json

_DAY = 86_400
# interval -> (seconds, least fidelity in minutes). `1m` is a month.
INTERVALS = {
    "1h": (3_600, 1),
    "6h": (6 * 3_600, 1),
    "1d": (_DAY, 1),
    "1w": (7 * _DAY, 5),
    "1m": (30 * _DAY, 10),
}
WHOLE_LIFE = ("max", "all")
WHOLE_LIFE_FIDELITY = 10  # finer ones are answered at this width
MAX_SPAN_SECONDS = 15 * _DAY
MAX_BATCH_MARKETS = 20  # docs, get-batch-prices-history
MAX_MINUTES = 525_600  # of fidelity, a year; the venue's most is not established


class HistoryRoutes(ClobRoutes):
    def table(self) -> RouteTable:
        return [
            ("GET", "/prices-history", self.prices_history),
            ("POST", "/batch-prices-history", self.batch_prices_history),
        ]

    async def prices_history(self, request: Request) -> Response:
        query = request.query_params
        token_id = query.get("market")
        if not token_id:
            raise Rejected("history_market")
        asked = {"start_ts": query.get("startTs"), "end_ts": query.get("endTs")}
        asked |= {"interval": query.get("interval"), "fidelity": query.get("fidelity")}
        return reply({"history": self._history(token_id, asked)})

    async def batch_prices_history(self, request: Request) -> Response:
        try:
            body = parse_json(await request.body())
        except Rejected:
            raise Rejected("read_payload") from None
        tokens = body.get("markets") if isinstance(body, dict) else None
        if not isinstance(tokens, list) or not all(isinstance(t, str) and t for t in tokens):
            raise Rejected("read_payload")
        if not tokens:
            raise Rejected("history_market")
        if len(tokens) > MAX_BATCH_MARKETS:
            raise Rejected("payload_limit")
        return reply({"history": {token_id: self._history(token_id, body) for token_id in tokens}})

    def _history(self, token_id: str, asked: Mapping[str, Any]) -> list[Json]:
        """Empty for a token that nobody traded, and for one that the venue does not know."""
        start_ms, end_ms, fidelity = self._span(token_id, asked)
        if fidelity > MAX_MINUTES:
            raise Rejected("history_fidelity")
        engine = self.venue.engine
        points = price_points(engine, token_id, start_ms, end_ms, fidelity * 60_000)
        return [{"t": at // 1000, "p": price / 1_000_000} for at, price in points]

    def _span(self, token_id: str, asked: Mapping[str, Any]) -> tuple[int, int, int]:
        """(start, end, fidelity): Unix ms, Unix ms, minutes. Raises Rejected."""
        now_ms = self.venue.clock.now_ms()
        fidelity = _number(asked.get("fidelity"), "history_fidelity", 1)
        if fidelity < 1:
            raise Rejected("history_fidelity")
        interval = asked.get("interval")
        if interval in WHOLE_LIFE:
            first = first_trade_ms(self.venue.engine, token_id)
            return first or now_ms, now_ms, max(fidelity, WHOLE_LIFE_FIDELITY)
        if interval is not None:
            if not isinstance(interval, str) or interval not in INTERVALS:
                raise Rejected("history_interval")
            seconds, minimum = INTERVALS[interval]
            if fidelity < minimum:
                raise Rejected("history_minimum", interval=interval, minimum=minimum)
            return now_ms - seconds * 1000, now_ms, fidelity
        if asked.get("start_ts") is None:
            raise Rejected("history_start")
        start = _number(asked["start_ts"], "history_start", 0)
        if asked.get("end_ts") is None:  # a span that is open lasts until now, and is not measured
            return start * 1000, now_ms, fidelity
        end = _number(asked["end_ts"], "history_end", 0)
        if end < start:
            raise Rejected("history_end")
        if end - start > MAX_SPAN_SECONDS:
            raise Rejected("history_span")
        return start * 1000, min(end * 1000, now_ms), fidelity


def _number(value: Any, refusal: str, default: int) -> int:
    """A count of seconds or minutes, as text in a query or as a number in a body."""
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise Rejected(refusal)
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Rejected(refusal)
    return int(text)
