"""Uploads, from the form to the table and what is taken away."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from person import ROWS, Person

from framescope.serve.jobs import Status
from framescope.serve.site.choice import ORDERS
from framescope.serve.site.overview import overview_of
from framescope.serve.site.rows import table_of
from tiny import SENTENCES


def titles(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*dir="auto">([^<]*)</a>', text)


def test_the_table_has_every_article(person: Person) -> None:
    job = person.done()
    page = person.get(f"/jobs/{job.id}", sort="date").text
    assert titles(page) == [row["title"] for row in ROWS]
    predictions = person.service.models["tiny"].predict([f"{row['title']}\n{row['text']}" for row in ROWS])
    for row, prediction in zip(table_of(job), predictions, strict=True):
        assert set(row.labels) == set(prediction.labels)
        assert row.labels == pytest.approx({name: prediction.probabilities[name] for name in row.labels})
    assert "12 articles" in page


def test_the_table_is_filtered(person: Person) -> None:
    job = person.done()
    page = person.get(f"/jobs/{job.id}", outlet="outlet 1", sort="-date", until="2026-11-06").text
    assert titles(page) == ["№ 5", "№ 3", "№ 1"]
    assert "3 of 12 articles" in page
    assert "No article matches." in person.get(f"/jobs/{job.id}", words="nothing of it").text


def test_the_form_sorts_as_the_heads_do(person: Person) -> None:
    """On a phone the table has no heads."""
    page = person.get(f"/jobs/{person.done().id}", sort="-date").text
    offered = re.findall(r'<option value="(-?(?:title|outlet|date|labels|typicality))"( selected)?>', page)
    assert [value for value, _ in offered] == [f"{sign}{column}" for column in ORDERS for sign in ("", "-")]
    assert [value for value, is_chosen in offered if is_chosen] == ["-date"]


def test_a_row_leads_to_its_article(person: Person) -> None:
    page = person.get(f"/jobs/{person.done().id}", sort="date").text
    (address,) = re.findall(r'<a href="([^"]*)"[^>]*>№ 3</a>', page)
    article = person.get(address.replace("&amp;", "&")).text
    assert "<h1>№ 3</h1>" in article
    assert "outlet 1 · 2026-11-04" in article


def test_one_article_opens_at_once(person: Person) -> None:
    job = person.done(ROWS[:1])
    answer = person.client.get(f"/jobs/{job.id}", headers=person.headers, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/article?ref={job.id}%2Fa0&model=tiny")


@pytest.mark.parametrize("kind", ["xlsx", "csv", "parquet", "jsonl"])
def test_all_rows_are_taken_away(person: Person, kind: str) -> None:
    answer = person.get(f"/jobs/{person.done().id}/labels.{kind}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="rows.labels.{kind}"'
    if kind in {"csv", "jsonl"}:
        assert len(answer.text.splitlines()) == len(ROWS) + (kind == "csv")


def test_a_form_with_files_becomes_a_job(person: Person) -> None:
    person.service.runner.stop()
    files = [("files", ("Новини.csv", "text\nНов блок\n"))]
    fields = {"csrf": person.csrf(), "model": "tiny", "text_field": ""}
    answer = person.client.post(
        "/jobs", files=files, data=fields, headers=person.headers, follow_redirects=False
    )
    (job,) = person.service.jobs.list()
    assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{job.id}")
    assert "Новини.csv" in person.get("/jobs").text
    page = person.get(f"/jobs/{job.id}").text
    assert '<progress max="1" value="0"' in page
    person.post(f"/jobs/{job.id}/cancel")
    assert "This upload was cancelled." in person.get(f"/jobs/{job.id}").text
    person.post(f"/jobs/{job.id}/remove")
    assert person.get(f"/jobs/{job.id}").status_code == 404


def test_a_sheet_as_people_have_it_is_understood(person: Person) -> None:
    """Excel's CSV in Windows-1251, with capitals in its header and an outlet, needs no further word."""
    lines = [f"Title {n};{SENTENCES[n]};Вестник {n % 2};0{n + 1}.11.2026" for n in range(3)]
    content = "\n".join(["Title;Text;Outlet;Date", *lines]).encode("windows-1251")
    person.service.runner.stop()
    person.client.post(
        "/jobs",
        files=[("files", ("articles.csv", content))],
        data={"csrf": person.csrf(), "model": "tiny", "text_field": "", "title_field": ""},
        headers=person.headers,
        follow_redirects=False,
    )
    (job,) = person.service.jobs.list()
    assert job.options == {"encoding": "auto", "text_field": "Text", "title_field": "Title"}
    rows = table_of(person.worked_off(job))
    assert [(row.title, row.source, row.date) for row in rows] == [
        (f"Title {n}", f"Вестник {n % 2}", f"0{n + 1}.11.2026") for n in range(3)
    ]
    assert overview_of(person.service, person.service.jobs.get(job.id)).dimensions == ("source", "week")
    article = person.get(f"/article?ref={job.id}%2F{rows[0].id}&model=tiny")
    assert article.status_code == 200
    assert "Вестник 0" in article.text


def sent(person: Person, name: str, content: bytes, **fields: str) -> Any:
    """Send a file with the form, to a server that does not work it off."""
    person.service.runner.stop()
    return person.client.post(
        "/jobs",
        files=[("files", (name, content))],
        data={"csrf": person.csrf(), "model": "tiny", **fields},
        headers=person.headers,
        follow_redirects=False,
    )


def test_columns_of_outlet_and_date_are_named(person: Person) -> None:
    """Where they are called as nobody could guess; the table, the overview and the article have them."""
    lines = [f"{SENTENCES[n]};Вестник {n % 2};2026-11-0{n + 1}" for n in range(3)]
    content = "\n".join(["text;Кой;Кога", *lines]).replace("—", "-").encode("koi8-r")
    sent(person, "a.csv", content, source_field="Кой", date_field="Кога", encoding="koi8-r")
    (job,) = person.service.jobs.list()
    assert job.options == {"encoding": "koi8-r", "source_field": "Кой", "date_field": "Кога"}
    rows = table_of(person.worked_off(job))
    assert [(row.source, row.date) for row in rows] == [
        (f"Вестник {n % 2}", f"2026-11-0{n + 1}") for n in range(3)
    ]
    assert overview_of(person.service, person.service.jobs.get(job.id)).dimensions == ("source", "week")
    assert "Вестник 1 · 2026-11-02" in person.get(f"/article?ref={job.id}%2F{rows[1].id}&model=tiny").text


def test_a_column_of_outlets_that_no_file_has_is_told_at_once(person: Person) -> None:
    answer = sent(person, "a.csv", "text,Кой\nНов блок,БТА\n".encode(), source_field="кой?")
    assert answer.status_code == 422
    assert (
        "source_field: no file has a column &#39;кой?&#39;; columns are &#39;text&#39;, &#39;Кой&#39;"
        in answer.text
    )
    assert person.service.jobs.list() == []


def test_a_sheet_is_named(person: Person) -> None:
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        for name in ("Януари", "Февруари"):
            book.add_worksheet(name).write_column(0, 0, ["Text", f"Нов блок, {name}"])
    sent(person, "a.xlsx", content.getvalue(), sheet="Февруари")
    (job,) = person.service.jobs.list()
    assert job.options == {"encoding": "auto", "sheet": "Февруари", "text_field": "Text"}
    assert [row.title for row in table_of(person.worked_off(job))] == ["Нов блок, Февруари"]


def test_tables_in_a_zip_are_read(person: Person) -> None:
    """As if they had been sent one by one: each row is an article, and so is what is no table."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr(
            "новини/a.csv", f"Text;Outlet\n{SENTENCES[0]};БТА\n{SENTENCES[1]};БНР\n".encode("cp1251")
        )
        archive.writestr("b/a.csv", f"Text\n{SENTENCES[2]}\n")
        archive.writestr("c.txt", SENTENCES[3])
        archive.writestr("__MACOSX/a.csv", "Text\nnothing\n")
        archive.writestr("readme.md", "nothing")
    sent(person, "all.zip", content.getvalue())
    (job,) = person.service.jobs.list()
    assert (job.name, job.options) == ("all.zip", {"encoding": "auto", "text_field": "Text"})
    rows = table_of(person.worked_off(job))
    assert {(row.title, row.source) for row in rows} == {
        (SENTENCES[0], "БТА"),
        (SENTENCES[1], "БНР"),
        (SENTENCES[2], ""),
        ("all.zip/c", ""),
    }
    assert person.service.jobs.get(job.id).summary["n_rejected"] == 0


def test_a_form_without_its_hidden_field_leaves_nothing(person: Person) -> None:
    files = [("files", ("a.txt", "Нов блок"))]
    assert person.client.post("/jobs", files=files, headers=person.headers).status_code == 403
    assert person.service.jobs.list() == []
    assert list(person.service.folder.incoming.iterdir()) == []


def test_why_files_could_not_be_labelled_is_said(person: Person) -> None:
    person.service.runner.stop()
    job = person.done()
    person.service.jobs.end(job.id, Status.FAILED, error="rows.csv: has no column 'text'")
    page = person.get(f"/jobs/{job.id}").text
    assert "The files could not be labelled." in page
    assert "rows.csv: has no column &#39;text&#39;" in page
    assert "can be named in the form, under “How my files are to be read”" in page
    assert "How my files are to be read</summary>" in person.get("/").text


def test_rows_that_could_not_be_read_are_told(person: Person) -> None:
    job = person.done([*ROWS[:3], {"id": "x", "title": "no text"}])
    page = person.get(f"/jobs/{job.id}").text
    assert "Rows that could not be read: 1." in page
    assert re.findall(r"<li>([^<]*)</li>", page) == ["text: is missing"]
    rejected = person.get(f"/jobs/{job.id}/rejected")
    assert rejected.headers["content-disposition"] == 'attachment; filename="rows.rejected.jsonl"'
    assert len(rejected.text.splitlines()) == 1
