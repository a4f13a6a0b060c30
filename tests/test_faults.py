"""What happens to an index and those who use it: killed and unplugged writers, full disks, lost directories, old manifests."""

from __future__ import annotations

import ast
import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from browsing import served
from conftest import SAMPLE, HashingEmbedder, is_one_chinese_sentence
from reportqa import doctor, embedding, following, index, vectorfile
from reportqa.access import Policy
from reportqa.api import create_app
from reportqa.assistant import ReportQA
from reportqa.cli import main
from reportqa.index import check_index, manifest_bytes, open_index, read_manifest
from reportqa.indexing import write_index, writing
from reportqa.lexical import BM25
from reportqa.schema import IndexDirectoryError
from test_index import OTHER, SMALL, change_manifest, manifest_of

pytestmark = [
    # Gradio's and AnyIO's own, none of them ours to mend
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
]
CAMPAIGN = Path(__file__).parents[1] / "benchmarks" / "faults.py"
QUESTION = "去年全市生产总值增长多少？"
HERE: Any = {"base_url": "http://localhost:7860", "client": ("127.0.0.1", 50000)}
NOBODY = 65534


@pytest.fixture
def directory(tmp_path: Path, embedder: HashingEmbedder) -> Path:
    """An index of a small report."""
    write_index(tmp_path / "index", [SMALL], embedder)
    return tmp_path / "index"


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch, embedder: HashingEmbedder) -> HashingEmbedder:
    """The embedder of whatever opens an index by itself."""
    monkeypatch.setattr(embedding, "load", lambda *_: embedder)
    return embedder


def opened(directory: Path, embedder: HashingEmbedder) -> ReportQA:
    return ReportQA(open_index(directory, embedder), embedder)


def refused(*words: str) -> str:
    """Return the sentence with which a command is refused, as a user's mistake."""
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2, done.output
    [line] = [line for line in done.stderr.splitlines() if line.startswith("错误：")]
    assert is_one_chinese_sentence(line)
    assert "Traceback" not in done.output
    return line


# --- writers that end before their time


@pytest.fixture(scope="module")
def campaign() -> dict[str, dict[str, Any]]:
    """The rows of a small campaign on adding a report, by fault."""
    some = ("--moments", "2", "--steps", "30", "--power", "12", "--disk", "2", "--real", "0")
    command = [sys.executable, str(CAMPAIGN), "--only", "adding", "--json", *some]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")
    assert done.stdout, done.stderr
    return {row["fault"]: row for row in json.loads(done.stdout)}


@pytest.mark.parametrize("fault", ["SIGKILL at a random moment", "SIGKILL before each step", "loss of power"])
def test_a_writer_that_is_killed_or_unplugged(campaign: dict[str, dict[str, Any]], fault: str) -> None:
    row = campaign[fault]
    assert row["wrong"] == []
    assert row["tried"] == row["old"] + row["new"] >= 2


def test_a_writer_that_flushes_nothing_is_found_out(campaign: dict[str, dict[str, Any]]) -> None:
    assert campaign["loss of power, nothing flushed (a control)"]["wrong"] != []


@pytest.mark.parametrize("fault", ["disk full", "file too large"])
def test_no_room_is_told_and_leaves_the_old_index(campaign: dict[str, dict[str, Any]], fault: str) -> None:
    row = campaign[fault]
    if row["wrong"] == ["not tried: nothing may be mounted here"]:
        pytest.skip("nothing may be mounted here: a full disk not tested")
    assert row["wrong"] == []
    assert (row["old"], row["new"]) == (1, 1)


def test_what_is_cut_short_unnoticed_does_not_take_the_place_of_the_old(
    directory: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(words: BM25, path: Path) -> None:
        saved(words, path)
        os.truncate(path.parent / "vectors.faiss", (path.parent / "vectors.faiss").stat().st_size - 100)

    saved = BM25.save
    monkeypatch.setattr(BM25, "save", cut)
    with pytest.raises(IndexDirectoryError, match="没有写成") as caught:
        write_index(directory, [SMALL, OTHER], embedder)
    assert is_one_chinese_sentence(str(caught.value))
    assert open_index(directory, embedder).reports == [SMALL]
    assert len(list(directory.glob("g-*"))) == 1


def test_interrupted_when_the_new_index_is_in_its_place(
    directory: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(self: Path, target: Path) -> None:
        replacing(self, target)
        raise KeyboardInterrupt

    replacing = Path.replace
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            write_index(directory, [OTHER], embedder)
    assert open_index(directory, embedder).reports == [OTHER]


def test_left_overs_make_room_before_anything_is_written(
    directory: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = directory / "g-0123456789ab"
    left.mkdir()
    (left / "vectors.faiss").write_bytes(b"of a writer that was killed")
    seen: list[bool] = []
    create = vectorfile.create

    def created(path: Path, count: int, dimension: int) -> vectorfile.Floats:
        seen.append(left.exists())
        return create(path, count, dimension)

    monkeypatch.setattr(vectorfile, "create", created)
    write_index(directory, [OTHER], embedder)
    assert seen == [False, False]


# --- directories that cannot be written, or not be read


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A directory whose user we are not: as root, become nobody for a while."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        yield place
        place.chmod(0o755)


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """Be nobody, to whom permissions apply as they do not to root."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_directory_that_is_only_read(as_nobody: Path, hashing: HashingEmbedder) -> None:
    directory = as_nobody / "index"
    write_index(directory, [SMALL, OTHER], hashing)
    with writing(directory):
        pass  # leaves its lock, as an administrator's command does
    for path in (directory, *directory.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    (as_nobody / "r.txt").write_text(SMALL.text, encoding="utf-8")
    (as_nobody / "new").mkdir(mode=0o555)
    try:
        with without_rights():
            assert ReportQA.open(directory, reader="off").ask(QUESTION).searched
            told = [
                refused("remove", "海东市-2022", "--index", str(directory)),
                refused("index", str(SAMPLE), "--index", str(directory)),
                refused("index", "--fresh", str(SAMPLE), "--index", str(directory)),
                refused("index", str(SAMPLE), "--index", str(as_nobody / "new" / "index")),
            ]
        assert all("无法写入（没有读写的权限）" in line for line in told)
        assert [report.report_id for report in open_index(directory).reports] == ["平川市-2022", "海东市-2022"]
    finally:
        for path in (directory, *directory.rglob("*")):
            path.chmod(0o755)


def test_a_directory_that_may_not_be_read(as_nobody: Path, hashing: HashingEmbedder) -> None:
    directory = as_nobody / "index"
    write_index(directory, [SMALL], hashing)
    for path, words in (directory / manifest_of(directory)["generation"] / "units.npy", "units.npy"), (directory, ""):
        path.chmod(0)
        with without_rights():
            line = refused("ask", QUESTION, "--index", str(directory))
        path.chmod(0o755)
        assert "无法读取" in line
        assert words in line
        assert "--fresh" not in line, "nothing is to be built anew"


def test_two_writers_at_once(directory: Path, hashing: HashingEmbedder) -> None:
    with writing(directory):
        for words in (["remove", "平川市-2022"], ["index", str(SAMPLE)], ["index", "--fresh", str(SAMPLE)]):
            assert "正由另一个程序写入" in refused(*words, "--index", str(directory))
    assert open_index(directory).reports == [SMALL]
    assert CliRunner().invoke(main, ["index", str(SAMPLE), "--index", str(directory)]).exit_code == 0
    assert len(open_index(directory).reports) == 2


# --- readers while others write


def test_who_opens_while_another_writes_sees_the_old_or_the_new(directory: Path, embedder: HashingEmbedder) -> None:
    over = threading.Event()
    wrong: list[str] = []

    def write() -> None:
        try:
            for number in range(12):
                write_index(directory, [SMALL, OTHER] if number % 2 else [OTHER], embedder)
        finally:
            over.set()

    thread = threading.Thread(target=write)
    thread.start()
    states = set()
    while not over.is_set():
        try:
            states.add(tuple(report.place for report in open_index(directory, embedder).reports))
            check_index(directory)
        except IndexDirectoryError as error:
            wrong.append(str(error))
    thread.join()
    assert wrong == []
    assert states <= {("平川市",), ("平川市", "海东市"), ("海东市",)}


def test_an_index_replaced_between_its_manifest_and_its_files(
    directory: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*given: Any, **options: Any) -> None:
        monkeypatch.undo()
        write_index(directory, [OTHER], embedder)
        checking(*given, **options)

    checking = index._check_files
    openings: list[Callable[[], dict[str, Any]]] = [
        lambda: open_index(directory, embedder).manifest,
        lambda: check_index(directory),
    ]
    for opening in openings:
        write_index(directory, [SMALL], embedder)
        monkeypatch.setattr(index, "_check_files", late)
        assert [entry["place"] for entry in opening()["reports"]] == ["海东市"]


def test_a_question_ends_on_the_index_that_it_began_with(directory: Path, embedder: HashingEmbedder) -> None:
    class Slow(HashingEmbedder):
        def encode_query(self, text: str) -> Any:
            if qa.reports() == [SMALL]:
                write_index(directory, [OTHER], embedder)
                assert qa.refresh()
                assert not qa.refresh()
            return super().encode_query(text)

    qa = opened(directory, Slow())
    held = qa.held()
    answer = qa.ask(QUESTION)
    assert {quote.citation.place for quote in (*answer.quotes, *answer.nearest)} == {"平川市"}
    assert qa.reports() == [OTHER]
    assert held.reports() == [SMALL]
    assert held.ask(QUESTION) == answer


def ask(port: int) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = json.dumps({"question": QUESTION})
    connection.request("POST", "/api/ask", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    told = answer.status, json.loads(answer.read())
    connection.close()
    return told


def test_a_running_server_opens_what_another_program_writes_and_no_request_fails(
    directory: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SECONDS", 0.02)
    monkeypatch.setenv("REPORTQA_RATE", "1000000")
    qa = opened(directory, embedder)
    texts = {report.report_id: report.text for report in (SMALL, OTHER)}
    over = threading.Event()
    told: list[tuple[int, dict[str, Any]]] = []

    def asking(port: int) -> None:
        while not over.is_set():
            told.append(ask(port))

    with served(create_app(qa, Policy())) as address:
        port = int(address.rstrip("/").rsplit(":", 1)[1])
        threads = [threading.Thread(target=asking, args=(port,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(8):
            reports = [SMALL, OTHER] if number % 2 else [OTHER]
            write_index(directory, reports, embedder)
            deadline = time.monotonic() + 60
            while qa.reports() != reports and time.monotonic() < deadline:
                time.sleep(0.02)
            assert qa.reports() == reports
        over.set()
        for thread in threads:
            thread.join()
    assert {status for status, _ in told} == {200}
    assert {place for _, answer in told for place in answer["searched"]} == set(texts)
    for _, answer in told:
        for quote in [*answer["quotes"], *answer["nearest"]]:
            cited = quote["citation"]
            assert texts[cited["report_id"]][cited["start"] : cited["end"]] == quote["text"]
        assert answer["quotes"] or not answer["found"]


def test_an_index_deleted_under_a_running_server(
    directory: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "SECONDS", 0.02)
    qa = opened(directory, embedder)

    def ready(warned: bool) -> bool:
        deadline = time.monotonic() + 60
        while ("warning" in client.get("/readyz").json()) is not warned and time.monotonic() < deadline:
            time.sleep(0.02)
        answer = client.get("/readyz")
        assert answer.status_code == 200
        return ("warning" in answer.json()) is warned

    with TestClient(create_app(qa, Policy()), **HERE) as client:
        before = [client.post("/api/ask", json={"question": QUESTION}).json(), client.get("/report/平川市-2022").text]
        shutil.rmtree(directory)
        assert ready(warned=True)
        assert is_one_chinese_sentence(client.get("/readyz").json()["warning"])
        assert str(directory) not in client.get("/readyz").text, "strangers read it"
        assert "reportqa_index_stale 1.0" in client.get("/metrics").text
        assert client.get("/healthz").json() == {"status": "ok"}
        after = [client.post("/api/ask", json={"question": QUESTION}).json(), client.get("/report/平川市-2022").text]
        assert after == before
        assert before[0]["quotes"] or before[0]["nearest"]
        assert client.get("/api/search?query=高速公路").json()
        removing = client.delete("/api/reports/平川市-2022")
        assert removing.status_code == 400
        assert "没有索引" in removing.json()["error"]["message"]
        write_index(directory, [OTHER], embedder)
        assert ready(warned=False)
        assert client.get("/api/reports").json()["reports"][0]["place"] == "海东市"
        assert "reportqa_index_stale 0.0" in client.get("/metrics").text


# --- manifests, files, clocks


@pytest.mark.parametrize(("number", "words"), [(index.FORMAT - 1, "请用"), (index.FORMAT + 1, "请升级 reportqa")])
def test_older_and_newer_formats_are_told_apart(
    directory: Path, hashing: HashingEmbedder, number: int, words: str
) -> None:
    change_manifest(directory, format=number)
    line = refused("ask", QUESTION, "--index", str(directory))
    assert words in line
    assert "--fresh" in line
    assert "格式" in refused("index", str(SAMPLE), "--index", str(directory))
    assert CliRunner().invoke(main, ["index", "--fresh", str(SAMPLE), "--index", str(directory)]).exit_code == 0
    assert len(list(directory.glob("g-*"))) == 1


def test_a_manifest_that_lacks_a_key_is_refused_and_one_with_more_is_read(
    directory: Path, embedder: HashingEmbedder
) -> None:
    whole = manifest_of(directory)
    path = directory / "manifest.json"
    for key in sorted({"format", "generation", "model", "dimension", "counts", "reports", "files"}):
        path.write_bytes(manifest_bytes({name: value for name, value in whole.items() if name != key}))
        with pytest.raises(IndexDirectoryError, match=rf"manifest\.json .*{key}"):
            open_index(directory, embedder)
    for name in whole["files"]:
        files = {other: entry for other, entry in whole["files"].items() if other != name}
        path.write_bytes(manifest_bytes(whole | {"files": files}))
        with contextlib.suppress(IndexDirectoryError):
            assert name not in ("units.npy", "vectors.faiss", "reports.jsonl"), open_index(directory, embedder)
    path.write_bytes(manifest_bytes(whole | {"later": {"versions": ["may", "say", "more"]}}))
    assert open_index(directory, embedder).reports == [SMALL]


def test_every_byte_of_the_manifest_counts(directory: Path, embedder: HashingEmbedder) -> None:
    path = directory / "manifest.json"
    data = path.read_bytes()
    missed = []
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ 2]) + data[at + 1 :])
        with contextlib.suppress(IndexDirectoryError):
            if "sha256" in read_manifest(directory):  # without one, the doctor says so
                missed.append(data[max(0, at - 12) : at + 12])
    assert missed == []


def test_the_doctor_misses_the_checksum_of_an_older_manifest(directory: Path, hashing: HashingEmbedder) -> None:
    manifest = {name: value for name, value in manifest_of(directory).items() if name != "sha256"}
    (directory / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    told = {finding.about: finding for finding in doctor.examine(directory, Policy(), "127.0.0.1")}
    assert told["索引"].state == doctor.WATCH
    assert "没有校验和" in told["索引"].sentence
    opened(directory, hashing).add([SAMPLE])
    told = {finding.about: finding for finding in doctor.examine(directory, Policy(), "127.0.0.1")}
    assert told["索引"].state == doctor.GOOD


def test_in_a_large_index_a_length_is_missed_at_once_and_a_byte_by_the_doctor(
    directory: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_CHECKED_WHOLE", 0)
    inside = directory / manifest_of(directory)["generation"]
    for name in manifest_of(directory)["files"]:
        data = (inside / name).read_bytes()
        (inside / name).write_bytes(data[:-1])
        with pytest.raises(IndexDirectoryError, match=name):
            open_index(directory, embedder)
        (inside / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(IndexDirectoryError, match=name):
            check_index(directory)
        (inside / name).write_bytes(data)
    check_index(directory)


def test_files_from_any_time_are_an_index(directory: Path, embedder: HashingEmbedder) -> None:
    qa = opened(directory, embedder)
    for at in (0, 2**31, 4_000_000_000):
        for path in (directory, *directory.rglob("*")):
            os.utime(path, (at, at))
        assert open_index(directory, embedder).reports == qa.reports()
        before = qa.reports()
        write_index(directory, [SMALL, OTHER] if len(before) == 1 else [OTHER], embedder)
        os.utime(directory / "manifest.json", (at, at))
        assert qa.refresh()
        assert qa.reports() != before


def test_the_time_of_day_is_read_only_where_it_is_meant() -> None:
    readers = set()
    for path in Path(index.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("time.time", "datetime.now", "date.today"):
                readers.add(path.stem)
    assert readers == {
        "sessions",  # when a token holds
        "conversation",  # when a question was asked
        "formats",  # when a page was consulted
    }
