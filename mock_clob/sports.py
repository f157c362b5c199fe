"""sports-api: results of games that are under way, told to everybody who connects.

The games are made up: seeded, one after another on each pitch, by the venue's clock. A game's
state is a pure function of seed and time, so it is the same however fast the clock runs. What is
sent when a connection opens is the state of every game that is live or over; that the venue sends
it at once is said by polymarket-client ("streams immediately"), what it sends is not.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from mock_clob.channel import Channel
from mock_clob.connection import Connection
from mock_clob.wire import Json

# [docs] a ping every 5 s, and an end when no pong came within 10 s. With which close code is not
# established.
PING_SECONDS = 5
PONG_SECONDS = 10
NO_PONG = (1008, "no pong")
GRACE_SECONDS = 0.25  # of real time, in which a client can answer however far the clock jumps

GAME_SECONDS = 600  # of the venue's time, from one kick-off to the next: games are short here
HALF_SECONDS = 240
BREAK_SECONDS = 60
LEAGUES = {"epl": ("ARS", "CHE", "LIV", "MCI"), "lal": ("BAR", "RMA", "ATM", "SEV")}


@dataclass(frozen=True)
class Game:
    id: int
    league: str
    home: str
    away: str
    starts: int  # Unix seconds
    goals: tuple[tuple[int, bool], ...]  # (seconds of play, whether by the home side)


@lru_cache(maxsize=1024)
def game(seed: int, league: str, number: int) -> Game:
    """The game that a league plays from `number` x GAME_SECONDS on."""
    dice = random.Random(f"{seed} {league} {number}")
    home, away = dice.sample(LEAGUES[league], 2)
    goals = sorted(
        (dice.randrange(2 * HALF_SECONDS), dice.random() < 0.55) for _ in range(dice.randrange(6))
    )
    at = list(LEAGUES).index(league)
    return Game(number * len(LEAGUES) + at, league, home, away, number * GAME_SECONDS, tuple(goals))


def result(played: Game, second: int) -> Json:
    """The game as it stands at a Unix second: the payload of a message."""
    into = second - played.starts
    ended = into >= 2 * HALF_SECONDS + BREAK_SECONDS
    if into < HALF_SECONDS:
        period, play = "1H", into
    elif into < HALF_SECONDS + BREAK_SECONDS:
        period, play = "HT", HALF_SECONDS
    else:
        period, play = "2H", min(into - BREAK_SECONDS, 2 * HALF_SECONDS)
    home = sum(by_home for at, by_home in played.goals if at <= play)
    away = sum(not by_home for at, by_home in played.goals if at <= play)
    started = datetime.fromtimestamp(played.starts, UTC)
    told: Json = {
        "gameId": played.id,
        "leagueAbbreviation": played.league,
        "slug": f"{played.league}-{played.home}-{played.away}-{started:%Y-%m-%d}".lower(),
        "homeTeam": played.home,
        "awayTeam": played.away,
        "status": "Final" if ended else "Break" if period == "HT" else "InProgress",
        "score": f"{home}-{away}",
        "period": "FT" if ended else period,
        "live": not ended,
        "ended": ended,
    }
    if ended:
        over = played.starts + 2 * HALF_SECONDS + BREAK_SECONDS
        told["finished_timestamp"] = f"{datetime.fromtimestamp(over, UTC):%Y-%m-%dT%H:%M:%S.000Z}"
    else:
        minutes, seconds = divmod(play * 45 * 60 // HALF_SECONDS, 60)  # of a game of 90 minutes
        told["elapsed"] = f"{minutes:02d}:{seconds:02d}"
    return told


@dataclass
class Pulse:
    pinged_ms: int  # venue time
    pinged_at: float = 0.0  # real time, monotonic
    answered: bool = True


class Sports(Channel):
    name = "sports"

    def reset(self) -> None:
        self._pulses: dict[Connection, Pulse] = {}
        self._told: dict[str, tuple[object, ...]] = {}  # league -> what was told of its game

    def opened(self, connection: Connection) -> None:
        now = self.hub.venue.clock.now_ms()
        self._news(now)
        self._pulses[connection] = Pulse(now)
        for told in self._now(now).values():
            self.say([connection], told)

    def left(self, connection: Connection) -> None:
        self._pulses.pop(connection, None)

    def hear(self, connection: Connection, text: str | None) -> None:
        if text == "pong" and connection in self._pulses:
            self._pulses[connection].answered = True

    def tick(self, now_ms: int) -> None:
        for connection, pulse in list(self._pulses.items()):
            self._ping(connection, pulse, now_ms)
        if self._pulses:
            self._news(now_ms)

    def _news(self, now_ms: int) -> None:
        """Tell what has changed since it was last told."""
        for league, told in self._now(now_ms).items():
            news = tuple(told[name] for name in ("gameId", "score", "period", "ended"))
            if self._told.get(league) != news:
                self.say(self._pulses, told)
            self._told[league] = news

    def _ping(self, connection: Connection, pulse: Pulse, now_ms: int) -> None:
        since, real = now_ms - pulse.pinged_ms, time.monotonic()
        if not pulse.answered and since >= PONG_SECONDS * 1000:
            if real - pulse.pinged_at >= GRACE_SECONDS:
                self.hub.end(connection, *NO_PONG)
        elif pulse.answered and since >= PING_SECONDS * 1000:
            pulse.pinged_ms, pulse.pinged_at, pulse.answered = now_ms, real, False
            self.hub.answer(connection, "ping")

    def _now(self, now_ms: int) -> dict[str, Json]:
        second, seed = now_ms // 1000, self.hub.venue.options.seed
        return {
            league: result(game(seed, league, second // GAME_SECONDS), second) for league in LEAGUES
        }
