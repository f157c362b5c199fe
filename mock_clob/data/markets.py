"""What v2 tells of markets: holders, open interest, live volume, resolutions, outcome tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from mock_clob.data import rows
from mock_clob.data.books import Position, positions
from mock_clob.data.chain_log import Transaction
from mock_clob.data.changes import START
from mock_clob.data.pages import Walk
from mock_clob.data.refusals import BAD_CONDITION, ONE_KEY, Handler, Refused, answer
from mock_clob.data.requests import V2Query, conditions, event_ids, markets
from mock_clob.data.shared import DataRoutes
from mock_clob.data.standings import interest, taken
from mock_clob.exact_json import times, with_point
from mock_clob.gamma.catalog import Catalog, question_id
from mock_clob.model import UNIT, Market
from mock_clob.position_ids import is_position_id
from mock_clob.wire import Json

MOST_TOKENS, MOST_TOKEN_CONDITIONS = 50, 10  # [docs] look-up-tokens
MOST_WITH_PNL = 100


@dataclass(frozen=True)
class Holder:
    position: Position
    amount: int


class MarketDataRoutes(DataRoutes):
    def table(self) -> dict[str, Handler]:
        return {
            "/v2/holders": self.holders,
            "/v2/oi": self.open_interest,
            "/v2/live-volume": self.live_volume,
            "/v2/resolutions": self.resolutions,
            "/v2/tokens": self.tokens,
        }

    # Who holds

    async def holders(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        catalog = self.catalog()
        asked = conditions(query, "condition", "condition_id")
        if not asked:
            raise Refused("required query param 'condition' not provided", "condition")
        with_pnl = bool(query.flag("include_pnl", default=False))
        least = query.amount("min_balance") or 0
        walk = Walk(query, "/v2/holders")
        query.end()
        if with_pnl and len(asked) != 1:
            raise Refused("include_pnl takes exactly one condition", "condition")
        if with_pnl and not walk.resumed and not query.given("limit"):
            walk.limit = MOST_WITH_PNL
        if with_pnl and walk.limit > MOST_WITH_PNL:
            raise Refused(f"include_pnl takes a limit of at most {MOST_WITH_PNL}", "limit")
        found = positions(self.venue.engine, await self.changes())
        groups = []
        more = False
        for market in (m for m in catalog.markets if m.condition_id in asked):
            held = [each for each in found if each.market is market and each.size > 0]
            for token_id in market.token_ids:
                every = _gross(held, token_id) if with_pnl else _netted(held, market, token_id)
                every = [each for each in every if each.amount >= least]
                part = every[walk.offset : walk.offset + walk.limit]
                more = more or (bool(part) and walk.offset + len(part) < len(every))
                if part:
                    shapes = [_holder(each, with_pnl=with_pnl) for each in part]
                    groups.append({"token_id": token_id, "holders": shapes})
        return walk.envelope(groups, more, None)

    async def open_interest(self, request: Request) -> Response:
        """Every share at its price, but those that the venue took for fees."""
        query = V2Query(request.query_params)
        chosen = markets(query, self.catalog(), "condition", "condition_id")
        query.end()
        values = interest(self.venue.engine, await self.changes())
        if chosen is None:
            return answer({"data": [_interest("GLOBAL", sum(values.values()))]})
        found = [_interest(each.condition_id, values[each.condition_id]) for each in chosen]
        return answer({"data": found})

    async def live_volume(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        ids = event_ids(query, "event_id", "id")
        if not ids:
            raise Refused("required query param 'event_id' not provided", "event_id")
        query.end()
        volumes = {market.condition_id: 0 for market in self.catalog().in_events(ids)}
        for name, change in taken(await self.changes()):
            if name in volumes:
                volumes[name] += change.size
        ranked = sorted(volumes.items(), key=lambda pair: -pair[1])
        shapes = [{"condition_id": name, "taker_volume": with_point(n)} for name, n in ranked]
        total = with_point(sum(volumes.values()))
        return answer({"data": {"taker_volume_total": total, "conditions": shapes}})

    # How it ended

    async def resolutions(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        names = [("question_id",), ("condition", "condition_id"), ("event_id",)]
        if sum(query.given(*each) for each in names) != 1:
            raise Refused(ONE_KEY)
        question = query.text("question_id")
        if question is not None and not re.fullmatch(r"0x[0-9a-fA-F]{64}", question):
            raise Refused("invalid question id", "question_id")
        catalog = self.catalog()
        chosen = markets(query, catalog, "condition", "condition_id")
        query.end()
        if question is not None:
            chosen = [m for m in catalog.markets if question_id(m) == question.lower()]
        chain = self.venue.chain
        log = await self.venue.on_chain(self._log.read, chain) if chain else []
        on_chain = {name: each for each in log for name in each.resolved}
        by_question = question is not None
        return answer(
            {
                "data": [
                    _resolution(m, on_chain.get(m.condition_id), by_question=by_question)
                    for m in chosen or []
                ]
            }
        )

    async def tokens(self, request: Request) -> Response:
        query = V2Query(request.query_params)
        by_token = query.given("token_id", "token_ids")
        if by_token is query.given("condition", "condition_id"):
            raise Refused("provide exactly one of 'token_id' or 'condition'")
        ids, named = query.listed("token_id", "token_ids"), _token_conditions(query)
        query.end()
        catalog = self.catalog()
        if by_token:
            return answer({"data": [_token(catalog, each) for each in self._known(ids)]})
        return answer({"data": [_token(catalog, each) for each in _of_conditions(catalog, named)]})

    def _known(self, ids: Sequence[str]) -> list[str]:
        for text in ids:
            if not re.fullmatch(r"\d{1,100}", text, re.ASCII):
                raise Refused(f"invalid token id: {text}", "token_id")
        plain = list(dict.fromkeys(text.lstrip("0") or "0" for text in ids))
        if len(plain) > MOST_TOKENS:
            raise Refused(f"at most {MOST_TOKENS} distinct values of 'token_id'", "token_id")
        return [text for text in plain if text in self.venue.engine.by_token]


def _gross(held: list[Position], token_id: str) -> list[Holder]:
    mine = [Holder(each, each.size) for each in held if each.token_id == token_id]
    return sorted(mine, key=lambda holder: (-holder.amount, holder.position.wallet))


def _netted(held: list[Position], market: Market, token_id: str) -> list[Holder]:
    """What a wallet has more of this outcome than of the other; all hedged is 0, told of YES."""
    sizes = {(each.wallet, each.token_id): each.size for each in held}
    found = []
    for each in _gross(held, token_id):
        other = sizes.get((each.position.wallet, market.other(token_id)), 0)
        net = each.amount - other
        if net > 0 or (net == 0 and token_id == market.token_ids[0]):
            found.append(Holder(each.position, net))
    return sorted(found, key=lambda holder: (-holder.amount, holder.position.wallet))


def _holder(holder: Holder, *, with_pnl: bool) -> Json:
    each = holder.position
    row = rows.holder(each.wallet) | {
        "token_id": each.token_id,
        "amount": with_point(holder.amount),
        "outcome_index": each.market.token_ids.index(each.token_id),
    }
    if with_pnl:
        row |= {
            "avg_price": with_point(each.average),
            "entry_cost_usdc": with_point(each.cost),
            "current_price": with_point(each.price),
            "current_value": with_point(each.value),
            "realized_pnl": with_point(each.realized),
            "unrealized_pnl": with_point(each.unrealized),
            "total_pnl": with_point(each.total),
        }
    return row


def _interest(condition_id: str, value: int) -> Json:
    return {"condition_id": condition_id, "value": with_point(value)}


def payouts(market: Market) -> tuple[int, int] | None:
    """Of a share of (YES, NO), 1e-6 dollars; None while the market is open."""
    if not market.winning_token_id:
        return None
    yes, no = (UNIT if each == market.winning_token_id else 0 for each in market.token_ids)
    return yes, no


def _resolution(market: Market, found: Transaction | None, *, by_question: bool) -> Json:
    paid = payouts(market)
    at = market.resolved_ms // 1000 if paid else START
    row: Json = {"condition_id": market.condition_id}
    if by_question:
        row = {"question_id": question_id(market)}
    row |= {
        "status": "resolved" if paid else "posed",
        "extended_review": False,
        "was_disputed": False,
        "new_version_q": False,
        "transaction_hash": found.hash if found else "",
        "log_index": str(found.resolved[market.condition_id]) if found else "",
        "last_update_timestamp": str(at) if by_question else iso(at),
    }
    if by_question:
        price = str(times(10**18, paid[0])) if paid else "69"  # [docs] 69 is unset
        return row | {"proposed_price": price, "reproposed_price": "69", "price": price}
    row["market_type"] = "INCREMENTAL_NEGRISK" if market.neg_risk else "BINARY"
    if paid:
        row |= {"payouts": list(paid), "resolution_source": "reported", "reporter": "UMA_OO"}
        row |= {"was_arbitrated": False, "resolved_at": iso(at)}
        if found:
            row["resolved_block"] = found.block
    return row


def iso(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _token_conditions(query: V2Query) -> list[str]:
    found = []
    for text in query.listed("condition", "condition_id"):
        if not re.fullmatch(r"0x(?:[0-9a-fA-F]{62}|[0-9a-fA-F]{64})", text):
            raise Refused(f"{BAD_CONDITION}: {text}", "condition")
        found.append(text.lower())
    found = list(dict.fromkeys(found))
    if len(found) > MOST_TOKEN_CONDITIONS:
        raise Refused(
            f"at most {MOST_TOKEN_CONDITIONS} distinct values of 'condition'", "condition"
        )
    return found


def _of_conditions(catalog: Catalog, named: list[str]) -> list[str]:
    """Token ids of markets, and of whole neg-risk events, in the order asked for."""
    found: list[str] = []
    for text in named:
        for market in catalog.markets:
            event = catalog.event_of(market)
            if text.ljust(66, "0") in (market.condition_id, event.neg_risk_market_id):
                found += market.token_ids
    return list(dict.fromkeys(found))


def _token(catalog: Catalog, token_id: str) -> Json:
    market = next(each for each in catalog.markets if token_id in each.token_ids)
    event, index = catalog.event_of(market), market.token_ids.index(token_id)
    structural = is_position_id(token_id)
    module = ("neg_risk" if market.neg_risk else "binary") if structural else "v1_ctf"
    paid = payouts(market)
    return {
        "token_id": token_id,
        "condition_id": market.condition_id,
        "structural_condition_id": market.condition_id if structural else None,
        "module": module,
        "outcome_index": index,
        "clob_index": index,
        "outcome": market.outcome(token_id),
        "opposite_token_id": market.other(token_id),
        "resolved": paid is not None,
        "final_price": with_point(paid[index]) if paid else None,
        "title": market.question,
        "market_slug": market.slug,
        "closed": market.closed,
        "neg_risk": market.neg_risk,
        "neg_risk_market_id": event.neg_risk_market_id or None,
        "question_index": event.markets.index(market) if event.neg_risk else None,
        "event_id": event.id,
        "event_slug": event.slug,
    }
