"""Draws the diagrams of the guides as SVG: boxes on a grid, arrows between them.

python -m scripts.diagrams writes them; a test compares.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path

SKILL = Path(__file__).resolve().parent.parent / "skills" / "polymarket"
COLUMN, ROW, WIDTH, HEIGHT, MARGIN, LINE = 230, 110, 150, 54, 30, 17
INK, PAPER, LINES = "#22303c", "#ffffff", "#5a6b7a"
FILLS = {"": "#eef2f6", "good": "#dff3e4", "bad": "#fbe3e1", "doubt": "#fdf1d3"}


@dataclass(frozen=True)
class Box:
    column: float
    row: float
    text: str  # lines
    kind: str = ""

    @property
    def middle(self) -> tuple[float, float]:
        return MARGIN + self.column * COLUMN + WIDTH / 2, MARGIN + self.row * ROW + HEIGHT / 2


@dataclass(frozen=True)
class Diagram:
    title: str
    boxes: dict[str, Box]
    arrows: tuple[tuple[str, str, str], ...]  # from, to, what happens


DIAGRAMS = {
    "library/images/order-life": Diagram(
        "An order from its signature to its end",
        {
            "signed": Box(0, 0, "signed:\nits id is known"),
            "written": Box(0, 1, "written down"),
            "sent": Box(1, 1, "sent"),
            "refused": Box(1, 0, "refused", "bad"),
            "accepted": Box(2, 0, "accepted", "good"),
            "unknown": Box(2, 1, "no answer:\nunknown", "doubt"),
            "looked": Box(3, 1, "looked up\nby its id", "doubt"),
            "again": Box(2, 2, "the same signed\norder again", "doubt"),
            "closed": Box(3, 0, "filled, canceled\nor expired", "good"),
        },
        (
            ("signed", "written", ""),
            ("written", "sent", ""),
            ("sent", "refused", "400"),
            ("sent", "accepted", "200"),
            ("sent", "unknown", "5xx"),
            ("unknown", "looked", ""),
            ("looked", "accepted", "it shows"),
            ("looked", "again", "it does not"),
            ("again", "sent", ""),
            ("accepted", "closed", ""),
        ),
    ),
    "real-time/images/connection-states": Diagram(
        "A stream's connection",
        {
            "wait": Box(0, 1, "waiting:\nbackoff and jitter"),
            "dial": Box(0, 0, "dialing"),
            "snapshot": Box(1, 0, "subscribed:\nwaits for the books"),
            "live": Box(2, 0, "live:\nbooks are ready", "good"),
            "doubt": Box(2, 1, "no PONG, no data,\nor a gap", "doubt"),
            "down": Box(1, 1, "down: no book\nis ready", "bad"),
        },
        (
            ("wait", "dial", ""),
            ("dial", "snapshot", ""),
            ("dial", "down", "fails"),
            ("snapshot", "live", ""),
            ("snapshot", "down", "in vain"),
            ("live", "doubt", ""),
            ("doubt", "down", "close"),
            ("down", "wait", ""),
        ),
    ),
    "library/images/reconciliation": Diagram(
        "A fill on its way, and what it is held against",
        {
            "matched": Box(0, 0, "MATCHED:\ncounts as pending"),
            "mined": Box(1, 0, "MINED:\nbalances moved"),
            "confirmed": Box(2, 0, "CONFIRMED:\nfinal", "good"),
            "retrying": Box(0, 1, "RETRYING", "doubt"),
            "failed": Box(1, 1, "FAILED:\ntaken back", "bad"),
            "compare": Box(2, 1, "fills against\nbalances"),
            "fine": Box(3, 0, "equal: go on", "good"),
            "apart": Box(3, 1, "apart twice: stop,\nsomebody looks", "bad"),
        },
        (
            ("matched", "mined", ""),
            ("mined", "confirmed", ""),
            ("matched", "retrying", ""),
            ("retrying", "mined", ""),
            ("retrying", "failed", ""),
            ("confirmed", "compare", ""),
            ("failed", "compare", ""),
            ("compare", "fine", ""),
            ("compare", "apart", ""),
        ),
    ),
}


def svg(diagram: Diagram) -> str:
    wide = max(box.column for box in diagram.boxes.values()) * COLUMN + WIDTH + 2 * MARGIN
    high = max(box.row for box in diagram.boxes.values()) * ROW + HEIGHT + 2 * MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" '
        f'width="{wide:g}" height="{high:g}" role="img" font-family="sans-serif" font-size="14">',
        f"<title>{html.escape(diagram.title)}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="{LINES}"/></marker></defs>',
        f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>',
    ]
    parts += [_arrow(diagram.boxes[a], diagram.boxes[b], text) for a, b, text in diagram.arrows]
    parts += [_box(box) for box in diagram.boxes.values()]
    return "\n".join([*parts, "</svg>", ""])


def _box(box: Box) -> str:
    x, y = box.middle
    lines = box.text.split("\n")
    first = y - (len(lines) - 1) * LINE / 2 + 5
    text = "".join(
        f'<text x="{x:g}" y="{first + number * LINE:g}" text-anchor="middle" fill="{INK}">'
        f"{html.escape(line)}</text>"
        for number, line in enumerate(lines)
    )
    return (
        f'<rect x="{x - WIDTH / 2:g}" y="{y - HEIGHT / 2:g}" width="{WIDTH}" height="{HEIGHT}" '
        f'rx="6" fill="{FILLS[box.kind]}" stroke="{LINES}"/>{text}'
    )


def _arrow(start: Box, end: Box, text: str) -> str:
    (x1, y1), (x2, y2) = _edge(start, end), _edge(end, start)
    drawn = (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{LINES}" '
        'stroke-width="1.5" marker-end="url(#tip)"/>'
    )
    if not text:
        return drawn
    x, y = (x1 + x2) / 2, (y1 + y2) / 2 + 5
    behind = f'paint-order="stroke" stroke="{PAPER}" stroke-width="5"'
    return (
        f'{drawn}<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" fill="{INK}" {behind}>'
        f"{text}</text>"
    )


def _edge(box: Box, other: Box) -> tuple[float, float]:
    """Where the line between the two middles leaves the first box."""
    (x, y), (to_x, to_y) = box.middle, other.middle
    across, down = to_x - x, to_y - y
    share = min(WIDTH / 2 / abs(across) if across else 1.0, HEIGHT / 2 / abs(down) if down else 1.0)
    return x + across * share, y + down * share


if __name__ == "__main__":
    for name, diagram in DIAGRAMS.items():
        (SKILL / f"{name}.svg").write_text(svg(diagram))
