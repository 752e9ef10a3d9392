"""Files that are sent, scored in a process of their own, and taken away."""

from __future__ import annotations

import errno
import json
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow.parquet as pq
import pytest
from serving import OWN
from starlette.testclient import TestClient

from framescope.predictor import Predictor
from framescope.serve import uploads
from framescope.serve.app import make_app
from framescope.serve.names import harmless_name
from framescope.serve.settings import Limits, Settings
from tiny import SENTENCES

ROWS = [{"id": f"a{n}", "text": text, "source": f"outlet {n % 2}"} for n, text in enumerate(SENTENCES)]
NO_TEXT = "has no column 'text', but 'a', 'b': name it with --text-field"
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


@pytest.fixture
def resting(client: TestClient) -> TestClient:
    """A server whose runner does nothing."""
    client.app.state.service.runner.stop()
    return client


def send(client: TestClient, content: bytes = LINES, name: str = "rows.jsonl", **fields: str) -> Any:
    return client.post("/v1/jobs", params={"name": name, **fields}, content=content)


def ended(client: TestClient, job_id: str) -> dict[str, Any]:
    """Wait for the end of a job."""
    for _ in range(600):
        job: dict[str, Any] = client.get(f"/v1/jobs/{job_id}").json()
        if job["status"] not in {"queued", "running", "cancelling"}:
            return job
        time.sleep(0.1)
    raise AssertionError(f"{job_id} does not end")


@pytest.mark.slow
def test_a_file_is_scored_and_taken_away_in_every_format(client: TestClient, predictor: Predictor) -> None:
    sent = send(client, model="tiny", evidence="true")
    assert sent.status_code == 202
    job = ended(client, sent.json()["id"])
    assert (job["status"], job["summary"]["n_scored"], job["error"]) == ("done", len(ROWS), "")
    assert job["progress"]["share_done"] == 1.0
    result = f"/v1/jobs/{job['id']}/result"
    lines = [json.loads(line) for line in client.get(result).text.splitlines()]
    expected = predictor.predict(SENTENCES)
    assert [row["id"] for row in lines] == [row["id"] for row in ROWS]
    assert [tuple(row["labels"]) for row in lines] == [one.labels for one in expected]
    assert [row["source"] for row in lines] == [row["source"] for row in ROWS]
    table = pq.read_table(BytesIO(client.get(result, params={"format": "parquet"}).content))
    assert table["id"].to_pylist() == [row["id"] for row in ROWS]
    csv = client.get(result, params={"format": "csv"})
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert csv.text.startswith("\ufeffid,text,source,labels,given,to_review,p_bloc,")
    assert client.get(result, params={"format": "xlsx"}).content[:2] == b"PK"
    assert client.get(result, params={"format": "exe"}).status_code == 404
    assert client.get(f"/v1/jobs/{job['id']}/rejected").text == ""
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert client.get(result).status_code == 404


@pytest.mark.slow
def test_a_form_of_several_files_is_one_job(client: TestClient) -> None:
    files = [
        ("files", ("one.txt", "Нов блок подкопава ОДКБ")),
        ("files", ("two.txt", "Запад стремится расколоть ОДКБ")),
        ("files", ("bad.csv", "a,b\n1,2\n")),
    ]
    sent = client.post("/v1/jobs", files=files, data={"model": "tiny"})
    assert sent.status_code == 202
    job = ended(client, sent.json()["id"])
    assert (job["status"], job["name"]) == ("done", "bad.csv and 2 more")
    assert job["summary"]["n_scored"] == 2
    assert job["summary"]["failures"] == [
        "bad.csv: has no column 'text', but 'a', 'b': name it with --text-field"
    ]


@pytest.mark.slow
def test_a_file_that_cannot_be_read_fails_in_the_words_of_the_command_line(client: TestClient) -> None:
    job = ended(client, send(client, b"a,b\n1,2\n", "rows.csv").json()["id"])
    assert (job["status"], job["error"]) == ("failed", f"rows.csv: {NO_TEXT}")


def test_jobs_wait_and_are_cancelled(resting: TestClient) -> None:
    job_id = send(resting).json()["id"]
    assert resting.get(f"/v1/jobs/{job_id}").json()["status"] == "queued"
    assert resting.delete(f"/v1/jobs/{job_id}").status_code == 409
    assert resting.get(f"/v1/jobs/{job_id}/result").status_code == 409
    assert resting.post(f"/v1/jobs/{job_id}/cancel").json()["status"] == "cancelled"
    assert [job["id"] for job in resting.get("/v1/jobs").json()["jobs"]] == [job_id]
    assert resting.delete(f"/v1/jobs/{job_id}").status_code == 204


def test_names_of_files_are_no_paths(resting: TestClient, settings: Settings) -> None:
    before = set(settings.folder.parent.rglob("*"))
    job_id = send(resting, name="../../../evil/../Статия.txt", content=b"text").json()["id"]
    new = set(settings.folder.parent.rglob("*")) - before
    assert all(path.is_relative_to(settings.folder) for path in new)
    assert (settings.folder / "jobs" / job_id / "input" / "Статия.txt").read_bytes() == b"text"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/Статия 1.txt", "Статия 1.txt"),
        ("C:\\a\\.b.CSV.GZ", "b.csv.gz"),
        ("..__.docx", "file.docx"),
        ("a\x00b\u202e;rm -rf $HOME.csv", "a_b__rm -rf _HOME.csv"),
        ("x" * 300 + ".pdf", "x" * 80 + ".pdf"),
    ],
)
def test_a_name_keeps_its_letters_and_nothing_that_leads_elsewhere(given: str, kept: str) -> None:
    assert harmless_name(given) == kept


@pytest.mark.parametrize("name", ["a.exe", "a", ".txt", "", "a.txt/b", "a.gz"])
def test_formats_that_are_not_read_are_refused(resting: TestClient, settings: Settings, name: str) -> None:
    answer = send(resting, name=name)
    assert answer.status_code in {415, 422}
    assert list((settings.folder / "incoming").iterdir()) == []


def test_a_form_that_breaks_off_leaves_nothing(resting: TestClient, settings: Settings) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhalf'
    answer = resting.post("/v1/jobs", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.status_code == 400
    assert list((settings.folder / "incoming").iterdir()) == []
    assert list((settings.folder / "jobs").iterdir()) == []


def zipped(**members: str) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "."), text)
    return content.getvalue()


def test_a_zip_with_tables_that_unpacks_to_more_than_may_be_sent_is_refused(
    settings: Settings, predictor: Predictor
) -> None:
    small = replace(settings, limits=Limits(upload_bytes=100_000))
    with TestClient(make_app(small, {"tiny": predictor}), base_url=OWN) as client:
        client.app.state.service.runner.stop()
        answer = send(client, zipped(a_csv="text\n" + "x" * 100_000), "a.zip")
        assert answer.status_code == 413
        assert answer.json()["detail"] == (
            "a.zip: unpacks to 1 files with 100,005 bytes: expected 100,000 files and 100,000 bytes at most: "
            "send it in parts"
        )
        assert list(client.app.state.service.folder.incoming.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (zipped(a_csv="text\nНов блок\n", b_txt="Съюз"), ["all.zip/a.csv", "all.zip/b.txt"]),
        (zipped(a_txt="Съюз"), ["all.zip"]),
        (zipped(a_csv="text\nНов блок\n")[:-40], ["all.zip"]),
        (zipped(a_csv="text\nНов блок\n").replace(b"csv+", b"csv-", 1), ["all.zip"]),
    ],
)
def test_only_an_intact_zip_with_tables_is_unpacked(
    resting: TestClient, content: bytes, found: list[str]
) -> None:
    """Of others the job says what is wrong with them, or reads them as an archive of articles."""
    job = send(resting, content, "all.zip").json()["id"]
    root = resting.app.state.service.jobs.get(job).input
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()) == found


def test_a_full_disk_is_told(resting: TestClient, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uploads.Upload, "new_file", fail)
    answer = send(resting)
    assert (answer.status_code, answer.json()["title"]) == (507, "Insufficient Storage")
    assert list((settings.folder / "incoming").iterdir()) == []


def test_too_many_jobs_are_not_taken(settings: Settings, predictor: Predictor) -> None:
    few = replace(settings, limits=Limits(n_jobs_waiting=2))
    with TestClient(make_app(few, {"tiny": predictor}), base_url=OWN) as client:
        client.app.state.service.runner.stop()
        answers = [send(client) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 503]
        assert answers[2].headers["retry-after"] == "60"


@pytest.mark.slow
def test_a_bomb_is_not_unpacked(client: TestClient) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", bytes(200_000_000))
    job = ended(client, send(client, packed.getvalue(), "bomb.zip").json()["id"])
    assert job["status"] == "failed"
    assert job["error"] == "unpacks to more than 67,108,864 bytes: unpack it, and see what it holds"


def test_a_restarted_server_takes_up_its_jobs(settings: Settings, predictor: Predictor, tmp_path: Path) -> None:
    with TestClient(make_app(settings, {"tiny": predictor}), base_url=OWN) as client:
        service = client.app.state.service
        service.runner.stop()
        job_id = send(client).json()["id"]
        assert service.jobs.claim().id == job_id  # running, and then the server is killed
    with TestClient(make_app(settings, {"other": predictor}), base_url=OWN) as client:
        job = ended(client, job_id)
    assert job["status"] == "failed"
    assert job["error"] == "the model tiny is not served, or was replaced: send the files again"
