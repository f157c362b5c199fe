"""One token's order book, kept from `book` and `price_change` messages in exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

EMPTY_SIDE = (Decimal(0), Decimal(1))  # how the best price of a side without orders is told


class NeedsResync(Exception):
    """The book can no longer be trusted: take a fresh snapshot."""


@dataclass
class LiveBook:
    """Prices and shares of both sides. Books are equal when token, levels and readiness are.

    `doubt` says how the top differs from what the venue says it is. The venue may tell the two
    halves of a match one after the other, so a doubt can pass: act on one that stays.
    """

    token_id: str
    bids: dict[Decimal, Decimal] = field(default_factory=dict)  # price -> shares
    asks: dict[Decimal, Decimal] = field(default_factory=dict)
    ready: bool = False  # False: empty, until a snapshot comes
    doubt: str = field(default="", compare=False)
    changed_ms: int = field(default=0, compare=False)  # by the venue's clock
    snapshot_ms: int = field(default=0, compare=False)

    @property
    def best_bid(self) -> Decimal | None:
        return max(self.bids, default=None)

    @property
    def best_ask(self) -> Decimal | None:
        return min(self.asks, default=None)

    def clear(self) -> None:
        """Forget everything: no price outlives the connection it came by."""
        self.bids, self.asks, self.ready, self.doubt = {}, {}, False, ""
        self.changed_ms = self.snapshot_ms = 0

    def apply(self, message: Mapping[str, Any]) -> None:
        """Take a `price_change` or a `book`; a reply of GET /book has the same shape.

        Raises NeedsResync, the book then being empty, for a message that is malformed or older
        than one applied before.
        """
        try:
            if message.get("event_type") == "price_change":
                self._change(message)
            else:
                self._replace(message)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            self.clear()
            raise NeedsResync(f"message cannot be applied: {error!r}") from error

    def _replace(self, book: Mapping[str, Any]) -> None:
        self.bids, self.asks = dict(_levels(book["bids"])), dict(_levels(book["asks"]))
        self.changed_ms = self.snapshot_ms = int(book["timestamp"])
        self.ready = True
        self.doubt = self._differs({})

    def _change(self, message: Mapping[str, Any]) -> None:
        at_ms = int(message["timestamp"])
        mine = [each for each in message["price_changes"] if each["asset_id"] == self.token_id]
        if not mine or not self.ready or at_ms < self.snapshot_ms:
            return  # the snapshot to come holds it, or the last one did
        if at_ms < self.changed_ms:
            raise ValueError(f"a change of {at_ms} ms came after one of {self.changed_ms} ms")
        for change, (price, shares) in zip(mine, _levels(mine), strict=True):
            side = {"BUY": self.bids, "SELL": self.asks}[change["side"]]
            side[price] = shares  # the level's new total, not a difference
            if not shares:
                del side[price]
        self.changed_ms = at_ms
        self.doubt = self._differs(mine[-1])

    def _differs(self, told: Mapping[str, Any]) -> str:
        bid, ask = self.best_bid, self.best_ask
        if bid is not None and ask is not None and bid >= ask:
            return f"crossed: bid {bid}, ask {ask}"
        for name, best in (("best_bid", bid), ("best_ask", ask)):
            expected = EMPTY_SIDE if best is None else (best,)
            if told.get(name) and Decimal(told[name]) not in expected:
                return f"{name} is {best}, the venue says {told[name]}"
        return ""


def _levels(levels: Iterable[Mapping[str, Any]]) -> Iterable[tuple[Decimal, Decimal]]:
    for level in levels:
        price, shares = Decimal(str(level["price"])), Decimal(str(level["size"]))
        if not (0 < price < 1 and shares >= 0):
            raise ValueError(f"price {price}, size {shares}")
        yield price, shares


if __name__ == "__main__":
    book = LiveBook("7132")
    bids = [{"price": "0.47", "size": "200"}, {"price": "0.48", "size": "100"}]
    asks = [{"price": "0.53", "size": "200"}, {"price": "0.52", "size": "100"}]
    book.apply({"event_type": "book", "timestamp": "1", "bids": bids, "asks": asks})
    print(f"{book.best_bid} / {book.best_ask}")

    change = {"asset_id": "7132", "price": "0.48", "size": "0", "side": "BUY", "best_bid": "0.47"}
    book.apply({"event_type": "price_change", "timestamp": "2", "price_changes": [change]})
    print(f"{book.best_bid} / {book.best_ask}")

    change = change | {"price": "0.50", "size": "30", "best_bid": "0.51"}  # one was missed
    book.apply({"event_type": "price_change", "timestamp": "3", "price_changes": [change]})
    print(book.doubt)
