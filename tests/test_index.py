"""The index directory: what is written is what is read, and nothing damaged or unfinished is taken for an index."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import HashingEmbedder, is_one_chinese_sentence
from reportqa import index, nearest
from reportqa.composing import composed
from reportqa.index import PARAGRAPH, SENTENCE, WINDOW, DirectoryIndex, Index, exists, open_index
from reportqa.indexing import units_of, write_index
from reportqa.lexical import BM25, grams
from reportqa.parsing import parse
from reportqa.periods import ACTUAL, TARGET
from reportqa.reading import Source
from reportqa.schema import IndexDirectoryError, Report, ReportQAError

FILES = ("reports.jsonl", "units.npy", "vectors.faiss", "bm25/params.index.json", "bm25/vocab.index.json")


def report_of(place: str, *lines: str) -> Report:
    text = "\n".join(("各位代表：", "一、过去一年", *lines))
    return parse(Source(f"{place}.txt", text, place), place=place, year=2022)


SMALL = report_of("平川市", "去年，全市生产总值增长5%，税收收入增长3%。新增就业1万人。", "今后五年，建设高速公路。")
OTHER = report_of("海东市", "粮食总产超113亿斤，实现“十九连丰”，增产3%。")
WORDLESS = parse(Source("无字.txt", "……", "无字"), place="无字市", year=2022)


@pytest.fixture
def directory(tmp_path: Path, embedder: HashingEmbedder) -> Path:
    """An index of a small report."""
    write_index(tmp_path / "index", [SMALL], embedder)
    embedder.encoded.clear()
    return tmp_path / "index"


def refusal(directory: Path, embedder: HashingEmbedder | None = None) -> str:
    """Return the sentence that ``open_index`` refuses a directory with, having checked that it can be shown as it is."""
    with pytest.raises(IndexDirectoryError) as caught:
        open_index(directory, embedder)
    message = str(caught.value)
    assert is_one_chinese_sentence(message)
    assert "reportqa index" in message
    return message


def manifest_of(directory: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def change_manifest(directory: Path, **values: Any) -> None:
    (directory / "manifest.json").write_bytes(index.manifest_bytes(manifest_of(directory) | values))


def contents(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def unit_texts(opened: Index) -> list[str]:
    return [opened.reports[number].text[start:end] for number, *_, start, end, _, _, _ in opened.units.tolist()]


def embedded_texts(report: Report) -> set[str]:
    """Return the texts of a report that are embedded, less those whose vectors are composed."""
    rows, texts = units_of(report, 0, 0)
    apart = set(composed(np.array(rows, dtype=np.int32)).rows.tolist())
    return {text for row, text in enumerate(texts) if row not in apart}


def check_vectors(opened: Index, embedder: HashingEmbedder) -> None:
    embedded = np.setdiff1d(np.arange(len(opened.units)), composed(opened.units).rows)
    texts = unit_texts(opened)
    wanted = embedder.encode_document([texts[row] for row in embedded.tolist()])
    np.testing.assert_array_equal(opened.matrix[embedded], wanted)


def test_units_lie_within_their_sentences_and_paragraphs(sample_report: Report) -> None:
    rows, texts = units_of(sample_report, 3, 100)
    assert len(rows) == len(texts)
    spans = [(s.start, s.end) for p in sample_report.paragraphs for s in p.sentences]
    seen = set()
    for (report, number, sentence, grain, start, end, first, last, aim), text in zip(rows, texts, strict=True):
        paragraph = sample_report.paragraphs[number - 1]
        assert report == 3
        assert paragraph.start <= start < end <= paragraph.end
        assert text == sample_report.text[start:end]
        assert (first == last == 0) or 1990 < first <= last < 2100
        assert aim in (0, ACTUAL, TARGET)
        if grain == PARAGRAPH:
            assert (sentence, start, end) == (-1, paragraph.start, paragraph.end)
        else:
            low, high = spans[sentence - 100]
            assert low <= start < end <= high
            assert grain == WINDOW or (grain == SENTENCE and (start, end) == (low, high))
            seen.add(sentence - 100)
    assert seen == set(range(len(spans)))
    assert sum(row[3] == SENTENCE for row in rows) == len(spans)


def test_what_is_written_is_read(tmp_path: Path, sample_report: Report, embedder: HashingEmbedder) -> None:
    write_index(tmp_path, [SMALL, sample_report], embedder)
    opened = open_index(tmp_path, embedder)
    assert opened.reports == [SMALL, sample_report]
    small_rows, small_texts = units_of(SMALL, 0, 0)
    sentences = sum(row[3] == SENTENCE for row in small_rows)
    rows, texts = units_of(sample_report, 1, sentences)
    assert opened.units.tolist() == small_rows + rows
    assert unit_texts(opened) == small_texts + texts
    check_vectors(opened, embedder)
    built = BM25.build(text for row, text in zip(opened.units, unit_texts(opened), strict=True) if row[3] == SENTENCE)
    query = grams("全市生产总值增长")
    np.testing.assert_array_equal(opened.bm25.scores(query), built.scores(query))


def test_counts(tmp_path: Path, sample_report: Report, embedder: HashingEmbedder) -> None:
    write_index(tmp_path, [SMALL, sample_report], embedder)
    counts = open_index(tmp_path).counts
    sentences = sum(len(p.sentences) for report in (SMALL, sample_report) for p in report.paragraphs)
    assert counts == index.Counts(
        2, len(SMALL.text) + len(sample_report.text), sentences, len(unit_texts(open_index(tmp_path)))
    )


def test_rows_of_sentences(tmp_path: Path, sample_report: Report, embedder: HashingEmbedder) -> None:
    write_index(tmp_path, [SMALL, sample_report, OTHER], embedder)
    opened = open_index(tmp_path)
    assert opened.sentence_rows[:, 2].tolist() == list(range(opened.counts.sentences))
    assert len(opened.first_unit) == opened.counts.sentences + 1
    for sentence in range(opened.counts.sentences):
        inside = opened.units[opened.first_unit[sentence] : opened.first_unit[sentence + 1]]
        own = inside[inside[:, 3] != PARAGRAPH]
        assert set(own[:, 2].tolist()) == {sentence}
        assert len(own) == (opened.units[:, 2] == sentence).sum()


@pytest.mark.parametrize("question", ["全市生产总值增长多少", "高铁", "2021年新增高新技术企业多少家", "?"])
def test_faiss_finds_what_numpy_finds(
    tmp_path: Path, sample_report: Report, embedder: HashingEmbedder, question: str
) -> None:
    write_index(tmp_path, [sample_report], embedder)
    opened = open_index(tmp_path, embedder)
    query = embedder.encode_query(question)
    exact = opened.matrix @ query
    scores, numbers = opened.vectors.search(query[None], 20)
    np.testing.assert_allclose(scores[0], np.sort(exact)[::-1][:20], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(exact[numbers[0]], scores[0], rtol=1e-5, atol=1e-6)
    assert exact[numbers[0][0]] == pytest.approx(exact[np.argmax(exact)], abs=1e-6)


def test_a_unit_finds_itself(directory: Path, embedder: HashingEmbedder) -> None:
    opened = open_index(directory, embedder)
    texts = unit_texts(opened)
    for text in texts:
        _, numbers = opened.vectors.search(embedder.encode_query(text)[None], 1)
        assert texts[int(numbers[0][0])] == text


def test_the_manifest_names_every_file(directory: Path) -> None:
    manifest = manifest_of(directory)
    inside = directory / manifest["generation"]
    assert set(manifest["files"]) == set(contents(inside))
    assert set(FILES) <= set(manifest["files"])
    assert sorted(path.name for path in directory.iterdir()) == sorted(["manifest.json", manifest["generation"]])
    assert manifest["reports"] == [
        {
            "report_id": "平川市-2022",
            "title": SMALL.title,
            "place": "平川市",
            "year": 2022,
            "source": "平川市.txt",
            "sha256": "平川市",
        }
    ]


def test_a_name_with_a_line_separator_is_kept(tmp_path: Path, embedder: HashingEmbedder) -> None:
    report = dataclasses.replace(SMALL, source="报\u2028告\x85.txt")
    write_index(tmp_path, [report], embedder)
    assert open_index(tmp_path).reports == [report]


def test_progress_ends_at_the_number_of_different_texts(tmp_path: Path, sample_report: Report) -> None:
    steps: list[tuple[int, int]] = []
    write_index(tmp_path, [sample_report], HashingEmbedder(), progress=lambda done, total: steps.append((done, total)))
    different = len(embedded_texts(sample_report))
    assert {total for _, total in steps} == {different}
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    assert steps[-1] == (different, different)


def test_adding_embeds_only_the_new_report(directory: Path, embedder: HashingEmbedder) -> None:
    write_index(directory, [OTHER, SMALL], embedder, open_index(directory, embedder))
    assert sorted(embedder.encoded) == sorted(embedded_texts(OTHER) - embedded_texts(SMALL))
    opened = open_index(directory, embedder)
    assert opened.reports == [OTHER, SMALL]
    check_vectors(opened, embedder)
    write_index(directory / "anew", [OTHER, SMALL], embedder)
    assert opened.units.tolist() == open_index(directory / "anew", embedder).units.tolist()


def test_removing_embeds_nothing(directory: Path, embedder: HashingEmbedder) -> None:
    write_index(directory, [SMALL, OTHER], embedder)
    embedder.encoded.clear()
    write_index(directory, [OTHER], embedder, open_index(directory, embedder))
    assert embedder.encoded == []
    opened = open_index(directory, embedder)
    assert opened.reports == [OTHER]
    check_vectors(opened, embedder)
    assert opened.units.tolist() == units_of(OTHER, 0, 0)[0]


@pytest.mark.parametrize("sha256", [SMALL.sha256, "another file"])
def test_of_a_report_whose_text_changed_only_the_new_texts_are_embedded(
    directory: Path, embedder: HashingEmbedder, sha256: str
) -> None:
    changed = dataclasses.replace(SMALL, text=SMALL.text.replace("就业", "企业"), sha256=sha256)
    write_index(directory, [changed], embedder, open_index(directory, embedder))
    assert sorted(embedder.encoded) == sorted(embedded_texts(changed) - embedded_texts(SMALL))
    check_vectors(open_index(directory, embedder), embedder)


def test_the_old_generation_is_removed(directory: Path, embedder: HashingEmbedder) -> None:
    old = manifest_of(directory)["generation"]
    (directory / "g-0123456789ab").mkdir()
    (directory / "g-0123456789ab" / "units.npy").write_bytes(b"of a process that was killed")
    write_index(directory, [OTHER], embedder)
    new = manifest_of(directory)["generation"]
    assert new != old
    assert sorted(path.name for path in directory.iterdir()) == sorted(["manifest.json", new])


def test_an_opened_index_outlives_its_replacement(directory: Path, embedder: HashingEmbedder) -> None:
    opened = open_index(directory, embedder)
    query = grams("生产总值")
    before = opened.bm25.scores(query).copy()
    write_index(directory, [OTHER], embedder)
    np.testing.assert_array_equal(opened.bm25.scores(query), before)
    check_vectors(opened, embedder)


def test_what_else_lies_in_the_directory_is_left_alone(directory: Path, embedder: HashingEmbedder) -> None:
    for name in ("g-photos", "other"):
        (directory / name).mkdir()
        (directory / name / "a.txt").write_text("mine", encoding="utf-8")
    write_index(directory, [OTHER], embedder)
    for name in ("g-photos", "other"):
        assert (directory / name / "a.txt").read_text(encoding="utf-8") == "mine"


class BrokenEmbedder(HashingEmbedder):
    """Fails once it has done a few texts."""

    def encode_document(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        super().encode_document(texts[:3], progress)
        raise MemoryError


def test_a_failing_embedder_leaves_the_old_index(directory: Path, embedder: HashingEmbedder) -> None:
    before = contents(directory)
    with pytest.raises(MemoryError):
        write_index(directory, [SMALL, OTHER], BrokenEmbedder(), open_index(directory, embedder))
    assert contents(directory) == before
    assert open_index(directory, embedder).reports == [SMALL]


def test_a_failing_embedder_leaves_nothing_where_nothing_was(tmp_path: Path) -> None:
    with pytest.raises(MemoryError):
        write_index(tmp_path / "index", [SMALL], BrokenEmbedder())
    assert not exists(tmp_path / "index")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["BM25.build", "vectorfile.create", "_flush"])
def test_a_failure_while_writing_leaves_the_old_index(
    directory: Path, embedder: HashingEmbedder, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    before = contents(directory)
    with monkeypatch.context() as patch:
        patch.setattr(f"reportqa.indexing.{step}", fail)
        with pytest.raises(IndexDirectoryError if isinstance(error, OSError) else type(error)) as caught:
            write_index(directory, [OTHER], embedder)
    assert not isinstance(error, OSError) or is_one_chinese_sentence(str(caught.value))
    assert contents(directory) == before
    assert sorted(path.name for path in directory.iterdir()) == sorted(
        ["manifest.json", manifest_of(directory)["generation"]]
    )
    assert open_index(directory, embedder).reports == [SMALL]


@pytest.mark.parametrize("reports", [[], [WORDLESS]], ids=["no report", "a report without words"])
def test_an_index_of_nothing_is_written_or_refused(
    directory: Path, embedder: HashingEmbedder, reports: list[Report]
) -> None:
    before = contents(directory)
    try:
        write_index(directory, reports, embedder)
    except ReportQAError as error:
        assert is_one_chinese_sentence(str(error))  # noqa: PT017
        assert contents(directory) == before
    else:
        assert open_index(directory, embedder).reports == reports


def test_another_model(directory: Path) -> None:
    message = refusal(directory, HashingEmbedder(name="another"))
    assert "hashing" in message
    assert "another" in message


def test_another_dimension(directory: Path) -> None:
    message = refusal(directory, HashingEmbedder(dimension=32))
    assert "64" in message
    assert "32" in message


def test_without_an_embedder_the_model_is_not_checked(directory: Path) -> None:
    assert open_index(directory).manifest["model"] == "hashing"


@pytest.mark.parametrize("number", [index.FORMAT + 1, 0, "1", None])
def test_another_format(directory: Path, embedder: HashingEmbedder, number: object) -> None:
    change_manifest(directory, format=number)
    assert str(number) in refusal(directory, embedder)


def test_no_index(tmp_path: Path, embedder: HashingEmbedder) -> None:
    assert not exists(tmp_path)
    assert str(tmp_path) in refusal(tmp_path, embedder)
    assert "没有索引" in refusal(tmp_path / "nowhere", embedder)


def test_a_missing_manifest(directory: Path, embedder: HashingEmbedder) -> None:
    assert exists(directory)
    (directory / "manifest.json").unlink()
    assert not exists(directory)
    assert "没有索引" in refusal(directory, embedder)


def test_a_truncated_manifest(directory: Path, embedder: HashingEmbedder) -> None:
    data = (directory / "manifest.json").read_bytes()
    for length in (*range(0, len(data) - 2, 50), len(data) - 2):
        (directory / "manifest.json").write_bytes(data[:length])
        assert "manifest.json" in refusal(directory, embedder)


@pytest.mark.parametrize("text", ["[]", "null", "1", "{}", '{"format": 2}', "\ud800"])
def test_a_manifest_of_another_shape(directory: Path, embedder: HashingEmbedder, text: str) -> None:
    (directory / "manifest.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert "manifest.json" in refusal(directory, embedder)


@pytest.mark.parametrize(
    "values",
    [
        {"files": []},
        {"files": {"units.npy": {}}},
        {"files": {"units.npy": {"size": 1}}},
        {"files": {"units.npy": None}},
        {"generation": 7},
        {"generation": None},
        {"counts": {}},
        {"counts": []},
    ],
    ids=str,
)
def test_a_manifest_with_values_of_another_shape(
    directory: Path, embedder: HashingEmbedder, values: dict[str, Any]
) -> None:
    change_manifest(directory, **values)
    with pytest.raises(IndexDirectoryError):
        assert open_index(directory, embedder).counts


@pytest.mark.parametrize("name", FILES)
def test_a_deleted_file(directory: Path, embedder: HashingEmbedder, name: str) -> None:
    (directory / manifest_of(directory)["generation"] / name).unlink()
    assert name in refusal(directory, embedder)


def test_every_file_deleted_or_with_one_byte_changed(directory: Path, embedder: HashingEmbedder) -> None:
    manifest = manifest_of(directory)
    for name in manifest["files"]:
        path = directory / manifest["generation"] / name
        data = path.read_bytes()
        for at in {0, len(data) // 2, len(data) - 1}:
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
            assert name in refusal(directory, embedder)
        for damaged in (data[:-1], data + b"\n", b""):
            path.write_bytes(damaged)
            assert name in refusal(directory, embedder)
        path.unlink()
        assert name in refusal(directory, embedder)
        path.write_bytes(data)
    assert open_index(directory, embedder).reports == [SMALL]


def test_a_byte_changed_in_the_manifest_is_refused_or_harmless(directory: Path, embedder: HashingEmbedder) -> None:
    path = directory / "manifest.json"
    data = path.read_bytes()
    unforeseen = []
    for at in range(0, len(data), 3):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            opened = open_index(directory, embedder)
            same = opened.reports == [SMALL] and opened.counts.vectors > 0
        except IndexDirectoryError as error:
            same = is_one_chinese_sentence(str(error))
        except Exception:
            same = False
        if not same:
            unforeseen.append(data[max(0, at - 12) : at + 12])
    assert unforeseen == []


def test_a_deleted_generation(directory: Path, embedder: HashingEmbedder) -> None:
    shutil.rmtree(directory / manifest_of(directory)["generation"])
    refusal(directory, embedder)


def test_a_report_is_read_when_something_of_it_is_asked_for(directory: Path, embedder: HashingEmbedder) -> None:
    write_index(directory, [SMALL, OTHER], embedder)
    opened = open_index(directory, embedder)
    lines = directory / manifest_of(directory)["generation"] / "reports.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b'"text"', b'"test"'))
    small, other = opened.reports
    assert (small.report_id, small.place, small.year, other.place) == ("平川市-2022", "平川市", 2022, "海东市")
    with pytest.raises(IndexDirectoryError, match=r"reports\.jsonl"):
        assert other.text


def test_reports_outlive_their_file(directory: Path, embedder: HashingEmbedder) -> None:
    opened = open_index(directory, embedder)
    write_index(directory, [OTHER], embedder)
    assert opened.reports == [SMALL]
    assert SMALL == opened.reports[0]  # noqa: SIM300 - the stored one on the right
    assert opened.reports[0] != OTHER
    assert opened.reports[0].to_dict() == SMALL.to_dict()


@pytest.fixture
def approximate(tmp_path: Path, sample_report: Report, embedder: HashingEmbedder, monkeypatch: Any) -> DirectoryIndex:
    """An index that holds more vectors than are searched exactly, most of them of the second of three reports."""
    monkeypatch.setattr("reportqa.nearest.EXACT_UP_TO", 1_000)
    monkeypatch.setattr("reportqa.index.EXACT_UP_TO", 1_000)
    write_index(tmp_path / "many", [SMALL, sample_report, OTHER], embedder)
    return open_index(tmp_path / "many", embedder)


def test_many_vectors_are_searched_in_lists(approximate: DirectoryIndex, directory: Path) -> None:
    assert approximate.manifest["search"] == nearest.KIND
    assert "nearest.faiss" in approximate.manifest["files"]
    assert manifest_of(directory)["search"] == "exact"
    assert "nearest.faiss" not in manifest_of(directory)["files"]


@pytest.mark.parametrize("reports", [None, [1], [0, 1], [0, 2], [2], []])
@pytest.mark.parametrize("question", ["全市生产总值增长多少", "粮食总产", "高铁"])
def test_the_nearest_are_those_of_numpy(
    approximate: Index, directory: Path, embedder: HashingEmbedder, question: str, reports: list[int] | None
) -> None:
    query = embedder.encode_query(question)
    cosines = approximate.matrix @ query
    allowed = np.isin(approximate.units[:, 0], [0, 1, 2] if reports is None else reports)
    best = np.sort(cosines[allowed])[::-1][:20]
    found = approximate.nearest(query, 20, reports)
    assert allowed[found].all()
    np.testing.assert_allclose(cosines[found], best, atol=1e-5)
    np.testing.assert_array_equal(
        approximate.sentences_of(reports),
        np.flatnonzero(np.isin(approximate.sentence_rows[:, 0], [0, 1, 2] if reports is None else reports)),
    )


def test_the_vectors_cannot_be_written_to(directory: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        open_index(directory).matrix[0, 0] = 1
