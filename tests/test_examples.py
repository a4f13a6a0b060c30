from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from reportqa import ReportQA
from reportqa.examples import Examples, figures_asked, plans_asked, topics_asked
from reportqa.schema import Answer, QuestionError, Report
from scripted import ScriptedQA, found, quote_of, refused, scripted


def test_questions_are_made_of_the_reports_own_figures(sample_report: Report) -> None:
    made = {
        example.question: sample_report.text[example.start : example.end]
        for example in figures_asked(sample_report, "")
    }
    assert "全市生产总值增长8.4%" in made["2021年生产总值增长多少？"]
    assert "生产总值增长6%左右" in made["2022年生产总值增长目标是多少？"]
    assert "城镇新增就业4.5万人" in made["2021年城镇新增就业多少人？"]
    assert "粮食总产超113亿斤" in made["2021年粮食总产是多少？"]


def test_questions_are_made_of_the_headings_that_plan(sample_report: Report) -> None:
    questions = [example.question for example in plans_asked(sample_report, "")]
    assert questions == ["2022年怎样建设制造业强市？", "2022年怎样实施创新驱动？"]


def test_a_place_is_named_where_there_are_several(sample_report: Report) -> None:
    qa = ScriptedQA(sample_report)
    examples = Examples(cast(Any, qa))
    assert examples.shown(1) == ["2021年生产总值增长多少？"]
    qa.shelf.append(replace(sample_report, report_id="x", sha256="x", place="临清市", year=2000))
    assert examples.shown(1) == ["聊城市2021年生产总值增长多少？"]
    qa.shelf[0] = replace(sample_report, place="全国", sha256="y")
    assert examples.shown(1) == ["2021年生产总值增长多少？"]


def test_topics_are_asked_where_they_say_what_is_done(sample_report: Report) -> None:
    cited = quote_of(sample_report, "年底前基本建成“无证明城市”").citation
    assert cited.topic == "加快建设数字政府"
    questions = [example.question for example in topics_asked(sample_report, "", cited)]
    assert questions == ["2022年怎样加快建设数字政府？", "2022年怎样实施创新驱动？"]


def test_only_questions_that_are_answered_with_their_own_sentence_are_shown(sample_report: Report) -> None:
    grown = quote_of(sample_report, "全市生产总值增长8.4%")
    other = quote_of(sample_report, "城镇新增就业4.5万人")
    says: dict[str, Answer | Exception] = {
        example.question: found("…", other) for example in figures_asked(sample_report, "")
    }
    says |= {example.question: refused("…") for example in plans_asked(sample_report, "")}
    says["2021年一般公共预算收入增长多少？"] = QuestionError("太长。")
    says["2021年生产总值增长多少？"] = found("…", grown)
    assert Examples(scripted(sample_report, says)).shown() == [
        "2021年生产总值增长多少？",
        "2021年城镇新增就业多少人？",
    ]


def test_questions_are_kept_until_the_reports_change(sample_report: Report) -> None:
    qa = ScriptedQA(sample_report)
    examples = Examples(cast(Any, qa))
    assert examples.shown() == ["2021年生产总值增长多少？", "2021年规模以上工业增加值增长多少？"] + [
        f"2021年{name}增长多少？" for name in ("一般公共预算收入", "进出口总额", "社会消费品零售总额")
    ]
    asked = len(qa.asked)
    examples.shown()
    assert len(qa.asked) == asked
    qa.shelf.append(replace(sample_report, report_id="x", sha256="x"))
    examples.shown()
    assert len(qa.asked) > asked


def test_near_offers_what_the_passages_answer_but_not_what_was_asked(sample_report: Report) -> None:
    examples = Examples(scripted(sample_report))
    near = [quote_of(sample_report, "全市生产总值增长8.4%").citation]
    first = "2021年生产总值增长多少？"
    assert first in examples.near(near, "")
    assert first not in examples.near(near, first)
    assert examples.near([], "") == []


def test_a_report_without_figures_offers_none(sample_report: Report) -> None:
    bare = replace(sample_report, sections=[], paragraphs=[])
    assert Examples(scripted(sample_report, {})).shown(2)
    assert list(figures_asked(bare, "")) == list(plans_asked(bare, "")) == []


def test_the_engine_answers_every_question_that_is_offered(sample_qa: ReportQA) -> None:
    shown = Examples(sample_qa).shown()
    assert len(shown) >= 4
    assert any("目标" in question for question in shown)


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_are_offered_than_asked_for(most: int, sample_report: Report) -> None:
    assert len(Examples(scripted(sample_report)).shown(most)) == most
