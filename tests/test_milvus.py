from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

import killed
from conftest import SAMPLE, HashingEmbedder, is_one_chinese_sentence
from reportqa import ReportQA, doctor, errata, evaluation, milvus
from reportqa.access import Policy
from reportqa.cli import main
from reportqa.cli_options import Place
from reportqa.embedding import Embedder
from reportqa.errata import corrected
from reportqa.following import Follower
from reportqa.gathering import gather
from reportqa.index import DirectoryIndex, open_index
from reportqa.indexing import write_index
from reportqa.milvus import MilvusQA
from reportqa.milvus_store import PARTS, REPORTS, SENTENCES, Milvus
from reportqa.problems import of_error
from reportqa.routes import described
from reportqa.schema import Appendix, NotFound, ReportQAError, StoreError

GOLD = Path(__file__).parent / "gold"
NOTHING = {REPORTS: 1, SENTENCES: 0, PARTS: 0}  # the row that says what it is


class Remembering:
    """Another embedder, that need not embed again what an index has vectors of."""

    def __init__(self, other: Embedder, index: DirectoryIndex) -> None:
        self.name, self.dimension, self._other = other.name, other.dimension, other
        rows = zip(index.units[:, [0, 4, 5]].tolist(), index.matrix, strict=True)
        self._known = {corrected(index.reports[n], start, end): vector for (n, start, end), vector in rows}

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return self._other.encode_query(text)

    def encode_document(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        fresh = [text for text in texts if text not in self._known]
        known = self._known | dict(zip(fresh, self._other.encode_document(fresh), strict=True))
        if progress:
            progress(len(texts))
        return np.array([known[text] for text in texts], dtype=np.float32).reshape(len(texts), self.dimension)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample report and two small ones."""
    directory = tmp_path_factory.mktemp("texts")
    for file in (SAMPLE, SAMPLE.with_suffix(errata.SUFFIX)):
        (directory / file.name).write_bytes(file.read_bytes())
    for place, first in (("甲市", 3), ("乙市", 7)):
        (directory / f"{place}2024年政府工作报告.txt").write_text(killed.report_of(place, first), encoding="utf-8")
    return directory


def opened(file: Path, embedder: Embedder) -> MilvusQA:
    store = Milvus(str(file))
    if store.manifest() is None:
        store.create(embedder.name, embedder.dimension)
    return MilvusQA(store, embedder)


@pytest.fixture(scope="module")
def kept(texts: Path, tmp_path_factory: pytest.TempPathFactory) -> MilvusQA:
    """The three reports in milvus-lite, by the hashing embedder; for tests that do not write to it."""
    qa = opened(tmp_path_factory.mktemp("kept") / "kept.db", HashingEmbedder())
    qa.add([texts])
    return qa


@pytest.fixture
def empty(tmp_path: Path, embedder: HashingEmbedder) -> MilvusQA:
    return opened(tmp_path / "reports.db", embedder)


def sizes(qa: MilvusQA) -> dict[str, int]:
    """Return how many rows each collection has."""
    client = qa._store._client
    return {
        name: client.query(name, filter="", output_fields=["count(*)"])[0]["count(*)"]
        for name in (REPORTS, SENTENCES, PARTS)
    }


def test_the_gold_questions_are_answered_as_from_a_directory(texts: Path, sample_qa: ReportQA, tmp_path: Path) -> None:
    embedder = Remembering(sample_qa.embedder, sample_qa.index)
    write_index(tmp_path / "index", [*sample_qa.reports(), *gather(list(texts.glob("*市*"))).reports], embedder)
    directory = evaluation.evaluate(ReportQA(open_index(tmp_path / "index"), embedder), GOLD)
    kept = opened(tmp_path / "reports.db", embedder)
    kept.add([texts])
    found = evaluation.evaluate(kept, GOLD)
    for name, metric in (("questions", "hit@1"), ("questions", "answer_marked@1"), ("unanswerable", "refused")):
        one, other = directory[name][metric], found[name][metric]
        assert isinstance(one, float)
        assert isinstance(other, float)
        assert other >= one - 0.02, (name, metric, one, other)
    assert found["questions"]["quotes_verbatim"] == 1


def test_a_stored_report_is_the_report_that_was_read(kept: MilvusQA, texts: Path) -> None:
    for report in gather([texts]).reports:
        [stored] = [one for one in kept.reports() if one.source == report.source]
        assert dataclasses.replace(report, report_id=stored.report_id) == stored
        assert stored.to_dict()["paragraphs"] == report.to_dict()["paragraphs"]


def test_the_units_come_back_as_they_are_in_a_directory(kept: MilvusQA, tmp_path: Path) -> None:
    write_index(tmp_path, kept.reports(), HashingEmbedder())
    index = open_index(tmp_path)
    joined = kept._joined([report.report_id for report in kept.reports()]).index
    assert joined.units.tolist() == index.units.tolist()
    assert np.abs(joined.matrix - index.matrix).max() < 1e-3  # they are kept in 16 bits
    words = ["生", "产", "粮食", "公里"]
    assert joined.bm25.ideal(words) == pytest.approx(index.bm25.ideal(words))


def test_a_question_is_narrowed_to_a_place_and_a_year(kept: MilvusQA, monkeypatch: pytest.MonkeyPatch) -> None:
    for looked_in in (1, 12):
        monkeypatch.setattr(milvus, "LOOKED_IN", looked_in)
        for place, year in (("甲市", None), ("乙市", 2024), ("聊城", 2022)):
            quotes = kept.search("生产总值增长", place=place, year=year)
            assert quotes
            assert {quote.citation.place[:2] for quote in quotes} == {place[:2]}
        assert kept.search("生产总值增长", place="甲市", year=2022) == []
        assert {quote.citation.year for quote in kept.search("生产总值增长", year=2022)} == {2022}


def test_many_reports_are_filtered_by_place_and_year(kept: MilvusQA, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(milvus, "LOOKED_IN", 1)
    monkeypatch.setattr(milvus, "_NAMED_IN_FILTER", 0)
    assert {quote.citation.place for quote in kept.search("生产总值", year=2024)} <= {"甲市", "乙市"}
    assert {quote.citation.place for quote in kept.search("市生产总值", place="市")} < {"甲市", "乙市", "聊城市"}


def test_what_stands_behind_a_speech_is_found_apart_from_it(empty: MilvusQA, tmp_path: Path) -> None:
    (tmp_path / "甲市2024年政府工作报告.txt").write_text(killed.report_of("甲市", 3), encoding="utf-8")
    [report] = gather([tmp_path]).reports
    words = "专精特新：指专业化、精细化、特色化、新颖化。"
    report = dataclasses.replace(report, appendices=[Appendix("名词解释", words, [(0, len(words))])])
    empty._put(report)
    empty._renew([report.report_id])
    [quote] = empty.search("专精特新是什么", appendices=True)
    assert (quote.text, quote.citation.appendix) == (words, 1)
    assert all("精细化" not in quote.text for quote in empty.search("专精特新是什么"))


def test_what_is_there_is_not_written_again(empty: MilvusQA, texts: Path, embedder: HashingEmbedder) -> None:
    told: list[tuple[int, int]] = []
    assert len(empty.add([texts], progress=lambda *done: told.append(done))) == 3
    assert told[-1] == (3, 3)
    before, embedded = sizes(empty), len(embedder.encoded)
    assert before[SENTENCES] == empty.counts.sentences
    assert len(empty.add([texts])) == 3
    assert (sizes(empty), len(embedder.encoded)) == (before, embedded)


def test_a_replaced_report_leaves_nothing_behind(empty: MilvusQA, tmp_path: Path) -> None:
    file = tmp_path / "甲市2024年政府工作报告.txt"
    file.write_text(killed.report_of("甲市", 3), encoding="utf-8")
    empty.add([file])
    before = sizes(empty)
    other = opened(tmp_path / "reports.db", HashingEmbedder())  # has the catalogue of now
    file.write_text(killed.report_of("甲市", 5), encoding="utf-8")
    empty.add([file])
    assert sizes(empty) == before
    assert "增长5%" in empty.report("甲市-2024").text
    for _ in range(2):
        assert other.search("粮食产量", 1)[0].text.startswith("全市生产总值增长5%")
    empty.remove("甲市-2024")
    assert sizes(empty) == NOTHING
    assert other.search("粮食产量") == []
    assert other.reports() == []
    with pytest.raises(NotFound):
        empty.remove("甲市-2024")


def test_a_report_that_others_add_is_found(empty: MilvusQA, texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [small, *_] = texts.glob("甲市*")
    empty.add([small])
    other = opened(Path(empty._store.uri), HashingEmbedder())
    empty.add([texts])
    monkeypatch.setattr(milvus, "LOOKED_IN", 0)
    other.search("减税降费")
    monkeypatch.undo()
    assert len(other.reports()) == 3


def test_what_others_write_is_followed(empty: MilvusQA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "甲市2024年政府工作报告.txt"
    file.write_text(killed.report_of("甲市", 3), encoding="utf-8")
    empty.add([file])
    other = opened(Path(empty._store.uri), HashingEmbedder())
    follower = Follower(other)
    assert other.search("粮食产量", 1)
    before = other.held()
    file.write_text(killed.report_of("甲市", 5), encoding="utf-8")
    (tmp_path / "乙市2024年政府工作报告.txt").write_text(killed.report_of("乙市", 7), encoding="utf-8")
    empty.add([tmp_path])
    follower.look()
    assert not other.refresh()
    assert {report.place: f"增长{n}%" in report.text for report, n in zip(other.reports(), (7, 5), strict=True)} == {
        "乙市": True,
        "甲市": True,
    }
    [held] = before.reports()
    assert "增长3%" in held.text  # as it was when it was fetched
    monkeypatch.setattr(milvus, "_AT_ONCE", 1)  # too many for a list of figures
    empty.remove("乙市-2024")
    empty.add([tmp_path])
    follower.look()
    assert follower.failure == ""


def test_a_milvus_that_is_gone_leaves_the_catalogue(empty: MilvusQA, texts: Path) -> None:
    empty.add([texts])
    follower = Follower(empty)
    empty._store._client.close()
    follower.look()
    assert is_one_chinese_sentence(follower.failure)
    assert len(empty.reports()) == 3


def test_rows_of_a_report_that_is_not_whole_are_not_seen(empty: MilvusQA, texts: Path) -> None:
    empty.add([texts])
    row = empty._rows["甲市-2024"]
    empty._store._note({**row, "version": ""}, unfinished=True)
    other = opened(Path(empty._store.uri), HashingEmbedder())
    assert {report.place for report in other.reports()} == {"乙市", "聊城市"}
    assert "甲市" not in {quote.citation.place for quote in other.search("粮食产量", 50)}
    assert other.unfinished() == ["甲市-2024"]
    other.add([texts])
    assert other.unfinished() == []
    assert len(other.reports()) == 3


def test_a_draft_is_held_against_the_reports_nearest_to_it(kept: MilvusQA, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = "支持企业纾困发展,全年减税降费22.45亿元。粮食产量达到5万吨。"
    for against in (24, 2):
        monkeypatch.setattr(milvus, "_CHECKED_AGAINST", against)
        findings = kept.verify(draft)
        assert findings[0].verdict == "exact"
        assert findings[0].quote is not None
        assert findings[0].quote.citation.report_id == "聊城市-2022"


def test_what_needs_every_report_says_so_where_there_are_many(kept: MilvusQA, monkeypatch: pytest.MonkeyPatch) -> None:
    assert kept.sums_up
    assert {row.place for row in kept.indicators()} >= {"甲市", "聊城市"}
    monkeypatch.setattr(milvus, "_AT_ONCE", 1)
    assert not kept.sums_up
    assert {row.place for row in kept.indicators(place="甲市")} == {"甲市"}
    for refused in (kept.indicators, lambda: kept.locate("一第1段")):
        with pytest.raises(ReportQAError) as error:
            refused()
        assert is_one_chinese_sentence(str(error.value))
    assert kept.locate("甲市2024年报告 第一部分")[0].citation.place == "甲市"


@pytest.mark.parametrize("uri", ["localhost:19530", "reports", "http://127.0.0.1:1", "/no/such/directory/reports.db"])
def test_an_address_that_cannot_be_used_is_told_in_one_sentence(uri: str) -> None:
    with pytest.raises(StoreError) as error:
        MilvusQA.open(uri)
    assert is_one_chinese_sentence(str(error.value))
    assert uri in str(error.value)
    assert of_error(error.value).status_code == 503


def test_an_index_of_another_model_is_not_opened(kept: MilvusQA, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"hashing.*64 维.*multilingual-e5-small-q4.*384 维") as error:
        MilvusQA.open(kept._store.uri)
    assert is_one_chinese_sentence(str(error.value))
    with pytest.raises(StoreError, match="还没有索引"):
        MilvusQA.open(tmp_path / "new.db")


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--uri", "reports.db"], {}, "--store milvus"),
        (["--store", "milvus"], {}, "REPORTQA_URI"),
        ([], {"REPORTQA_STORE": "redis"}, "REPORTQA_STORE"),
        (["--store", "milvus", "--uri", "http://root:of-the-store@localhost:1"], {}, "REPORTQA_TOKEN"),
    ],
)
def test_options_that_do_not_fit_together(arguments: list[str], environment: dict[str, str], said: str) -> None:
    done = CliRunner(env=environment).invoke(main, ["ask", "增长多少？", *arguments])
    assert done.exit_code == 2
    assert said in done.stderr
    assert "of-the-store" not in done.output
    assert is_one_chinese_sentence(done.stderr.strip())


def test_settings_say_where_the_reports_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_STORE", "milvus")
    monkeypatch.setenv("REPORTQA_URI", "http://milvus:19530")
    assert str(Place.of(None, None, None)) == "http://milvus:19530"
    assert str(Place.of(None, "milvus", "a.db")) == "a.db"
    assert str(Place.of(Path("here"), None, None)) == "here"


def test_the_commands_keep_and_ask_it(texts: Path, tmp_path: Path) -> None:
    where = ["--store", "milvus", "--uri", str(tmp_path / "reports.db")]
    small = [str(path) for path in sorted(texts.glob("*市*"))]

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(main, [*arguments, *where])
        assert done.exit_code == 0, done.stderr
        return done.stdout

    assert "2 份报告" in run("index", *small)
    assert "粮食产量达到8万吨" in run("ask", "乙市粮食产量多少？")
    assert "1 份报告" in run("remove", "乙市-2024")
    assert "1 份报告" in run("index", "--fresh", small[0])
    told = [f"{finding.about}{finding.sentence}" for finding in doctor.examine(where[-1], Policy(), "127.0.0.1")]
    assert any(line.startswith("外联") and where[-1] in line for line in told)
    assert any("逐字相同" in line for line in told)


def test_without_its_libraries_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['pymilvus'] = None\n"
        "from reportqa.cli import main\nmain(['ask', '增长多少？', '--store', 'milvus', '--uri', 'a.db'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert "reportqa[milvus]" in done.stderr
    assert is_one_chinese_sentence(done.stderr.strip())


def test_a_killed_writer_loses_and_doubles_nothing(tmp_path: Path) -> None:
    points = ["7-before"]
    done = subprocess.run(
        [sys.executable, killed.__file__, str(tmp_path), *points],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    _, *trials = map(json.loads, done.stdout.splitlines())
    assert len(trials) == len(points)
    good: dict[str, Any] = {"killed": True, "only_whole": True, "resumed": True, "same_rows": True}
    for trial in trials:
        assert trial | good == trial


def test_the_list_of_reports_fetches_none(kept: MilvusQA, texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {report.source: described(report) | {"report_id": ""} for report in gather([texts]).reports}
    monkeypatch.setattr(kept, "_fetched", lambda *_: pytest.fail("a report was fetched"))
    for report in kept.reports():
        told = described(report)
        assert told | {"report_id": "", "url": ""} == whole[report.source] | {"url": ""}


def test_what_stands_behind_speeches_is_found_among_many(
    empty: MilvusQA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("甲市", "乙市", "丙市"):
        text = killed.report_of(place, 3) + "\n附件：\n名词解释\n1.“双随机、一公开”：随机抽取检查对象。\n"
        (tmp_path / f"{place}2024年政府工作报告.txt").write_text(text, encoding="utf-8")
    empty.add([tmp_path])
    monkeypatch.setattr(milvus, "LOOKED_IN", 1)
    found = empty.search("双随机是什么", appendices=True)
    assert found
    assert all("双随机" in quote.text for quote in found[:1])
