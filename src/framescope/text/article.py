"""An article's words: how title and text become the one string that a model reads."""

from __future__ import annotations


def full_text(title: str | None, text: str) -> str:
    r"""Join title and text with a line break, unless the text already begins with the title.

    Training and serving both call this, so a model meets the same string for the same article.

    >>> full_text("Съюз", "Нов блок")
    'Съюз\nНов блок'
    >>> full_text("Съюз", "Съюз на изток")
    'Съюз на изток'
    """
    if not title or text.startswith(title):
        return text
    return f"{title}\n{text}"
