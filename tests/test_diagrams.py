"""The diagrams of the guides are what scripts/diagrams.py draws, and can be read."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from scripts.diagrams import DIAGRAMS, HEIGHT, SKILL, WIDTH, svg


@pytest.mark.parametrize("name", DIAGRAMS)
def test_diagram_is_the_drawn_one(name: str) -> None:
    drawn = svg(DIAGRAMS[name])
    assert (SKILL / f"{name}.svg").read_text() == drawn, "run python -m scripts.diagrams"
    assert ElementTree.fromstring(drawn)[0].text == DIAGRAMS[name].title


@pytest.mark.parametrize("name", DIAGRAMS)
def test_every_box_is_reached_and_no_two_overlap(name: str) -> None:
    diagram = DIAGRAMS[name]
    first, *others = diagram.boxes
    assert {end for _, end, _ in diagram.arrows} - {first} == set(others)
    places = [box.middle for box in diagram.boxes.values()]
    for number, (x, y) in enumerate(places):
        for other_x, other_y in places[:number]:
            assert abs(x - other_x) > WIDTH or abs(y - other_y) > HEIGHT
