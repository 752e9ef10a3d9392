"""Arrays that grow in their place."""

from __future__ import annotations

from framescope._types import Array


def append(array: Array, further: Array, end: int) -> None:
    """Write further values from an end on; where room is needed, the array grows in its place.

    By a sixteenth: what is new is filled with zeros, so that it takes memory at once. The system moves large
    arrays without copying them.
    """
    if end + len(further) > len(array):
        array.resize(max(end + len(further), len(array) + len(array) // 16), refcheck=False)
    array[end : end + len(further)] = further
