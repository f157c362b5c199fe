"""The sockets beside the CLOB's: live data, realtime prices and sports, by today's client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from polymarket import AsyncPublicClient, AsyncSecureClient
from polymarket.errors import RequestRejectedError
from polymarket.streams import (
    CommentsSpec,
    CryptoPricesChainlinkTwapSpec,
    CryptoPriceSpec,
    CryptoPricesSpec,
    CryptoTwapPriceSpec,
    EquityPriceSpec,
    EquityPricesSpec,
    EquityTwapPriceSpec,
    MarketSpec,
    SportsSpec,
    UserSpec,
)
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from mock_clob import prices, sports
from mock_clob.accounts import ACCOUNTS
from mock_clob.pytest_plugin import MockClob
from mock_clob.scenario import DOCUMENTED

YES, NO = DOCUMENTED.token_ids
PATIENCE = 5.0
ALICE = ACCOUNTS[0]

COMMENT = {
    "id": "17",
    "body": "Buy the rumour",
    "parentEntityType": "Event",
    "parentEntityID": 5,
    "userAddress": ALICE.address,
    "createdAt": "2026-10-01T12:00:00Z",
    "reactionCount": 0,
}
REACTION = {"id": "3", "commentID": 17, "reactionType": "HEART", "userAddress": ALICE.address}


@pytest.fixture
def venue(mock_clob: MockClob) -> MockClob:
    mock_clob.reset(chain=False)
    return mock_clob


async def heard(
    stream: Any, venue: MockClob, happen: Callable[[], object], wanted: Callable[[Any], bool]
) -> Any:
    """The first event that is wanted. `happen` is done again until it comes."""
    async with asyncio.timeout(PATIENCE):
        task = asyncio.ensure_future(first(stream, wanted))
        while not task.done():
            await asyncio.to_thread(happen)
            await asyncio.wait([task], timeout=0.02)
        return task.result()


async def first(stream: Any, wanted: Callable[[Any], bool]) -> Any:
    async for event in stream:
        if wanted(event):
            return event
    raise AssertionError("the stream ended")


def public(
    venue: MockClob,
    spec: Any,
    happen: Callable[[], object],
    wanted: Callable[[Any], bool] = lambda event: True,
) -> Any:
    async def run() -> Any:
        async with AsyncPublicClient() as client:
            async with await client.subscribe([spec]) as stream:
                return await heard(stream, venue, happen, wanted)

    return asyncio.run(run())


def secure(use: Callable[[AsyncSecureClient], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with await AsyncSecureClient.create(
            private_key=ALICE.key, wallet=ALICE.address
        ) as client:
            async with asyncio.timeout(PATIENCE):
                return await use(client)

    return asyncio.run(run())


# Live data


@pytest.mark.parametrize(
    ("spec", "symbol", "ours", "window"),
    [
        (CryptoPricesSpec(topic="prices.crypto.binance"), "btcusdt", "btcusd", 1),
        (
            CryptoPricesSpec(topic="prices.crypto.chainlink", symbols=["eth/usd"]),
            "eth/usd",
            "ethusd",
            1,
        ),
        (
            CryptoPricesChainlinkTwapSpec(window_seconds=30, symbols=["zec/usd"]),
            "zec/usd",
            "zecusd",
            30,
        ),
        (
            CryptoPricesChainlinkTwapSpec(window_seconds=60, symbols=["btc/usd"]),
            "btc/usd",
            "btcusd",
            60,
        ),
        (EquityPricesSpec(symbol="aapl"), "aapl", "aapl", 1),
    ],
    ids=lambda each: str(getattr(each, "topic", each)),
)
def test_price_feeds_tell_each_second_the_seeded_price(
    venue: MockClob, spec: Any, symbol: str, ours: str, window: int
) -> None:
    event = public(venue, spec, lambda: venue.advance(1), lambda e: e.payload.symbol == symbol)
    second = event.payload.timestamp // 1000
    [value] = prices.history(0, ours, range(second, second + 1), window)
    assert event.payload.value == Decimal(value).scaleb(-8)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("comment_created", COMMENT),
        ("comment_removed", COMMENT),
        ("reaction_created", REACTION),
        ("reaction_removed", REACTION),
    ],
)
def test_comments_are_told_as_they_are_made(venue: MockClob, kind: Any, payload: Any) -> None:
    def comment() -> None:
        venue.call(lambda: venue.venue.hub.live_data.comment(kind, payload))

    event = public(venue, CommentsSpec(types=[kind]), comment)
    assert (event.type, event.payload.id) == (kind, payload["id"])


def test_comment_of_an_unknown_kind_is_a_mistake(venue: MockClob) -> None:
    with pytest.raises(ValueError, match="comment_created"):
        venue.call(lambda: venue.venue.hub.live_data.comment("comment", COMMENT))


class Raw:
    """A socket and what comes out of it."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, frame: Any) -> None:
        self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def text(self) -> str:
        return str(self.socket.recv(PATIENCE))

    def read(self) -> Any:
        return json.loads(self.text())

    def closed(self) -> tuple[int, str]:
        try:
            while True:
                self.text()
        except ConnectionClosed as error:
            return (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")


@pytest.fixture
def raw(venue: MockClob) -> Iterator[Callable[[str], Raw]]:
    opened: list[ClientConnection] = []

    def make(path: str) -> Raw:
        socket = connect(f"{venue.ws_url}{path}", ping_interval=None, proxy=None, close_timeout=1)
        opened.append(socket)
        return Raw(socket)

    yield make
    for socket in opened:
        socket.close()


def live(frame: dict[str, Any], action: str = "subscribe") -> dict[str, Any]:
    return {"action": action, "subscriptions": [frame]}


def test_named_symbol_gets_two_minutes_of_history_first(
    venue: MockClob, raw: Callable[[str], Raw]
) -> None:
    stream = raw("/live-data")
    wish = {"topic": "crypto_prices", "type": "*", "filters": '{"symbol":"BTCUSDT"}'}
    stream.say(live(wish))
    told = stream.read()
    assert (told["topic"], told["type"], told["payload"]["symbol"]) == (
        "crypto_prices",
        "subscribe",
        "btcusdt",
    )
    assert len(told["payload"]["data"]) == 120
    venue.advance(1)
    update = stream.read()
    assert update["payload"]["symbol"] == "btcusdt"
    stream.say(live(wish, "unsubscribe"))
    stream.say("PING")
    while (text := stream.text()) != "PONG":
        assert json.loads(text)["payload"]["symbol"] == "btcusdt"
    venue.advance(1)
    stream.say("PING")
    assert stream.text() == "PONG"


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "[]",
        {"action": "subscribe"},
        {"action": "follow", "subscriptions": []},
        live({"topic": "crypto_prices"}),
        live({"topic": "crypto_prices", "type": "update", "filters": "btcusdt,ethusdt"}),
        live({"topic": "crypto_prices", "type": "update", "filters": '{"symbol":"none"}'}),
        live({"topic": "crypto_prices", "type": "update", "filters": 1}),
        live({"topic": "comments", "type": "*", "filters": '{"parentEntityID":[]}'}),
        live({"topic": "activity", "type": "trades"}),
        {"action": "subscribe", "subscriptions": [1]},
    ],
    ids=str,
)
def test_live_data_frame_that_means_nothing_gets_nothing(
    venue: MockClob, raw: Callable[[str], Raw], frame: Any
) -> None:
    stream = raw("/live-data")
    stream.say(frame)
    stream.say("PING")
    assert stream.text() == "PONG"
    venue.advance(1)
    venue.call(lambda: venue.venue.hub.live_data.comment("comment_created", COMMENT))
    stream.say("PING")
    assert stream.text() == "PONG"


def test_comments_can_be_those_of_one_event(venue: MockClob, raw: Callable[[str], Raw]) -> None:
    stream = raw("/live-data")
    filters = '{"parentEntityID":6,"parentEntityType":"Event"}'
    stream.say(live({"topic": "comments", "type": "*", "filters": filters}))
    stream.say("PING")
    assert stream.text() == "PONG"
    for event in (5, 6):
        told = COMMENT | {"parentEntityID": event}
        venue.call(
            lambda told=told: venue.venue.hub.live_data.comment("comment_created", told)  # type: ignore[misc]
        )
    assert stream.read()["payload"]["parentEntityID"] == 6


def test_too_many_live_data_subscriptions_close(
    raw: Callable[[str], Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_clob.live_data.MAX_SUBSCRIPTIONS", 1)
    stream = raw("/live-data")
    stream.say(live({"topic": "comments", "type": "*"}))
    stream.say(live({"topic": "comments", "type": "comment_created"}))
    assert stream.closed() == (1008, "too many subscriptions")


# Realtime prices


@pytest.mark.parametrize(
    ("spec", "source"),
    [
        (CryptoPriceSpec(symbols=["btcusd"]), "chainlink"),
        (CryptoPriceSpec(symbols=["ethusd"], provider="pyth"), "pyth"),
        (CryptoTwapPriceSpec(symbols=["zecusd"]), "chainlink"),
        (EquityPriceSpec(symbol="AAPL"), "pyth"),
        (EquityTwapPriceSpec(symbol="usdjpy"), "chainlink"),
    ],
    ids=lambda each: str(getattr(each, "topic", each)),
)
def test_realtime_prices_begin_with_history_and_go_on(
    venue: MockClob, spec: Any, source: str
) -> None:
    async def use(client: AsyncSecureClient) -> list[Any]:
        async with await client.subscribe([spec]) as stream:
            history = await first(stream, lambda event: event.type == "subscribe")
            update = await heard(
                stream, venue, lambda: venue.advance(1), lambda event: event.type == "update"
            )
            return [history, update]

    history, update = secure(use)
    assert len(history.payload.data) == 120
    assert history.payload.source == update.payload.source == source
    assert (history.seq, update.seq) == (1, 2)
    assert update.payload.timestamp > history.payload.data[-1].timestamp


def test_unknown_symbol_is_taken_and_has_no_history(venue: MockClob) -> None:
    async def use(client: AsyncSecureClient) -> Any:
        async with await client.subscribe([CryptoPriceSpec(symbols=["nonesuchusd"])]) as stream:
            return await first(stream, lambda event: event.type == "subscribe")

    assert secure(use).payload.data == ()


def test_refused_credentials_end_the_subscription(venue: MockClob) -> None:
    async def use(client: AsyncSecureClient) -> None:
        venue.call(lambda: setattr(venue.venue.keys, "socket", lambda auth: None))
        await client.subscribe([CryptoPriceSpec(symbols=["btcusd"])])

    with pytest.raises(RequestRejectedError, match="auth_invalid"):
        secure(use)


def op(kind: str, channel: str = "", **wanted: Any) -> dict[str, Any]:
    frame: dict[str, Any] = {"op": kind, "rid": "r"}
    return frame | ({"channel": channel, "filter": wanted} if channel else {})


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (op("ping"), {"op": "pong"}),
        (op("dance"), {"op": "error", "code": "bad_op"}),
        (op("auth"), {"op": "error", "code": "bad_op"}),
        (op("auth") | {"ticket": "t"}, {"op": "error", "code": "auth_expired"}),
        (op("auth") | {"ticket": "t", "auth": {}}, {"op": "error", "code": "bad_op"}),
        (op("auth") | {"auth": {"apiKey": "x"}}, {"op": "error", "code": "auth_invalid"}),
        (op("subscribe"), {"op": "error", "code": "bad_op"}),
        (op("subscribe") | {"subscriptions": []}, {"op": "error", "code": "bad_op"}),
        (op("subscribe") | {"subscriptions": [1]}, {"op": "error", "code": "bad_op"}),
        (
            op("subscribe", "price.gold", symbol="x"),
            {"op": "error", "code": "bad_channel", "channel": "price.gold"},
        ),
        *(
            (frame, {"op": "error", "code": "bad_filter", "channel": frame["channel"]})
            for frame in (
                op("subscribe", "price.crypto"),
                op("subscribe", "price.crypto", symbol="btcusd", provider="massive"),
                op("subscribe", "price.crypto.twap", symbol="btcusd"),
                op("subscribe", "price.polymarket", asset_id="0x1"),
                op("subscribe", "price.crypto", symbol="x") | {"filter": 1},
            )
        ),
        (
            op("subscribe", "price.crypto", symbol="btcusd"),
            {"op": "error", "code": "auth_required", "channel": "price.crypto"},
        ),
        (
            op("unsubscribe", "price.crypto", symbol="btcusd"),
            {"op": "unsubscribed", "channel": "price.crypto"},
        ),
    ],
    ids=str,
)
def test_every_op_is_answered_and_the_connection_stays(
    raw: Callable[[str], Raw], frame: Any, told: Any
) -> None:
    stream = raw("/realtime/ws")
    stream.say(frame)
    assert stream.read() == told | {"rid": "r"}
    stream.say({"op": "ping"})
    assert stream.read() == {"op": "pong"}


def test_best_prices_need_no_key_and_follow_the_book(
    venue: MockClob, raw: Callable[[str], Raw]
) -> None:
    stream = raw("/realtime/ws")
    stream.say(op("subscribe", "price.polymarket", asset_id=f"0{YES}"))
    assert stream.read()["op"] == "subscribed"
    snapshot = stream.read()
    assert (snapshot["seq"], snapshot["snapshot"]) == (1, True)
    assert (snapshot["payload"]["best_bid"], snapshot["payload"]["best_ask"]) == ("0.48", "0.52")

    def lift() -> None:
        engine = venue.venue.engine
        best = min(
            (o for o in engine.open.values() if o.token_id == YES and o.side == "SELL"),
            key=lambda order: order.price,
        )
        engine.cancel(best.id, venue.venue.clock.now_ms())
        venue.venue.publish()

    venue.call(lift)
    update = stream.read()
    assert (update["seq"], update["payload"]["best_ask"]) == (2, "0.53")
    assert "snapshot" not in update


def test_subscription_that_is_repeated_gets_no_second_snapshot(raw: Callable[[str], Raw]) -> None:
    stream = raw("/realtime/ws")
    for _ in range(2):
        stream.say(op("subscribe", "price.polymarket", asset_id=YES))
    told = [stream.read() for _ in range(3)]
    assert [each.get("op") for each in told] == ["subscribed", None, "subscribed"]
    stream.say({"op": "ping"})
    assert stream.read() == {"op": "pong"}


def test_window_of_another_length_carries_no_data(
    venue: MockClob, raw: Callable[[str], Raw]
) -> None:
    credentials = venue.call(lambda: venue.venue.keys.create(ALICE.address.lower(), 0))
    stream = raw("/realtime/ws")
    stream.say(op("auth") | {"auth": credentials.wire()})
    assert stream.read() == {"op": "authed", "rid": "r"}
    stream.say(op("subscribe", "price.crypto.twap", symbol="btcusd", window_seconds=30))
    assert stream.read()["op"] == "subscribed"
    assert stream.read()["payload"]["data"] == []
    venue.advance(1)
    stream.say({"op": "ping"})
    assert stream.read() == {"op": "pong"}


def test_asset_that_does_not_exist_is_noted(venue: MockClob, raw: Callable[[str], Raw]) -> None:
    stream = raw("/realtime/ws")
    stream.say(op("subscribe", "price.polymarket", asset_id="77"))
    assert stream.read()["op"] == "subscribed"
    assert venue.call(lambda: venue.venue.hub.unknown_ids) == {"77"}


def books(count: int) -> dict[str, Any]:
    wanted = [
        {"channel": "price.polymarket", "filter": {"asset_id": str(n)}} for n in range(1, count + 1)
    ]
    return {"op": "subscribe", "subscriptions": wanted}


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([books(65)], "sub_limit"),
        ([books(1)] * 21, "rate_limited"),
        ([{"op": "auth", "auth": {}}] * 9, "auth_attempts"),
    ],
    ids=["sub_limit", "rate_limited", "auth_attempts"],
)
def test_breach_of_policy_is_named_and_closes_with_4008(
    venue: MockClob, raw: Callable[[str], Raw], frames: list[Any], code: str
) -> None:
    venue.call(venue.venue.clock.freeze)
    stream = raw("/realtime/ws")
    for frame in frames:
        stream.say(frame)
    while (told := stream.read()).get("code") != code:
        assert told["op"] in ("subscribed", "error")
    assert stream.closed() == (4008, code)


def test_frames_are_counted_by_the_second(venue: MockClob, raw: Callable[[str], Raw]) -> None:
    venue.call(venue.venue.clock.freeze)
    stream = raw("/realtime/ws")
    for _ in range(2):
        for _ in range(20):
            stream.say({"op": "unsubscribe", "subscriptions": books(1)["subscriptions"]})
            assert stream.read()["op"] == "unsubscribed"
        venue.advance(1)


def test_frame_over_64_kb_closes_with_4008(raw: Callable[[str], Raw]) -> None:
    stream = raw("/realtime/ws")
    stream.say("x" * 64_001)
    assert stream.closed() == (4008, "frame too big")


# Sports


def test_sports_client_hears_of_games_and_answers_pings(venue: MockClob) -> None:
    event = public(venue, SportsSpec(), lambda: venue.advance(1))
    assert event.payload.league_abbreviation in sports.LEAGUES
    assert event.payload.score.count("-") == 1


def test_sports_client_stays_as_long_as_it_answers(venue: MockClob) -> None:
    games: set[int] = set()

    def sixth(event: Any) -> bool:
        games.add(event.payload.game_id)
        return len(games) >= 6

    public(venue, SportsSpec(), lambda: venue.advance(60), sixth)
    assert venue.call(lambda: venue.venue.hub.counters.accepted) == 1


def test_clock_that_jumps_gives_sports_clients_time_to_answer(
    venue: MockClob, raw: Callable[[str], Raw]
) -> None:
    stream = raw("/sports/ws")

    def jump() -> None:
        for _ in range(5):
            venue.venue.advance(60)

    venue.call(jump)
    while (text := stream.text()) != "ping":
        assert json.loads(text)["gameId"]
    stream.say("pong")
    venue.advance(60)
    while stream.text() != "ping":
        pass


def test_sports_are_told_when_there_is_news(venue: MockClob, raw: Callable[[str], Raw]) -> None:
    kick_off = 2_981_623 * sports.GAME_SECONDS
    venue.call(lambda: venue.venue.clock.reset(kick_off * 1000))
    venue.call(venue.venue.clock.freeze)
    stream = raw("/sports/ws")
    told = [stream.read() for _ in sports.LEAGUES]
    for _ in range(sports.GAME_SECONDS - 1):
        venue.advance(1)
        stream.socket.ping().wait(PATIENCE)  # what there is to tell has been told
        with suppress(TimeoutError):
            while True:
                text = str(stream.socket.recv(0))
                if text == "ping":
                    stream.say("pong")
                else:
                    told.append(json.loads(text))
    for at, league in enumerate(sports.LEAGUES):
        mine = [each for each in told if each["leagueAbbreviation"] == league]
        news = [(each["score"], each["period"]) for each in mine]
        assert all(one != following for one, following in pairwise(news))
        goals = sports.game(0, league, 2_981_623).goals
        assert len(goals) <= len(news) - 1 <= len(goals) + 3  # and half time, second half, the end
        assert mine[-1]["ended"], at


def test_sports_connection_without_a_pong_is_closed(
    venue: MockClob, raw: Callable[[str], Raw]
) -> None:
    venue.call(venue.venue.clock.freeze)
    stream = raw("/sports/ws")
    [stream.read() for _ in sports.LEAGUES]
    venue.advance(5)
    assert stream.text() == "ping"
    stream.say("pong")
    venue.advance(5)
    while (text := stream.text()) != "ping":
        json.loads(text)
    venue.advance(10)
    assert stream.closed() == sports.NO_PONG


def test_game_goes_on_to_its_end() -> None:
    played = sports.game(0, "epl", 2_981_623)
    told = [sports.result(played, played.starts + at) for at in (0, 239, 240, 300, 539, 540, 599)]
    assert [each["period"] for each in told] == ["1H", "1H", "HT", "2H", "2H", "FT", "FT"]
    assert [each["ended"] for each in told] == [False] * 5 + [True] * 2
    assert told[0]["elapsed"] == "00:00"
    assert "finished_timestamp" in told[-1]
    home, away = told[-1]["score"].split("-")
    assert int(home) + int(away) == len(played.goals)
    assert played == sports.game(0, "epl", 2_981_623)


# The CLOB's own, by the same client


def test_market_and_user_subscriptions_share_a_client(venue: MockClob) -> None:
    async def use(client: AsyncSecureClient) -> set[tuple[str, str]]:
        kinds: set[tuple[str, str]] = set()
        specs: list[Any] = [MarketSpec(asset_ids=[YES], custom_feature_enabled=True), UserSpec()]
        async with await client.subscribe(specs) as stream:
            await first(stream, lambda event: event.type == "book")
            await client.place_market_order(token_id=YES, amount="60", side="BUY")
            async for event in stream:
                kinds.add((event.topic, event.type))
                if len(kinds) == 6:
                    return kinds
        raise AssertionError(kinds)

    assert secure(use) == {
        ("market", "book"),
        ("market", "price_change"),
        ("market", "best_bid_ask"),
        ("market", "last_trade_price"),
        ("user", "order"),
        ("user", "trade"),
    }
