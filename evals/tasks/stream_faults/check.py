"""The connection is cut, and the book moves while nobody listens."""

from collections.abc import Iterator
from decimal import Decimal

from evals.stage import YES, Stage

GUIDE = "real-time/market-channel.md"
SECONDS = 30.0


def meanwhile(stage: Stage) -> None:
    from polymarket import SecureClient

    venue = stage.venue
    account = venue.account(1)
    with SecureClient.create(private_key=account.key, wallet=account.address) as other:
        bids = [
            other.create_limit_order(token_id=YES, side="BUY", price=price, size=30)
            for price in ("0.49", "0.51")
        ]
        stage.until(lambda: venue.state()["streams"]["open"])
        other.post_order(bids[0])
        venue.stream_fault("ws_drop")
        other.post_order(bids[1])


def grade(stage: Stage) -> Iterator[str]:
    answer = {key: Decimal(str(value)) for key, value in stage.answer().items()}
    if answer != {"bid": Decimal("0.51"), "ask": Decimal("0.52")}:
        yield f"answer.json: {stage.answer()}"
