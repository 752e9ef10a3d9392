"""An article's words: how title and text become the one string that a model reads."""

from __future__ import annotations


def full_text(title: str | None, text: str) -> str:
    r"""Join title and text with a line break, unless the text already begins with the title.

    White space of any kind and length is one there. Training and serving both call this, so a model meets the
    same string for the same article.

    >>> full_text("Съюз", "Нов блок")
    'Съюз\nНов блок'
    >>> full_text("Съюз на изток", "Съюз  на\u00a0изток: нов блок")
    'Съюз  на\xa0изток: нов блок'
    """
    if not title or _begins_with(text, title):
        return text
    return f"{title}\n{text}"


def _begins_with(text: str, title: str) -> bool:
    """Tell whether the words of the title are the first of the text, the last one perhaps in part."""
    words = title.split()
    if not words or text.startswith(title):
        return True
    at = _behind_spaces(text, 0)
    for number, word in enumerate(words):
        begin = _behind_spaces(text, at) if number else at
        if (number and begin == at) or not text.startswith(word, begin):
            return False
        at = begin + len(word)
    return True


def _behind_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
