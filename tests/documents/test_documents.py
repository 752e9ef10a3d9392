"""Pages, PDF, Word, feeds, web archives and archives of these."""

from __future__ import annotations

import io
import json
import re
import resource
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import made
import pytest

from framescope.articles import read_articles
from framescope.batch.inputs import expand
from framescope.batch.job import score
from framescope.batch.options import ScoreOptions
from framescope.batch.readers import read
from framescope.batch.shards import plan
from framescope.batch.verify import verify
from framescope.documents import docx as docx_module
from framescope.documents import feeds, pages, pdf
from framescope.documents.document import Document
from framescope.documents.read import read_documents
from framescope.errors import InputError
from framescope.formats.dialect import Fields
from framescope.predictor import Predictor

EXTRA = ("trafilatura", "pypdf", "docx", "warcio", "lxml", "python_calamine")
with_extra = pytest.mark.skipif(not all(map(find_spec, EXTRA)), reason="needs the extra files")


def missing(name: str) -> None:
    raise ModuleNotFoundError(name)


def documents(name: str, content: bytes | str) -> list[Document]:
    return list(read_documents(content.encode() if isinstance(content, str) else content, name))


def without_title(document: Document) -> str:
    return document.text.removeprefix(f"{document.title}\n")


@with_extra
@pytest.mark.parametrize(
    ("name", "content"), [("a.html", made.PAGE), ("a.htm", made.PAGE), ("a.mhtml", made.MHTML)]
)
def test_the_article_of_a_saved_page(name: str, content: str) -> None:
    """Without menu and script; with what the page says of itself."""
    (found,) = documents(name, content)
    assert without_title(found) == made.TEXT
    assert (found.title, found.lang, found.source, found.date) == (made.TITLE, "bg", "Вестник", "2024-05-11")
    assert found.url == ("https://example.org/1" if name == "a.mhtml" else "")


@with_extra
def test_a_page_in_another_encoding(tmp_path: Path) -> None:
    page = made.PAGE.replace("utf-8", "windows-1251")
    assert without_title(documents("a.html", page.encode("cp1251"))[0]) == made.TEXT
    assert without_title(documents("a.html", made.PAGE.encode("utf-16"))[0]) == made.TEXT


@with_extra
def test_a_page_without_an_article_is_rejected_with_its_reason() -> None:
    (found,) = documents("a.html", "<html><body><script>x()</script></body></html>")
    assert found.fault == "no article was found in the page: is it made by a script, or a list of links?"
    (found,) = documents("a.mhtml", "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nтекст")
    assert found.fault == "has no part that is a page"


@with_extra
def test_the_text_of_a_pdf() -> None:
    (found,) = documents("a.pdf", made.pdf())
    assert (found.text, found.title) == ("A new military bloc undermines the CSTO", "The union grows")
    assert documents("a.pdf", made.pdf(text=""))[0].fault == "has no text: are its pages images?"
    for content in (b"", b"%PDF-1.4\n", made.pdf()[:200], b"no pdf"):
        assert documents("a.pdf", content)[0].fault.startswith("is not an intact PDF: ")


@with_extra
def test_the_text_of_a_word_document() -> None:
    (found,) = documents("a.docx", made.docx())
    assert (found.text, found.title) == (f"{made.FIRST}\nедно\tдве\n{made.SECOND}", made.TITLE)
    for content in (b"", b"PK\x03\x04", made.zipped({"a.txt": b"x"}), made.docx()[:500]):
        assert documents("a.docx", content)[0].fault.startswith("is not a")


@with_extra
def test_the_entries_of_feeds() -> None:
    first, second = documents("a.rss", made.FEED)
    assert first == Document(
        made.TEXT, made.TITLE, "bg", "Вестник", "2024-05-11", "https://example.org/1", "g1"
    )
    assert (second.name, second.fault) == ("g2", "entry 2 has no text")
    (entry,) = documents("a.xml", made.ATOM)
    assert entry == Document(
        made.FIRST, made.TITLE, "bg", "Вестник", "2024-05-11", "https://example.org/1", "a1"
    )
    with pytest.raises(InputError, match="is not a feed: its first element is 'html', expected rss or feed"):
        documents("a.xml", "<html/>")
    entities = '<!DOCTYPE r [<!ENTITY a "xx"><!ENTITY b "&a;&a;">]>'
    bomb = f"{entities}<rss><channel><item><title>&b;</title></item></channel></rss>"
    assert "x" not in "".join(f"{each.text}{each.title}" for each in documents("a.rss", bomb))


@with_extra
def test_the_pages_of_a_web_archive(tmp_path: Path) -> None:
    """Those that were answered; unpacked by the archive's own records."""
    first, last = documents("a.warc", made.warc())
    assert without_title(first) == made.TEXT
    assert (first.name, first.url) == ("https://example.org/1", "https://example.org/1")
    assert (last.name, last.fault[:21]) == ("https://example.org/4", "no article was found ")
    with pytest.raises(InputError, match="is not an intact web archive"):
        documents("a.warc", b"nothing of the kind")


MEMBERS = {
    "b/page.html": made.PAGE.encode(),
    "a.txt": "Текст".encode(),
    "c.pdf": made.pdf(),
    "__MACOSX/._a.txt": b"x",
    "empty.txt": b" ",
    "d.exe": b"MZ",
    "e.txt": b"\xff",
}


@with_extra
@pytest.mark.parametrize("make", [made.zipped, made.tarred])
def test_archives_of_these(make: Callable[[dict[str, bytes]], bytes]) -> None:
    """Named by the place in the archive; what is no article is said, and nothing is written anywhere."""
    found = {each.name: each for each in documents("a.zip" if make is made.zipped else "a.tgz", make(MEMBERS))}
    assert {name for name, each in found.items() if not each.fault} == {"b/page", "a", "c"}
    assert found["empty"].fault == "is empty, expected an article"
    assert found["d.exe"].fault.startswith("is not read within an archive; .txt, .html")
    assert found["e.txt"].fault.startswith("byte 0xff is not UTF-8")
    assert found["a"].text == "Текст"


def test_archives_that_unpack_to_too_much_are_refused() -> None:
    bomb = {f"{number}.txt": bytes(1 << 24) for number in range(8)}
    for name, make in (("a.zip", made.zipped), ("a.tgz", made.tarred)):
        with pytest.raises(InputError, match=r"unpacks to more than [\d,]+ bytes"):
            documents(name, make(bomb))
    for name in ("a.zip", "a.tar"):
        with pytest.raises(InputError, match="is not an intact"):
            documents(name, b"PK")


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framescope.documents.document.import_module", missing)
    for name in ("a.html", "a.pdf", "a.docx", "a.rss", "a.warc"):
        with pytest.raises(InputError, match=r'needs \w+: pip install "framescope\[files\]"'):
            documents(name, b"<rss/>")


@with_extra
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", made.PAGE.encode()),
        ("feed.rss", made.FEED.encode()),
        ("all.zip", made.zipped(MEMBERS)),
        ("w.warc.gz", made.warc()),
    ],
)
def test_predict_and_score_find_the_same(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    texts: dict[str, str] = {}
    rejected = []
    (shard,) = plan(expand([tmp_path / name]), 1024, "")
    for batch in read(shard.slice, Fields(keep=("source", "date"))):
        texts |= dict(zip(batch.ids.to_pylist(), batch.texts, strict=True))
        rejected += [rejection.reason for rejection in batch.rejections]
    if rejected:
        with pytest.raises(InputError) as caught:
            read_articles([str(tmp_path / name)], io.BytesIO())
        assert rejected == [f"{problem.field}: {problem.message}" for problem in caught.value.problems]
    else:
        (article,) = read_articles([str(tmp_path / name)], io.BytesIO())
        assert texts == {"page": article.text}
        assert (article.id, article.title, article.lang) == ("page", made.TITLE, "bg")
        assert (article.source, article.date) == ("Вестник", "2024-05-11")


@with_extra
def test_a_folder_of_documents_is_one_table(predictor: Predictor, tmp_path: Path) -> None:
    """A file that is none of its kind is rejected, and the others are scored."""
    folder, output = tmp_path / "saved", tmp_path / "out"
    folder.mkdir()
    for name, content in (
        ("1.html", made.PAGE.encode()),
        ("2.zip", b"PK"),
        ("3.pdf", made.pdf()),
        ("4.docx", made.docx()),
    ):
        (folder / name).write_bytes(content)
    options = ScoreOptions(format="jsonl", keep=["source"])
    summary = score(predictor, folder, output, options=options)
    assert (summary.n_parts, summary.n_rejected, summary.failures) == (1, 1, {})
    (part,) = output.glob("part-*.jsonl")
    rows = [json.loads(line) for line in part.read_text("utf-8").splitlines()]
    assert [(row["id"], row["source"]) for row in rows] == [("1", "Вестник"), ("3", ""), ("4", "")]
    rejected = json.loads((output / "_rejected.jsonl").read_text("utf-8"))
    assert rejected["file"] == str(folder / "2.zip")
    assert rejected["reason"].startswith("is not an intact")
    assert verify(output) == []
    assert score(predictor, folder, output, options=options).n_scored == summary.n_scored


@with_extra
def test_documents_are_tried_again_when_the_package_is_there(
    predictor: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.html").write_bytes(made.PAGE.encode())
    with monkeypatch.context() as patched:
        patched.setattr("framescope.documents.document.import_module", missing)
        (reason,) = score(predictor, tmp_path / "a.html", tmp_path / "out").failures.values()
        assert reason.endswith('a.html: needs trafilatura: pip install "framescope[files]"')
    assert score(predictor, tmp_path / "a.html", tmp_path / "out").n_scored == 1


@with_extra
@pytest.mark.parametrize("name", ["a.html", "a.rss", "a.docx"])
def test_tags_that_would_fill_the_memory(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (pages, feeds, docx_module):
        monkeypatch.setattr(module, "MAX_TAGS", 3)
    content = {"a.html": made.PAGE.encode(), "a.rss": made.FEED.encode()}.get(name) or word_document()
    try:
        faults = [document.fault for document in read_documents(content, name)]
    except InputError as error:
        faults = [problem.message for problem in error.problems]
    assert faults == ["has more than 1,000,000 tags"]


def test_a_page_of_more_than_a_text_may_have() -> None:
    (found,) = read_documents(b"<p>" + b"a" * 10_000_000, "a.html")
    assert found.fault == "the page has more than 10,000,000 bytes"


def word_document() -> bytes:
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        archive.writestr("word/document.xml", "<a><b/><b/><b/></a>")
    return written.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    "stream",
    [
        b"BT /F1 12 Tf 20 700 Td (hello world) Tj ET\n" * 200_000,
        b"BT /F1 12 Tf 20 700 Td (" + b"a" * 70_000_000 + b") Tj ET\n",
        b"\0" * 900_000_000,
    ],
    ids=["draws for hours", "a text of 70 MB", "unpacks to 900 MB"],
)
def test_a_pdf_that_unpacks_to_far_more_than_it_is(stream: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read in a process with bounds, and no other article suffers from it."""
    monkeypatch.setattr(pdf, "MAX_SECONDS", 4)
    content = made.pdf(stream=stream)
    assert len(content) < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (found,) = documents("a.pdf", content)
    assert re.match("takes too much memory, or too long|is not an intact PDF|unpacks to more than", found.fault)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
