"""Readers of SemEval-2025 Task 10 and SemEval-2023 Task 3, on releases made up for this test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from framescope.corpus.read import read_corpus
from framescope.errors import CorpusError

BLAME = "URW: Blaming the war on others: rather than us"
POLICY = "CC: Criticism of policies, plans"


@pytest.fixture
def release(samples: Path, tmp_path: Path) -> Path:
    """A copy of the 2025 sample that a test may damage."""
    return Path(shutil.copytree(samples / "semeval2025", tmp_path / "release"))


def test_2025_reads_all_languages_in_the_order_of_the_annotations(samples: Path) -> None:
    corpus = read_corpus(samples / "semeval2025", format="semeval2025")
    assert corpus.column("id") == ["BG_2.txt", "BG_1.txt", "BG/shared.txt", "RU_1.txt", "RU/shared.txt"]
    assert corpus.column("file") == ["BG_2.txt", "BG_1.txt", "shared.txt", "RU_1.txt", "shared.txt"]
    assert corpus.column("lang") == ["bg", "bg", "bg", "ru", "ru"]
    assert corpus.column("labels") == [
        ["Other"],
        [f"{BLAME}: The West is to blame", f"{BLAME}: Other", f"{POLICY}: Other"],
        [f"{POLICY}: Policies are too costly"],
        [f"{BLAME}: The West is to blame"],
        ["Other"],
    ]


def test_2025_splits_the_title_from_the_text(samples: Path) -> None:
    corpus = read_corpus(samples / "semeval2025/BG", format="semeval2025")
    assert corpus.column("title") == ["Общината откри нова библиотека", "Кой печели от кризата?", ""]
    assert corpus.column("text") == [
        "Залата събира двеста читатели.",
        "Те тласкат страната към пропаст, а цената плащаме ние.\nИ никой не пита защо.",
        "Само един ред без заглавие.",
    ]
    assert corpus.full_texts()[0] == "Общината откри нова библиотека\nЗалата събира двеста читатели."


def test_2025_a_name_is_the_id_where_one_language_is_read(samples: Path) -> None:
    corpus = read_corpus(samples / "semeval2025/RU", format="semeval2025")
    assert corpus.column("id") == ["RU_1.txt", "shared.txt"]
    assert corpus.column("article_id") == ["RU_1.txt", "shared.txt"]


def test_2025_codebook_has_two_levels_and_other_on_the_first(samples: Path) -> None:
    codebook = read_corpus(samples / "semeval2025", format="semeval2025").codebook
    assert [(label.id, label.parent) for label in codebook.labels] == [
        (POLICY, None),
        (f"{POLICY}: Other", POLICY),
        (f"{POLICY}: Policies are too costly", POLICY),
        ("Other", None),
        (BLAME, None),
        (f"{BLAME}: Other", BLAME),
        (f"{BLAME}: The West is to blame", BLAME),
    ]


def test_2025_dominant_narratives_are_further_columns(samples: Path) -> None:
    corpus = read_corpus(samples / "semeval2025", format="semeval2025")
    row = corpus.row(1)
    assert row["dominant_narrative"] == POLICY
    assert row["dominant_subnarrative"] == f"{POLICY}: Other"
    assert row["explanation"] == "Текстът обвинява плановете."
    assert corpus.column("explanation")[0] is None


def test_2025_reports_every_fault_of_the_annotations(release: Path) -> None:
    path = release / "RU/subtask-2-annotations.txt"
    path.write_text(
        "\n".join(
            [
                "RU_2.txt\tOther\tOther",
                f"RU_1.txt\t{BLAME};{POLICY}\t{BLAME}: Other",
                f"RU_1.txt\t{BLAME}\t{POLICY}: Other",
                "RU_1.txt\tOther",
                "shared.txt\tOther\tOther",
                "shared.txt\tOther\tOther",
            ]
        ),
        encoding="utf-8",
    )
    (release / "RU/subtask-3-annotations.txt").write_text(
        f"gone.txt\t{BLAME}\t{BLAME}: Other", encoding="utf-8"
    )
    with pytest.raises(CorpusError) as caught:
        read_corpus(release / "RU", format="semeval2025")
    documents = release / "RU/subtask-2-documents"
    assert str(caught.value).splitlines() == [
        f"{path}:1: file: article 'RU_2.txt' is not in {documents}",
        f"{path}:2: sub-narratives: 1 sub-narratives, expected one for each narrative (2)",
        f"{path}:3: sub-narratives: '{POLICY}: Other' is no sub-narrative of '{BLAME}'",
        f"{path}:4: 2 tab-separated fields, expected 3",
        f"{path}:6: id: duplicate id 'shared.txt', first at line 5",
        f"{release}/RU/subtask-3-annotations.txt:1: file: article 'gone.txt' is not in {documents}",
    ]
    corpus = read_corpus(release / "RU", format="semeval2025", skip_invalid=True)
    assert corpus.column("id") == ["shared.txt"]
    assert len(corpus.left_out) == 6


def test_2025_a_line_with_two_faults_is_one_row_left_out(release: Path) -> None:
    lines = [f"gone.txt\t{BLAME}\t{POLICY}: Other", "shared.txt\tOther\tOther"]
    (release / "RU/subtask-2-annotations.txt").write_text("\n".join(lines), encoding="utf-8")
    corpus = read_corpus(release / "RU", format="semeval2025", skip_invalid=True)
    assert (corpus.n_left_out, len(corpus.left_out)) == (1, 2)


def test_2025_an_article_in_another_encoding_names_line_and_byte(release: Path) -> None:
    article = release / "RU/subtask-2-documents/RU_1.txt"
    article.write_bytes("Заголовок\n\nтекст".encode() + "ы".encode("cp1251"))
    with pytest.raises(CorpusError, match=r"RU_1\.txt:3: byte 0xfb is not UTF-8"):
        read_corpus(release, format="semeval2025")


def test_2025_a_codebook_may_be_given(samples: Path) -> None:
    bulgarian = read_corpus(samples / "semeval2025/BG", format="semeval2025").codebook
    russian = read_corpus(samples / "semeval2025/RU", format="semeval2025", codebook=bulgarian)
    assert russian.codebook is bulgarian
    own = read_corpus(samples / "semeval2025/RU", format="semeval2025").codebook
    with pytest.raises(CorpusError, match=r"annotations\.txt:2: labels: label .* is not in the codebook"):
        read_corpus(samples / "semeval2025/BG", format="semeval2025", codebook=own)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        ([], "no such folder"),
        (["BG/raw-documents"], r"expected subtask-2-annotations\.txt here, or in a folder per language"),
        (["subtask-2-annotations.txt"], "expected a folder raw-documents or subtask-2-documents"),
    ],
)
def test_2025_a_folder_without_the_layout_is_refused(tmp_path: Path, make: list[str], message: str) -> None:
    root = tmp_path / "release"
    for name in make:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("a.txt\tOther\tOther") if "." in name else (root / name).mkdir()
    with pytest.raises(CorpusError, match=message):
        read_corpus(root, format="semeval2025")


def test_2023_frames_are_the_default_and_split_at_commas(samples: Path) -> None:
    corpus = read_corpus(samples / "semeval2023", format="semeval2023")
    assert corpus.column("id") == ["7", "101"]
    assert corpus.column("lang") == ["en", "ru"]
    assert corpus.column("labels") == [["Economic"], ["Security_and_defense", "Morality"]]
    assert corpus.column("title") == ["Council weighs a toll on lorries", "Новый закон пугает соседей"]


def test_2023_subtask_and_split_are_part_of_the_format(samples: Path) -> None:
    root = samples / "semeval2023"
    assert read_corpus(root, format="semeval2023:2:dev").column("id") == ["8"]
    assert read_corpus(root / "ru", format="semeval2023:1").column("labels") == [["opinion"]]


def test_2023_paragraphs_are_the_listed_lines(samples: Path) -> None:
    corpus = read_corpus(samples / "semeval2023", format="semeval2023:3:train")
    assert corpus.column("id") == ["101:1", "101:3", "101:5", "101:6"]
    assert corpus.column("article_id") == ["101"] * 4
    assert corpus.column("text")[1:3] == [
        "Депутаты говорят о безопасности.",
        "Позор предателям! Они продали нас.",
    ]
    assert corpus.column("labels") == [
        ["Loaded_Language"],
        [],
        ["Name_Calling-Labeling", "Loaded_Language"],
        [],
    ]


def test_2023_reports_lines_that_an_article_does_not_have(samples: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(samples / "semeval2023/ru", tmp_path / "ru"))
    path = root / "train-labels-subtask-3.txt"
    path.write_text("101\t99\tDoubt\n101\tx\tDoubt\n101\t2\tDoubt\n102\t1\tDoubt\n101\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_corpus(root, format="semeval2023:3")
    assert str(caught.value).splitlines() == [
        f"{path}:1: line: '99' is no line of article101.txt, which has 7 lines",
        f"{path}:2: line: 'x' is no line of article101.txt, which has 7 lines",
        f"{path}:3: line: line 2 of article101.txt is labelled but empty",
        f"{path}:4: file: article 'article102.txt' is not in {root / 'train-articles-subtask-3'}",
        f"{path}:5: 1 tab-separated fields, expected 2 or 3",
    ]


@pytest.fixture
def span_folders(tmp_path: Path) -> Path:
    """Two languages with an article each of the same number, and one without an annotation."""
    for language, text in (("en", "Title\n\nThey are traitors."), ("ru", "Заголовок\n\nПозор предателям!")):
        articles = tmp_path / language / "train-articles-subtask-3"
        spans = tmp_path / language / "train-labels-subtask-3-spans"
        articles.mkdir(parents=True)
        spans.mkdir()
        for number in (1, 2, 3):
            (articles / f"article{number}.txt").write_text(text, encoding="utf-8")
        start = text.index("traitors" if language == "en" else "Позор")
        lines = f"1\tDoubt\t{start}\t{start + 5}\n1\tLoaded_Language\t{start}\t{len(text)}\n"
        (spans / "article1-labels-subtask-3.txt").write_text(lines, encoding="utf-8")
        (spans / "article2-labels-subtask-3.txt").write_text("", encoding="utf-8")
    return tmp_path


def test_2023_spans_are_read_from_their_folder(span_folders: Path) -> None:
    corpus = read_corpus(span_folders, format="semeval2023:3-spans")
    assert corpus.column("id") == ["en/1", "en/2", "ru/1", "ru/2"]
    assert corpus.column("lang") == ["en", "en", "ru", "ru"]
    assert corpus.column("labels") == [["Doubt", "Loaded_Language"], []] * 2
    text, spans = corpus.column("text")[2], corpus.column("spans")[2]
    assert [(text[s["start"] : s["end"]], s["label"]) for s in spans] == [
        ("Позор", "Doubt"),
        ("Позор предателям!", "Loaded_Language"),
    ]


def test_2023_spans_name_the_line_at_fault(span_folders: Path) -> None:
    path = span_folders / "ru/train-labels-subtask-3-spans/article1-labels-subtask-3.txt"
    path.write_text("2\tDoubt\t0\t5\n1\tDoubt\t0\tx\n1\tDoubt\n", encoding="utf-8")
    with pytest.raises(CorpusError) as caught:
        read_corpus(span_folders / "ru", format="semeval2023:3-spans")
    assert str(caught.value).splitlines() == [
        f"{path}:1: article: expected '1' as in the file's name, found '2'",
        f"{path}:2: offsets: expected start and end, found ['0', 'x']",
        f"{path}:3: 2 tab-separated fields, expected 4",
    ]
    with pytest.raises(
        CorpusError, match=r"expected dev-labels-subtask-3-spans here, or in a folder per language"
    ):
        read_corpus(span_folders, format="semeval2023:3-spans:dev")


@pytest.mark.parametrize("name", ["semeval2023:4", "semeval2023:1:train:x", "semeval2023:2:../x"])
def test_2023_refuses_other_subtasks(samples: Path, name: str) -> None:
    with pytest.raises(CorpusError, match="expected semeval2023:<subtask 1, 2, 3 or 3-spans>:<split>"):
        read_corpus(samples / "semeval2023", format=name)
