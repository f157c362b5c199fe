"""Teach a signer's limits from every reply of a client that is built on httpx."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from signer_limits import SignerLimits
from signer_tiers import TOKEN_COSTS

PAUSE_SECONDS = 1.0  # after a 429 that does not say how long


def number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:  # no such header, or an HTTP date
        return None


def reply_hook(signer: SignerLimits) -> Callable[[httpx.Response], None]:
    """A response hook for httpx. It reads replies to order and cancel requests only."""

    def heard(reply: httpx.Response) -> None:
        request, headers = reply.request, reply.headers
        if f"{request.method} {request.url.path}" in TOKEN_COSTS:
            refused = reply.status_code == 429
            signer.heard(
                signer.orders if request.method == "POST" else signer.cancels,
                number(headers.get("Poly-RateLimit-Remaining")),
                headers.get("Poly-RateLimit-Tier"),
                (number(headers.get("Retry-After")) or PAUSE_SECONDS) if refused else None,
            )

    return heard


if __name__ == "__main__":
    from py_clob_client.http_helpers import helpers  # the same in py_clob_client_v2

    signer = SignerLimits()
    helpers._http_client.event_hooks["response"].append(reply_hook(signer))

    def venue(request: httpx.Request) -> httpx.Response:
        headers = {"Poly-RateLimit-Tier": "silver", "Poly-RateLimit-Remaining": "95"}
        return httpx.Response(200, headers=headers, json={})

    hooks = helpers._http_client.event_hooks
    with httpx.Client(transport=httpx.MockTransport(venue), event_hooks=hooks) as client:
        client.post("https://clob.polymarket.com/order")
    print(signer.tier, "may send", signer.orders.capacity, "orders in one request")
