"""The widget in a portal's page: two hosts in Debian's Chromium, over HTTP and HTTPS, and below a prefix."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from browsing import Watched, chromium, served, violations
from reportqa.access import Policy
from reportqa.api import create_app
from reportqa.schema import Report
from reportqa.sessions import mint
from reportqa.widget import EMBED, STRICT_PORTAL
from scripted import BOTH, GDP, TARGET, ScriptedQA

pytestmark = [
    pytest.mark.browser,
    # Gradio's and AnyIO's own, none of them ours to mend
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning:gradio.queueing"),
]
SECRET = "a secret that portal and assistant share"  # noqa: S105
DOCS = (Path(__file__).parent.parent / "docs" / "embedding.md").read_text(encoding="utf-8")
BUBBLE = '<script src="{qa}embed.js" defer></script>'
PAGE = '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>门户</title><main><h1>门户</h1>{}</main>'
DESK = {"width": 1280, "height": 900}
STYLE = "e => JSON.stringify(Object.fromEntries([...getComputedStyle(e)].map(n => [n, getComputedStyle(e)[n]])))"


@dataclass
class Site:
    """Portals and assistants, each at the addresses of its host names."""

    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    """A portal's page by its name: HTML, and its Content-Security-Policy."""
    portal: dict[str, str] = field(default_factory=dict)
    """The portal's address by scheme."""
    qa: dict[str, str] = field(default_factory=dict)
    """The assistant's address by scheme, below a prefix ("prefix"), and asking for tokens ("token", "token-https")."""
    minted: list[str] = field(default_factory=list)


def certificate(directory: Path) -> dict[str, str]:
    """Make a certificate that nobody signed but itself; return it as Uvicorn takes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / "key.pem").write_bytes(private)
    (directory / "certificate.pem").write_bytes(made.public_bytes(pem))
    return {"ssl_keyfile": str(directory / "key.pem"), "ssl_certfile": str(directory / "certificate.pem")}


def below(prefix: str, app: ASGIApp) -> ASGIApp:
    """Return an app as a proxy serves it that takes the prefix away."""

    async def proxy(scope: Scope, receive: Receive, send: Send) -> None:
        if not scope["path"].startswith(prefix + "/"):
            await PlainTextResponse("nothing here", 404)(scope, receive, send)
            return
        path = scope["path"].removeprefix(prefix)
        raw = scope["raw_path"].removeprefix(prefix.encode())
        await app({**scope, "path": path, "raw_path": raw}, receive, send)

    return proxy


@pytest.fixture(scope="module")
def site(sample_report: Report, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site()
    portal = FastAPI()

    @portal.get("/token")
    def token() -> PlainTextResponse:
        site.minted.append(mint(SECRET, "张三"))
        return PlainTextResponse(site.minted[-1])

    @portal.get("/{name}")
    def page(name: str) -> HTMLResponse:
        html, policy = site.pages.get(name, ("", ""))
        return HTMLResponse(html, headers={"Content-Security-Policy": policy} if policy else {})

    tls = certificate(tmp_path_factory.mktemp("tls"))
    with ExitStack() as stack:

        def serve(app: Any, host: str, **options: Any) -> str:
            return stack.enter_context(served(app, **options)).replace("127.0.0.1", host)

        site.portal = {"http": serve(portal, "portal.test"), "https": serve(portal, "portal.test", **tls)}
        origins = [address.rstrip("/") for address in site.portal.values()]
        qa = cast(Any, ScriptedQA(sample_report))
        app = create_app(qa, Policy(public=True, origins=origins))
        site.qa["http"] = serve(app, "qa.test")
        site.qa["https"] = serve(app, "qa.test", lifespan="off", **tls)
        site.qa["prefix"] = serve(below("/gov/qa", app), "qa.test", lifespan="off") + "gov/qa/"
        guarded = create_app(qa, Policy(secret=SECRET, origins=origins, session_seconds=123))
        site.qa["token"] = serve(guarded, "guarded.test")
        site.qa["token-https"] = serve(guarded, "guarded.test", lifespan="off", **tls)
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


Opener = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, site: Site) -> Iterator[Opener]:
    """Open a portal's page with some HTML in its body; at the end, no script may have failed."""
    watched: list[Watched] = []

    def open_page(body: str, at: str = "http", policy: str = "", host: str = "portal.test", **options: Any) -> Any:
        context = browser.new_context(ignore_https_errors=True, **{"viewport": DESK, "locale": "zh-CN"} | options)
        watch = Watched(context)
        watched.append(watch)
        site.pages["page"] = (PAGE.format(body), policy)
        watch.page.goto(site.portal[at].replace("portal.test", host) + "page")
        watch.page.asked_for = watch.requests
        return watch.page

    yield open_page
    for watch in watched:
        assert watch.errors == []
        watch.context.close()


def chat_in(page: Any, number: int = 0) -> Any:
    """Return the frame of the page's widget, its chat ready."""
    element = page.locator("reportqa-chat iframe, main > iframe").nth(number)
    element.wait_for()
    frame = element.element_handle().content_frame()
    frame.locator("#question").wait_for()
    return frame


def ask(frame: Any, question: str) -> Any:
    before = frame.locator(".exchange").count()
    frame.locator("#question").fill(question)
    frame.locator("#question").press("Enter")
    return answered(frame, before)


def answered(frame: Any, number: int = 0) -> Any:
    exchange = frame.locator(".exchange").nth(number)
    exchange.locator(".answer").first.wait_for()
    return exchange


def origin(address: str) -> str:
    return "/".join(address.split("/")[:3])


@pytest.mark.parametrize(("way", "at"), [("http", "http"), ("https", "https"), ("prefix", "http")])
def test_the_bubble_asks_cites_opens_the_source_and_copies(opened: Opener, site: Site, way: str, at: str) -> None:
    page = opened(BUBBLE.format(qa=site.qa[way]), at)
    page.get_by_role("button", name="政府工作报告问答").click()
    frame = chat_in(page)
    assert origin(frame.url) == origin(site.qa[way])
    exchange = ask(frame, GDP)
    assert exchange.locator("cite").first.inner_text() == "《2022年聊城市政府工作报告》一、（一）第1段"
    assert exchange.locator("mark").first.inner_text() == "全市生产总值增长8.4%"
    exchange.get_by_role("link", name="查看原文 1").click()
    source = frame.frame_locator(".pane iframe")
    assert source.locator("mark.cited").first.inner_text().startswith("全市生产总值增长8.4%")
    assert not frame.locator("#question").is_visible()
    frame.get_by_role("button", name="关闭").click()
    exchange.get_by_role("button", name="复制引文 1").click()
    frame.get_by_role("button", name="✓ 已复制").wait_for()
    frame.locator("#question").fill("")
    frame.locator("#question").press("Control+V")
    assert frame.locator("#question").input_value().startswith("全市生产总值增长8.4%,规模以上工业增加值")


def test_before_it_is_opened_there_is_one_request_and_one_name(opened: Opener, site: Site) -> None:
    watched = (
        '<p id="own" style="color:green">原有</p><script>names = new Set(Object.getOwnPropertyNames(window));'
        'keys = 0; onkeydown = () => { keys += 1 }; own = document.getElementById("own"); names.add("names");'
        f"before = ({STYLE})(own)</script>"
    )
    page = opened(watched + BUBBLE.format(qa=site.qa["http"]))
    button = page.get_by_role("button", name="政府工作报告问答")
    button.wait_for()
    page.wait_for_timeout(300)
    assert page.asked_for == [site.portal["http"] + "page", site.qa["http"] + "embed.js"]
    new = "Object.getOwnPropertyNames(window).filter(n => !names.has(n) && !['keys', 'own', 'before'].includes(n))"
    assert page.evaluate(new) == ["reportqa"]
    assert page.evaluate(f"({STYLE})(own) === before")
    assert page.evaluate("onkeydown !== null && document.adoptedStyleSheets.length === 0")
    assert page.evaluate("document.head.querySelectorAll('style, link').length") == 0
    page.locator("h1").press("x")
    assert page.evaluate("keys") == 1


def test_the_file_is_small_and_stands_alone() -> None:
    text = EMBED.read_text(encoding="utf-8")
    assert len(gzip.compress(text.encode())) < 8 * 1024
    addresses = set(re.findall(r"https?://[\w.]+", text))
    assert addresses == {"http://www.w3.org"}, "the name of SVG, which is no address"
    assert not re.search(r"^\s*(?:import|export)\b", text, re.MULTILINE)


def test_a_portal_that_is_not_on_the_list_is_refused(opened: Opener, site: Site) -> None:
    page = opened(BUBBLE.format(qa=site.qa["http"]), host="stranger.test")
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))
    page.get_by_role("button", name="政府工作报告问答").click()
    page.wait_for_timeout(1500)
    assert any("frame-ancestors" in text for text in refusals), refusals
    [frame] = page.frames[1:]
    assert frame.locator("#question").count() == 0
    assert not any("/config" in url or "/assets/" in url for url in page.asked_for)


def test_a_frame_alone_works_where_the_portal_runs_no_script(opened: Opener, site: Site) -> None:
    body = (
        f'<iframe src="{site.qa["http"]}?frame=compact" title="政府工作报告问答" width="700" height="640"></iframe>'
        '<script>document.title = "script"</script>'
    )
    page = opened(body, policy=f"default-src 'none'; frame-src {origin(site.qa['http'])}")
    frame = chat_in(page)
    ask(frame, GDP).get_by_role("link", name="查看原文 1").click()
    source = frame.frame_locator(".pane iframe")
    assert source.locator("mark.cited").first.inner_text().startswith("全市生产总值增长8.4%")
    assert page.title() == "门户"


def test_by_keyboard_alone(opened: Opener, site: Site) -> None:
    page = opened('<a href="#x">链接</a>' + BUBBLE.format(qa=site.qa["http"]))
    page.get_by_role("button", name="政府工作报告问答").wait_for()
    focused = "document.activeElement.shadowRoot?.activeElement.getAttribute('aria-label')"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "政府工作报告问答"
    page.keyboard.press("Enter")
    frame = chat_in(page)
    frame.wait_for_function("document.hasFocus() && document.activeElement.id === 'question'")
    page.keyboard.type(GDP)
    page.keyboard.press("Enter")
    answered(frame)
    link = frame.get_by_role("link", name="查看原文 1")
    link.focus()
    page.keyboard.press("Enter")
    frame.wait_for_function("document.activeElement.dataset.do === 'close'")
    page.keyboard.press("Escape")
    frame.wait_for_function("document.activeElement.dataset.do === 'source'")
    page.keyboard.press("Escape")
    page.wait_for_function(f"({focused}) === '政府工作报告问答'")
    assert page.locator("reportqa-chat iframe").is_visible() is False
    page.keyboard.press("Enter")
    frame.wait_for_function("document.activeElement.id === 'question'")
    assert frame.locator(".exchange").count() == 1, "what was said stays"
    page.get_by_role("button", name="关闭").focus()
    page.keyboard.press("Escape")
    assert page.evaluate(focused) == "政府工作报告问答"
    assert page.get_by_role("button", name="政府工作报告问答").get_attribute("aria-expanded") == "false"


def test_two_on_one_page_and_the_portals_own_search_box(opened: Opener, site: Site) -> None:
    inline = '<reportqa-chat data-title="内嵌" data-height="600" style="width:900px"></reportqa-chat>'
    page = opened(inline + BUBBLE.format(qa=site.qa["http"]))
    inside = chat_in(page, 0)
    ask(inside, BOTH)
    page.evaluate("question => reportqa.ask(question)", TARGET)
    bubble = chat_in(page, 1)
    assert TARGET in answered(bubble).locator(".asked").inner_text()
    assert inside.locator(".exchange").count() == 1
    page.evaluate("question => document.querySelector('reportqa-chat').ask(question)", "<img src=x onerror=alert(1)>")
    assert "<img src=x" in answered(inside, 1).locator(".asked").inner_text()
    page.evaluate("reportqa.close()")
    assert bubble.locator(".exchange").count() == 1, "each has its own conversation"


def test_messages_from_elsewhere_are_not_heard(opened: Opener, site: Site) -> None:
    page = opened(BUBBLE.format(qa=site.qa["http"]) + '<iframe id="other" srcdoc="<p>别的框架"></iframe>')
    page.get_by_role("button", name="政府工作报告问答").click()
    frame = chat_in(page, 1)
    close = {"type": "reportqa:close"}
    page.evaluate("said => window.postMessage(said, '*')", close)
    other = page.locator("#other").element_handle().content_frame()
    other.evaluate("said => parent.postMessage(said, '*')", close)
    assert page.evaluate("frames.length") == 1, "no other frame can get hold of ours"
    frame.evaluate("said => window.postMessage(said, '*')", {"type": "reportqa:ask", "question": GDP})
    page.wait_for_timeout(500)
    assert frame.locator("#question").is_visible()
    assert frame.locator(".exchange").count() == 0
    frame.evaluate("said => parent.postMessage(said, '*')", close)
    page.locator("reportqa-chat iframe").wait_for(state="hidden")


def documented(needed: str, qa: str) -> str:
    """Return a policy that docs/embedding.md gives, for the assistant's address."""
    [policy] = [line for line in re.findall(r"^Content-Security-Policy: (.*)$", DOCS, re.MULTILINE) if needed in line]
    return str(policy.replace("https://qa.example", origin(qa)))


def test_a_portal_with_the_strict_policy_of_the_documents(opened: Opener, site: Site) -> None:
    policy = documented("require-trusted-types-for", site.qa["http"])
    assert set(STRICT_PORTAL.format(origin(site.qa["http"])).split("; ")) <= set(policy.split("; "))
    page = opened(BUBBLE.format(qa=site.qa["http"]), policy=policy)
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text) if "Content Security" in message.text else None)
    button = page.get_by_role("button", name="政府工作报告问答")
    assert button.evaluate("e => getComputedStyle(e).position") == "fixed"
    button.click()
    ask(chat_in(page), GDP)
    assert blocked == []


def test_as_a_module(opened: Opener, site: Site) -> None:
    body = f'<script type="module" src="{site.qa["prefix"]}embed.js" data-title="模块" data-position="left"></script>'
    page = opened(body)
    button = page.get_by_role("button", name="模块")
    button.click()
    ask(chat_in(page), GDP)
    imported = f'<reportqa-chat></reportqa-chat><script type="module">import "{site.qa["prefix"]}embed.js"</script>'
    page = opened(imported)
    assert chat_in(page).url.startswith(site.qa["prefix"])
    assert page.get_by_role("button", name="政府工作报告问答").count() == 0


@pytest.mark.parametrize(("way", "at"), [("token", "http"), ("token-https", "https")])
def test_a_visitor_comes_in_with_the_portals_token_and_stays(opened: Opener, site: Site, way: str, at: str) -> None:
    before = len(site.minted)
    page = opened(f'<script src="{site.qa[way]}embed.js" data-token-url="/token" defer></script>', at)
    page.get_by_role("button", name="政府工作报告问答").wait_for()
    assert len(site.minted) == before
    page.get_by_role("button", name="政府工作报告问答").click()
    frame = chat_in(page)
    assert ("/s/rqs_" in frame.url) is (at == "http"), "a cookie where there can be one"
    ask(frame, GDP)
    for _ in range(100):
        if len(site.minted) > before + 1:
            break
        page.wait_for_timeout(100)
    assert len(site.minted) > before + 1, "asked for a new token before the session ends"
    exchange = ask(frame, TARGET)
    with page.context.expect_page() as tab:
        exchange.get_by_role("link", name="查看原文 1").click(modifiers=["Control"])
    assert tab.value.locator("mark.cited").first.inner_text()
    assert all(token not in url for token in site.minted for url in page.asked_for)


def test_without_a_token_nobody_comes_in(opened: Opener, site: Site) -> None:
    page = opened(BUBBLE.format(qa=site.qa["token"]))
    page.get_by_role("button", name="政府工作报告问答").click()
    page.frame_locator("reportqa-chat iframe").get_by_text("请从门户页面进入").wait_for()


def luminance(locator: Any) -> float:
    """Return how light an element's background is, 0 to 255, once its style sheet is there."""
    for _ in range(100):
        colour = locator.evaluate("e => getComputedStyle(e).backgroundColor")
        if colour != "rgba(0, 0, 0, 0)":
            break
        locator.page.wait_for_timeout(100)
    return float(sum(map(int, re.findall(r"\d+", colour)[:3])) / 3)


def test_the_theme_is_the_portals_or_else_the_visitors(opened: Opener, site: Site) -> None:
    for theme, scheme, dark in (("dark", "light", True), ("light", "dark", False), ("", "dark", True)):
        body = f'<script src="{site.qa["http"]}embed.js" data-theme="{theme}" defer></script>'
        page = opened(body, color_scheme=scheme)
        page.get_by_role("button", name="政府工作报告问答").click()
        frame = chat_in(page)
        assert (luminance(page.locator("reportqa-chat .panel")) < 128) is dark
        assert (luminance(frame.locator("#reportqa .app")) < 128) is dark
        if theme:
            ask(frame, GDP).get_by_role("link", name="查看原文 1").click()
            source = frame.frame_locator(".pane iframe")
            source.locator("mark.cited").first.wait_for()
            assert (luminance(source.locator("main")) < 128) is dark


def test_the_page_of_the_portal_writes_the_line_that_it_runs_on(opened: Opener, site: Site, browser: Any) -> None:
    page = opened("")
    page.goto(site.qa["prefix"] + "portal-demo")
    assert page.locator("#snippet").inner_text() == BUBBLE.format(qa=site.qa["prefix"])
    page.get_by_placeholder("在报告里找答案").fill(GDP)
    page.keyboard.press("Enter")
    answered(chat_in(page))
    assert violations(page) == []
    page.get_by_label("标题").fill('问"报告"')
    page.get_by_label("位置").select_option("left")
    page.get_by_label("门户网址").fill("https://oa.example/index.html")
    assert page.locator("#serve").inner_text() == "reportqa serve --allow-origin https://oa.example"
    snippet = page.locator("#snippet").inner_text()
    page.get_by_role("button", name="复制").first.click()
    page.get_by_role("button", name="✓ 已复制").wait_for()
    page.get_by_label("嵌在页面里").check()
    chat_in(page)
    inline = page.locator("#snippet").inner_text()
    page.get_by_label("只用 iframe").check()
    chat = page.locator("#preview iframe").element_handle().content_frame()
    chat.locator("#question").wait_for()
    alone = page.locator("#snippet").inner_text()
    page = opened(snippet)
    button = page.get_by_role("button", name='问"报告"')
    assert button.bounding_box()["x"] < 100
    button.click()
    chat_in(page)
    assert violations(page) == []
    chat_in(opened(inline))
    chat_in(opened(alone))
