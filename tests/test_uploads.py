from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conftest import SAMPLE, is_one_chinese_sentence
from reportqa import uploads
from reportqa.schema import NotFound, ReadingError, Report
from reportqa.uploads import Uploads
from scripted import ScriptedQA, scripted


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def ignored(done: int, total: int) -> None:
    pass


def sent(waiting: Uploads, name: str, data: bytes) -> tuple[str, Report]:
    async def body() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 1000):
            yield data[start : start + 1000]

    return asyncio.run(waiting.receive(name, body()))


def test_a_report_waits_until_it_is_added(sample_report: Report, temporary: Path) -> None:
    qa = ScriptedQA(sample_report)
    waiting = Uploads(qa)  # type: ignore[arg-type]
    token, report = sent(waiting, "C:\\文件\\2022年报告.txt", SAMPLE.read_bytes())
    assert report.title == "2022年聊城市政府工作报告"
    assert qa.added == []
    told: list[tuple[int, int]] = []
    [added] = waiting.add(token, lambda done, total: told.append((done, total)))
    assert qa.added == ["2022年报告.txt"]
    assert added.report_id == "新增市-2023"
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert list(temporary.iterdir()) == []
    with pytest.raises(NotFound) as raised:
        waiting.add(token, ignored)
    assert is_one_chinese_sentence(str(raised.value))


def test_what_cannot_be_read_leaves_nothing_behind(sample_report: Report, temporary: Path) -> None:
    waiting = Uploads(scripted(sample_report))
    for name, data in [
        ("a.exe", b"x"),
        ("a.txt", b""),
        ("a.txt", b"\0" * 3000),
        ("", b"x"),
        ("../../etc/passwd", b"x"),
    ]:
        with pytest.raises(ReadingError) as raised:
            sent(waiting, name, data)
        assert is_one_chinese_sentence(str(raised.value))
    assert list(temporary.iterdir()) == []


def test_a_file_over_the_limit_is_refused_while_it_comes(
    sample_report: Report, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORTQA_MAX_FILE_MB", "1")
    with pytest.raises(ReadingError, match="超过 1 MB 的上限"):
        sent(Uploads(scripted(sample_report)), "a.txt", b"x" * 1_001_000)
    assert list(temporary.iterdir()) == []


def test_the_oldest_give_way(sample_report: Report, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_WAITING", 2)
    waiting = Uploads(scripted(sample_report))
    tokens = [sent(waiting, "a.txt", SAMPLE.read_bytes())[0] for _ in range(3)]
    assert len(list(temporary.iterdir())) == 2
    with pytest.raises(NotFound):
        waiting.add(tokens[0], ignored)
    waiting.discard(tokens[1])
    waiting.discard("none")
    assert len(list(temporary.iterdir())) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("报告.txt", "报告.txt"),
        ("../../a/b.docx", "b.docx"),
        ("..", "report"),
        ("a<b>|c?.txt", "abc.txt"),
        ("a\x00\n.txt", "a.txt"),
        ("长" * 300 + ".docx", "长" * 60 + ".docx"),
    ],
)
def test_names_are_made_safe(given: str, kept: str) -> None:
    assert uploads._safe(given) == kept
