"""Draws requests per second against both limits over 20 minutes, the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

FOLDER = Path(__file__).parents[1] / "skills/polymarket/library/images"
MINUTES = 20
Series = dict[str, tuple[list[float], str]]  # name -> when calls left, style


def average(sent: list[float], seconds: int) -> list[float]:
    """Calls per second over the last `seconds`, at every whole second."""
    counts = [0] * (MINUTES * 60 + 1)
    for at in sent:
        if at < MINUTES * 60:
            counts[int(at) + 1] += 1
    total = list(accumulate(counts))
    return [(n - total[max(0, at - seconds)]) / seconds for at, n in enumerate(total)]


def draw(series: Series, limits: list[tuple[int, float]], scale: Callable[[float], str]) -> Path:
    """One panel for each window, its limit as a line. The file that was written."""
    matplotlib.rcParams.update({"svg.hashsalt": "limits", "svg.fonttype": "none", "font.size": 9})
    figure, panels = pyplot.subplots(1, len(limits), figsize=(9, 3.2), layout="constrained")
    minutes = [second / 60 for second in range(MINUTES * 60 + 1)]
    for panel, (calls, seconds) in zip(panels, limits, strict=True):
        for name, (sent, style) in series.items():
            panel.plot(minutes, average(sent, int(seconds)), style, label=name, linewidth=1.4)
        panel.axhline(calls / seconds, color="black", linewidth=0.8, linestyle="--")
        panel.set(title=scale(seconds), xlabel="minutes", xlim=(0, MINUTES), ylim=(0, None))
    panels[0].set_ylabel("requests per second")
    panels[-1].legend(loc="center right", frameon=False)
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "rate-limits.svg"
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    # One line end, no spaces at line ends: as an editor would leave it.
    lines = [line.rstrip() for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines) + "\n")
    return path
