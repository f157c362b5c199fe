"""Faults on demand, addressed by method, path, signer, n-th call and phase.

Phase `before`: the request is never accepted. Phase `after`: it was accepted, the state has
changed, and then the fault spoils the reply: the case in which a client must not send again.

A fault meets single calls. What lasts, and what the clock ends, is a mode (modes.py).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from mock_clob.rules import ERRORS

Phase = Literal["before", "after"]
ANY = "*"
RPC = "RPC"  # the method of a single JSON-RPC call; its path is the call's own method


@dataclass(frozen=True)
class Effect:
    """What happens to the call: a wait, then a closed connection, a reply, or its own course."""

    status: int = 0  # 0: no reply of the fault's own
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds of venue time, before anything else
    drop: bool = False  # close the connection without a reply
    untrue: bool = False  # the route itself answers, and says what is not so (see PRESETS)
    depth: int = 0  # blocks, of an untrue node
    name: str = ""  # for the journal


@dataclass
class Fault:
    """An effect and whom it meets. `seen` counts matching calls, `fired` those it met."""

    effect: Effect
    method: str
    paths: tuple[str, ...]  # shell patterns: `*` stands for any text
    signer: str
    phase: Phase
    nth: int  # the first matching call that is met, from 1
    times: int | None  # how many calls are met; None: until cleared
    probability: float
    seen: int = 0
    fired: int = 0

    def matches(self, method: str, path: str, signer: str, phase: Phase) -> bool:
        return (
            self.phase == phase
            and (self.method == method or (self.method == ANY and method != RPC))
            and (self.signer == ANY or self.signer.lower() == signer.lower())
            and any(fnmatchcase(path, pattern) for pattern in self.paths)
        )

    @property
    def spent(self) -> bool:
        return self.times is not None and self.fired >= self.times


class Faults:
    """The faults in force, in the order they were added. A call meets at most one per phase."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._faults: list[Fault] = []
        self._random = random.Random(seed)

    def add(
        self,
        effect: Effect | str,
        *,
        method: str | None = None,
        path: str | Iterable[str] | None = None,
        signer: str = ANY,
        phase: Phase | None = None,
        nth: int = 1,
        times: int | None = 1,
        probability: float = 1.0,
        depth: int | None = None,
    ) -> Fault:
        """Put a fault in force: an Effect, or the name of one of PRESETS or NODE_PRESETS.

        A preset brings its own method, path and phase, unless they are given; an Effect meets
        every call in phase `before`. `depth` is the blocks of rpc_lag and rpc_reorg. With a
        probability, each call from the n-th on is met with
        that chance, drawn from the seed. Raises ValueError for what cannot be.
        """
        if isinstance(effect, str):
            named = PRESETS | NODE_PRESETS
            if effect not in named:
                raise ValueError(f"no fault named {effect!r}; there are: {', '.join(named)}")
            preset = named[effect]
        else:
            preset = Preset(effect)
        if depth is not None:
            preset = replace(preset, effect=replace(preset.effect, depth=depth))
        if nth < 1 or (times is not None and times < 1):
            raise ValueError(f"nth and times count from 1: nth={nth}, times={times}")
        if not 0 < probability <= 1:
            raise ValueError(f"a probability lies in (0, 1]: {probability}")
        chosen = preset.paths if path is None else path
        fault = Fault(
            effect=preset.effect,
            method=(method or preset.method).upper(),
            paths=(chosen,) if isinstance(chosen, str) else tuple(chosen),
            signer=signer,
            phase=phase or preset.phase,
            nth=nth,
            times=times,
            probability=probability,
        )
        self._faults.append(fault)
        return fault

    def take(self, method: str, path: str, signer: str, phase: Phase) -> Effect | None:
        """The effect that this call meets in this phase, if any. Ask once per call and phase."""
        met: Fault | None = None
        for fault in self._faults:
            if not fault.matches(method, path, signer, phase):
                continue
            fault.seen += 1
            if met is not None or fault.spent or fault.seen < fault.nth:
                continue
            if fault.probability == 1 or self._random.random() < fault.probability:
                met = fault
        if met is None:
            return None
        met.fired += 1
        return met.effect

    @property
    def fired(self) -> int:
        """How many calls met a fault since the last `clear`."""
        return sum(fault.fired for fault in self._faults)

    def unfired(self) -> list[Fault]:
        """Faults that no call has met: a test that set them up did not test what it meant to."""
        return [fault for fault in self._faults if not fault.fired]

    def clear(self) -> None:
        self._faults.clear()
        self._random = random.Random(self._seed)

    def __len__(self) -> int:
        return len(self._faults)


# -- Presets: the venue's own failures ------------------------------------------------------------


@dataclass(frozen=True)
class Preset:
    """An effect and where it occurs unless the test says otherwise."""

    effect: Effect
    method: str = ANY
    paths: tuple[str, ...] = (ANY,)
    phase: Phase = "before"


PLACING = ("/order", "/orders")
TRADING = (*PLACING, "/cancel-all", "/cancel-market-orders")


def error(name: str, status: int, text: str, headers: Mapping[str, str] | None = None) -> Effect:
    """A refusal in the venue's JSON form."""
    return Effect(
        name=name,
        status=status,
        body=json.dumps({"error": text}, separators=(",", ":")),
        headers={"Content-Type": "application/json"} | dict(headers or {}),
    )


def _row(key: str, headers: Mapping[str, str] | None = None) -> Effect:
    """A row of rules.ERRORS that needs no fields."""
    return error(key, ERRORS[key].status, ERRORS[key].text, headers)


def post_only_mode(retry_after_seconds: int = 79) -> Effect:
    """The 503 of the two minutes after a restart. 79 is the figure of the recorded reply."""
    body = {
        "error": ERRORS["post_only_mode"].text,
        "code": "post_only_mode",
        "retry_after_seconds": retry_after_seconds,
    }
    return Effect(
        name="post_only",
        status=503,
        body=json.dumps(body, separators=(",", ":")),
        headers={
            "Content-Type": "application/json",
            "Retry-After": str(retry_after_seconds),
        },
    )


def _page(name: str, status: int, title: str, text: str, retry_after: int = 0) -> Effect:
    """An error page of the network in front of the venue: HTML where a client expects JSON."""
    headers = {"Content-Type": "text/html; charset=UTF-8", "Server": "cloudflare"}
    if retry_after:
        headers["Retry-After"] = str(retry_after)
    return Effect(
        name=name,
        status=status,
        body=(
            f"<!DOCTYPE html>\n<html>\n<head><title>{title}</title></head>\n"
            f"<body><h1>{text}</h1></body>\n</html>\n"
        ),
        headers=headers,
    )


RATE_LIMITED_PAGE = _page(
    "cf_1015",
    429,
    "Access denied | clob.polymarket.com used Cloudflare to restrict access",
    "Error 1015: You are being rate limited",
    retry_after=10,
)

# Texts: docs.polymarket.com error-codes; those marked [threads] are quoted in public issues.
PRESETS: dict[str, Preset] = {
    # The matching engine restarts: about 90 s of 425. The body is undocumented; [threads] quote
    # an empty one, this one, and a JSON one.
    "engine_restart": Preset(
        Effect(
            name="engine_restart",
            status=ERRORS["restarting"].status,
            body=ERRORS["restarting"].text,
            headers={"Content-Type": "text/plain; charset=utf-8"},
        ),
        paths=TRADING,
    ),
    # A fault does not read the body: the real mode lets post-only orders through.
    "post_only": Preset(post_only_mode(), "POST", PLACING),
    "cancel_only": Preset(
        _row("cancel_only"),
        "POST",
        PLACING,
    ),
    "disabled": Preset(
        _row("disabled"),
        paths=TRADING,
    ),
    "rate_limited": Preset(_row("rate_limited", {"Retry-After": "1"})),
    "cf_1015": Preset(RATE_LIMITED_PAGE),
    "cf_403": Preset(
        _page(
            "cf_403",
            403,
            "Attention Required! | Cloudflare",
            "Sorry, you have been blocked",
        )
    ),
    "geoblock": Preset(
        _row("geoblock"),
        "POST",
        PLACING,
    ),
    "server_error": Preset(error("server_error", 500, "Internal server error")),
    "bad_gateway": Preset(
        _page("bad_gateway", 502, "502 Bad Gateway", "502 Bad Gateway"),
    ),
    # Accepted, and the client cannot know it.
    "lose_reply": Preset(Effect(name="lose_reply", drop=True), "POST", PLACING, "after"),
    "error_after_accept": Preset(
        error("error_after_accept", 500, "could not insert order"),
        "POST",
        PLACING,
        "after",
    ),
    # Longer than the 5 s after which py-clob-client gives up.
    "timeout": Preset(Effect(name="timeout", delay=6.0), "POST", PLACING, "after"),
    # A new key is not known everywhere at once. [threads] clob-client#311: about two minutes
    "fresh_key_invalid": Preset(
        error("fresh_key_invalid", ERRORS["api_key"].status, ERRORS["api_key"].text),
        paths=(*TRADING, "/data/*", "/balance-allowance*", "/auth/api-keys"),
    ),
    # The balance as it was before the last settlement. [threads] py-clob-client#300
    "stale_balance": Preset(
        Effect(name="stale_balance", untrue=True), "GET", ("/balance-allowance",)
    ),
    # Orders that were canceled a moment ago are listed as live. [threads]
    "cancel_lag": Preset(
        Effect(name="cancel_lag", untrue=True), "GET", ("/data/orders", "/data/order/*")
    ),
    # A matched order without its hashes, as when the settlement is not broadcast yet.
    "matched_without_hashes": Preset(
        Effect(name="matched_without_hashes", untrue=True), "POST", PLACING
    ),
    # Never accepted, and the client cannot know that either.
    "reset": Preset(Effect(name="reset", drop=True)),
}

# A Polygon node's: slow, down, limiting, failing. They meet single calls, in batches too.
NODE_PRESETS: dict[str, Preset] = {
    "rpc_slow": Preset(Effect(name="rpc_slow", delay=5.0), RPC),
    "rpc_down": Preset(_page("rpc_down", 503, "503 Service Unavailable", "no server"), RPC),
    "rpc_rate_limited": Preset(
        Effect(
            name="rpc_rate_limited",
            status=429,
            body='{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"limit exceeded"}}',
            headers={"Content-Type": "application/json", "Retry-After": "1"},
        ),
        RPC,
    ),
    "rpc_error": Preset(Effect(name="rpc_error", untrue=True), RPC),
    # A node that lags shows the chain as it was `depth` blocks ago.
    "rpc_lag": Preset(Effect(name="rpc_lag", untrue=True, depth=3), RPC),
    # The last `depth` blocks are replaced just before the call is answered.
    "rpc_reorg": Preset(Effect(name="rpc_reorg", untrue=True, depth=1), RPC),
    "rpc_wrong_chain": Preset(
        Effect(name="rpc_wrong_chain", untrue=True), RPC, ("eth_chainId", "net_version")
    ),
}


# -- Presets of the streams: carried out by sockets.Hub -------------------------------------------


@dataclass(frozen=True)
class StreamPreset:
    """A fault of the WebSocket connections: a method of the hub, and what it is given."""

    method: str
    about: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


STREAM_PRESETS: dict[str, StreamPreset] = {
    "ws_drop": StreamPreset("drop", "open connections end without a close frame"),
    "ws_half_open": StreamPreset("half_open", "open connections neither hear nor say anything"),
    "ws_freeze": StreamPreset("freeze", "no data; PINGs are answered"),
    "ws_dead": StreamPreset("freeze", "no data and no PONG", {"pong": False}),
    "ws_no_pong": StreamPreset("mute_pong", "data, but no PONG"),
    "ws_slow": StreamPreset("slow", "a second before each message", {"seconds": 1.0}),
    "ws_noise": StreamPreset(
        "noise",
        "messages are lost, doubled and swapped by chance",
        {"skip": 0.05, "duplicate": 0.05, "reorder": 0.05},
    ),
    "ws_gap": StreamPreset("skip", "the next message is lost"),
    "ws_dup": StreamPreset("duplicate", "the next message comes twice"),
    "ws_reorder": StreamPreset("reorder", "the next two messages change places"),
    "ws_burst": StreamPreset("burst", "the next ten messages come at once", {"count": 10}),
    "ws_split_match": StreamPreset("split_match", "connections end in the middle of a match"),
    "ws_array_snapshot": StreamPreset("array_snapshots", "first books come as one array"),
    "ws_refused": StreamPreset("refuse", "the next handshake is answered 503"),
    "ws_accept_then_close": StreamPreset("accept_then_close", "accepted, and closed at once"),
    "ws_thaw": StreamPreset("thaw", "ends ws_half_open, _freeze, _dead, _no_pong, _slow, _noise"),
}
