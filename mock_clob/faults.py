"""Faults on demand, addressed by method, path, signer, n-th call and phase.

Phase `before`: the request is never accepted. Phase `after`: it was accepted, the state has
changed, and then the fault spoils the reply: the case in which a client must not send again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

Phase = Literal["before", "after"]
ANY = "*"


@dataclass(frozen=True)
class Effect:
    """What happens to the call: a wait, then a closed connection, a reply, or its own course."""

    status: int = 0  # 0: no reply of the fault's own
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0  # seconds of venue time, before anything else
    drop: bool = False  # close the connection without a reply
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
            and self.method in (ANY, method)
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
    ) -> Fault:
        """Put a fault in force: an Effect, or the name of one of PRESETS.

        A preset brings its own method, path and phase, unless they are given; an Effect meets
        every call in phase `before`. With a probability, each call from the n-th on is met with
        that chance, drawn from the seed. Raises ValueError for what cannot be.
        """
        if isinstance(effect, str):
            if effect not in PRESETS:
                raise ValueError(f"no fault named {effect!r}; there are: {', '.join(PRESETS)}")
            preset = PRESETS[effect]
        else:
            preset = Preset(effect)
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


def post_only_mode(retry_after_seconds: int = 79) -> Effect:
    """The 503 of the two minutes after a restart. 79 is the figure of the recorded reply."""
    body = {
        "error": "post-only mode: only post-only orders and cancels are allowed",
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
            status=425,
            body="service not ready",
            headers={"Content-Type": "text/plain; charset=utf-8"},
        ),
        paths=TRADING,
    ),
    # A fault does not read the body: the real mode lets post-only orders through.
    "post_only": Preset(post_only_mode(), "POST", PLACING),
    "cancel_only": Preset(
        error(
            "cancel_only",
            503,
            "Trading is currently cancel-only. New orders are not accepted, but cancels are "
            "allowed.",
        ),
        "POST",
        PLACING,
    ),
    "disabled": Preset(
        error(
            "disabled",
            503,
            "Trading is currently disabled. Check polymarket.com for updates",
        ),
        paths=TRADING,
    ),
    "rate_limited": Preset(error("rate_limited", 429, "Too Many Requests", {"Retry-After": "1"})),
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
        error(  # [threads]
            "geoblock",
            403,
            "Trading restricted in your region, please refer to available regions - "
            "https://docs.polymarket.com/developers/CLOB/geoblock",
        ),
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
    # Never accepted, and the client cannot know that either.
    "reset": Preset(Effect(name="reset", drop=True)),
}
