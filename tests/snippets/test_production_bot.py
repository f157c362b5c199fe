"""The whole bot, with the real client, streams and processes, against a venue that misbehaves."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import cancel_orders
import journaled_orders
import pytest
import requests
from account_state import AccountState
from cancel_orders import StillOpen
from limited_orders import limited_client
from order_journal import OrderJournal, Written
from polymarket import SecureClient
from production_bot import BotConfig, ProductionBot
from quoting import Limits
from reconnect_backoff import Backoff
from user_stream import CredentialsRejected

from mock_clob.faults import Effect
from mock_clob.ledger import COLLATERAL
from mock_clob.pytest_plugin import MockClob
from mock_clob.run import _environment
from mock_clob.scenario import DOCUMENTED
from tests.snippets.order_bench import SNIPPETS
from tests.snippets.scripted_venue import in_loop

YES, NO = DOCUMENTED.token_ids
LIMITS = Limits(max_position=Decimal(5_000))


class Stage:
    """The venue, a client of account 0, and what is open there."""

    def __init__(self, venue: MockClob, journal: Path) -> None:
        self.venue, self.journal = venue, journal
        self.owner = venue.account(0).address.lower()

    def open(self) -> list[tuple[str, str]]:
        """(side, price) of what rests for account 0."""

        def read() -> list[tuple[str, str]]:
            found = [o for o in self.venue.venue.engine.open.values() if o.maker == self.owner]
            return sorted((o.side.value, f"{o.price / 1e6:.2f}") for o in found)

        return self.venue.call(read)

    def requests(self, method: str, path: str) -> int:
        return sum(e.method == method and e.path == path for e in self.venue.journal)

    def sides(self) -> list[str]:
        """Of every order that was written down."""
        journal = OrderJournal(self.journal)
        found = [json.loads(entry.signed)["side"] for entry in journal.entries()]
        journal.close()
        return found

    @asynccontextmanager
    async def bot(self, **config: Any) -> AsyncIterator[ProductionBot]:
        """A running bot; at the end it is told to stop, and has stopped."""
        chosen: dict[str, Any] = {
            "limits": LIMITS,
            "journal": self.journal,
            "reconcile_every": 0.2,
        } | config
        with limited_client() as client:
            bot = ProductionBot(client, BotConfig(YES, **chosen))
            bot.desk._orders._patience = 0.2
            for stream in (bot.market, bot.account):
                stream._backoff = Backoff(0.05, 0.1, minimum_seconds=0.05)
            running = asyncio.create_task(bot.run())
            try:
                yield bot
            finally:
                bot.stop.set()
                await running


async def until(condition: Callable[[], Any]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


@pytest.fixture
def stage(mock_clob: MockClob, journal_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    mock_clob.reset(exchange=2, chain=False)
    monkeypatch.setenv("POLYMARKET_PRIVATE_KEY", mock_clob.account(0).key)
    monkeypatch.setenv("POLYMARKET_FUNDER", mock_clob.account(0).address)
    for module in (cancel_orders, journaled_orders):
        monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)
        monkeypatch.setattr(module, "LONGEST_PAUSE", 0.2)
    return Stage(mock_clob, journal_path)


@pytest.fixture
def bob(stage: Stage) -> Iterator[SecureClient]:
    account = stage.venue.account(1)
    with SecureClient.create(private_key=account.key, wallet=account.address) as client:
        yield client


BOTH = [("BUY", "0.47"), ("SELL", "0.53")]


def test_quotes_stand_on_both_sides_and_are_gone_at_the_end(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            assert bot.metrics.registry.get_sample_value("bot_trusted") == 1
            await until(lambda: len(bot.desk._resting) == 2)  # the answer comes after the order
            told_nothing = [quote.side for _, quote in bot.desk.resting(AccountState())]
            assert told_nothing == ["BUY", "SELL"]
        assert stage.open() == []

    run()
    journal = OrderJournal(stage.journal)
    assert [entry.state for entry in journal.entries()] == [Written.PLACED] * 2
    journal.close()


def test_a_fill_moves_the_position_and_quotes_follow_the_book(
    stage: Stage, bob: SecureClient
) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            assert bot.inventory
            held = bot.inventory.shares
            sweep = bob.create_limit_order(token_id=YES, side="BUY", price="0.53", size=310)
            await asyncio.to_thread(bob.post_order, sweep)
            await until(lambda: bot.inventory and bot.inventory.shares == held - 10)
            await until(lambda: any(side == "SELL" and p > "0.53" for side, p in stage.open()))
            sold = bot.metrics.registry.get_sample_value
            assert sold("bot_filled_shares_total", {"side": "SELL"}) == 10
            await until(lambda: sold("bot_held_shares") == held - 10)
            page = requests.get(f"http://127.0.0.1:{bot.metrics.serve(0)}/metrics", timeout=5).text
            assert 'bot_filled_shares_total{side="SELL"} 10.0' in page
            assert f"bot_held_shares {float(held - 10)}" in page
            assert 'bot_stream{event="connects",stream="account"} 1.0' in page
            looks = stage.requests("GET", "/balance-allowance")
            await until(lambda: bot.inventory and bot.inventory.is_settled)
            await until(lambda: stage.requests("GET", "/balance-allowance") > looks + 4)
            assert bot.distrust == ""

    run()


def test_a_quote_that_is_off_by_more_than_a_tick_is_replaced(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            stage.venue.call(lambda: take_out(stage.venue, below=480_001))
            await until(lambda: stage.open() == [("BUY", "0.45"), ("SELL", "0.53")])
            assert bot.metrics.registry.get_sample_value("bot_cancels_total") == 1

    run()


def test_quotes_follow_the_tick(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        stage.venue.change_tick(YES, "0.001")
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            assert bot._tick == Decimal("0.001")
            stage.venue.change_tick(YES, "0.01")
            await until(lambda: bot._tick == Decimal("0.01"))

    run()


def take_out(venue: MockClob, below: int) -> None:
    """The house's bids for YES from 0.46 up to `below`."""
    engine, house = venue.venue.engine, venue.account(8).address.lower()
    for order in list(engine.open.values()):
        if order.maker == house and order.token_id == YES and 460_000 < order.price < below:
            engine.cancel(order.id, venue.venue.clock.now_ms())
    venue.venue.publish()


def test_a_refused_quote_is_tried_again(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        stage.venue.fault("geoblock", method="POST", path="/order", times=2)
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            refused = bot.metrics.registry.get_sample_value
            assert refused("bot_orders_total", {"outcome": "refused"}) == 2

    run()


def test_a_fill_while_the_balances_are_read_is_no_discrepancy(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            shares, dollars = bot._balances()
            part = {"order_id": "mine", "side": "BUY", "matched_amount": "1", "price": "0.5"}
            trade = {"id": "t", "status": "CONFIRMED", "maker_orders": [part]}

            def filled_meanwhile() -> tuple[Decimal, Decimal]:
                assert bot.inventory
                bot.inventory.take(trade, {"mine"})
                after = shares + 1, dollars - Decimal("0.5")
                monkeypatch.setattr(bot, "_balances", lambda: after)
                return shares, dollars

            monkeypatch.setattr(bot, "_balances", filled_meanwhile)
            await until(lambda: bot.inventory and bot.inventory.shares == shares + 1)
            looked = bot._look_at
            await until(lambda: bot._look_at > looked)
            assert (bot.distrust, bot._doubt) == ("", "")

    run()


def test_a_side_that_would_exceed_the_limit_is_left_out(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot(limits=Limits(max_position=Decimal(50))):
            await until(lambda: stage.open() == [("SELL", "0.53")])

    run()


@pytest.mark.parametrize("stream", ["market", "account"])
def test_quotes_are_pulled_while_a_stream_is_down(stage: Stage, stream: str) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            stage.venue.stream_fault("ws_drop")
            stage.venue.stream_fault("ws_refused", count=3)
            await until(lambda: getattr(bot, stream).counts["drops"] > 0)
            await until(lambda: stage.open() == [])
            await until(lambda: stage.open() == BOTH)

    run()


def test_quotes_are_pulled_when_the_book_is_old(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot(stale_after=0.3) as bot:
            await until(lambda: bot._why_not() == "the book is old")
            await until(lambda: stage.open() == [])

    run()


@pytest.mark.parametrize("fault", ["lose_reply", "error_after_accept", "server_error", "reset"])
def test_a_lost_answer_leaves_one_order_a_side(stage: Stage, fault: str) -> None:
    @in_loop
    async def run() -> None:
        stage.venue.fault(fault, method="POST", path="/order", times=2)
        async with stage.bot():
            await until(lambda: stage.open() == BOTH)
        assert stage.open() == []

    run()


def test_an_order_in_doubt_stops_the_quotes_until_it_is_resolved(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            bot.desk._orders._seconds = 0.1
            stage.venue.fault("lose_reply", method="POST", path="/order", times=1)
            stage.venue.fault("reset", method="GET", path="/data/*", nth=4, times=2)
            await until(lambda: stage.requests("DELETE", "/cancel-all") > 1 or stage.open() == BOTH)
            await until(lambda: stage.open() == BOTH and not bot.desk.in_doubt)

    run()


@pytest.mark.parametrize("mode", [{"trading": "cancel_only"}, {"trading": "disabled"}])
def test_a_venue_that_takes_no_orders_is_waited_for(
    stage: Stage, mode: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH and len(bot.desk._resting) == 2)
            bot.desk._orders._seconds = 0.1
            stage.venue.mode(**mode)
            ids = list(bot.desk._resting)
            engine = stage.venue.venue.engine
            stage.venue.call(lambda: [engine.cancel(each, 0) for each in ids])
            stage.venue.call(stage.venue.venue.publish)
            refused = bot.metrics.registry.get_sample_value
            await until(lambda: refused("bot_orders_total", {"outcome": "open question"}))
            assert stage.open() == []
            stage.venue.mode(trading="open")
            await until(lambda: stage.open() == BOTH)

    run()


def test_a_429_pauses_orders_and_cancels(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        stage.venue.fault("rate_limited", method="POST", path="/order")
        stage.venue.fault("rate_limited", method="DELETE", path="*", nth=2)
        async with stage.bot():
            await until(lambda: stage.open() == BOTH)
        assert stage.open() == []

    run()


def test_balances_that_the_fills_do_not_explain_end_the_quoting(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            balances = stage.venue.venue.ledger.balances
            stage.venue.call(
                lambda: balances.__setitem__(
                    (stage.owner, COLLATERAL), balances[stage.owner, COLLATERAL] - 5_000_000
                )
            )
            await until(lambda: bot.distrust)
            assert bot.distrust == "+0.000000 shares, -5.000000 dollars beyond the fills"
            await until(lambda: stage.open() == [])
            await until(lambda: bot.metrics.registry.get_sample_value("bot_trusted") == 0)

    run()


def test_a_balance_that_is_late_once_changes_nothing(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            stage.venue.fault("stale_balance", times=1)
            bot._doubt = "something else"
            looks = stage.requests("GET", "/balance-allowance")
            await until(lambda: stage.requests("GET", "/balance-allowance") > looks + 5)
            assert (bot.distrust, bot._doubt) == ("", "")

    run()


def test_balances_that_cannot_be_read_pull_the_quotes_until_they_can(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            stage.venue.fault("server_error", method="GET", path="/balance-allowance", times=None)
            await until(lambda: stage.open() == [])
            assert bot.metrics.registry.get_sample_value("bot_trusted") == 0
            stage.venue.clear_faults()
            await until(lambda: stage.open() == BOTH)
            assert bot.distrust == ""

    run()


def test_a_fill_while_its_order_is_canceled_does_not_exceed_the_limit(
    stage: Stage, bob: SecureClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = stage.venue.venue.ledger.balance(stage.owner, YES)
    limit = Limits(max_position=Decimal(held).scaleb(-6) + 10)

    @in_loop
    async def run() -> None:
        async with stage.bot(limits=limit) as bot:
            await until(lambda: stage.open() == BOTH)
            cancel = bot.desk._gateway.cancel

            def cancel_too_late(ids: Any) -> Any:
                monkeypatch.setattr(bot.desk._gateway, "cancel", cancel)
                bob.post_order(
                    bob.create_limit_order(token_id=NO, side="BUY", price="0.53", size=10)
                )
                return cancel(ids)

            monkeypatch.setattr(bot.desk._gateway, "cancel", cancel_too_late)
            stage.venue.call(lambda: take_out(stage.venue, below=480_001))
            await until(lambda: bot.inventory and bot.inventory.shares == limit.max_position)
            await until(lambda: bot.inventory and bot.inventory.is_settled)
            assert [side for side, _ in stage.open()] == ["SELL"]

    run()
    assert stage.sides().count("BUY") == 1


def test_nothing_more_is_placed_while_an_order_is_in_doubt(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            bot.desk._orders._seconds = 0.1
            stage.venue.mode(trading="cancel_only")
            open_questions = {"outcome": "open question"}
            count = bot.metrics.registry.get_sample_value
            await until(lambda: (count("bot_orders_total", open_questions) or 0) > 1)

    run()
    assert set(stage.sides()) == {"BUY"}


def test_a_bot_that_is_cancelled_while_it_places_leaves_nothing_open(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        stage.venue.fault(Effect(delay=0.5), method="POST", path="/order", phase="after")
        with limited_client() as client:
            bot = ProductionBot(client, BotConfig(YES, LIMITS, stage.journal))
            running = asyncio.create_task(bot.run())
            await until(lambda: stage.open())
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        assert stage.open() == []

    run()


def test_a_heart_that_does_not_beat_pulls_the_quotes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            bot.heart._lapses_at = 0.0
            await until(lambda: stage.open() == [])
            assert bot._why_not() == "the heartbeat lapsed"
            bot.heart.beat()
            await until(lambda: stage.open() == BOTH)

    run()


def test_a_cancel_that_fails_is_tried_again(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            stage.venue.fault("cf_403", method="DELETE", path="*", times=1)
            bot.heart._lapses_at = 0.0
            await until(lambda: stage.open() == [])

    run()


def test_rejected_credentials_end_the_bot(stage: Stage) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: stage.open() == BOTH)
            await asyncio.to_thread(bot._client.delete_api_key)
            stage.venue.stream_fault("ws_drop")
            await until(lambda: bot.account.ended)

    with pytest.raises((CredentialsRejected, StillOpen)):
        run()


def test_an_earlier_trade_that_is_not_settled_is_waited_for(
    stage: Stage, bob: SecureClient
) -> None:
    @in_loop
    async def run() -> None:
        async with stage.bot() as bot:
            await until(lambda: bot.inventory)
            bot.inventory, bot._look_at = None, 0.0
            bot.account.state.trades["t"] = {"status": "MATCHED"}
            bot._look_at = 0.0
            await until(lambda: stage.open() == [])
            assert bot.inventory is None
            del bot.account.state.trades["t"]
            await until(lambda: stage.open() == BOTH)

    run()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"token_id": "0xabc"}, "a token id is a decimal number"),
        ({"limits": Limits(size=Decimal(0))}, "limits must be above 0"),
        ({"stale_after": 0}, "above 0 seconds"),
        ({"reconcile_every": -1}, "above 0 seconds"),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(
    config: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        BotConfig(**{"token_id": YES} | config)


# Processes

BOT = """
import sys, asyncio
sys.path[:0] = {folders!r}
import production_bot
asyncio.run(production_bot.main(seconds=600.0))
"""


@pytest.fixture
def process(stage: Stage, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    script = tmp_path / "bot.py"
    folders = [str(folder) for folder in SNIPPETS.iterdir() if folder.is_dir()]
    script.write_text(BOT.format(folders=folders))
    started = subprocess.Popen(
        [sys.executable, script],
        cwd=stage.journal.parent,
        env=_environment(stage.venue.server),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield started
    started.kill()
    started.communicate()


def test_sigterm_leaves_nothing_open_and_no_secret_in_the_log(
    stage: Stage, process: subprocess.Popen[str]
) -> None:
    asyncio.run(asyncio.wait_for(until(lambda: stage.open() == BOTH), 20))
    stage.venue.stream_fault("ws_drop")
    process.send_signal(signal.SIGTERM)
    out, log = process.communicate(timeout=20)
    assert process.returncode == 0, log
    assert re.fullmatch(r"placed: \d+\.0 open: 0\n", out)
    assert stage.open() == []
    assert log
    for secret in [stage.venue.account(0).key, *secrets(stage.venue)]:
        assert secret.removeprefix("0x") not in log


def secrets(venue: MockClob) -> list[str]:
    return [
        value
        for credentials in venue.venue.keys._by_key.values()
        for value in (credentials.secret, credentials.passphrase)
    ]


def test_a_start_after_kill_9_finds_what_was_left_and_doubles_nothing(
    stage: Stage, process: subprocess.Popen[str]
) -> None:
    asyncio.run(asyncio.wait_for(until(lambda: stage.open() == BOTH), 20))
    process.kill()
    process.wait()
    assert stage.open() == BOTH

    @in_loop
    async def run() -> None:
        async with stage.bot():
            await until(lambda: stage.requests("DELETE", "/cancel-all") > 1)
            await until(lambda: stage.open() == BOTH)
        assert stage.open() == []

    run()
