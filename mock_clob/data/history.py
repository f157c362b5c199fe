"""GET /v2/prices-history: how a token's price went, in points or as of one instant.

A point tells the last trade's price up to its time; there is none before a token's first trade.
Which series the venue samples is not established.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.data.books import Marks, price_now
from mock_clob.data.pages import Walk
from mock_clob.data.refusals import Handler, Refused
from mock_clob.data.requests import LAST_SECOND, V2Query
from mock_clob.data.shared import DAY, DataRoutes
from mock_clob.exact_json import with_point
from mock_clob.model import Market
from mock_clob.price_history import first_trade_ms, price_points
from mock_clob.wire import Json

MOST_POINTS = 10_000
LONGEST = 15 * DAY
# [docs] interval -> (seconds, least width, usual width); max and all are the whole life.
INTERVALS = {
    "1h": (3_600, 60, 60),
    "6h": (6 * 3_600, 60, 60),
    "1d": (DAY, 60, 60),
    "1w": (7 * DAY, 300, 300),
    "1m": (30 * DAY, 600, 1_800),
    "max": (0, 600, 43_200),
    "all": (0, 600, 43_200),
}
INTERVAL_NAMES = ("max", "all", "1m", "1w", "1d", "6h", "1h")
GRAINS = (60, 300, 1_800, 10_800, 43_200)
USUAL_POINTS = 2_500
WHOLE_LIFE_GRAINS = (10_800, 43_200)  # finer ones keep 30 days

Point = tuple[int, int, int]  # second, price, resolution in seconds


class HistoryRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {"/v2/prices-history": self.prices_history}

    async def prices_history(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        token_id = query.text("token_id")
        if token_id is None:
            raise Refused("required query param 'token_id' not provided", "token_id")
        if not re.fullmatch(r"\d{1,78}", token_id, re.ASCII):
            raise Refused(f"invalid token id: {token_id}", "token_id")
        interval = query.text("interval")
        if query.given("interval") and interval not in INTERVALS:
            raise Refused(f"interval must be one of {', '.join(INTERVAL_NAMES)}", "interval")
        # Strict, unlike other routes: 0 is no bound here but a fault.
        start, end, as_of = (
            query.integer(name, least=1, most=LAST_SECOND) for name in ("start", "end", "as_of")
        )
        if sum(each is not None for each in (interval, start, as_of)) != 1:
            raise Refused("provide exactly one of 'start', 'interval', or 'as_of'")
        if end is not None and start is None:
            raise Refused("'end' requires 'start'", "end")
        least = INTERVALS[interval][1] if interval else 60
        width = query.integer("bucket_seconds", least=least, most=DAY)
        if as_of is not None and width is not None:
            raise Refused("'as_of' does not go with 'bucket_seconds'", "bucket_seconds")
        walk = Walk(query, "/v2/prices-history", MOST_POINTS, MOST_POINTS)
        query.end()
        market = self.venue.engine.by_token.get(token_id)
        if market is None:
            return walk.page([], _shape)
        if as_of is not None:
            return walk.page(self._as_of(market, token_id, as_of), _shape)
        begin, until = self._span(token_id, interval, start, end, width)
        width = width or (INTERVALS[interval][2] if interval else _usual(until - begin))
        return walk.page(self._points(market, token_id, begin, until, width), _shape)

    def _span(
        self,
        token_id: str,
        interval: str | None,
        start: int | None,
        end: int | None,
        width: int | None,
    ) -> tuple[int, int]:
        """[begin, until) in seconds. Raises Refused."""
        if interval is None:
            assert start is not None
            until = end if end is not None else self.now + 1
            if until < start or until - start > LONGEST + 1:
                raise Refused("the window ends before it starts, or spans over 15 days", "start")
            return start, until
        seconds = INTERVALS[interval][0]
        if seconds:
            return self.now - seconds, self.now + 1
        if width is not None and width not in WHOLE_LIFE_GRAINS:
            return self.now - 30 * DAY, self.now + 1
        first = first_trade_ms(self.venue.engine, token_id)
        return (self.now if first is None else first // 1000), self.now + 1

    def _points(
        self, market: Market, token_id: str, begin: int, until: int, width: int
    ) -> list[Point]:
        engine = self.venue.engine
        span = begin * 1000, (until - 1) * 1000, width * 1000
        points = [
            (at // 1000, price, width)
            for at, price in price_points(engine, token_id, *span)
            if at % (width * 1000) == 0
        ]
        last = Marks(engine).last_trade(market, token_id, until - 1)
        if last and last[0] >= begin and (not points or last[0] > points[-1][0]):
            points.append((*last, 0))
        if market.winning_token_id and market.resolved_ms // 1000 < until:
            edge = (points[-1][0] if points else begin) + width
            paid = price_now(engine, market, token_id)
            points.append((min(edge, until - 1), paid, 0))
        return points

    def _as_of(self, market: Market, token_id: str, instant: int) -> list[Point]:
        last = Marks(self.venue.engine).last_trade(market, token_id, instant)
        if market.winning_token_id and market.resolved_ms // 1000 <= instant:
            paid = price_now(self.venue.engine, market, token_id)
            return [(market.resolved_ms // 1000, paid, 0)]
        return [(*last, 0)] if last else []


def _usual(span: int) -> int:
    """The finest grain that stays under 2,500 points; a minute's only within 12 hours."""
    grains = GRAINS if span <= 12 * 3_600 else GRAINS[1:]
    return next((each for each in grains if span // each < USUAL_POINTS), GRAINS[-1])


def _shape(point: Point) -> Json:
    at, price, resolution = point
    return {"timestamp": at, "price": with_point(price), "resolution_seconds": resolution}
