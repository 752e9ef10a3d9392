"""The names of what is written for coders; apart, so that help texts load nothing."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """What suggestions are written as."""

    CSV = "csv"
    JSONL = "jsonl"
    LABELSTUDIO = "labelstudio"
    DOCCANO = "doccano"
    DOCCANO_SPANS = "doccano-spans"
    PRODIGY = "prodigy"


class Tool(StrEnum):
    """The annotation tools that tasks are written for."""

    LABELSTUDIO = "labelstudio"
    DOCCANO = "doccano"
    DOCCANO_SPANS = "doccano-spans"
    PRODIGY = "prodigy"


class Markup(StrEnum):
    """What a methods section is written as."""

    MARKDOWN = "markdown"
    LATEX = "latex"
