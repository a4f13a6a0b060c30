from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from reportqa import journal
from reportqa.conversation import Turn
from reportqa.schema import Report
from scripted import GDP, ScriptedQA


@pytest.fixture
def turn(sample_report: Report) -> Turn:
    return Turn(GDP, ScriptedQA(sample_report).gdp, place="聊城市", year=2022, at="2026-01-01T09:00:00+08:00")


def test_nothing_is_noted_unless_a_file_is_named(turn: Turn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    journal.note_question(turn, 0.1)
    journal.note_rating(turn, helpful=True)
    assert not journal.rating_is_on()
    assert list(tmp_path.iterdir()) == []


def test_questions_and_ratings_are_lines_of_json_without_addresses(
    turn: Turn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions, ratings = tmp_path / "logs" / "q.jsonl", tmp_path / "logs" / "f.jsonl"
    monkeypatch.setenv("REPORTQA_QUESTION_LOG", str(questions))
    monkeypatch.setenv("REPORTQA_FEEDBACK_LOG", str(ratings))
    journal.note_question(turn, 0.1236)
    journal.note_question(Turn("\ud800", None, "…"), 0.1)
    journal.note_rating(turn, helpful=False)
    assert journal.rating_is_on()
    first, second = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    assert first["asked"] == first["question"] == GDP
    assert (first["found"], first["place"], first["year"], first["seconds"]) == (True, "聊城市", 2022, 0.1236)
    assert set(first["quotes"][0]) == {"report_id", "start", "end"}
    assert second["failed"] is True
    [rating] = [json.loads(line) for line in ratings.read_text(encoding="utf-8").splitlines()]
    assert (rating["helpful"], rating["asked"]) == (False, GDP)
    assert not {"ip", "host", "address", "client", "session"} & (set(first) | set(rating))


def test_a_file_that_cannot_be_written_disturbs_no_answer(
    turn: Turn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("REPORTQA_QUESTION_LOG", str(tmp_path))
    with caplog.at_level(logging.ERROR):
        journal.note_question(turn, 0.1)
    assert f"cannot write {tmp_path}" in caplog.text
