"""Short views of results for notebooks and consoles: tables as HTML, and text of bounded length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from framescope.visible import visible

MAX_REPR = 2_000
N_ROWS = 10
N_SHOWN = 5


def short(text: str, *, limit: int = MAX_REPR) -> str:
    """Return a text of at most ``limit`` characters: where it is longer, its beginning and "...".

    >>> short("abcdef", limit=5)
    'ab...'
    """
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def html_table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, more: str = "") -> str:
    """Return a table as HTML, every cell escaped; ``more`` says below it what is left out.

    >>> html_table("<a>", ["x"], [["1 < 2"]])
    '<table><caption>&lt;a&gt;</caption><tr><th>x</th></tr><tr><td>1 &lt; 2</td></tr></table>'
    """
    lines = [_row("th", header), *(_row("td", row) for row in rows)]
    note = f"<p>{_cell(more)}</p>" if more else ""
    return f"<table><caption>{_cell(caption)}</caption>{''.join(lines)}</table>{note}"


def labels_in_short(labels: Sequence[str], probabilities: Mapping[str, float]) -> str:
    """Return labels and the greatest probabilities as Python shows values.

    >>> labels_in_short(("a",), {"b": 0.25, "a": 0.75})
    "labels=('a',), probabilities={'a': 0.750, 'b': 0.250}"
    """
    order = _most_probable(probabilities)
    shown = [f"{label!r}: {probabilities[label]:.3f}" for label in order[:N_SHOWN]]
    more = [f"... {len(order) - N_SHOWN} more"] if len(order) > N_SHOWN else []
    return short(
        f"labels={tuple(labels)!r}, probabilities={{{', '.join([*shown, *more])}}}", limit=MAX_REPR - 100
    )


def labels_as_html(
    labels: Sequence[str],
    probabilities: Mapping[str, float],
    to_review: Sequence[str] = (),
    *,
    is_unlike: bool = False,
) -> str:
    """Return the most probable labels as a table that says which are given or to review, or none is meant."""
    order, said = _most_probable(probabilities), dict.fromkeys(labels, "given")
    said |= dict.fromkeys(to_review, "to review")
    rows = [(one, f"{probabilities[one]:.3f}", said.get(one, "")) for one in order[:N_ROWS]]
    labels = [label for label in labels if label not in to_review]
    more = f"and {len(order) - N_ROWS} less probable labels" if len(order) > N_ROWS else ""
    caption = f"given: {', '.join(labels)}" if labels else "no label is given"
    if is_unlike:
        caption = f"unlike the training articles, so do not rely on this; {caption}"
    return html_table(caption, ("label", "probability", ""), rows, more=more)


def _most_probable(probabilities: Mapping[str, float]) -> list[str]:
    return sorted(probabilities, key=lambda label: -probabilities[label])


def _row(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{_cell(cell)}</{tag}>' for cell in cells)}</tr>"


def _cell(text: str) -> str:
    return escape(visible(text))
