"""The server as it runs: a real nginx in front, limits, errors, logs, documentation, and its end."""

from __future__ import annotations

import http.client
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from browsing import Watched, chromium, served
from conftest import is_one_chinese_sentence
from proxying import certificate, free_port, nginx
from reportqa.access import Policy, networks_of
from reportqa.api import create_app
from reportqa.observing import JsonFormatter
from reportqa.schema import Report, ReportQAError
from reportqa.sessions import mint
from scripted import GDP, ScriptedQA, scripted

pytestmark = [
    # Gradio's and AnyIO's own, none of them ours to mend
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated:DeprecationWarning:gradio.queueing"),
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
HERE: Any = {"base_url": "http://localhost:7860", "client": ("127.0.0.1", 50000)}
SECRET = "a secret that portal and assistant share"  # noqa: S105


@pytest.fixture
def client(sample_report: Report) -> Iterator[TestClient]:
    with TestClient(create_app(scripted(sample_report)), raise_server_exceptions=False, **HERE) as client:
        yield client


def error_of(answer: Any) -> str:
    """Return the code of an error, whose shape and sentence are as they are promised."""
    error = answer.json()["error"]
    assert set(answer.json()) == {"error"}
    assert set(error) == {"code", "message"}
    assert is_one_chinese_sentence(error["message"]), error
    return str(error["code"])


# --- behind nginx


def fetch(port: int, path: str, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers=named)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_nothing_opens_behind_a_proxy_on_this_host(sample_report: Report, tmp_path: Path) -> None:
    app = create_app(scripted(sample_report), Policy())
    port = free_port()
    with served(app) as address:
        inner = int(address.rstrip("/").rsplit(":", 1)[1])
        assert fetch(inner, "/api/reports")[0] == 200
        servers = f"""server {{ listen 127.0.0.1:{port};
          location /bare/ {{ proxy_pass {address}; }}
          location /newer/ {{ proxy_pass {address}; proxy_http_version 1.1; }}
          location /quiet/ {{ proxy_pass {address}; proxy_http_version 1.1; proxy_set_header Connection ""; }}
          location /usual/ {{ proxy_pass {address}; proxy_set_header Host $host; proxy_http_version 1.1;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }}"""
        with nginx(tmp_path, port, servers):
            for way in ("bare", "newer", "quiet", "usual") if os.geteuid() == 0 else ("bare", "usual"):
                for path in ("api/reports", "", "report/x", "metrics", "openapi.json"):
                    assert fetch(port, f"/{way}/{path}")[0] == 403, (way, path)
                assert fetch(port, f"/{way}/api/reports", Host="localhost")[0] == 403
                assert fetch(port, f"/{way}/healthz")[0] == 200


def test_a_named_nginx_says_who_asks(sample_report: Report, tmp_path: Path) -> None:
    app = create_app(scripted(sample_report), Policy(proxies=networks_of("127.0.0.1")))
    port = free_port()
    with served(app) as address:
        proxy = f"proxy_pass {address}; proxy_set_header Host $host:{port};"
        servers = f"""server {{ listen 127.0.0.1:{port};
          location /qa/ {{ {proxy} proxy_set_header X-Remote-User zhang; }}
          location /out/ {{ {proxy} proxy_set_header X-Remote-User ""; }} }}"""
        with nginx(tmp_path, port, servers):
            assert fetch(port, "/qa/api/session") == (200, '{"role":"visitor","seconds":null}')
            assert fetch(port, "/out/api/session", X_Remote_User="li")[0] == 401


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_portal_on_another_site_frames_the_chat_with_a_token(
    scheme: str, sample_report: Report, tmp_path: Path
) -> None:
    port = free_port()
    portal, here = f"{scheme}://outer.test:{port}", f"{scheme}://portal.test:{port}"
    policy = Policy(origins=[portal], secret=SECRET, session_seconds=124, proxies=networks_of("127.0.0.1"))
    app = create_app(cast(Any, ScriptedQA(sample_report)), policy)
    frame = f'<iframe src="{here}/qa/enter#token={mint(SECRET, "zhang")}" width="1300" height="800"></iframe>'
    fresh = json.dumps(mint(SECRET, "zhang"))
    (tmp_path / "index.html").write_text(
        f"""<!doctype html><title>门户</title><link rel="icon" href="data:,">{frame}<script>addEventListener("message", (event) => {{
          if (event.origin === "{here}" && event.data.type === "reportqa:token-wanted")
            frames[0].postMessage({{type: "reportqa:token", token: {fresh}}}, "{here}"); }})</script>""",
        encoding="utf-8",
    )
    tls = certificate(tmp_path, "outer.test", "portal.test") if scheme == "https" else ""
    listen = f"listen 127.0.0.1:{port}{' ssl' if tls else ''}; {tls}"
    with served(app) as address, chromium() as browser:
        servers = f"""
          server {{ {listen} server_name outer.test; root {tmp_path}; }}
          server {{ {listen} server_name portal.test;
            location /qa/ {{ proxy_pass {address}; proxy_set_header Host $http_host; proxy_set_header X-Remote-User ""; }} }}"""
        with nginx(tmp_path, port, servers):
            context = browser.new_context(viewport={"width": 1400, "height": 900}, ignore_https_errors=True)
            watch = Watched(context)
            broken: list[str] = []
            watch.page.on("console", lambda line: broken.append(line.text) if line.type == "error" else None)
            watch.page.goto(portal)
            chat = watch.page.frame_locator("iframe")
            chat.locator("#question").fill(GDP)
            chat.locator("#question").press("Enter")
            chat.locator(".answer").wait_for()
            inside = watch.page.frames[1]
            assert ("/s/rqs_" in inside.url) == (scheme == "http")
            assert "token" not in inside.url
            [session] = policy.sessions._open.values()
            before = session.until
            chat.get_by_role("link", name="查看原文 1").click()
            chat.frame_locator("aside iframe").locator("mark.cited").first.wait_for()
            with context.expect_page() as opened:
                chat.locator('[data-do="window"]').click()
            opened.value.locator("mark.cited").first.wait_for()
            assert "/qa/s/rqs_" in opened.value.url
            deadline = time.monotonic() + 30
            while session.until == before and time.monotonic() < deadline:
                watch.page.wait_for_timeout(200)
            assert session.until > before, "the portal's fresh token renews the session"
            policy.sessions.close(session.visitor.session)
            chat.locator("#question").fill(GDP)
            chat.locator("#question").press("Enter")
            chat.get_by_role("region").get_by_text("会话已过期，请刷新门户页面。").wait_for()
            assert [text for text in broken if "401" not in text] == []
            watch.page.goto(f"{portal}/index.html")  # the token was taken before
            chat.get_by_text("通行证已经用过一次").wait_for()
            watch.check(*(origin.split("//")[1] for origin in (portal, here)))
            context.close()


@pytest.mark.browser
def test_pages_keep_to_their_content_policy_and_strangers_may_not_frame(sample_report: Report) -> None:
    app = create_app(scripted(sample_report), Policy())
    with served(app) as address, chromium() as browser:
        context = browser.new_context()
        watch = Watched(context)
        broken: list[str] = []
        watch.page.on("console", lambda line: broken.append(line.text) if line.type == "error" else None)
        watch.page.goto(address)
        watch.page.locator("#question").fill(GDP)
        watch.page.locator("#question").press("Enter")
        watch.page.locator(".answer").wait_for()
        watch.page.goto(f"{address}report/聊城市-2022?at=1-5")
        watch.page.goto(f"{address}enter")
        watch.page.get_by_label("密钥").wait_for()
        watch.page.goto(f"{address}docs")
        watch.page.get_by_text("/api/ask", exact=True).wait_for()
        assert broken == []
        watch.page.goto("about:blank")
        watch.page.set_content(f'<iframe src="{address}"></iframe>')
        watch.page.wait_for_timeout(1000)
        assert watch.page.frames[1].url.startswith("chrome-error://")
        context.close()


# --- errors and limits


def test_every_error_has_the_one_shape(client: TestClient, sample_report: Report) -> None:
    assert error_of(client.get("/api/nothing")) == "not_found"
    assert error_of(client.put("/api/ask")) == "method_not_allowed"
    assert client.put("/api/ask").headers["allow"] == "POST"
    assert error_of(client.post("/api/ask", content=b"{")) == "invalid_request"
    assert error_of(client.post("/api/ask", json={"question": 1})) == "invalid_request"
    assert error_of(client.post("/api/ask", json={"question": GDP, "nonsense": 1})) == "invalid_request"
    assert error_of(client.get("/api/search")) == "invalid_request"
    assert error_of(client.get("/api/reports/x")) == "not_found"
    assert error_of(client.get("/api/reports/聊城市-2022/paragraphs/99999")) == "not_found"
    assert error_of(client.get("/api/locate?citation=九（九）第99段")) == "not_found"
    for content in (
        b"",
        b"[]",
        b'{"fn_name": 1}',
        b'{"component_id": 999, "fn_name": "ask", "data": {}, "session_hash": "x"}',
    ):
        answer = client.post("/gradio_api/component_server/", content=content)
        assert answer.status_code >= 400
        error_of(answer)
    said = {"坏": ValueError("的一句话"), "错": ReportQAError("这个问题不能回答，请换一个问法。")}
    broken = TestClient(create_app(scripted(sample_report, said)), raise_server_exceptions=False, **HERE)
    assert error_of(broken.post("/api/ask", json={"question": "坏"})) == "internal"
    assert error_of(broken.post("/api/ask", json={"question": "错"})) == "bad_request"


def test_bodies_have_a_limit_told_or_not(client: TestClient) -> None:
    large = json.dumps({"text": "字" * 600_000}).encode()
    client.headers["Content-Type"] = "application/json"
    assert error_of(client.post("/api/verify", content=large)) == "too_large"
    assert error_of(client.post("/api/verify", content=iter([large[:700_000], large[700_000:]]))) == "too_large"
    assert (
        client.post("/api/verify", content=iter([b'{"text": ', '"全市生产总值增长8.4%"}'.encode()])).status_code == 200
    )
    assert error_of(client.post("/api/verify", content=b"{}", headers={"Content-Length": "9" * 30})) == "too_large"


def test_a_path_with_an_encoded_slash_is_no_failure(client: TestClient) -> None:
    for path in ("/s/abc%2Fhealthz", "/s/abc/%2Fhealthz", "/s/%2F%2F", "/s/abc/api%2Freports"):
        assert client.get(path).status_code < 500, path


def test_what_a_program_says_was_asked_before_is_bounded(client: TestClient) -> None:
    for before in ("字" * 100_000, "\ud800", "那今年的目标呢？" * 3000):
        sent = json.dumps({"question": "那今年呢？", "history": [{"question": "x", "answer": {"question": before}}]})
        answer = client.post("/api/ask", content=sent.encode(), headers={"Content-Type": "application/json"})
        assert answer.status_code in (200, 422)


def test_a_draft_has_a_limit(client: TestClient) -> None:
    answer = client.post("/api/verify", json={"text": "全市生产总值增长8.4%。" * 10_000})
    assert error_of(answer) == "bad_question"
    assert "最多核验 100000 字，现在有 130000 字" in answer.json()["error"]["message"]


def test_an_answer_that_takes_too_long_is_told_so(sample_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(ScriptedQA):
        def search(self, *args: Any, **kwargs: Any) -> Any:
            time.sleep(1.5)

    monkeypatch.setenv("REPORTQA_TIMEOUT", "1")
    with TestClient(create_app(cast(Any, Slow(sample_report))), **HERE) as client:
        answer = client.get("/api/search?query=高铁")
    assert (answer.status_code, error_of(answer)) == (503, "busy")


def test_the_documented_api_is_the_real_one(sample_qa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_RATE", "1000000")
    app = create_app(sample_qa, Policy(public=True))  # asked as a visitor: what is the administrator's says 403
    documented: Any = schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()
    operations = [result.ok() for result in documented]
    assert len(operations) >= 12
    for operation in operations:
        send(operation)


def send(operation: Any) -> None:
    """Send an operation what its documentation allows, and what it does not; check every answer against it."""

    @given(case=operation.as_strategy())
    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    def valid(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    @settings(max_examples=12, suppress_health_check=list(HealthCheck))
    def invalid(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    valid()
    if operation.body or operation.query:
        invalid()


# --- logs and figures


def test_the_log_has_neither_words_nor_secrets_nor_addresses(
    sample_report: Report, caplog: pytest.LogCaptureFixture
) -> None:
    policy = Policy(public=True, secret=SECRET)
    said = {"机密的问题": ValueError("机密的问题 10.1.2.3")}
    token = mint(SECRET, "zhang")
    client = TestClient(
        create_app(scripted(sample_report, said), policy), client=("10.1.2.3", 1), raise_server_exceptions=False
    )
    with caplog.at_level(logging.INFO, logger="reportqa"):
        path = client.post("/api/session", json={"token": token}).json()["path"]
        client.get(f"/{path}api/search", params={"query": "机密的问题"})
        answer = client.post("/api/ask", json={"question": "机密的问题"}, headers={"X-Request-ID": "number-0001"})
        client.get("/api/search?query=机密的问题&reports=x&report=机密的问题")
    assert answer.headers["x-request-id"] == "number-0001"
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name.startswith("reportqa")]
    entries = [json.loads(line) for line in lines]
    requests = [entry for entry in entries if entry["message"] == "request"]
    assert [(e["route"], e["role"], e["status"]) for e in requests[:3]] == [
        ("/api/session", "visitor", 200),
        ("/api/search", "visitor", 200),
        ("/api/ask", "visitor", 500),
    ]
    [failure] = [entry for entry in entries if "exception" in entry]
    assert failure["exception"] == "ValueError"
    for secret in ("机密", token, path.strip("/"), "10.1.2.3", "zhang"):
        assert not any(secret in line for line in lines), secret


def test_figures_count_routes_and_not_addresses(client: TestClient) -> None:
    client.get("/api/reports/聊城市-2022")
    client.get("/api/reports/x")
    client.request("NONSENSE", "/some/where")
    figures = client.get("/metrics").text
    assert 'reportqa_requests_total{method="GET",route="/api/reports/{report_id}",status="200"} 1.0' in figures
    assert 'reportqa_requests_total{method="other",route="other",status="404"} 1.0' in figures
    assert "reportqa_reports 1.0" in figures
    assert "聊城" not in figures


def test_readiness_waits_for_reports(sample_report: Report) -> None:
    qa = ScriptedQA(sample_report)
    client = TestClient(create_app(cast(Any, qa)), **HERE)
    assert client.get("/readyz").json() == {"status": "ready"}
    qa.shelf.clear()
    assert error_of(client.get("/readyz")) == "not_ready"
    assert client.get("/healthz").json() == {"status": "ok"}


# --- administration


def test_the_administrator_removes_reports_and_takes_feedback(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert error_of(client.get("/api/feedback")) == "not_found"
    path = tmp_path / "feedback.jsonl"
    path.write_text('{"helpful": true}\n', encoding="utf-8")
    monkeypatch.setenv("REPORTQA_FEEDBACK_LOG", str(path))
    assert client.get("/api/feedback").json() == {"helpful": True}
    assert error_of(client.delete("/api/reports/x")) == "not_found"
    assert client.delete("/api/reports/聊城市-2022").json() == {"removed": "聊城市-2022"}
    assert client.get("/api/reports").json() == {"reports": []}


# --- its end


def test_terminated_under_load_it_answers_and_ends_with_0() -> None:
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("slow_server.py")), str(port)]
    answers: list[int] = []

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/api/ask", json.dumps({"question": GDP}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answers.append(answer.status if json.loads(answer.read())["found"] else 0)
        connection.close()

    with subprocess.Popen(command) as server:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and server.poll() is None:
            try:
                if fetch(port, "/healthz")[0] == 200:
                    break
            except OSError:
                time.sleep(0.2)
        asking = [threading.Thread(target=ask) for _ in range(8)]
        for thread in asking:
            thread.start()
        time.sleep(0.7)  # all of them sent, a few answered
        server.send_signal(signal.SIGTERM)
        for thread in asking:
            thread.join()
        assert server.wait(60) == 0
    assert answers == [200] * 8
