"""The overview of uploaded articles."""

from __future__ import annotations

from person import ROWS, Person

from framescope.serve.site.overview import overview_of


def test_the_table_leads_to_the_overview(person: Person) -> None:
    job = person.done(evidence=True)
    assert f'href="/jobs/{job.id}/overview"' in person.get(f"/jobs/{job.id}").text
    answer = person.get(f"/jobs/{job.id}/overview")
    assert answer.status_code == 200
    assert "outlet 1" in answer.text
    assert "rows.jsonl · 12 articles" in answer.text
    assert f'<a href="/jobs/{job.id}">← rows.jsonl</a>' in answer.text
    assert "script-src 'sha256-" in answer.headers["content-security-policy"]


def test_articles_are_grouped_by_what_they_have(person: Person) -> None:
    job = person.done()
    found = overview_of(person.service, job)
    assert found.dimensions == ("source", "week")
    assert found.origin.n_articles == len(ROWS)
    assert overview_of(person.service, job) is found
    bare = person.done([{"id": row["id"], "text": row["text"]} for row in ROWS])
    assert overview_of(person.service, bare).dimensions == ()
    assert person.get(f"/jobs/{bare.id}/overview").status_code == 200
