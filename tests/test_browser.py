"""The chat and the source page in Debian's Chromium."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from docx import Document
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse

from browsing import Watched, chromium, served, violations
from conftest import SAMPLE
from reportqa import ReportQA
from reportqa.access import Policy
from reportqa.api import create_app
from reportqa.schema import Report
from scripted import BOTH, FOLLOW_UP, GDP, TARGET, UNANSWERABLE, ScriptedQA

pytestmark = [
    pytest.mark.browser,
    # Gradio's and AnyIO's own, none of them ours to mend
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning:gradio.queueing"),
]
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 360, "height": 740}
BLANK = " \ufeff"
LABEL = "《2022年聊城市政府工作报告》一、（一）第1段"
HOSTILE = [
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    '<img src="http://evil.test/a.png">',
    "<svg onload=window.hacked=1>",
    "<iframe src=javascript:parent.hacked=1></iframe>",
    "<a href=javascript:window.hacked=1>点我</a>",
    "<b onmouseover=window.hacked=1>粗</b>",
    "<details open ontoggle=window.hacked=1>",
    "<style>body{display:none}</style>",
    "<link rel=stylesheet href=http://evil.test/a.css>",
    "<meta http-equiv=refresh content=0;url=http://evil.test/>",
    "<base href=http://evil.test/>",
    "<form action=http://evil.test/><input autofocus onfocus=window.hacked=1>",
    "<video><source onerror=window.hacked=1></video>",
    "<math><mtext></mtext><mglyph><style><!--</style><img title='--><img src onerror=window.hacked=1>'>",
    "</textarea><script>window.hacked=1</script>",
    "</article></div></body><h1>外</h1>",
    "<!-- 注释 --><!doctype html>",
    "[链接](javascript:window.hacked=1)",
    "![图](http://evil.test/b.png)",
    "<http://evil.test/auto> https://evil.test/plain",
    "# 标题 **粗** `码` ~~删~~ | 表 |",
    "javascript:window.hacked=1",
    "{{7*7}} {{constructor.constructor('window.hacked=1')()}} {% raw %}",
    "${window.hacked=1} #{window.hacked=1} <%= window.hacked=1 %>",
    "&lt;script&gt;&amp;&#60;img src=x onerror=window.hacked=1&#62;&quot;",
    '" onclick="window.hacked=1" x="',
    "' autofocus onfocus='window.hacked=1",
    "\u202e倒过来\u202c \u2066隔离\u2069 \u200b零宽 \ufeff",
    "\x00\x01\x08 \x7f %3Cscript%3E \\u003cscript\\u003e $$x^2$$",
]


@pytest.fixture(scope="module")
def qa(sample_report: Report) -> ScriptedQA:
    return ScriptedQA(sample_report)


@pytest.fixture(scope="module")
def address(qa: ScriptedQA) -> Iterator[str]:
    with served(create_app(cast(Any, qa))) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


Opener = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Opener]:
    """Open a page of the app in a context of its own; at the end, no request may have left for another host."""
    watched: list[tuple[Watched, str]] = []

    def open_page(path: str = "", at: str = "", **options: Any) -> Any:
        base = at or address
        context = browser.new_context(**({"viewport": WIDE, "locale": "en-US"} | options))
        watch = Watched(context)
        watched.append((watch, urlsplit(base).netloc))
        watch.page.goto(base + path)
        return watch.page

    yield open_page
    for watch, host in watched:
        watch.check(host)
        watch.context.close()


def ask(page: Any, question: str) -> Any:
    """Ask by keyboard; return the exchange once it is answered."""
    box = page.locator("#question")
    box.wait_for()
    before = page.locator(".exchange").count()
    box.fill(question)
    box.press("Enter")
    exchange = page.locator(".exchange").nth(before)
    exchange.locator(".answer, .refusal, .failed").first.wait_for()
    return exchange


def marked_in_view(frame: Any) -> str:
    """Return the marked words of a source page, once they lie within the window."""
    mark = frame.locator("mark.cited")
    mark.first.wait_for()
    box = "e => { const r = e.getBoundingClientRect(); return r.top >= 0 && r.top < innerHeight }"
    for _ in range(50):  # the page scrolls there when it has been laid out
        if mark.first.evaluate(box):
            break
        time.sleep(0.1)
    assert mark.first.evaluate(box)
    return "".join(mark.all_inner_texts())


def test_a_question_its_answer_and_its_place_beside_it(opened: Opener, qa: ScriptedQA) -> None:
    page = opened()
    exchange = ask(page, GDP)
    assert exchange.locator(".answer").inner_text().endswith("全市生产总值增长8.4%")
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    assert exchange.locator(".answer").evaluate(size) > 1.3 * exchange.locator("blockquote").first.evaluate(size)
    assert exchange.locator("mark").first.inner_text() == "全市生产总值增长8.4%"
    assert exchange.locator("cite").first.inner_text() == LABEL
    assert page.locator("#question").input_value() == ""
    assert page.get_by_role("status").filter(has_text="答案：全市生产总值增长8.4%").count() == 1
    exchange.get_by_role("link", name="查看原文 1").click()
    frame = page.frame_locator("aside iframe")
    assert marked_in_view(frame) == qa.gdp.quotes[0].text
    assert frame.locator("p:target").get_attribute("id") == "p7"
    left, right = exchange.bounding_box(), page.locator("aside").bounding_box()
    assert left["x"] + left["width"] <= right["x"]
    exchange.get_by_role("link", name="查看原文 2").click()
    page.wait_for_function("document.querySelector('aside iframe').contentDocument.querySelector('#p27:target')")
    assert marked_in_view(frame) == qa.gdp.quotes[1].text
    assert len(page.context.pages) == 1
    ask(page, UNANSWERABLE)
    page.wait_for_function("document.querySelector('aside iframe').contentDocument.querySelector('#p13:target')")
    page.get_by_role("button", name="关闭").click()
    assert page.locator("aside").is_hidden()


def test_a_follow_up_shows_how_it_was_understood(opened: Opener) -> None:
    page = opened()
    ask(page, GDP)
    exchange = ask(page, FOLLOW_UP)
    assert f"理解为：{TARGET}" in exchange.inner_text()
    assert "理解为" not in ask(page, BOTH).inner_text()
    assert page.locator(".parts th[scope=row]").all_inner_texts() == ["2021年", "2022年目标", "2023年"]
    assert "6%左右" in page.locator(".parts tr").nth(2).inner_text()
    assert "所收文本中未见" in page.locator(".parts tr").last.inner_text()


def test_a_refusal_offers_passages_and_questions(opened: Opener) -> None:
    page = opened()
    exchange = ask(page, UNANSWERABLE)
    assert exchange.locator(".answer").count() == 0
    assert "最接近的原文（不是答案）" in exchange.inner_text()
    exchange.locator(".refusal [data-ask]").first.click()
    page.locator(".exchange").nth(1).locator(".answer").wait_for()


def test_examples_are_asked_with_one_click(opened: Opener) -> None:
    page = opened()
    page.get_by_role("button", name="2021年生产总值增长多少？").click()
    page.locator(".exchange .answer").wait_for()
    assert page.locator(".welcome").is_hidden()


def test_a_conversation_is_kept_until_a_new_one_begins(opened: Opener) -> None:
    page = opened()
    ask(page, GDP)
    ask(page, UNANSWERABLE)
    shown = page.locator(".log").inner_text()
    page.reload()
    page.locator(".exchange").nth(1).wait_for()
    assert page.locator(".log").inner_text() == shown
    page.get_by_role("button", name="新对话").click()
    assert page.locator(".exchange").count() == 0
    assert page.locator(".welcome").is_visible()
    page.reload()
    page.locator(".welcome").wait_for()
    page.wait_for_timeout(300)
    assert page.locator(".exchange").count() == 0


def pasted(page: Any) -> str:
    """Return what the clipboard holds, by pasting it into the question."""
    box = page.locator("#question")
    box.fill("")
    box.press("Control+V")
    return str(box.input_value())


def test_a_quote_is_copied_with_its_citation(opened: Opener, qa: ScriptedQA) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    button = ask(page, GDP).get_by_role("button", name="复制引文 1")
    button.click()
    page.get_by_role("button", name="✓ 已复制").wait_for()
    assert pasted(page) == f"{qa.gdp.quotes[0].text}\n——{LABEL}"


def test_a_quote_is_copied_in_other_formats_by_keyboard(opened: Opener, qa: ScriptedQA, address: str) -> None:
    page = opened(permissions=["clipboard-read", "clipboard-write"])
    card = ask(page, GDP).locator(".quote").first
    summary, menu = card.locator(".formats summary"), card.locator(".formats > div")
    card.get_by_role("button", name="复制引文 1").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    menu.get_by_role("button", name="公文引文").wait_for()
    page.keyboard.press("Escape")
    menu.wait_for(state="hidden")
    assert summary.evaluate("it => it === document.activeElement")
    citation = qa.gdp.quotes[0].citation
    for name, begins, holds in (
        ("公文引文", f"《{citation.title}》", "指出：“"),
        ("参考文献", "", f"[R/OL]. ({citation.year}"),
        ("Markdown", "> ", f"]({'<'}{address.rstrip('/')}{citation.url}>)"),
        ("HTML", "<blockquote cite=", "</blockquote>"),
    ):
        summary.focus()
        page.keyboard.press("Enter")
        menu.get_by_role("button", name=name).press("Enter")
        menu.wait_for(state="hidden")
        page.locator('#reportqa .app > [role="status"]', has_text="已复制").wait_for(state="attached")
        assert summary.evaluate("it => it === document.activeElement")
        text = pasted(page)
        assert text.startswith(begins), text
        assert holds in text


def test_a_quote_is_copied_in_a_frame_on_a_plain_http_host(browser: Any, qa: ScriptedQA) -> None:
    portal = FastAPI()
    inner: list[str] = []

    @portal.get("/", response_class=HTMLResponse)
    def framing() -> str:
        return f'<!doctype html><title>门户</title><iframe src="{inner[0]}" style="width:1200px;height:800px"></iframe>'

    context = browser.new_context(viewport=WIDE)
    watch = Watched(context)
    with served(portal) as there:
        outer = there.replace("127.0.0.1", "outer.test")
        policy = Policy(public=True, origins=[outer.rstrip("/")])
        with served(create_app(cast(Any, qa), policy)) as address:
            inner.append(address.replace("127.0.0.1", "portal.test"))
            watch.page.goto(outer)
            frame = watch.page.frames[1]
            assert frame.evaluate("isSecureContext") is False
            assert frame.evaluate("navigator.clipboard === undefined") is True
            ask(frame, GDP).get_by_role("button", name="复制引文 2").click()
            frame.get_by_role("button", name="✓ 已复制").wait_for()
            assert pasted(frame).startswith(qa.gdp.quotes[1].text)
            watch.check(urlsplit(inner[0]).netloc, urlsplit(outer).netloc)
            context.close()


def test_a_conversation_is_exported(opened: Opener, qa: ScriptedQA, address: str) -> None:
    page = opened()
    ask(page, GDP)
    ask(page, UNANSWERABLE)
    files = {}
    for name in ("Markdown 文本", "Word 文档"):
        page.locator("summary", has_text="导出对话").click()
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        files[name] = (download.value.suggested_filename, download.value.path().read_bytes())
    name, markdown = files["Markdown 文本"]
    assert re.fullmatch(r"政府工作报告问答记录-\d{4}-\d\d-\d\d\.md", name)
    assert f"(<{address}{qa.gdp.quotes[0].citation.url.lstrip('/')}>)" in markdown.decode()
    texts = [p.text for p in Document(io.BytesIO(files["Word 文档"][1])).paragraphs]
    assert qa.gdp.quotes[0].text in texts
    assert f"2. {UNANSWERABLE}" in texts


def test_keyboard_alone_is_enough(opened: Opener) -> None:
    page = opened()
    page.locator("#question").wait_for()
    page.wait_for_function("document.activeElement.id === 'question'")
    page.keyboard.type(GDP)
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("（按年）")
    assert "\n" in page.locator("#question").input_value()
    page.keyboard.press("Enter")
    page.locator(".exchange .answer").wait_for()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.dataset.do") == "source":
            break
    link = page.evaluate_handle("document.activeElement")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.frame_locator("aside iframe").locator("mark.cited").first.wait_for()
    page.keyboard.press("Escape")
    assert page.locator("aside").is_hidden()
    assert page.evaluate("link => document.activeElement === link", link)
    page.get_by_role("button", name=re.compile("已收入")).focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("dialog").is_hidden()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.className") == "skip act"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "question"


def test_the_shelf_lists_the_reports_and_opens_them(opened: Opener) -> None:
    page = opened()
    page.get_by_role("button", name=re.compile("已收入 1 份报告")).click()
    page.get_by_role("dialog").get_by_role("link", name="2022年聊城市政府工作报告").click()
    page.frame_locator("aside iframe").get_by_role("heading", name="2022年聊城市政府工作报告").wait_for()
    assert page.locator("dialog").is_hidden()


def test_narrow_screens_have_room_and_open_sources_in_a_page(opened: Opener) -> None:
    page = opened(viewport=NARROW, is_mobile=True, has_touch=True)
    exchange = ask(page, GDP)
    fits = (
        "document.documentElement.scrollWidth <= innerWidth && document.querySelector('.log').scrollWidth <= innerWidth"
    )
    assert page.evaluate(fits)
    assert exchange.locator(".act").first.bounding_box()["height"] >= 36
    with page.context.expect_page() as new:
        exchange.get_by_role("link", name="查看原文 1").tap()
    source = new.value
    assert marked_in_view(source).startswith("全市生产总值增长8.4%")
    assert source.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert source.locator(".contents-side").is_hidden()
    source.locator("summary").tap()
    source.get_by_role("link", name=re.compile("^三、2022年")).tap()
    assert source.url.endswith("#s11")


def luminance(page: Any, selector: str) -> int:
    colour = page.locator(selector).first.evaluate("e => getComputedStyle(e).backgroundColor")
    return sum(int(number) for number in re.findall(r"\d+", colour)[:3])


def test_dark_is_dark_and_light_is_light(opened: Opener) -> None:
    for scheme, dark in (("dark", True), ("light", False)):
        page = opened(color_scheme=scheme)
        ask(page, GDP)
        assert (luminance(page, "#reportqa .app") < 150) is dark
        page = opened("report/聊城市-2022", color_scheme=scheme)
        assert (luminance(page, "main") < 150) is dark


def test_motion_is_reduced_on_request(opened: Opener) -> None:
    page = opened(reduced_motion="reduce")
    ask(page, GDP)
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_no_serious_barrier_is_found_by_axe(opened: Opener) -> None:
    for options in ({}, {"color_scheme": "dark"}, {"viewport": NARROW}):
        page = opened(**options)
        page.locator(".welcome").wait_for()
        assert violations(page) == []
        for question in (GDP, FOLLOW_UP, UNANSWERABLE, BOTH):
            ask(page, question)
        page.locator("details.context").first.locator("summary").click()
        if page.viewport_size == WIDE:
            page.get_by_role("link", name="查看原文 1").first.click()
            page.frame_locator("aside iframe").locator("mark.cited").first.wait_for()
        assert violations(page) == []
        page.get_by_role("button", name=re.compile("已收入")).click()
        assert violations(page) == []
        for path in ("report/聊城市-2022?at=355-469#p7", "report/无", "?lang=en"):
            assert violations(opened(path, **options)) == [], path


def test_the_page_is_chinese_and_has_nothing_of_gradios(opened: Opener) -> None:
    page = opened()
    page.locator(".welcome").wait_for()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title() == "政府工作报告问答"
    assert page.locator("footer:visible").count() == 0
    page = opened("?lang=en")
    page.get_by_role("heading", name="Ask the government work report").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.title() == "Government Work Report Q&A"


def test_the_source_page_needs_no_javascript(opened: Opener) -> None:
    page = opened("report/聊城市-2022?at=355-469#p7", java_script_enabled=False)
    mark = page.locator("mark.cited")
    assert mark.inner_text().startswith("全市生产总值增长8.4%")
    assert 0 <= mark.bounding_box()["y"] < WIDE["height"]
    page = opened("", java_script_enabled=False)
    page.get_by_role("link", name="2022年聊城市政府工作报告").click()
    assert page.get_by_role("heading", level=1).inner_text() == "2022年聊城市政府工作报告"
    page.get_by_role("link", name="第 17 段的地址").click()
    assert page.url.endswith("#p17")


def test_the_source_page_prints_without_its_frame(opened: Opener) -> None:
    page = opened("report/聊城市-2022?at=355-469#p7")
    page.emulate_media(media="print")
    for selector in (".bar", ".contents-side", ".contents-top", ".anchor"):
        assert page.locator(selector).first.is_hidden()
    assert page.locator("mark.cited").evaluate("e => getComputedStyle(e).borderBottomStyle") == "solid"


def test_what_users_and_reports_write_is_shown_as_text(opened: Opener) -> None:
    page = opened()
    for text in HOSTILE:
        exchange = ask(page, text)
        shown = exchange.locator(".asked bdi").evaluate("e => e.textContent")
        assert shown.strip(BLANK) == text.replace("\x00", "").strip(BLANK), text  # no page can hold a NUL
        assert (
            exchange.locator(":is(img, script, iframe, svg, form, style, link, meta, base, video, math)").count() == 0
        )
        assert exchange.locator("a:not([data-do])").count() == 0
    page.wait_for_timeout(300)
    assert page.evaluate("window.hacked") is None
    assert len(page.context.pages) == 1
    page.reload()
    page.locator(".exchange").nth(len(HOSTILE) - 1).wait_for()
    assert page.evaluate("window.hacked") is None


def test_hostile_reports_are_text_on_every_page(browser: Any, sample_report: Report) -> None:
    words = "".join(HOSTILE).replace("\n", "")
    text = (words * 20)[: len(sample_report.text)]
    sections = [replace(section, heading=HOSTILE[n]) for n, section in enumerate(sample_report.sections)]
    report = replace(
        sample_report, title=words, place=HOSTILE[1], speaker=words, breaks_off=HOSTILE[0], sections=sections
    )
    qa = ScriptedQA(sample_report)
    qa.shelf = [replace(report, text=text), replace(report, text=text, report_id="<b>-2", place=HOSTILE[6])]
    context = browser.new_context(viewport=WIDE)
    watch = Watched(context)
    with served(create_app(cast(Any, qa))) as address:
        for path in (
            "",
            "report/聊城市-2022?at=5-500#p7",
            "report/%3Cb%3E-2",
            "report/<img src=x onerror=window.hacked=1>",
        ):
            watch.page.goto(address + path)
            watch.page.locator(".welcome, main").first.wait_for()
            watch.page.wait_for_timeout(200)
            assert watch.page.evaluate("window.hacked") is None
            assert watch.page.locator("main img, .app img").count() == 0
        watch.check(urlsplit(address).netloc)
    context.close()


def test_the_first_load_is_light(browser: Any, address: str) -> None:
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address)
    page.locator(".welcome").wait_for()
    page.wait_for_timeout(1500)
    assert sum(sizes) < 1_000_000, sum(sizes)
    context.close()


def test_a_report_is_added_with_its_progress(
    browser: Any, sample_report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPORTQA_UPLOADS", "1")
    context = browser.new_context(viewport=WIDE)
    watch = Watched(context)
    page = watch.page
    with served(create_app(cast(Any, ScriptedQA(sample_report)))) as address:
        page.goto(address)
        page.get_by_role("button", name=re.compile("已收入 1 份报告")).click()
        page.evaluate("""() => { window.seen = [];
            const bar = document.querySelector('#progress');
            new MutationObserver(() => seen.push(bar.getAttribute('value'))).observe(bar, {attributes: true}); }""")
        page.locator("#upload").set_input_files({"name": "坏.exe", "mimeType": "x/y", "buffer": b"x"})
        page.locator(".preview .note").wait_for()
        page.locator("#upload").set_input_files(SAMPLE)
        page.get_by_role("heading", name="请核对读出的内容，再加入索引").wait_for()
        assert page.locator(".outline li").count() == 13
        assert violations(page) == []
        page.get_by_role("button", name="加入索引").click()
        page.get_by_text("已加入：《2023年新增市政府工作报告》").wait_for()
        assert {"33", "67", "100"} <= set(page.evaluate("seen"))
        page.get_by_role("button", name=re.compile("已收入 2 份报告")).wait_for()
        page.get_by_label("地方").select_option("聊城市")
        page.get_by_label("年份").select_option("2023")
        assert "请换个范围" in ask(page, GDP).inner_text()
        page.get_by_label("年份").select_option("2022")
        assert "范围：聊城市 2022年" in ask(page, GDP).inner_text()
        watch.check(urlsplit(address).netloc)
    context.close()


def test_ratings_are_given(browser: Any, sample_report: Report, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    path = tmp_path / "f.jsonl"
    monkeypatch.setenv("REPORTQA_FEEDBACK_LOG", str(path))
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    with served(create_app(cast(Any, ScriptedQA(sample_report)))) as address:
        page.goto(address)
        button = ask(page, GDP).get_by_role("button", name="有帮助")
        button.click()
        page.get_by_role("status").filter(has_text="已记下").wait_for()
        assert button.get_attribute("aria-pressed") == "true"
        assert '"helpful": true' in path.read_text(encoding="utf-8")
    context.close()


def test_everything_works_below_a_prefix_that_a_proxy_takes_off(browser: Any, sample_report: Report) -> None:
    app = create_app(cast(Any, ScriptedQA(sample_report)))

    async def below(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["path"].startswith("/qa/"):
            await app({**scope, "path": scope["path"][3:], "raw_path": scope["raw_path"][3:]}, receive, send)
        else:
            await PlainTextResponse("outside", 404)(scope, receive, send)

    context = browser.new_context(viewport=WIDE)
    watch = Watched(context)
    failed: list[str] = []
    watch.page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    with served(below) as address:
        watch.page.goto(address + "qa/")
        exchange = ask(watch.page, GDP)
        exchange.get_by_role("link", name="查看原文 1").click()
        assert marked_in_view(watch.page.frame_locator("aside iframe")).startswith("全市生产总值增长8.4%")
        watch.page.goto(address + "qa/report/聊城市-2022")
        watch.page.get_by_role("link", name="← 问答").click()
        watch.page.locator(".exchange .answer").wait_for()
        watch.check(urlsplit(address).netloc)
    assert failed == []
    context.close()


def test_a_server_that_is_away_is_said_and_asked_again(browser: Any, address: str) -> None:
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(address)
    page.locator(".welcome").wait_for()
    context.set_offline(True)
    failed = ask(page, GDP)
    assert "没有连上服务" in failed.inner_text()
    context.set_offline(False)
    failed.get_by_role("button", name="重试").click()
    page.locator(".exchange .answer").wait_for()
    assert page.locator(".exchange").count() == 1
    context.close()


def test_the_sample_report_from_question_to_source(browser: Any, sample_qa: ReportQA) -> None:
    context = browser.new_context(viewport=WIDE)
    watch = Watched(context)
    with served(create_app(sample_qa)) as address:
        watch.page.goto(address)
        exchange = ask(watch.page, GDP)
        assert "全市生产总值增长8.4%" in exchange.locator(".answer").inner_text()
        exchange.get_by_role("link", name="查看原文 1").click()
        assert "全市生产总值增长8.4%" in marked_in_view(watch.page.frame_locator("aside iframe"))
        assert "6%" in ask(watch.page, FOLLOW_UP).locator(".answer").inner_text()
        watch.check(urlsplit(address).netloc)
    context.close()
