from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from reportqa.conversation import LONGEST, Turn, restored, saved, scope_named, verified
from reportqa.schema import Part, Report
from scripted import GDP, UNANSWERABLE, ScriptedQA, quote_of


@pytest.fixture
def qa(sample_report: Report) -> ScriptedQA:
    return ScriptedQA(sample_report)


def shelf(report: Report) -> dict[str, Report]:
    return {report.report_id: report}


def test_a_kept_conversation_comes_back_as_it_was(qa: ScriptedQA, sample_report: Report) -> None:
    turns = [
        Turn(GDP, qa.ask(GDP), place="聊城市", year=2022, at="2026-01-01T09:00:00+08:00"),
        Turn(UNANSWERABLE, qa.ask(UNANSWERABLE)),
        Turn("去年和今年的生产总值", qa.ask("去年和今年的生产总值")),
        Turn("？", None, "请输入一个问题。"),
    ]
    assert restored([saved(turn) for turn in turns], shelf(sample_report)) == turns


def test_an_answer_with_a_part_for_every_place_comes_back(qa: ScriptedQA, sample_report: Report) -> None:
    answer = qa.ask(GDP)
    parts = [Part(f"第{number}县", True, answer.quotes[:1]) for number in range(200)]
    turn = Turn(
        GDP, replace(answer, parts=parts, quotes=answer.quotes[:1] * 200, missing="某县、" * 1000, text="字" * 30_000)
    )
    assert restored([saved(turn)], shelf(sample_report)) == [turn]
    longer = Turn(GDP, replace(answer, parts=parts * 10, missing="某县、" * 10_000, text="字" * 90_000))
    [kept] = restored([saved(longer)], shelf(sample_report))
    assert kept.answer is not None
    assert kept.answer.quotes == answer.quotes


def test_what_is_kept_is_small(qa: ScriptedQA) -> None:
    assert len(str(saved(Turn(GDP, qa.ask(GDP))))) < 3000


def test_a_quote_that_no_report_says_does_not_come_back(qa: ScriptedQA, sample_report: Report) -> None:
    kept = saved(Turn(GDP, qa.ask(GDP)))
    answer = kept["answer"]
    answer["quotes"][0]["text"] = answer["quotes"][0]["text"].replace("8.4%", "9.4%")
    answer["quotes"][1]["report_id"] = "北京市-2022"
    answer["quotes"][2]["end"] = 10**9
    [turn] = restored([kept], shelf(sample_report))
    assert turn.answer is not None
    assert [quote.marked for quote in turn.answer.quotes] == ["粮食总产超113亿斤"]
    changed = replace(sample_report, text=" " + sample_report.text)
    [turn] = restored([kept], shelf(changed))
    assert turn.answer is not None
    assert turn.answer.quotes == []


@pytest.mark.parametrize("kept", [None, "x", {}, [1, None, {}, {"asked": 1}, {"asked": "x" * 6000}, [[]]]])
def test_what_has_another_shape_is_left_out(kept: object, sample_report: Report) -> None:
    assert restored(kept, shelf(sample_report)) == []


def test_marks_outside_the_words_are_left_out(qa: ScriptedQA, sample_report: Report) -> None:
    kept = saved(Turn(GDP, qa.ask(GDP)))
    kept["answer"]["quotes"][0]["highlights"] = [[-1, 3], [5, 2], [0, 4], [0, 9999]]
    [turn] = restored([kept], shelf(sample_report))
    assert turn.answer is not None
    assert turn.answer.quotes[0].highlights == [(0, 4)]


def test_only_the_newest_exchanges_come_back(sample_report: Report) -> None:
    kept = [saved(Turn(str(number), None, "…")) for number in range(LONGEST + 5)]
    assert [turn.asked for turn in restored(kept, shelf(sample_report))] == [str(n) for n in range(5, LONGEST + 5)]


def test_quotes_that_fail_their_byte_check_are_dropped_and_logged(
    sample_report: Report, caplog: pytest.LogCaptureFixture
) -> None:
    good = quote_of(sample_report, "全市生产总值增长8.4%")
    wrong = replace(good, text=good.text.replace("8.4", "8.5"))
    elsewhere = replace(good, citation=replace(good.citation, start=good.citation.start + 1))
    unknown = replace(good, citation=replace(good.citation, report_id="无"))
    answer = replace(ScriptedQA(sample_report).gdp, quotes=[wrong, good, elsewhere], nearest=[unknown])
    with caplog.at_level(logging.ERROR):
        checked = verified(answer, shelf(sample_report))
    assert checked.quotes == [good]
    assert checked.nearest == []
    assert len(caplog.records) == 3
    assert f"聊城市-2022[{good.citation.start}:{good.citation.end}]" in caplog.text


def test_scope_is_named() -> None:
    assert [scope_named("", 0), scope_named("聊城市", 0), scope_named("聊城市", 2022)] == [
        "",
        "聊城市",
        "聊城市 2022年",
    ]
