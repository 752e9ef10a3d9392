"""What to code next, one after the other."""

from __future__ import annotations

import re

from person import ROWS, Person

from framescope.articles import Article
from framescope.coding.choosing import next_to_code


def addresses(page: str) -> list[str]:
    listed = page.partition('<ol class="entries">')[2].partition("</ol>")[0]
    return [address.replace("&amp;", "&") for address in re.findall(r'href="([^"]*)"', listed)]


def test_the_queue_is_what_the_command_chooses(person: Person) -> None:
    job = person.done()
    pool = [Article(row["id"], f"{row['title']}\n{row['text']}", title=row["title"]) for row in ROWS]
    expected = [one.unit.id for one in next_to_code(person.service.models["tiny"], pool, 50)]
    page = person.get(f"/jobs/{job.id}/queue").text
    assert [address.rpartition("%2F")[2].partition("&")[0] for address in addresses(page)] == expected
    assert "0 of 12 judged" in page


def test_articles_lead_along_the_queue(person: Person) -> None:
    job = person.done()
    queue = addresses(person.get(f"/jobs/{job.id}/queue").text)
    page = person.get(queue[1]).text.replace("&amp;", "&")
    assert "Article 2 of 12" in page
    assert f'rel="prev" href="{queue[0]}"' in page
    assert f'rel="next" href="{queue[2]}"' in page
    last = person.get(queue[-1]).text
    assert f'rel="next" href="/jobs/{job.id}/queue"' in last
    assert "Article 2 of 12" not in person.get(queue[1].replace("&queue=1", "")).text


def test_what_is_judged_is_done_and_not_chosen_again(person: Person) -> None:
    job = person.done()
    first, second, *_ = addresses(person.get(f"/jobs/{job.id}/queue").text)
    ref = first.partition("ref=")[2].partition("&")[0].replace("%2F", "/")
    person.post("/judge", ref=ref, model="tiny", said="wrong bloc")
    page = person.get(f"/jobs/{job.id}/queue").text
    assert "1 of 12 judged" in page
    assert f'class="go" href="{second}"'.replace("&", "&amp;") in page
    person.post(f"/jobs/{job.id}/queue")
    left = addresses(person.get(f"/jobs/{job.id}/queue").text)
    assert len(left) == 11
    assert first not in left
