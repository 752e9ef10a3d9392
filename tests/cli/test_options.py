"""Shared options: which field of a unit each option names the column of."""

from __future__ import annotations

from dataclasses import fields

from framescope.cli.reading import COLUMN_OPTIONS, CorpusOptions
from framescope.corpus.schema import FieldNames


def test_each_option_for_a_column_names_one_field_of_a_unit() -> None:
    """And each field of a unit has its option."""
    options = [field.name for field in fields(CorpusOptions) if field.name.endswith("_field")]
    assert list(COLUMN_OPTIONS) == options
    assert sorted(COLUMN_OPTIONS.values()) == sorted(field.name for field in fields(FieldNames))


def test_columns_that_are_named_are_looked_for_under_their_fields() -> None:
    named = CorpusOptions(label_field="codes", article_field="doc", span_field="marks", id_field="nr")
    assert named._columns() == {"id": "nr", "labels": "codes", "article_id": "doc", "spans": "marks"}
    assert CorpusOptions(format="csv", skip_invalid=True)._columns() == {}
