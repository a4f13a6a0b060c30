from __future__ import annotations

import base64
import logging
from dataclasses import replace
from typing import Any, cast

import pytest

from reportqa.chat import LONGEST_QUESTION, Chat, Given
from reportqa.language import words_in
from reportqa.schema import QuestionError, Report
from scripted import FOLLOW_UP, GDP, TARGET, UNANSWERABLE, ScriptedQA

W = words_in("zh-CN")


@pytest.fixture
def qa(sample_report: Report) -> ScriptedQA:
    return ScriptedQA(sample_report)


@pytest.fixture
def chat(qa: ScriptedQA) -> Chat:
    return Chat(cast(Any, qa))


def test_page_carries_examples_reports_and_places(chat: Chat, qa: ScriptedQA, sample_report: Report) -> None:
    page = chat.page(None)
    assert (page["language"], page["title"]) == ("zh-CN", "政府工作报告问答")
    assert 'data-ask="2021年生产总值增长多少？"' in page["html"]
    assert "已收入 1 份报告" in page["html"]
    assert 'href="report/%E8%81%8A%E5%9F%8E%E5%B8%82-2022"' in page["html"]
    assert 'class="scope"' not in page["html"]
    assert 'id="upload"' not in page["html"]
    assert 'href="report/%E8%81%8A%E5%9F%8E%E5%B8%82-2022"' in page["without_script"]
    qa.shelf.append(replace(sample_report, report_id="四川省-2025", place="四川省", year=2025))
    page = chat.page("en-GB")
    assert (page["language"], page["title"]) == ("en", "Government Work Report Q&A")
    assert "<option>四川省</option><option>聊城市</option>" in page["html"]
    assert "<option>2025</option><option>2022</option>" in page["html"]
    assert "Reports loaded: 2" in page["html"]


def test_uploads_are_offered_where_they_are_allowed(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_UPLOADS", "1")
    page = chat.page(None, administrator=True)["html"]
    assert 'accept=".txt,.md' in page
    assert "不超过 20 MB" in page


def test_a_conversation_goes_round_by_way_of_the_browser(chat: Chat, qa: ScriptedQA) -> None:
    first = chat.ask(Given(question=f"  {GDP} "))
    assert "全市生产总值增长8.4%</span>" in first["html"]
    assert first["said"].startswith("答案：全市生产总值增长8.4%")
    second = chat.ask(Given(question=FOLLOW_UP, turns=[first["turn"]]))
    assert f"理解为：<bdi>{TARGET}</bdi>" in second["html"]
    question, history, place, year = qa.asked[-1]
    assert (question, place, year) == (FOLLOW_UP, None, None)
    assert [turn["question"] for turn in history] == [GDP]
    assert history[0]["answer"] == qa.gdp.to_dict()
    again = chat.restore(Given(turns=[first["turn"], second["turn"]]))
    assert again["html"] == [first["html"], second["html"]]
    assert again["turns"] == [first["turn"], second["turn"]]


def test_a_question_is_narrowed_to_a_place_and_a_year(chat: Chat, qa: ScriptedQA) -> None:
    told = chat.ask(Given(question=GDP, place="聊城市", year=2022))
    assert qa.asked[-1][2:] == ("聊城市", 2022)
    assert "范围：聊城市 2022年" in told["html"]
    told = chat.ask(Given(question=GDP, place="聊城市", year=1999))
    assert "所收报告中没有聊城市 1999年的，请换个范围。" in told["html"]
    assert len(qa.asked) == 1


def test_a_refusal_offers_questions_that_have_an_answer(chat: Chat) -> None:
    told = chat.ask(Given(question=UNANSWERABLE))
    assert '<div class="refusal">' in told["html"]
    assert "data-ask=" in told["html"]


def test_users_mistake_is_shown_as_its_sentence(sample_report: Report) -> None:
    chat = Chat(cast(Any, ScriptedQA(sample_report, {"？": QuestionError("请输入一个问题。")})))
    told = chat.ask(Given(question="？"))
    assert "<p>请输入一个问题。</p>" in told["html"]
    assert told["turn"]["failure"] == told["said"] == "请输入一个问题。"


def test_failure_of_ours_is_logged_and_not_shown(sample_report: Report, caplog: pytest.LogCaptureFixture) -> None:
    chat = Chat(cast(Any, ScriptedQA(sample_report, {"问": ValueError("secret")})))
    with caplog.at_level(logging.ERROR):
        told = chat.ask(Given(question="问"))
    assert W["failure"] in told["html"]
    assert "secret" not in str(told)
    assert "secret" in caplog.text


def test_a_quote_that_fails_its_byte_check_is_not_shown(
    sample_report: Report, caplog: pytest.LogCaptureFixture
) -> None:
    good = ScriptedQA(sample_report).gdp
    bad = replace(good.quotes[0], text=good.quotes[0].text.replace("8.4%", "4.8%"))
    chat = Chat(cast(Any, ScriptedQA(sample_report, {"问": replace(good, quotes=[bad, *good.quotes[1:]])})))
    with caplog.at_level(logging.ERROR):
        told = chat.ask(Given(question="问"))
    assert "4.8%" not in told["html"]
    assert "byte check" in caplog.text


def test_what_the_browser_sends_may_be_anything(chat: Chat) -> None:
    told = chat.ask(Given(question="\ud800" * 3000, turns=[{"asked": "\ud800", "answer": 3}, {}]))
    assert told["turn"]["asked"] == "?" * LONGEST_QUESTION
    assert told["html"].encode()


def test_ratings_are_noted(chat: Chat, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f.jsonl"
    monkeypatch.setenv("REPORTQA_FEEDBACK_LOG", str(path))
    told = chat.ask(Given(question=GDP))
    assert told["html"].count('data-do="rate"') == 2
    chat.rate(Given(turns=[told["turn"]], helpful=True))
    assert '"helpful": true' in path.read_text(encoding="utf-8")


def test_export_is_a_file(chat: Chat) -> None:
    turns = [chat.ask(Given(question=GDP))["turn"]]
    file = chat.export(Given(turns=turns, address="http://portal.test/qa/"))
    assert file["name"].endswith(".md")
    assert "(<http://portal.test/qa/report/" in base64.b64decode(file["data"]).decode()
    file = chat.export(Given(turns=turns, format="word", address="javascript:alert(1)"))
    assert file["name"].endswith(".docx")
    assert base64.b64decode(file["data"]).startswith(b"PK")
