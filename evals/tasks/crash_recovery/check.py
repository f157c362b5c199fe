"""Three orders were written down; the venue has one of them."""

from collections.abc import Iterator

from evals.stage import SCRIPTS, YES, Stage

GUIDE = "library/order-journal.md"
OPTIONS = {"exchange": 2, "chain": False}
SECONDS = 60.0
PRICES = ("0.30", "0.31", "0.32")
WRITE = """
import json, sys
from order_journal import OrderJournal
from secure_client import secure_client
from secure_gateway import SecureGateway

with secure_client() as client:
    gateway, journal = SecureGateway(client), OrderJournal("orders.sqlite")
    for price in json.loads(sys.argv[1]):
        signed = client.create_limit_order(
            token_id=sys.argv[2], side="BUY", price=price, size="10"
        )
        journal.write(gateway.order_id(signed), gateway.dump(signed))
        if price == "0.31":
            client.post_order(signed)
"""


def prepare(stage: Stage) -> None:
    import json
    import os
    import subprocess
    import sys

    from mock_clob import routing

    base = {**os.environ, **stage.environment, "PYTHONPATH": str(SCRIPTS)}
    subprocess.run(
        [sys.executable, "-c", WRITE, json.dumps(PRICES), YES],
        cwd=stage.folder,
        env=routing.environment(stage.venue.server.route, base),
        check=True,
    )


def grade(stage: Stage) -> Iterator[str]:
    import sqlite3

    prices = sorted(order.price for order in stage.open_orders())
    if prices != [300_000, 310_000, 320_000]:
        yield f"these prices rest: {prices}"
    if len(stage.all_orders()) != 3:
        yield f"{len(stage.all_orders())} orders were accepted"
    with sqlite3.connect(stage.folder / "orders.sqlite") as journal:
        states = [row[0] for row in journal.execute("SELECT state FROM orders")]
    if states != ["placed"] * 3:
        yield f"the journal says {states}"
