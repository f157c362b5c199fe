"""Read Gamma with no client: every page by its cursor, and the lists that come as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import requests

GAMMA = "https://gamma-api.polymarket.com"
AS_TEXT = ("outcomes", "outcomePrices", "clobTokenIds", "umaResolutionStatuses")


def pages(path: str, **filters: Any) -> Iterator[dict[str, Any]]:
    """Every object of /markets/keyset or /events/keyset. Raises requests.RequestException."""
    key = path.strip("/").split("/")[0]
    cursor: dict[str, str] = {}
    with requests.Session() as session:
        while True:
            parameters = {"limit": 100, **filters, **cursor}
            reply = session.get(GAMMA + path, params=parameters, timeout=10)
            reply.raise_for_status()
            page = reply.json()
            yield from page[key]
            if not page.get("next_cursor"):
                return
            cursor = {"after_cursor": page["next_cursor"]}


def decoded(market: dict[str, Any]) -> dict[str, Any]:
    """The same market with lists for the lists: clobTokenIds[0] of the raw one is "["."""
    lists = {key: json.loads(market[key]) for key in AS_TEXT if isinstance(market.get(key), str)}
    return market | lists


if __name__ == "__main__":
    for market in map(decoded, pages("/markets/keyset", closed="false", limit=2)):
        prices = dict(zip(market["outcomes"], market["outcomePrices"], strict=True))
        print(market["slug"], prices, len(market["clobTokenIds"]), "token ids")
