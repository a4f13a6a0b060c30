"""What the doctor says of a sound index and a damaged one, of addresses that are wanted, of portals and ways in."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient

from reportqa import assistant
from reportqa.access import Key, Policy
from reportqa.api import create_app
from reportqa.cli import main
from reportqa.doctor import BAD, GOOD, WATCH, Watch, examine
from reportqa.schema import Report, ReportQAError
from reportqa.sessions import Role
from scripted import scripted

# Gradio's own, none of them ours to mend
pytestmark = pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning")
PORTAL = "https://portal.example"
SECRET = "a secret that portal and assistant share"  # noqa: S105


def said(
    index: Path, policy: Policy | None = None, host: str = "127.0.0.1", portal: str = ""
) -> dict[str, tuple[str, str]]:
    """Return what is said, by subject: the last of each."""
    found = examine(index, policy or Policy(), host, portal)
    return {finding.about: (finding.state, finding.sentence) for finding in found}


def test_a_sound_index_and_nothing_contacted(sample_index: Path) -> None:
    told = said(sample_index)
    assert {about: state for about, (state, _) in told.items()} == dict.fromkeys(
        ("程序", "索引", "模型", "引文", "外联", "身份", "嵌入", "记录"), GOOD
    )
    assert "1 份报告" in told["索引"][1]
    assert "SHA-256 全部相符" in told["索引"][1]
    assert "10 条引文中 10 条与原文逐字相同" in told["引文"][1]
    assert "没有连接任何地址" in told["外联"][1]


def test_no_secret_is_said(sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_READER", "openai:http://reader:of-the-address@10.0.0.5:8000/v1#model")
    monkeypatch.setenv("REPORTQA_READER_KEY", "of-the-reader")
    policy = Policy(secret=SECRET, keys=[Key("portal", Role.PROGRAM, "0" * 64)])
    told = " ".join(finding.sentence for finding in examine(sample_index, policy, "0.0.0.0", PORTAL))  # noqa: S104
    assert "http://10.0.0.5:8000/v1" in told
    for secret in (SECRET, "of-the-address", "of-the-reader", "0" * 64):
        assert secret not in told


def test_a_damaged_index(sample_index: Path, tmp_path: Path) -> None:
    copy = tmp_path / "index"
    shutil.copytree(sample_index, copy)
    [vectors] = copy.glob("*/vectors.faiss")
    data = bytearray(vectors.read_bytes())
    data[-1] ^= 1
    vectors.write_bytes(data)
    state, sentence = said(copy)["索引"]
    assert state == BAD
    assert "vectors.faiss 的校验和不符" in sentence
    assert said(tmp_path / "nowhere")["索引"][0] == BAD


def test_what_wants_an_address_is_kept_from_it_and_named(sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = assistant.ReportQA.ask

    def telling(qa: Any, question: str, **options: Any) -> Any:
        with socket.socket() as one, pytest.raises(PermissionError):
            one.connect(("192.0.2.1", 443))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other, pytest.raises(PermissionError):
            other.sendto(b"x", ("192.0.2.2", 53))
        with pytest.raises(PermissionError):
            socket.getaddrinfo("telemetry.example", 443)
        return asked(qa, question, **options)

    monkeypatch.setattr(assistant.ReportQA, "ask", telling)
    state, sentence = said(sample_index)["外联"]
    assert state == BAD
    for wanted in ("192.0.2.1:443", "telemetry.example", "192.0.2.2:53"):
        assert wanted in sentence


def test_the_watch_ends() -> None:
    watch = Watch()
    with socket.create_server(("127.0.0.1", 0)) as server:
        with watch.on(), pytest.raises(PermissionError):
            socket.create_connection(server.getsockname())
        socket.create_connection(server.getsockname()).close()
    assert len(watch.wanted) == 1


def test_a_server_that_the_administrator_named(sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_READER", "openai:http://10.0.0.5:8000/v1#model")
    state, sentence = said(sample_index)["外联"]
    assert state == WATCH
    assert "http://10.0.0.5:8000/v1" in sentence


def test_ways_in(sample_index: Path) -> None:
    assert "本机使用者" in said(sample_index)["身份"][1]
    assert said(sample_index, host="0.0.0.0")["身份"][0] == BAD  # noqa: S104
    state, sentence = said(sample_index, Policy(secret=SECRET), "0.0.0.0")["身份"]  # noqa: S104
    assert (state, "通行证" in sentence) == (GOOD, True)
    assert said(sample_index, Policy(public=True))["身份"][0] == WATCH
    assert "谁也进不来" in said(sample_index, Policy(local=False))["身份"][1]


def test_what_a_portal_is_told_is_what_is_served(sample_index: Path, sample_report: Report) -> None:
    for policy in (Policy(origins=[PORTAL], public=True), Policy(public=True)):
        with TestClient(create_app(scripted(sample_report), policy)) as client:
            served = client.get("/healthz", headers={"Origin": PORTAL}).headers
        findings = list(examine(sample_index, policy, "127.0.0.1", PORTAL + "/index.html"))
        [verdict] = [finding for finding in findings if finding.about == "门户"]
        assert verdict.state == (GOOD if policy.origins else BAD)
        told = dict(finding.sentence.split(": ", 1) for finding in findings if not finding.about)
        ancestors = told["content-security-policy"].rpartition("frame-ancestors ")[2]
        assert served["content-security-policy"].endswith("frame-ancestors " + ancestors)
        assert (PORTAL in ancestors) is bool(policy.origins)
        for name in ("access-control-allow-origin", "x-frame-options"):
            assert told[name] == served.get(name, "（无）")


def test_a_secure_portal_cannot_show_a_plain_assistant(sample_index: Path) -> None:
    policy = Policy(origins=[PORTAL], public=True, public_url="http://qa.example/")
    assert said(sample_index, policy, portal=PORTAL)["门户"][0] == BAD
    with pytest.raises(ReportQAError, match="应形如"):
        said(sample_index, portal="portal")


def test_the_command(sample_index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REPORTQA_ALLOW_ORIGIN", raising=False)
    for options, code in (["--allow-origin", PORTAL], 0), ([], 1):
        done = CliRunner().invoke(main, ["doctor", "--index", str(sample_index), "--portal", PORTAL, *options])
        assert done.exit_code == code, done.output
        assert "✓ 外联" in done.output
        assert "frame-ancestors 'self'" in done.output
