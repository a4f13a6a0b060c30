from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi.testclient import TestClient

from reportqa import chat
from reportqa.assistant import ReportQA
from reportqa.schema import Answer, Citation, Part, QuestionError, Quote, Report, ReportQAError

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"
HOSTILE = """<img src=x onerror="window.hacked=1"> ${window.hacked=1} {{7*7}} [链接](http://evil.test/) </script>&lt;"""
LABEL = "《2022年聊城市政府工作报告》一、（一）第1段"
CITATION = Citation(
    report_id="聊城市-2022",
    title="2022年聊城市政府工作报告",
    place="聊城市",
    year=2022,
    section=["一、2021年工作回顾", "（一）经济发展提质增效"],
    topic="发展速度更快",
    paragraph=3,
    start=100,
    end=130,
    url="/report/聊城市-2022?at=100-130#p3",
    label=LABEL,
)
SENTENCE = "全市生产总值增长8.4%，高于全省。"
QUOTE = Quote(text=SENTENCE, context=SENTENCE, highlights=[(0, 12)], citation=CITATION)
REPORT = Report(
    report_id="聊城市-2022",
    title="2022年聊城市政府工作报告",
    place="聊城市",
    year=2022,
    date="2022-01-15",
    meeting="",
    speaker="",
    text=SENTENCE,
    sections=[],
    paragraphs=[],
    breaks_off="三（二）",
    source="report.txt",
    sha256="",
    offset_map=[(0, 0)],
)

# Gradio's and AnyIO's own, none of them ours to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning:gradio.queueing"),
]


class FakeQA:
    """Answers every question with one canned answer or error, and keeps what it was asked."""

    def __init__(self, says: Answer | Exception) -> None:
        self.says = says
        self.asked: list[tuple[str, list[dict[str, Any]]]] = []

    def reports(self) -> list[Report]:
        return [replace(REPORT, place="聊城市<b>")]

    def ask(self, question: str, history: Sequence[dict[str, Any]] = ()) -> Answer:
        self.asked.append((question, list(history)))
        if isinstance(self.says, Exception):
            raise self.says
        return replace(self.says, question=question)


def fake(says: Answer | Exception) -> ReportQA:
    return cast(ReportQA, FakeQA(says))


def found(*quotes: Quote, **changes: Any) -> Answer:
    return Answer("问", True, 0.9, quotes[0].marked if quotes else "", list(quotes), **changes)


def refused(**changes: Any) -> Answer:
    return Answer("问", False, 0.1, "所收文本里没有找到答案。", nearest=[QUOTE], searched=["聊城市-2022"], **changes)


def test_answer_shows_marked_words_then_sentence_and_source() -> None:
    shown = chat.answer_html(found(QUOTE), "问")
    assert '<p class="answer">全市生产总值增长8.4%</p>' in shown
    assert "<p><mark>全市生产总值增长8.4%</mark>，高于全省。</p>" in shown
    assert f"<cite>{LABEL}</cite><span>一、2021年工作回顾 › （一）经济发展提质增效 › 发展速度更快</span>" in shown
    assert "<details>" not in shown


def test_opening_lines_have_a_path_too() -> None:
    opening = replace(QUOTE, citation=replace(CITATION, section=[], topic=""))
    assert "<span>篇首</span>" in chat.answer_html(found(opening), "问")


def test_several_marks_keep_the_sentence_whole() -> None:
    shown = chat.answer_html(found(replace(QUOTE, highlights=[(0, 2), (8, 12)])), "问")
    assert "<p><mark>全市</mark>生产总值增长<mark>8.4%</mark>，高于全省。</p>" in shown
    assert '<p class="answer">全市…8.4%</p>' in shown


def test_quotes_after_the_third_are_folded() -> None:
    shown, folded = chat.answer_html(found(*[QUOTE] * 5), "问").split("<details>")
    assert (shown.count("<blockquote>"), folded.count("<blockquote>")) == (3, 2)
    assert "<summary>其他 2 处原文</summary>" in folded


def test_refusal_looks_different_and_marks_nothing() -> None:
    shown = chat.answer_html(refused(), "问")
    assert '<div class="refusal"><strong>没有找到答案</strong><p>所收文本里没有找到答案。</p>' in shown
    assert "查找范围：聊城市-2022" in shown
    assert "最接近的原文，不是答案" in shown
    assert f"<p>{SENTENCE}</p>" in shown
    assert LABEL in shown
    assert "<mark>" not in shown
    assert 'class="answer"' not in shown


def test_parts_are_answered_one_by_one() -> None:
    shown = chat.answer_html(found(parts=[Part("聊城市", True, [QUOTE]), Part("<i>", False, [QUOTE])]), "问")
    first, second = shown.split("<h3>&lt;i&gt;</h3>")
    assert first.startswith("<h3>聊城市</h3>")
    assert 'class="answer"' in first
    assert 'class="refusal"' in second


def test_question_is_shown_as_understood_where_that_differs() -> None:
    assert "理解为" not in chat.answer_html(found(QUOTE), "问")
    assert "理解为：问" in chat.answer_html(found(QUOTE), "那今年呢")


def test_everything_is_escaped() -> None:
    citation = replace(CITATION, section=[HOSTILE], topic=HOSTILE, label=HOSTILE)
    size = len(HOSTILE)
    quote = Quote(text=HOSTILE * 3, context=HOSTILE, highlights=[(size, 2 * size)], citation=citation)
    answers = [
        found(quote, parts=[]),
        found(parts=[Part(HOSTILE, True, [quote]), Part(HOSTILE, False, [quote])]),
        replace(refused(), question=HOSTILE, text=HOSTILE, nearest=[quote], searched=[HOSTILE]),
    ]
    pages = [chat.exchange_html(HOSTILE, chat.answer_html(answer, "问")) for answer in answers]
    pages += [chat.reports_html([replace(REPORT, title=HOSTILE, breaks_off=HOSTILE)])]
    pages += [chat.answered(fake(QuestionError(HOSTILE)), HOSTILE, chat.Conversation()).html()]
    for page in pages:
        assert "<img" not in page
        assert "</script" not in page
        assert "&lt;img src=x" in page


def test_conversation_hands_earlier_exchanges_to_the_engine() -> None:
    qa = FakeQA(found(QUOTE))
    talk = chat.answered(cast(ReportQA, qa), "甲", chat.Conversation())
    talk = chat.answered(cast(ReportQA, qa), "乙", talk)
    assert qa.asked == [("甲", []), ("乙", [{"question": "甲", "answer": found(QUOTE).to_dict() | {"question": "甲"}}])]
    assert talk.html().count("<article>") == 2


def test_conversation_forgets_its_oldest_exchanges() -> None:
    talk = chat.Conversation()
    for number in range(chat.LONGEST_CONVERSATION + 2):
        talk = chat.answered(fake(found(QUOTE)), f"问题{number}。", talk)
    assert len(talk.shown) == len(talk.history) == chat.LONGEST_CONVERSATION
    assert "问题1。" not in talk.html()
    assert "问题2。" in talk.html()


def test_users_mistake_is_shown_as_its_sentence() -> None:
    talk = chat.answered(fake(QuestionError("请输入一个问题。")), "", chat.Conversation())
    assert '<p class="failure">请输入一个问题。</p>' in talk.html()
    assert talk.history == ()


def test_failure_of_ours_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        talk = chat.answered(fake(ValueError("secret")), "问", chat.Conversation())
    assert chat.OUR_FAILURE in talk.html()
    assert "secret" not in talk.html()
    assert "secret" in caplog.text


def test_examples_come_from_the_newest_reports() -> None:
    assert chat.example_questions([REPORT])[0] == "聊城市2021年生产总值增长多少？"
    assert len(chat.example_questions([REPORT])) == 3
    many = chat.example_questions([REPORT, replace(REPORT, place="四川省", year=2025)])
    assert many[0] == "四川省2024年生产总值增长多少？"
    assert len(many) == 4
    assert chat.example_questions([]) == []


def test_loaded_reports_are_named() -> None:
    assert chat.reports_html([REPORT]) == "已收入 1 份报告：《2022年聊城市政府工作报告》（所收文本到三（二）为止）。"
    assert chat.reports_html([REPORT] * 4).endswith("》（所收文本到三（二）为止）等。")


def test_page_as_served_is_chinese_and_names_no_other_host() -> None:
    app = chat.chat_app(fake(found(QUOTE)))
    with TestClient(app) as client:
        page = client.get("/", headers={"Origin": "http://evil.test"})
        uploaded = client.post("/gradio_api/upload", files={"files": ("a.txt", b"more than one byte")})
        docs = client.get("/docs")
    assert 'lang="zh-CN"' in page.text.split(">", 2)[1]
    assert f'"title":"{chat.TITLE}"' in page.text
    for host in ("githubusercontent", "gradio.app", "googleapis", "huggingface.co"):
        assert host not in page.text
    assert "access-control-allow-origin" not in page.headers
    assert uploaded.status_code == 413
    assert docs.status_code == 404
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"


def test_address_in_use_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ReportQAError, match=f"不能使用地址 127.0.0.1 端口 {port}"):
            chat.serve(fake(found(QUOTE)), "127.0.0.1", port)


@pytest.fixture
def address() -> Iterator[str]:
    """Serve the chat on a fake engine in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(chat.chat_app(fake(found(QUOTE))), log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=30)
    listener.close()


@pytest.fixture
def page() -> Iterator[Any]:
    """Open a page in Chromium; where there is none, skip, but fail in CI."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None  # type: ignore[assignment]
    if sync_playwright is None or not CHROMIUM.exists():
        missing = f"needs Playwright and {CHROMIUM}"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield browser.new_page(locale="en-US")
        browser.close()


@pytest.mark.browser
def test_chat_in_a_browser(address: str, page: Any) -> None:
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("websocket", lambda opened: requests.append(opened.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"http://{address}/")
    box = page.get_by_placeholder("输入问题")
    box.fill("2021年全市生产总值增长多少？")
    box.press("Enter")
    page.locator("#talk .answer").wait_for()
    assert page.locator("#talk .answer").inner_text() == "全市生产总值增长8.4%"
    assert page.locator("#talk mark").inner_text() == "全市生产总值增长8.4%"
    assert page.locator("#talk cite").inner_text() == LABEL
    assert box.input_value() == ""

    box.fill(HOSTILE)
    page.get_by_role("button", name="提问").click()
    page.locator("#talk .answer").nth(1).wait_for()
    assert page.locator("#talk .question").nth(1).inner_text() == HOSTILE
    assert page.locator("#talk").locator("img, a, script").count() == 0
    assert page.evaluate("window.hacked") is None

    page.get_by_role("button", name="聊城市<b>2021年生产总值增长多少？").click()
    page.locator("#talk .answer").nth(2).wait_for()
    page.get_by_role("button", name="清空").click()
    page.get_by_text("请输入问题，或点选下方的例子。").wait_for()
    assert page.locator("#talk article").count() == 0

    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title() == chat.TITLE
    assert page.locator("footer:visible").count() == 0
    assert {urlsplit(url).netloc for url in requests if not url.startswith(("data:", "blob:"))} == {address}
    assert errors == []
