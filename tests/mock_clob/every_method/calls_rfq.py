"""RFQ of py-clob-client and of its second edition, whose types and calls have the same names.

On exchange 1: both sign orders of that exchange for RFQ.
"""

from __future__ import annotations

import importlib
from typing import Any

from tests.mock_clob.every_method.world import BOB, CONDITION, YES, World


def _types(w: World) -> Any:
    """The types of the client at hand."""
    return importlib.import_module(type(w.alice).__module__.split(".")[0] + ".rfq")


def _request(w: World, side: str = "BUY") -> str:
    asked = _types(w).RfqUserRequest(token_id=YES, price=0.5, side=side, size=40)
    made: str = w.alice.rfq.create_rfq_request(asked)["requestId"]
    return made


def _quote(w: World, request_id: str, price: float = 0.5, side: str = "SELL") -> str:
    w.give(BOB.address, YES, 100)
    offered = _types(w).RfqUserQuote(
        request_id=request_id, token_id=YES, price=price, side=side, size=40
    )
    made: str = w.bob.rfq.create_rfq_quote(offered)["quoteId"]
    return made


def _in_an_hour(w: World) -> int:
    return int(w.venue.venue.clock.now()) + 3_600


def create_rfq_request(w: World) -> None:
    assert _request(w)


def cancel_rfq_request(w: World) -> None:
    params = _types(w).CancelRfqRequestParams(request_id=_request(w))
    assert w.alice.rfq.cancel_rfq_request(params) == "OK"


def get_rfq_requests(w: World) -> None:
    request_id = _request(w)
    params = _types(w).GetRfqRequestsParams(state="active", markets=[CONDITION], size_min=40)
    [found] = w.bob.rfq.get_rfq_requests(params)["data"]
    assert (found["requestId"], found["sizeIn"], found["price"]) == (request_id, 40, 0.5)


def create_rfq_quote(w: World) -> None:
    assert _quote(w, _request(w))


def cancel_rfq_quote(w: World) -> None:
    params = _types(w).CancelRfqQuoteParams(quote_id=_quote(w, _request(w)))
    assert w.bob.rfq.cancel_rfq_quote(params) == "OK"


def get_rfq_requester_quotes(w: World) -> None:
    quote_id = _quote(w, _request(w))
    params = _types(w).GetRfqQuotesParams(quote_ids=[quote_id])
    assert [q["quoteId"] for q in w.alice.rfq.get_rfq_requester_quotes(params)["data"]] == [
        quote_id
    ]
    assert w.bob.rfq.get_rfq_requester_quotes(params)["data"] == []


def get_rfq_quoter_quotes(w: World) -> None:
    quote_id = _quote(w, _request(w))
    [found] = w.bob.rfq.get_rfq_quoter_quotes()["data"]
    assert (found["quoteId"], found["matchType"]) == (quote_id, "COMPLEMENTARY")


def get_rfq_best_quote(w: World) -> None:
    request_id = _request(w)
    _quote(w, request_id, 0.5)
    best = _quote(w, request_id, 0.49)
    params = _types(w).GetRfqBestQuoteParams(request_id=request_id)
    assert w.alice.rfq.get_rfq_best_quote(params)["quoteId"] == best


def accept_rfq_quote(w: World) -> None:
    request_id = _request(w)
    params = _types(w).AcceptQuoteParams(request_id, _quote(w, request_id), _in_an_hour(w))
    assert w.alice.rfq.accept_rfq_quote(params) == "OK"


def approve_rfq_order(w: World) -> None:
    request_id = _request(w)
    quote_id, hour = _quote(w, request_id, 0.49), _in_an_hour(w)
    w.alice.rfq.accept_rfq_quote(_types(w).AcceptQuoteParams(request_id, quote_id, hour))
    done = w.bob.rfq.approve_rfq_order(_types(w).ApproveOrderParams(request_id, quote_id, hour))
    [trade] = w.alice.get_trades()
    assert done == {"tradeIds": [trade["id"]]}
    assert (trade["size"], trade["price"], trade["trader_side"]) == ("40", "0.49", "TAKER")


def rfq_config(w: World) -> None:
    assert w.alice.rfq.rfq_config()["requestDurationSeconds"] > 0
