"""The reader of Label Studio's exports."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framescope.corpus.conventions import Conventions, Resolve
from framescope.corpus.read import read_corpus
from framescope.corpus.resolving import ties
from framescope.corpus.schema import FieldNames
from framescope.errors import CorpusError

Write = Callable[[str, str | bytes], Path]


def test_labelstudio_annotators_vote_and_a_tie_leaves_a_task_uncoded(samples: Path) -> None:
    corpus = read_corpus(samples / "labelstudio.json", format="labelstudio")
    assert corpus.column("id") == ["11", "13", "14"]
    assert corpus.column("labels") == [["fear"], [], []]
    assert corpus.column("n_annotations") == [3, 1, 1]
    assert corpus.column("lang") == ["bg", "ru", "hi"]
    assert corpus.column("outlet") == ["Канал 3", None, None]
    assert ties(corpus) == ["12: 1 of 2 coders gave 'doubt'"]
    union = read_corpus(
        samples / "labelstudio.json", format="labelstudio", conventions=Conventions(resolve=Resolve.UNION)
    )
    assert union.column("labels") == [["fear", "doubt", "blame"], ["doubt"], ["blame"], []]


def test_labelstudio_annotators_are_coders(samples: Path) -> None:
    """The third task has a ground truth by another; the last has an annotator without a name."""
    corpus = read_corpus(samples / "labelstudio.json", format="labelstudio")
    coded = [[(one["coder"], one["labels"]) for one in coders] for coders in corpus.column("coders")]
    assert coded == [
        [("1", ["fear", "doubt"]), ("2", ["fear"]), ("3", ["fear", "blame"])],
        [("1", ["blame"]), ("2", [])],
        [],
    ]


def test_the_ground_truth_of_a_coder_is_not_a_second_annotation(write: Write) -> None:
    task = {
        "id": 5,
        "data": {"text": "Текст"},
        "annotations": [
            {"completed_by": {"id": 1, "email": "anna@example.org"}, "result": [choice("x")]},
            {
                "completed_by": {"id": 1, "email": "anna@example.org"},
                "result": [choice("y")],
                "ground_truth": True,
            },
        ],
    }
    row = read_corpus(write("export.json", json.dumps([task])), format="labelstudio").row(0)
    assert (row["labels"], row["n_annotations"]) == (["y"], 1)
    assert [(one["coder"], one["labels"]) for one in row["coders"]] == [("anna@example.org", ["x"])]


def test_labelstudio_spans_of_all_annotators_are_kept_once(samples: Path) -> None:
    corpus = read_corpus(samples / "labelstudio.json", format="labelstudio")
    text, spans = corpus.row(0)["text"], corpus.row(0)["spans"]
    assert spans == [{"start": 0, "end": 9, "label": "fear"}, {"start": 16, "end": 36, "label": "fear"}]
    assert [text[span["start"] : span["end"]] for span in spans] == ["Пазете се", "искат да ни разделят"]
    assert corpus.column("spans")[1:] == [[{"start": 0, "end": 10, "label": "doubt"}], []]


def test_labelstudio_fields_are_those_of_the_data(write: Write) -> None:
    task = {
        "id": 5,
        "data": {"body": "Текст", "headline": "Заглавие", "key": "a7"},
        "annotations": [{"result": [{"type": "choices", "value": {"choices": ["x"]}}]}],
    }
    path = write("export.json", json.dumps([task]))
    names = FieldNames(id="key", text="body", title="headline")
    row = read_corpus(path, format="labelstudio", fields=names).row(0)
    assert (row["id"], row["title"], row["text"], row["labels"]) == ("a7", "Заглавие", "Текст", ["x"])


def choice(*labels: str) -> dict[str, Any]:
    return {"type": "choices", "value": {"choices": list(labels)}}


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (7, r"tasks\[0\]: expected a task with an object 'data'"),
        ({"data": {"text": "т"}, "annotations": 3}, r"tasks\[0\]: annotations: expected a list of objects"),
        ({"data": {"text": "т"}, "annotations": [{"result": 1}]}, "expected 'result', a list of objects"),
        (
            {"data": {"text": "т"}, "annotations": [{"result": [{"type": "choices", "value": {}}]}]},
            r"expected value\.choices, a list of labels",
        ),
        (
            {"data": {"text": 3}, "annotations": [{"result": [choice("x")]}]},
            r"tasks\[0\]: text: expected a string",
        ),
        ({"data": {}, "annotations": [{"result": [choice("x")]}]}, r"text: no such column; columns are: 'id'"),
    ],
)
def test_labelstudio_names_the_task_at_fault(write: Write, task: object, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus(write("export.json", json.dumps([task])), format="labelstudio")


def test_labelstudio_notices_offsets_that_miss_the_marked_text(write: Write) -> None:
    """Older versions count UTF-16 units: an emoji before the span shifts it by one."""
    text = "😀 Кой плаща?"
    span = {"start": 3, "end": 6, "text": "Кой", "labels": ["doubt"]}
    task = {"data": {"text": text}, "annotations": [{"result": [{"type": "labels", "value": span}]}]}
    with pytest.raises(
        CorpusError,
        match=r"3-6 is 'ой ' in the text, but the span's own text is 'Кой': it fits with --offsets utf16",
    ):
        read_corpus(write("export.json", json.dumps([task])), format="labelstudio")


@pytest.mark.parametrize(
    ("content", "message"), [("{}", "expected a list of tasks, found a dict"), ("[", "is not JSON")]
)
def test_labelstudio_refuses_other_files(write: Write, content: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read_corpus(write("export.json", content), format="labelstudio")


def export_of(
    write: Write, *results: list[dict[str, Any]], text: str = "Западът иска война. Кой плаща?"
) -> Path:
    """Write an export with a task for each list of results."""
    tasks = [
        {"id": n, "data": {"text": text}, "annotations": [{"result": found}]}
        for n, found in enumerate(results, start=1)
    ]
    return write("export.json", json.dumps(tasks))


def result(kind: str, value: object, control: str, **place: object) -> dict[str, Any]:
    return {"type": kind, "from_name": control, "value": {kind: value, **place}}


def test_a_taxonomy_has_two_levels(write: Write) -> None:
    paths = [["URW", "Blaming the West"], ["URW", "Fear"]]
    path = export_of(write, [result("taxonomy", paths, "n")], [result("taxonomy", [["CC"]], "n")])
    corpus = read_corpus(path, format="labelstudio")
    assert corpus.column("labels") == [["URW: Blaming the West", "URW: Fear"], ["CC"]]
    assert [(label.id, label.parent) for label in corpus.codebook.labels] == [
        ("CC", None),
        ("URW", None),
        ("URW: Blaming the West", "URW"),
        ("URW: Fear", "URW"),
    ]


def test_a_taxonomy_of_three_levels_is_refused(write: Write) -> None:
    path = export_of(write, [result("taxonomy", [["a", "b", "c"]], "n")])
    with pytest.raises(CorpusError, match=r"tasks\[0\]: annotations: taxonomy: 'a > b > c' has 3 levels"):
        read_corpus(path, format="labelstudio")


def test_spans_in_pages_are_read_by_their_offsets_in_the_text(write: Write) -> None:
    offsets = {"globalOffsets": {"start": 0, "end": 18}, "start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]"}
    path = export_of(write, [result("hypertextlabels", ["fear"], "l", **offsets, text="Западът иска война")])
    corpus = read_corpus(path, format="labelstudio")
    assert corpus.column("labels") == [["fear"]]
    assert corpus.column("spans") == [[{"start": 0, "end": 18, "label": "fear"}]]


def test_spans_in_a_dialogue_are_refused_by_name(write: Write) -> None:
    place = {"start": "0", "end": "0", "startOffset": 0, "endOffset": 7}
    path = export_of(write, [result("paragraphlabels", ["fear"], "l", **place)])
    with pytest.raises(CorpusError, match="paragraphlabels: offsets within elements of a page or a dialogue"):
        read_corpus(path, format="labelstudio")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("rating", "'c' is a rating: a number is no label"),
        ("ranker", "'c' is a ranker: an order is no label"),
        ("rectanglelabels", "'c' is a rectanglelabels: it is not known how it labels a text"),
    ],
)
def test_results_that_are_not_understood_are_refused_by_name(write: Write, kind: str, reason: str) -> None:
    frames = result("choices", ["fear"], "frame")
    path = export_of(write, [frames, result(kind, 4, "c")], [result(kind, 4, "c")])
    with pytest.raises(CorpusError, match=f"{reason}: --label-control NAME"):
        read_corpus(path, format="labelstudio")
    corpus = read_corpus(path, format="labelstudio", conventions=Conventions(label_control="frame"))
    assert corpus.column("labels") == [["fear"], []]


def test_remarks_are_no_labels(write: Write) -> None:
    remark = result("textarea", ["неясно"], "remark")
    corpus = read_corpus(export_of(write, [choice("fear"), remark], [remark]), format="labelstudio")
    assert corpus.column("labels") == [["fear"], []]
    with pytest.raises(CorpusError, match=r"no control holds labels, found 'remark' \(textarea\)"):
        read_corpus(export_of(write, [remark]), format="labelstudio")


def test_which_of_several_controls_holds_the_labels_is_asked(write: Write) -> None:
    both = [result("choices", ["hot"], "tone"), result("choices", ["fear"], "frame")]
    path = export_of(write, both, [result("choices", ["doubt"], "frame")])
    expected = "several controls hold labels: name one by --label-control: 'frame', 'tone'"
    with pytest.raises(CorpusError, match=expected):
        read_corpus(path, format="labelstudio")
    corpus = read_corpus(path, format="labelstudio", conventions=Conventions(label_control="frame"))
    assert corpus.column("labels") == [["fear"], ["doubt"]]
    with pytest.raises(CorpusError, match="no control 'frames' holds labels; those that do: 'frame', 'tone'"):
        read_corpus(path, format="labelstudio", conventions=Conventions(label_control="frames"))


def test_spans_with_labels_of_their_own_are_not_mixed_with_choices(write: Write) -> None:
    """A task with spans alone would have labels of another control than the others."""
    span = result("labels", ["irony"], "mark", start=0, end=7)
    path = export_of(write, [result("choices", ["fear"], "frame")], [span])
    with pytest.raises(CorpusError, match="'frame' labels texts and 'mark' marks spans with other labels"):
        read_corpus(path, format="labelstudio")
    frames = read_corpus(path, format="labelstudio", conventions=Conventions(label_control="frame"))
    assert (frames.column("labels"), frames.column("spans")) == ([["fear"], []], [[], []])
    marks = read_corpus(path, format="labelstudio", conventions=Conventions(label_control="mark"))
    assert marks.column("labels") == [[], ["irony"]]


MIN = {"annotator": 1, "annotation_id": 5, "lead_time": 3.1, "text": "Западът иска война."}
SPAN = {"start": 0, "end": 7, "text": "Западът", "labels": ["fear"]}


def test_json_min_has_a_row_for_each_annotation(write: Write) -> None:
    rows = [
        {"id": 1, **MIN, "frame": {"choices": ["fear", "doubt"]}, "lang": "bg"},
        {"id": 1, **MIN, "frame": "fear", "lang": "bg", "annotator": 2},
        {"id": 1, **MIN, "frame": "fear", "lang": "bg", "annotator": 3},
        {"id": 2, **MIN, "lang": "ru"},
    ]
    corpus = read_corpus(write("min.json", json.dumps(rows)), format="labelstudio")
    assert corpus.column("id") == ["1", "2"]
    assert corpus.column("labels") == [["fear"], []]
    assert corpus.column("n_annotations") == [3, 1]
    assert [one["coder"] for one in corpus.column("coders")[0]] == ["1", "2", "3"]
    assert corpus.column("lang") == ["bg", "ru"]


def test_flat_exports_hold_spans_and_taxonomies(write: Write) -> None:
    spans = write("spans.json", json.dumps([{"id": 1, **MIN, "mark": [SPAN]}]))
    assert read_corpus(spans, format="labelstudio").column("spans") == [
        [{"start": 0, "end": 7, "label": "fear"}]
    ]
    paths = write("paths.json", json.dumps([{"id": 1, **MIN, "n": [{"taxonomy": [["URW", "Fear"]]}]}]))
    assert read_corpus(paths, format="labelstudio").column("labels") == [["URW: Fear"]]


def test_an_export_as_table_equals_the_one_as_json(write: Write) -> None:
    rows = [
        {"id": "1", "text": "Първи", "frame": {"choices": ["fear", "doubt"]}, "annotation_id": "1"},
        {"id": "2", "text": "Втори", "frame": "fear", "annotation_id": "2"},
        {"id": "3", "text": "Трети", "frame": "", "annotation_id": "3"},
    ]
    as_json = read_corpus(write("export.json", json.dumps(rows)), format="labelstudio")
    assert as_json.column("labels") == [["fear", "doubt"], ["fear"], []]
    cells = [
        [json.dumps(value) if isinstance(value, dict) else value for value in row.values()] for row in rows
    ]
    for name, delimiter in (("export.csv", ","), ("export.tsv", "\t")):
        path = write(name, "")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([list(rows[0]), *cells])
        assert read_corpus(path, format="labelstudio").table == as_json.table


def test_a_flat_export_of_single_words_asks_for_the_control(write: Write) -> None:
    path = write("min.json", json.dumps([{"id": 1, **MIN, "frame": "fear", "outlet": "Канал"}]))
    with pytest.raises(
        CorpusError, match="does not tell which column holds the labels: name it by --label-control"
    ):
        read_corpus(path, format="labelstudio")
    corpus = read_corpus(path, format="labelstudio", conventions=Conventions(label_control="frame"))
    assert (corpus.column("labels"), corpus.column("outlet")) == ([["fear"]], ["Канал"])


def test_tasks_that_nobody_finished_are_uncoded(write: Write) -> None:
    """Untouched or cancelled; one that was sent without a choice has no label."""
    tasks = [
        {"id": 1, "data": {"text": "Първи"}, "annotations": [{"result": [choice("x")]}]},
        {"id": 2, "data": {"text": "Втори"}, "annotations": []},
        {"id": 3, "data": {"text": "Трети"}},
        {"id": 4, "data": {"text": "Четвърти"}, "annotations": [{"result": [], "was_cancelled": True}]},
        {"id": 5, "data": {"text": "Пети"}, "annotations": [{"result": []}]},
    ]
    corpus = read_corpus(write("a.json", json.dumps(tasks)), format="labelstudio")
    assert dict(zip(corpus.column("id"), corpus.column("labels"), strict=True)) == {"1": ["x"], "5": []}
    assert corpus.uncoded is not None
    assert corpus.uncoded["id"].to_pylist() == ["2", "3", "4"]
