from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from conftest import SAMPLE
from reportqa.access import Policy
from reportqa.api import create_app, serve
from reportqa.schema import Report, ReportQAError
from scripted import GDP, ScriptedQA, scripted

OURS = {"X-Reportqa": "1"}
HERE: Any = {"base_url": "http://localhost:7860", "client": ("127.0.0.1", 50000)}

# Gradio's own, none of them ours to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
]


@pytest.fixture
def client(sample_report: Report) -> Iterator[TestClient]:
    with TestClient(create_app(scripted(sample_report)), **HERE) as client:
        yield client


@pytest.fixture
def open_client(sample_report: Report, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """An app that takes uploads."""
    monkeypatch.setenv("REPORTQA_UPLOADS", "1")
    with TestClient(create_app(scripted(sample_report)), **HERE) as client:
        yield client


def test_health_and_reports(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    [report] = client.get("/api/reports").json()["reports"]
    assert (report["report_id"], report["title"]) == ("聊城市-2022", "2022年聊城市政府工作报告")
    assert (report["place"], report["year"], report["breaks_off"]) == ("聊城市", 2022, "三（二）")
    assert client.get(report["url"]).status_code == 200


def test_a_citations_address_opens_its_page_with_the_words_marked(client: TestClient, sample_report: Report) -> None:
    quote = ScriptedQA(sample_report).gdp.quotes[0]
    page = client.get(quote.citation.url.split("#")[0])
    assert page.status_code == 200
    assert f'<mark class="cited">{quote.text}</mark>' in page.text
    assert f'id="{quote.citation.url.split("#")[1]}"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_report_that_is_not_there_is_one_sentence(client: TestClient) -> None:
    page = client.get("/report/<script>x")
    assert page.status_code == 404
    assert "没有编号为“&lt;script&gt;x”的报告，现有：聊城市-2022。" in page.text
    assert "<script>x" not in page.text
    assert client.get("/report/").status_code == 404
    assert '<html lang="en">' in client.get("/report/x?lang=en").text


def test_chat_page_as_served_is_chinese_and_names_no_other_host(client: TestClient) -> None:
    page = client.get("/", headers={"Origin": "http://evil.test"})
    assert page.status_code == 403
    assert "access-control-allow-origin" not in page.headers
    page = client.get("/")
    assert re.search(r'<html\s+lang="zh-CN"', page.text)
    assert "<title>政府工作报告问答</title>" in page.text
    for host in ("githubusercontent", "gradio.app", "googleapis", "huggingface.co"):
        assert host not in page.text
    assert "access-control-allow-origin" not in page.headers
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert "<noscript>" in page.text
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert re.search(r'<html\s+lang="en"', client.get("/?lang=en").text)


def test_gradio_takes_no_files_and_shows_no_figures(client: TestClient) -> None:
    uploaded = client.post("/gradio_api/upload", files={"files": ("a.txt", b"more than one byte")})
    assert uploaded.status_code == 404
    assert client.get("/monitoring").status_code == 404


def test_pages_are_compressed(client: TestClient) -> None:
    for path in ("/report/聊城市-2022", "/ui/chat.css", "/"):
        assert client.get(path, headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip", path


def test_uploads_are_off_unless_they_are_allowed(client: TestClient) -> None:
    assert client.post("/api/uploads?name=a.txt", content=b"x", headers=OURS).status_code in (404, 405)


def test_an_upload_is_read_shown_and_indexed_with_its_progress(open_client: TestClient) -> None:
    sent = open_client.post(
        "/api/uploads", params={"name": "报告.txt"}, content=SAMPLE.read_bytes(), headers=OURS
    ).json()
    assert sent["report"]["title"] == "2022年聊城市政府工作报告"
    assert "三、2022年目标任务和重点工作" in sent["html"]
    with open_client.stream("POST", f"/api/uploads/{sent['token']}", headers=OURS) as answer:
        told = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
    assert told[:3] == [{"done": 1, "total": 3}, {"done": 2, "total": 3}, {"done": 3, "total": 3}]
    assert told[3]["reports"][0]["report_id"] == "新增市-2023"
    assert len(open_client.get("/api/reports").json()["reports"]) == 2
    again = open_client.post(f"/api/uploads/{sent['token']}", headers=OURS)
    assert "请重新上传" in again.text


def test_an_upload_that_is_no_report_is_one_sentence(open_client: TestClient) -> None:
    answer = open_client.post("/api/uploads", params={"name": "a.exe"}, content=b"x", headers=OURS)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].endswith("。")


def test_other_sites_cannot_add_reports(open_client: TestClient) -> None:
    assert open_client.post("/api/uploads?name=a.txt", content=b"x").status_code == 403
    assert open_client.post("/api/uploads/x").status_code == 403
    assert open_client.delete("/api/uploads/x").status_code == 403
    assert open_client.delete("/api/uploads/x", headers=OURS).json() == {}


def test_address_in_use_is_a_sentence(sample_report: Report) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ReportQAError, match=f"不能使用地址 127.0.0.1 端口 {port}"):
            serve(scripted(sample_report), "127.0.0.1", port, Policy())


def test_gradio_answers_the_pages_calls(client: TestClient) -> None:
    config = client.get("/config").json()
    [component] = [c for c in config["components"] if c["props"].get("elem_id") == "reportqa"]
    call = {"data": {"question": GDP}, "component_id": component["id"], "fn_name": "ask", "session_hash": "x"}
    told = client.post("/gradio_api/component_server/", json=call).json()
    assert "全市生产总值增长8.4%" in told["html"]
    assert component["props"].get("value", "") == "", (
        "the page is put in when it is asked for, not when the app is made"
    )
