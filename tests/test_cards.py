from __future__ import annotations

from dataclasses import replace

import pytest

from reportqa.cards import exchange_html, marked_runs, place_of, report_named, said
from reportqa.conversation import Turn
from reportqa.language import words_in
from reportqa.schema import Part, Report
from scripted import BOTH, FOLLOW_UP, GDP, REFUSAL, TARGET, UNANSWERABLE, ScriptedQA, found, quote_of, refused

W = words_in("zh-CN")
HOSTILE = """<img src=x onerror="window.hacked=1"> ${window.hacked=1} {{7*7}} [链接](http://evil.test/) </script>&lt;"""


@pytest.fixture
def qa(sample_report: Report) -> ScriptedQA:
    return ScriptedQA(sample_report)


def card(qa: ScriptedQA, question: str) -> str:
    return exchange_html(Turn(question, qa.ask(question)), W)


def test_answer_shows_the_words_that_answer_then_sentence_place_and_buttons(qa: ScriptedQA) -> None:
    shown = card(qa, GDP)
    assert '<span lang="zh-CN">全市生产总值增长8.4%</span></p>' in shown
    assert "<mark>全市生产总值增长8.4%</mark>,规模以上工业增加值增长11.7%" in shown
    assert "<cite>《2022年聊城市政府工作报告》一、（一）第1段</cite>" in shown
    assert "<span>(一)强力推进争先先进,经济发展提质增效</span><span>发展速度更快</span>" in shown
    address = qa.gdp.quotes[0].citation.url.lstrip("/").replace("&", "&amp;")
    assert f'href="{address}"' in shown
    assert f"{qa.gdp.quotes[0].text}\n——《2022年聊城市政府工作报告》一、（一）第1段" in shown
    assert 'data-do="rate"' not in shown


def test_quotes_after_the_third_are_folded(qa: ScriptedQA) -> None:
    shown, folded = card(qa, GDP).split('<details class="others">')
    assert (shown.count("<blockquote"), folded.count("<blockquote")) == (3, 1)
    assert "<summary>其他 1 处相关原文</summary>" in folded


def test_refusal_looks_different_marks_nothing_and_offers_questions(qa: ScriptedQA) -> None:
    turn = Turn(UNANSWERABLE, qa.ask(UNANSWERABLE))
    shown = exchange_html(turn, W, rewordings=[GDP], examples=[TARGET])
    assert '<div class="refusal">' in shown
    assert REFUSAL in shown
    assert "最接近的原文（不是答案）" in shown
    assert f'data-ask="{GDP}"' in shown
    assert TARGET not in shown
    assert "换个问法" in shown
    assert "查找了" not in shown
    assert 'class="answer"' not in shown
    before_contexts = shown.split("<details")[0]
    assert "<mark>" not in before_contexts
    assert "可以这样问" in exchange_html(turn, W, examples=[TARGET])


def test_refusal_names_what_was_searched(qa: ScriptedQA) -> None:
    answer = replace(refused("问"), searched=["甲-1", "乙-2", "丙-3", "丁-4"])
    shown = exchange_html(Turn("问", answer), W, titles={"甲-1": "甲报告", "乙-2": "乙报告"})
    assert "查找了：《甲报告》《乙报告》《丙-3》等 4 份报告" in shown


def test_what_is_no_question_is_no_finding(qa: ScriptedQA) -> None:
    shown = exchange_html(Turn("你好", refused("你好", reason="greeting")), W)
    assert "没有找到答案" not in shown
    assert REFUSAL in shown


def test_parts_are_a_table_with_the_quotes_under_it(qa: ScriptedQA) -> None:
    shown = card(qa, BOTH)
    table, quotes = shown.split("</table>")
    first, second, third = table.split('<th scope="row">')[1:]
    assert first.startswith("2021年</th>")
    assert "全市生产总值增长8.4%</td>" in first
    assert "生产总值增长6%左右</td>" in second
    assert third.startswith("2023年</th>")
    assert "所收文本中未见这一部分。" in third
    assert quotes.count("<blockquote") == 2


def test_the_question_is_shown_as_it_was_understood(qa: ScriptedQA) -> None:
    assert f"理解为：<bdi>{TARGET}</bdi>" in card(qa, FOLLOW_UP)
    assert "理解为" not in card(qa, GDP)
    assert "范围：聊城市 2022年" in exchange_html(Turn(GDP, qa.gdp, place="聊城市", year=2022), W)


def test_a_failure_is_its_sentence() -> None:
    shown = exchange_html(Turn("", None, "请输入一个问题。"), W)
    assert '<div class="failed" role="note"><p>请输入一个问题。</p></div>' in shown


def test_an_answer_without_a_quote_that_holds_says_so(qa: ScriptedQA) -> None:
    assert W["unverified"] in exchange_html(Turn("问", found("问")), W)
    assert said(Turn("问", found("问")), W) == W["unverified"]


def test_everything_is_escaped(qa: ScriptedQA) -> None:
    good = qa.gdp.quotes[0]
    citation = replace(good.citation, section=[HOSTILE], topic=HOSTILE, label=HOSTILE, url="/x?" + HOSTILE)
    size = len(HOSTILE)
    quote = replace(good, text=HOSTILE * 3, context=HOSTILE * 4, highlights=[(size, 2 * size)], citation=citation)
    answers = [
        found(HOSTILE, quote),
        found("问", quote, parts=[Part(HOSTILE, True, [quote]), Part(HOSTILE, False, [])]),
        replace(refused(HOSTILE, quote), text=HOSTILE, searched=[HOSTILE, HOSTILE]),
        None,
    ]
    for answer in answers:
        turn = Turn(HOSTILE, answer, HOSTILE, place=HOSTILE)
        shown = exchange_html(turn, W, rewordings=[HOSTILE], titles={HOSTILE: HOSTILE}, rating=True)
        assert "<img" not in shown
        assert "</script" not in shown
        assert "&lt;img src=x" in shown


def test_marks_that_overlap_keep_the_text_whole() -> None:
    assert marked_runs("甲乙丙丁", [(2, 9), (0, 1), (0, 2), (5, 7)]) == [("甲", True), ("乙", True), ("丙丁", True)]
    assert marked_runs("甲乙丙丁", [(-3, 1), (3, 3)]) == [("甲", True), ("乙丙丁", False)]
    assert marked_runs("", [(0, 1)]) == []


def test_opening_lines_have_a_path_too(sample_report: Report) -> None:
    assert place_of(quote_of(sample_report, "请予审议"), W) == ["篇首"]


def test_screen_readers_are_told_the_direct_answer(qa: ScriptedQA) -> None:
    assert said(Turn(GDP, qa.gdp), W) == "答案：全市生产总值增长8.4%。《2022年聊城市政府工作报告》一、（一）第1段"
    assert said(Turn(UNANSWERABLE, qa.ask(UNANSWERABLE)), W) == REFUSAL
    assert said(Turn(BOTH, qa.ask(BOTH)), W).startswith("2021年：全市生产总值增长8.4%；2022年目标：")
    assert said(Turn("", None, "请输入。"), W) == "请输入。"


def test_reports_are_named_with_where_they_break_off(sample_report: Report) -> None:
    assert report_named(sample_report, W) == "《2022年聊城市政府工作报告》（所收文本到三（二）为止）"
    assert report_named(replace(sample_report, breaks_off=""), W) == "《2022年聊城市政府工作报告》"


def test_damaged_words_are_named_beside_the_quote_and_stay_in_it(qa: ScriptedQA) -> None:
    answer = qa.ask(GDP)
    damaged = replace(answer.quotes[0], errata=[(0, 2, "正字")])
    shown = exchange_html(Turn(GDP, replace(answer, quotes=[damaged])), W)
    assert shown.count(f"“{damaged.text[:2]}”：原文如此，疑为“正字”") == 1
    assert damaged.text in shown.replace("<mark>", "").replace("</mark>", "")
