"""Reader of datasets: of the Hugging Face hub, of a folder that ``datasets`` understands, or in memory.

It loads ``datasets``, which takes seconds: import it where such a corpus is read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import datasets
import pyarrow as pa

from framescope.corpus.rows import RawRows, Row
from framescope.corpus.schema import HUB, FieldNames
from framescope.errors import CorpusError


def read_hub(name: str, fields: FieldNames) -> RawRows:
    """Read ``hf:<name>[:config][:split]``; the split is ``train`` unless named.

    ``hf:name::test`` names a split of a dataset with a single configuration. ``datasets`` keeps what it
    downloads in its own cache.
    """
    return read_dataset(_load(name), name, fields)


def read_dataset(dataset: datasets.Dataset, name: str, fields: FieldNames) -> RawRows:
    """Read a dataset that is in memory; ``name`` is what its rows without an id, and messages, are named by.

    Class numbers become the names of the classes, a class of -1 no label.

    Raises:
        CorpusError: it is no dataset.
    """
    if not isinstance(dataset, datasets.Dataset):
        found = type(dataset).__name__
        raise CorpusError.at(name, f"expected a path, an hf: name or a datasets.Dataset, found a {found}")
    class_names = {column: _class_names(feature) for column, feature in dataset.features.items()}
    columns = {
        column: [_decode(value, class_names[column]) for value in values]
        for column, values in dataset.with_format("arrow")[:].to_pydict().items()
    }
    rows = [
        Row(dict(zip(columns, values, strict=True)), name, number, part=f"row {number}")
        for number, values in enumerate(zip(*columns.values(), strict=True), start=1)
    ]
    return RawRows(rows, fields=fields)


def _load(name: str) -> datasets.Dataset:
    parts = name.removeprefix(HUB).split(":")
    if not parts[0] or len(parts) > 3:
        raise CorpusError.at(name, "expected hf:<name>[:config][:split]")
    path, config, split = [*parts, "", ""][:3]
    try:
        with _quiet_when_piped():
            return datasets.load_dataset(path, config or None, split=split or "train")
    except (OSError, ValueError, RuntimeError, pa.ArrowException, datasets.exceptions.DatasetsError) as error:
        raise CorpusError.at(name, f"cannot be loaded: {error}") from error


@contextmanager
def _quiet_when_piped() -> Iterator[None]:
    """Show the progress bars of ``datasets`` on a terminal only."""
    was_enabled = datasets.is_progress_bar_enabled()
    if not sys.stderr.isatty():
        datasets.disable_progress_bars()
    try:
        yield
    finally:
        if was_enabled:
            datasets.enable_progress_bars()


def _class_names(feature: object) -> list[str] | None:
    """Return the names of a class column, or of a column of lists of classes."""
    inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", feature)
    return list(inner.names) if isinstance(inner, datasets.ClassLabel) else None


def _decode(value: Any, names: list[str] | None) -> object:
    if names is None or value is None:
        return value
    numbers = value if isinstance(value, list) else [value]
    return [names[number] for number in numbers if number is not None and number >= 0]
