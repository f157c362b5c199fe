"""Reference prices of crypto and other symbols: made up from the seed, the symbol and the second.

Anybody may ask for any second, in any order, and gets the same price; nothing is remembered.
Prices are integers in units of 1e-8 of the quote currency. The bases are round numbers near what
such things cost; they mean nothing.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

E8 = 10**8

# symbol -> base price, 1e-8. The symbols are those of the venue's documentation (2026-10).
CRYPTO = {
    "btcusd": 64_000 * E8,
    "ethusd": 3_200 * E8,
    "solusd": 180 * E8,
    "dogeusd": 16 * E8 // 100,
    "xrpusd": 240 * E8 // 100,
    "bnbusd": 850 * E8,
}
CRYPTO_TWAP = {name: CRYPTO[name] for name in ("btcusd", "ethusd", "solusd", "xrpusd", "dogeusd")}
CRYPTO_TWAP |= {"hypeusd": 38 * E8, "bnbusd": CRYPTO["bnbusd"], "zecusd": 260 * E8}
_STOCKS = "aapl tsla msft googl amzn meta nvda nflx pltr open rklb abnb coin hood spcx intc mstr"
_OTHERS = "crcl mu qqq spy ewy vxx xauusd xagusd cll hn cc3m"
FOREX = {
    "eurusd": 108 * E8 // 100,
    "gbpusd": 128 * E8 // 100,
    "usdcad": 137 * E8 // 100,
    "usdjpy": 151 * E8,
    "usdkrw": 1_390 * E8,
}
EQUITY = {
    name: (50 + 10 * at) * E8 for at, name in enumerate(f"{_STOCKS} {_OTHERS}".split())
} | FOREX
EQUITY_TWAP = {name: FOREX[name] for name in ("eurusd", "usdjpy")}
_BASES = CRYPTO | CRYPTO_TWAP | EQUITY

# How far a price strays from its base: (seconds between two turns, parts in a million).
_WAVES = ((3_600, 20_000), (300, 3_000), (20, 400), (1, 30))


def price(seed: int, symbol: str, second: int) -> int:
    """The price at a Unix second, 1e-8. Raises KeyError for an unknown symbol."""
    stray = 0
    for period, parts in _WAVES:
        turn, into = divmod(second, period)
        here, there = _turn(seed, symbol, period, turn), _turn(seed, symbol, period, turn + 1)
        stray += parts * (here * (period - into) + there * into) // period
    base = _BASES[symbol]
    return base + base * stray // 10**12


def history(seed: int, symbol: str, seconds: range, window: int = 1) -> list[int]:
    """The mean of the `window` seconds that end with each of `seconds` (a TWAP), 1e-8."""
    first = seconds.start - window + 1
    every = [price(seed, symbol, at) for at in range(first, seconds.stop)]
    total, means = sum(every[: window - 1]), []
    for at in range(window - 1, len(every)):
        total += every[at]
        means.append(total // window)
        total -= every[at - window + 1]
    return means


@lru_cache(maxsize=65_536)
def _turn(seed: int, symbol: str, period: int, number: int) -> int:
    """A number in [-1e6, 1e6)."""
    digest = hashlib.blake2b(f"{seed} {symbol} {period} {number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % 2_000_000 - 1_000_000
