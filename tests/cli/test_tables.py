"""Tables for people: they can be read in a terminal of any width."""

from __future__ import annotations

import pytest
from rich.console import Console

from framescope.cli.tables import add_row, new_table
from framescope.cli.terminal import PIPED_WIDTH
from framescope.measure.shown import OUTLOOK_HEADER

INTERVAL = "0.643 [0.618, 0.668]"


def printed(width: int) -> list[str]:
    """Return the lines of the widest table that training prints."""
    console = Console(width=width)
    table = new_table("What tomorrow may look like", OUTLOOK_HEADER[:1], OUTLOOK_HEADER[1:])
    add_row(table, "batches of 50", *[INTERVAL] * 3, "0.072", "0.019", "-1.02", "0.643", "0.775")
    with console.capture() as captured:
        console.print(table)
    return captured.get().splitlines()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_a_narrow_terminal_breaks_numbers_and_keeps_the_names_of_rows(width: int) -> None:
    """What is too wide is broken at spaces; no column vanishes, and nothing is cut off."""
    lines = printed(width)
    words = " ".join(lines).split()
    assert {"batches", "50", "0.072", "0.643", "-1.02"} <= {*words}
    assert "…" not in "".join(lines)


def test_what_is_piped_has_room_for_a_row_a_line() -> None:
    """In a file every row of the widest table is one line."""
    assert [line.split()[:3] for line in printed(PIPED_WIDTH) if "0.072" in line] == [["batches", "of", "50"]]
    assert any(line.count(INTERVAL) == 3 for line in printed(PIPED_WIDTH))
