"""Reading codebooks: from JSON or a table to a checked tree of labels, with every problem named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from framescope.codebook import Codebook, Label, Mentions
from framescope.codebook_tables import is_table, read_table
from framescope.errors import CodebookError, Problem
from framescope.text.terms import parse_term
from framescope.visible import has_hidden

MAX_LEVELS = 2
_DISARM = re.compile(r"T\d{4}(\.\d{3})?", re.ASCII)


def read_codebook(path: Path | str) -> Codebook:
    """Read a codebook from JSON, or from a table with a row a label, see :mod:`framescope.codebook_tables`.

    Raises:
        CodebookError: the file cannot be read, or is no tree of at most two levels of distinct labels.
    """
    path = Path(path)
    if is_table(path):
        return parse_codebook(read_table(path), path)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        # Half a surrogate pair can be written in JSON but in no UTF-8 file: better here than when saving.
        json.dumps(content, ensure_ascii=False).encode()
    except FileNotFoundError as error:
        raise CodebookError.at(path, "no such file") from error
    except UnicodeEncodeError as error:
        raise CodebookError.at(path, "has half of a surrogate pair, which is not a character") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CodebookError.at(path, f"cannot be read as UTF-8 text: {error}") from error
    except (ValueError, RecursionError) as error:
        raise CodebookError.at(path, f"is not JSON: {error}", line=getattr(error, "lineno", None)) from error
    return parse_codebook(content, path)


def parse_codebook(content: object, path: Path | str) -> Codebook:
    """Build a codebook from parsed JSON; ``path`` names its origin in errors.

    Raises:
        CodebookError: with every problem found.
    """
    if not isinstance(content, dict) or not isinstance(content.get("labels"), list):
        raise CodebookError.at(path, "expected an object with a list of labels", field="labels")
    labels: dict[str, Label] = {}
    problems: list[Problem] = []
    _collect_labels(content["labels"], (), labels, problems, path=path)
    for name, kind in (("name", str), ("version", int), ("languages", list), ("rule", str), ("caution", str)):
        if not isinstance(content.get(name, kind()), kind):
            problems.append(Problem(f"expected {kind.__name__}, found {content[name]!r}", path, field=name))
    mentions = _mentions(content, "", problems, path=path)
    if not labels and not problems:
        problems.append(Problem("a codebook needs at least one label", path, field="labels"))
    if problems:
        raise CodebookError(problems)
    return Codebook(
        name=content.get("name", Path(path).stem),
        labels=tuple(labels.values()),
        version=content.get("version", 1),
        languages=tuple(str(language) for language in content.get("languages", [])),
        rule=content.get("rule", ""),
        caution=content.get("caution", ""),
        mentions=mentions,
    )


def _collect_labels(
    entries: Sequence[object],
    ancestors: tuple[str, ...],
    labels: dict[str, Label],
    problems: list[Problem],
    *,
    path: Path | str,
) -> None:
    """Add the labels of one branch, parents first, and what is wrong with them."""
    for position, entry in enumerate(entries):
        where = " > ".join([*ancestors, f"labels[{position}]"])
        if not isinstance(entry, dict) or not _is_id(entry.get("id")):
            message = "expected an object with a non-empty string 'id' without spaces around it"
            problems.append(Problem(message, path, field=where))
            continue
        label_id = entry["id"]
        if has_hidden(label_id):
            problems.append(
                Problem(f"label {label_id!r} has a control character: remove it", path, field=where)
            )
        if label_id in ancestors:
            problems.append(Problem(f"label {label_id!r} is its own ancestor", path, field=where))
            continue
        if label_id in labels:
            problems.append(Problem(f"duplicate label id {label_id!r}", path, field=where))
        children = entry.get("children", [])
        is_too_deep = bool(children) and len(ancestors) + 1 >= MAX_LEVELS
        problems += (Problem(message, path, field=where) for message in _faults(entry, is_too_deep=is_too_deep))
        mentions = _mentions(entry, f"{where}: label {label_id!r}: ", problems, path=path)
        labels[label_id] = _label(entry, ancestors[-1] if ancestors else None, mentions)
        if isinstance(children, list) and not is_too_deep:
            _collect_labels(children, (*ancestors, label_id), labels, problems, path=path)


def _label(entry: Mapping[str, Any], parent: str | None, mentions: Mentions | None) -> Label:
    names = entry.get("name", {})
    return Label(
        id=entry["id"],
        parent=parent,
        names=names if isinstance(names, dict) else {},
        applies=entry.get("applies", ""),
        excludes=entry.get("excludes", ""),
        mentions=mentions,
        is_catch_all=entry.get("catch_all", False),
        disarm=entry.get("disarm", ""),
    )


def _faults(entry: Mapping[str, Any], *, is_too_deep: bool) -> Iterator[str]:
    """Yield what is wrong with the fields of a label."""
    names = entry.get("name", {})
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        yield "'name' must map language codes to names, such as {'en': 'Fear'}"
    if not isinstance(entry.get("children", []), list):
        yield "'children' must be a list of labels"
    elif is_too_deep:
        yield f"more than {MAX_LEVELS} levels of labels"
    for key in ("applies", "excludes"):
        if not isinstance(entry.get(key, ""), str):
            yield f"'{key}' must be a string"
    if not isinstance(entry.get("catch_all", False), bool):
        yield "'catch_all' must be true or false"
    disarm = entry.get("disarm", "")
    if disarm != "" and not (isinstance(disarm, str) and _DISARM.fullmatch(disarm)):
        yield f"'disarm' must be the id of a DISARM technique, such as 'T0023' or 'T0023.001', found {disarm!r}"


def _mentions(
    entry: Mapping[str, Any], owner: str, problems: list[Problem], *, path: Path | str
) -> Mentions | None:
    """Return the terms that a label or the codebook, the ``owner``, lists, and note what is wrong with them."""
    mentions = entry.get("mentions", {})
    if not isinstance(mentions, dict) or not all(isinstance(terms, list) for terms in mentions.values()):
        message = "expected language codes with lists of terms, such as {'en': ['kazakh*', 'south caucasus']}"
        problems.append(Problem(message, path, field=f"{owner}mentions"))
        return None
    n_before = len(problems)
    for language, terms in mentions.items():
        for term in terms:
            try:
                parse_term(term)
            except ValueError as error:
                field_name = f"{owner}mentions.{language}"
                problems.append(Problem(f"term {term!r}: {error}", path, field=field_name))
    if mentions and not any(mentions.values()):
        message = "lists no term: no text would do; {} lifts the scope"
        problems.append(Problem(message, path, field=f"{owner}mentions"))
    if "mentions" not in entry or len(problems) > n_before:
        return None
    return {language: tuple(terms) for language, terms in mentions.items()}


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value != "" and value == value.strip()
