"""Who may come in: every address against every role, every way in, and what does not open."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi.testclient import TestClient
from starlette.routing import Mount
from starlette.websockets import WebSocketDisconnect

from conftest import is_one_chinese_sentence
from reportqa import access, config, sessions
from reportqa.access import Policy, add_key, networks_of, origins_of, read_keys
from reportqa.api import create_app
from reportqa.observing import JsonFormatter
from reportqa.peers import account_of
from reportqa.rules import RULES
from reportqa.schema import Report, ReportQAError
from reportqa.sessions import Role, Sessions, TokenError, mint
from scripted import GDP, scripted

pytestmark = [
    # Gradio's own, none of them ours to mend
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*no_silent_downcasting:DeprecationWarning:gradio.queueing"),
]
SECRET = "a secret that portal and assistant share"  # noqa: S105
UPLOAD = r"id=\"upload\""
PORTAL = "https://portal.example"
LOCAL = ("127.0.0.1", 50000)
AFAR = ("10.1.2.3", 50000)
NOBODY, VISITOR, PROGRAM, ADMINISTRATOR = Role

TABLE = {
    "POST /api/ask": VISITOR,
    "GET /api/search": VISITOR,
    "GET /api/locate": VISITOR,
    "POST /api/verify": VISITOR,
    "GET /api/indicators": VISITOR,
    "GET /api/reports": VISITOR,
    "GET /api/reports/{report_id}": VISITOR,
    "DELETE /api/reports/{report_id}": ADMINISTRATOR,
    "GET /api/reports/{report_id}/paragraphs": VISITOR,
    "GET /api/reports/{report_id}/paragraphs/{number}": VISITOR,
    "GET /api/session": VISITOR,
    "POST /api/session": NOBODY,
    "DELETE /api/session": VISITOR,
    "POST /mcp": PROGRAM,
    "GET /docs": VISITOR,
    "GET /openapi.json": VISITOR,
    "POST /api/uploads": ADMINISTRATOR,
    "POST /api/uploads/{token}": ADMINISTRATOR,
    "DELETE /api/uploads/{token}": ADMINISTRATOR,
    "GET /api/feedback": ADMINISTRATOR,
    "GET /metrics": PROGRAM,
    "GET /healthz": NOBODY,
    "GET /readyz": NOBODY,
    "GET /report/": VISITOR,
    "GET /report/{report_id}": VISITOR,
    "GET /enter": NOBODY,
    "GET /portal-demo": VISITOR,
    "GET /embed.js": NOBODY,
}
"""What the routes of ours ask for; a new route needs its row here and in rules.py."""
MOUNTED = {
    "GET /ui/{path:path}": NOBODY,
    "GET /docs-assets/{path:path}": NOBODY,
    "GET /": VISITOR,
    "GET /assets/{path:path}": NOBODY,
    "GET /static/{path:path}": NOBODY,
    "GET /theme.css": NOBODY,
    "GET /config": VISITOR,
    "POST /gradio_api/component_server/": VISITOR,
}
"""What is served of the apps mounted; everything else of Gradio's is closed."""


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[Role, str]:
    path = tmp_path_factory.mktemp("keys") / "keys.txt"
    made = {
        PROGRAM: add_key(path, "检索", administrator=False),
        ADMINISTRATOR: add_key(path, "管理员", administrator=True),
    }
    return made | {NOBODY: str(path)}


@pytest.fixture(scope="module")
def policy(keys: dict[Role, str]) -> Policy:
    return Policy(origins=[PORTAL], secret=SECRET, keys=read_keys(Path(keys[NOBODY])))


@pytest.fixture(scope="module")
def app(sample_report: Report, policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPORTQA_UPLOADS", "1")
        patch.setenv("REPORTQA_RATE", "100000")
        app = create_app(scripted(sample_report), policy)
        with TestClient(app, client=AFAR):  # its lifespan
            yield app


@pytest.fixture
def client(app: Any) -> TestClient:
    return TestClient(app, client=AFAR)


def app_of(report: Report, **decided: Any) -> Any:
    return create_app(scripted(report), Policy(**decided))


def asked(app: Any, peer: tuple[str, int] = LOCAL, host: str = "localhost:7860", **headers: str) -> Any:
    """Ask over HTTP as a program at ``peer`` would; header names have _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = TestClient(app, client=peer, base_url=f"http://{host}")
    return client.post("/api/ask", json={"question": GDP}, headers=named)


def code_of(answer: Any) -> str:
    return str(answer.json()["error"]["code"])


def routes_of(app: Any, prefix: str = "") -> Iterator[str]:
    """Yield every method and address that an app has a route for."""
    for route in app.routes:
        if isinstance(route, Mount):
            if hasattr(route.app, "routes"):
                yield from routes_of(route.app, prefix + route.path)
        elif hasattr(route, "original_router"):  # as FastAPI keeps what include_router adds
            yield from routes_of(route.original_router, prefix)
        elif hasattr(route, "methods"):
            for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
                yield f"{method} {prefix}{route.path}"
        else:
            raise AssertionError(f"a route that the table cannot tell: {route!r}")


# --- the table


def test_every_route_has_its_row(app: Any) -> None:
    ours = [route for route in app.routes if not isinstance(route, Mount)]
    real = set(routes_of(type("App", (), {"routes": ours})()))
    assert real == set(TABLE)
    assert {f"{m} {r.path}": role for r in RULES for m, role in r.methods.items()} == TABLE | MOUNTED


def filled(address: str) -> tuple[str, str]:
    method, path = address.split(" ")
    for name, value in {"report_id": "聊城市-2022", "number": "3", "token": "x", "path:path": "chat.css"}.items():
        path = path.replace("{" + name + "}", value)
    return method, path


@pytest.mark.parametrize("address", sorted({*TABLE, *MOUNTED} - {"POST /api/session"}))
def test_a_route_opens_to_its_role_and_those_above(
    address: str, client: TestClient, keys: dict[Role, str], policy: Policy
) -> None:
    method, path = filled(address)
    needed = (TABLE | MOUNTED)[address]
    credentials = {
        NOBODY: "",
        VISITOR: policy.sessions.open(VISITOR, "token:1"),
        PROGRAM: keys[PROGRAM],
        ADMINISTRATOR: keys[ADMINISTRATOR],
    }
    for role in Role if address != "DELETE /api/reports/{report_id}" else [NOBODY, VISITOR, PROGRAM]:
        headers = {"Authorization": f"Bearer {credentials[role]}"} if role else {}
        headers |= {"X-Reportqa": "1"} if "uploads" in path else {}
        answer = client.request(method, path, headers=headers, content=b"{}" if method == "POST" else None)
        refused = answer.status_code in (401, 403)
        assert refused == (role < needed), (address, role.name, answer.status_code, answer.text[:200])
        if refused:
            assert is_one_chinese_sentence(answer.json()["error"]["message"])


TOOLS = {
    "ask": {"question": GDP},
    "search": {"query": "高铁"},
    "locate": {"citation": "p5"},
    "verify": {"text": GDP},
    "indicators": {"indicator": "生产总值"},
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_opens_to_programs(tool: str, client: TestClient, keys: dict[Role, str], policy: Policy) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": TOOLS[tool]}}
    for role in Role:
        credentials = policy.sessions.open(VISITOR, "token:1") if role is VISITOR else keys[role]
        headers = {"Accept": "application/json, text/event-stream"}
        headers |= {"Authorization": f"Bearer {credentials}"} if role else {}
        answer = client.post("/mcp", json=call, headers=headers)
        assert answer.status_code == {NOBODY: 401, VISITOR: 403}.get(role, 200)
        if role >= PROGRAM:
            assert answer.json()["result"]["isError"] is False


def test_every_tool_is_in_the_table(client: TestClient, keys: dict[Role, str]) -> None:
    headers = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {keys[PROGRAM]}"}
    listed = client.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers=headers).json()
    assert {tool["name"] for tool in listed["result"]["tools"]} == set(TOOLS)


def test_the_rest_of_gradio_is_closed(app: Any, client: TestClient, keys: dict[Role, str]) -> None:
    gradio = [route for route in app.routes if isinstance(route, Mount)][-1].app
    closed = set(routes_of(gradio)) - set(MOUNTED) - set(TABLE)
    assert len(closed) > 30
    for address in closed:
        method, path = address.split(" ")
        path = path.replace("{path:path}", "x").replace("{url_path:path}", "x").replace("{path_or_url:path}", "x")
        if f"{method} {path}" in MOUNTED or path in ("/static/x", "/assets/x"):
            continue
        answer = client.request(method, path, headers={"Authorization": f"Bearer {keys[ADMINISTRATOR]}"})
        assert answer.status_code in (404, 405), address
        assert client.request(method, path).status_code == 401, address


def test_a_websocket_is_refused(app: Any, client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/queue/join"):
        pass


# --- this machine alone


def test_by_default_it_is_open_to_people_at_this_machine(sample_report: Report) -> None:
    app = app_of(sample_report)
    for host in ("localhost:7860", "127.0.0.1:7860", "localhost", "[::1]:7860", "LOCALHOST:7860"):
        assert asked(app, host=host).status_code == 200, host
    assert asked(app, peer=("::1", 50000)).status_code == 200
    assert (
        TestClient(app, client=LOCAL, base_url="http://localhost").get("/api/session").json()["role"] == "administrator"
    )


@pytest.mark.parametrize(
    "header",
    [
        *("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "Via"),
        *("X-Real-IP", "X-Client-IP", "X-Original-URL", "True-Client-IP", "CF-Connecting-IP", "X-Remote-User"),
    ],
)
def test_nothing_opens_through_a_proxy_on_the_same_host(sample_report: Report, header: str) -> None:
    answer = asked(app_of(sample_report), LOCAL, "localhost:7860", **{header: "127.0.0.1"})
    assert (answer.status_code, code_of(answer)) == (403, "not_open")
    assert is_one_chinese_sentence(answer.json()["error"]["message"])


def test_other_peers_and_other_names_are_refused(sample_report: Report) -> None:
    app = app_of(sample_report)
    assert asked(app, peer=AFAR).status_code == 403
    for host in (
        "evil.example:7860",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "localhost@evil.example",
        "10.1.2.3",
    ):
        assert asked(app, host="localhost", Host=host).status_code in (400, 403), host
    with pytest.raises(ReportQAError, match="--public"):
        Policy().check_address("0.0.0.0")  # noqa: S104
    Policy().check_address("127.0.0.1")
    Policy(public=True).check_address("0.0.0.0")  # noqa: S104


def test_a_service_account_on_this_machine_is_taken_for_a_proxy(
    sample_report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(sample_report)
    for account, status in ((0, 200), (33, 403), (999, 403), (1000, 200), (65534, 403), (None, 200)):
        monkeypatch.setattr(access, "account_of", lambda *_, known=account: known)
        assert asked(app).status_code == status, account


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_kernel_knows_whose_a_connection_is(family: socket.AddressFamily, host: str) -> None:
    with (
        socket.create_server((host, 0), family=family) as listener,
        socket.create_connection(listener.getsockname()[:2]) as client,
    ):
        server, peer = listener.accept()
        with server:
            assert account_of(client.getsockname()[:2], client.getpeername()[:2]) == os.geteuid()
            assert account_of((host, 1), peer[:2]) is None
    assert account_of(("nonsense", 1), ("::1", 2)) is None


def test_another_sites_page_makes_no_use_of_the_people_here(sample_report: Report) -> None:
    app = app_of(sample_report, origins=[PORTAL])
    for origin in ("http://evil.example", "null", PORTAL, "http://localhost:9999"):
        answer = asked(app, Origin=origin)
        assert (answer.status_code, code_of(answer)) == (403, "foreign_origin"), origin
    assert asked(app, Origin="http://localhost:7860").status_code == 200


def test_this_machine_can_be_closed_too(sample_report: Report) -> None:
    assert asked(app_of(sample_report, local=False)).status_code == 403
    behind = app_of(sample_report, proxies=networks_of("127.0.0.1"))
    assert code_of(asked(behind)) == "credentials_wanted"  # what comes from a named proxy is never a person here


# --- the ways in


def test_a_token_opens_one_session_once(client: TestClient) -> None:
    token = mint(SECRET, "zhang")
    opened = client.post("/api/session", json={"token": token})
    assert opened.status_code == 200
    assert opened.json()["role"] == "visitor"
    assert "set-cookie" not in opened.headers
    path = opened.json()["path"]
    assert client.post(f"/{path}api/ask", json={"question": GDP}).json()["found"] is True
    assert client.get(f"/{path}").status_code == 200
    assert client.get(f"/{path}report/聊城市-2022").status_code == 200
    assert client.get(f"/{path}api/session").json()["seconds"] > 800
    again = client.post("/api/session", json={"token": token})
    assert (again.status_code, code_of(again)) == (401, "used_token")
    assert client.delete(f"/{path}api/session").status_code == 200
    over = client.get(f"/{path}", headers={"Accept": "text/html"})
    assert over.status_code == 401
    assert "会话已过期，请刷新门户页面。" in over.text


def test_a_session_in_a_cookie_crosses_sites(client: TestClient) -> None:
    opened = client.post("/api/session", json={"token": mint(SECRET), "cookie": True})
    assert opened.json()["path"] == ""
    name, *attributes = opened.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-reportqa=rqs_")
    assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=None", "Partitioned"}
    answer = client.post("/api/ask", json={"question": GDP}, headers={"Cookie": name})
    assert answer.status_code == 200
    foreign = client.post(
        "/api/ask", json={"question": GDP}, headers={"Cookie": name, "Origin": "https://evil.example"}
    )
    assert code_of(foreign) == "foreign_origin"
    tab = client.post("/api/session", json={}, headers={"Cookie": name}).json()["path"]
    assert client.get(f"/{tab}report/聊城市-2022").status_code == 200
    assert code_of(client.get("/api/reports", headers={"Cookie": "__Host-reportqa=rqs_x"})) == "session_expired"


def test_a_fresh_token_renews_a_session() -> None:
    now = [1_000_000.0]
    kept = Sessions(SECRET, clock=lambda: now[0], steady=lambda: now[0])
    session = kept.exchange(mint(SECRET, "zhang", now=now[0]))
    now[0] += 800
    assert kept.exchange(mint(SECRET, "zhang", now=now[0]), session) == session
    now[0] += 800
    assert kept.find(session) is not None
    assert kept.exchange(mint(SECRET, "li", now=now[0]), session) != session
    now[0] += 101
    assert kept.find(session) is None
    assert kept.exchange(mint(SECRET, "zhang", now=now[0]), session) != session


def test_a_clock_that_is_set_neither_prolongs_a_session_nor_opens_a_used_token_again() -> None:
    day, steady = [1_000_000.0], [50.0]
    kept = Sessions(SECRET, clock=lambda: day[0], steady=lambda: steady[0])
    token = mint(SECRET, "zhang", now=day[0])
    session = kept.exchange(token)
    for change in (-86_400, 172_800):
        day[0] += change
        assert kept.find(session) is not None
        kept.exchange(mint(SECRET, "li", now=day[0]))
    day[0] = 1_000_060.0
    with pytest.raises(TokenError, match="已经用过"):
        kept.exchange(token)
    day[0] -= 86_400
    steady[0] += 901
    assert kept.find(session) is None


def signed(secret: str = SECRET, algorithm: str = "HS256", **changed: Any) -> str:
    now = int(time.time())
    claims = {"aud": "reportqa", "iat": now, "exp": now + 900, "jti": "1"} | changed
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, secret, algorithm)


FORGED: dict[str, Callable[[], str]] = {
    "another secret": lambda: signed("another secret of the same length....."),
    "no signature": lambda: jwt.encode({"aud": "reportqa", "jti": "1", "iat": 1, "exp": 9e9}, "", "none"),
    "another algorithm": lambda: signed(SECRET * 2, "HS512"),
    "another audience": lambda: signed(aud="other"),
    "no audience": lambda: signed(aud=None),
    "no number": lambda: signed(jti=None),
    "an empty number": lambda: signed(jti=""),
    "no end": lambda: signed(exp=None),
    "too long": lambda: signed(exp=int(time.time()) + 90_000),
    "not a token": lambda: "x.y.z",
    "empty": lambda: "",
    "altered": lambda: signed()[:-4] + "AAAA",
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_forged_token_opens_nothing(kind: str, client: TestClient) -> None:
    answer = client.post("/api/session", json={"token": FORGED[kind]()})
    assert (answer.status_code, code_of(answer)) == (401, "invalid_token")
    assert is_one_chinese_sentence(answer.json()["error"]["message"])


def test_an_expired_or_future_token_opens_nothing(client: TestClient) -> None:
    for at in (time.time() - 1000, time.time() + 100):
        assert code_of(client.post("/api/session", json={"token": mint(SECRET, now=at)})) == "expired_token"
    with pytest.raises(ReportQAError, match="32"):
        mint("short")


def test_used_tokens_and_sessions_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 5)
    monkeypatch.setattr(sessions, "MOST_TOKENS", 8)
    now = [1_000_000.0]
    kept = Sessions(SECRET, clock=lambda: now[0], steady=lambda: now[0])
    opened = [kept.exchange(mint(SECRET, now=now[0])) for _ in range(8)]
    assert len(kept) == 5
    assert [kept.find(session) is not None for session in opened] == [False] * 3 + [True] * 5
    with pytest.raises(TokenError):  # rather than forget one that was used
        kept.exchange(mint(SECRET, now=now[0]))
    now[0] += 1000
    assert kept.exchange(mint(SECRET, now=now[0]))


def test_a_key_opens_a_session_for_the_administrators_browser(client: TestClient, keys: dict[Role, str]) -> None:
    opened = client.post("/api/session", json={"key": keys[ADMINISTRATOR]}).json()
    assert opened["role"] == "administrator"
    assert UPLOAD in client.get(f"/{opened['path']}").text
    visitor = client.post("/api/session", json={"token": mint(SECRET)}).json()
    assert UPLOAD not in client.get(f"/{visitor['path']}").text
    assert code_of(client.post("/api/session", json={"key": "rqk_wrong"})) == "invalid_credentials"
    assert client.get("/api/reports", headers={"Authorization": "Bearer rqk_wrong"}).status_code == 401
    assert client.get("/api/reports", headers={"Authorization": "Basic eDp5"}).status_code == 401


def test_a_trusted_proxy_names_the_visitor(sample_report: Report) -> None:
    app = app_of(sample_report, proxies=networks_of("10.1.2.0/24, ::1"))
    assert (
        asked(app, peer=AFAR, host="qa.example", X_Remote_User="zhang", X_Forwarded_For="10.9.9.9").status_code == 200
    )
    assert code_of(asked(app, peer=AFAR, host="qa.example")) == "credentials_wanted"
    assert asked(app, peer=("10.1.3.3", 1), host="qa.example", X_Remote_User="zhang").status_code == 401
    foreign = asked(app, peer=AFAR, host="qa.example", X_Remote_User="zhang", Origin="https://evil.example")
    assert code_of(foreign) == "foreign_origin"
    own = {"X_Remote_User": "zhang", "Origin": "https://qa.example", "X_Forwarded_Host": "qa.example"}
    assert asked(app, peer=AFAR, host="127.0.0.1:7860", **own).status_code == 200
    with TestClient(app, client=AFAR, headers={"X-Remote-User": "zhang"}) as client:
        assert client.get("/api/session").json()["role"] == "visitor"


def test_public_is_open_and_nobody_is_administrator(sample_report: Report) -> None:
    app = app_of(sample_report, public=True)
    assert asked(app, peer=AFAR, host="qa.example", X_Forwarded_For="1.2.3.4").status_code == 200
    assert TestClient(app, client=AFAR).get("/api/feedback").status_code == 403
    assert asked(app).status_code == 200


def test_each_visitor_has_questions_of_their_own(sample_report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_RATE", "3")
    app = app_of(sample_report, public=True, proxies=networks_of("10.1.2.3"))
    told = [asked(app, peer=AFAR, X_Forwarded_For="1.1.1.1") for _ in range(4)]
    assert [answer.status_code for answer in told] == [200, 200, 200, 429]
    assert code_of(told[3]) == "too_many_requests"
    assert 1 <= int(told[3].headers["retry-after"]) <= 20
    assert asked(app, peer=AFAR, X_Forwarded_For="1.1.1.1, 2.2.2.2").status_code == 200
    assert TestClient(app, client=AFAR, headers={"X-Forwarded-For": "1.1.1.1"}).get("/api/reports").status_code == 200


# --- what browsers are told


def test_foreign_origins_get_neither_cors_nor_frames(client: TestClient, keys: dict[Role, str]) -> None:
    bearer = {"Authorization": f"Bearer {keys[PROGRAM]}"}
    for path in ("/api/reports", "/healthz", "/nothing", "/", "/ui/chat.css", "/config", "/enter"):
        for origin in (
            "https://evil.example",
            "null",
            f"{PORTAL}.evil.example",
            f"{PORTAL}:444",
            PORTAL.replace("s:", ":"),
        ):
            for headers in ({}, bearer):
                answer = client.get(path, headers={"Origin": origin, **headers})
                assert "access-control-allow-origin" not in answer.headers
                directives = answer.headers["content-security-policy"].split("; ")
                assert [d for d in directives if d.startswith("frame-ancestors")] == [
                    f"frame-ancestors 'self' {PORTAL}"
                ]
        assert client.get(path, headers={"Origin": PORTAL}).headers["access-control-allow-origin"] == PORTAL
    asked_before = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    assert client.options("/api/ask", headers={"Origin": PORTAL, **asked_before}).status_code == 200
    refused = client.options("/api/ask", headers={"Origin": "https://evil.example", **asked_before})
    assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)


def test_every_response_has_the_security_headers(client: TestClient, keys: dict[Role, str]) -> None:
    for path in ("/", "/healthz", "/api/nothing", "/ui/chat.js", "/docs", "/enter", "/report/x"):
        for headers in ({}, {"Authorization": f"Bearer {keys[PROGRAM]}"}):
            got = client.get(path, headers=headers).headers
            assert got["x-content-type-options"] == "nosniff"
            assert got["referrer-policy"] == "same-origin"
            assert (
                "object-src 'none'" in got["content-security-policy"]
                or "default-src 'none'" in got["content-security-policy"]
            )
            assert "'unsafe-inline'" not in got["content-security-policy"].split("script-src")[1].split(";")[0]
            assert got["cross-origin-resource-policy"] == "same-origin"
            assert len(got["x-request-id"]) == 16


def test_without_a_portal_nobody_frames_it(sample_report: Report) -> None:
    answer = TestClient(app_of(sample_report, public=True)).get("/")
    assert answer.headers["content-security-policy"].endswith("; frame-ancestors 'self'")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


# --- settings


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example",
        "portal.example",
        "https://portal.example/x",
        "https://a.example;script-src",
        "null",
        "https://a b",
    ],
)
def test_an_origin_that_is_none_is_one_sentence(origin: str) -> None:
    if origin == "https://a b":
        origin = "https://a,b"
    with pytest.raises(ReportQAError) as error:
        origins_of(origin)
    assert is_one_chinese_sentence(str(error.value))


def test_origins_are_read_as_browsers_send_them() -> None:
    listed = "HTTPS://Portal.Example/, http://10.0.0.8:8080 http://[::1]:80 https://portal.example"
    assert origins_of(listed) == ["https://portal.example", "http://10.0.0.8:8080", "http://[::1]:80"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("TRUSTED_PROXY", value) for value in ("nginx", "10.0.0.1/8", "10.0.0.300")),
        *(("PUBLIC_URL", value) for value in ("portal.example", "javascript:alert(1)", "https://a b/")),
        *(("USER_HEADER", value) for value in ("X Remote User", "名")),
        *(("SECRET", "short"), ("KEYS", "/nowhere/keys.txt"), ("KEYS", "/")),
        *(("RATE", "many"), ("ALLOW_ORIGIN", "*"), ("LOG_LEVEL", "verbose")),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    setting: str, value: str, monkeypatch: pytest.MonkeyPatch, sample_report: Report
) -> None:
    monkeypatch.setenv(f"REPORTQA_{setting}", value)
    with pytest.raises(ReportQAError) as error:
        create_app(scripted(sample_report))
    assert is_one_chinese_sentence(str(error.value))


def test_keys_are_kept_as_digests_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.txt"
    key = add_key(path, "portal", administrator=False)
    assert key not in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    [kept] = read_keys(path)
    assert (kept.name, kept.role) == ("portal", PROGRAM)
    path.write_text(path.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")  # as an editor may leave it
    add_key(path, "second", administrator=True)
    assert [kept.name for kept in read_keys(path)] == ["portal", "second"]
    with pytest.raises(ReportQAError, match="已有"):
        add_key(path, "portal", administrator=True)
    with pytest.raises(ReportQAError, match="名称"):
        add_key(path, "a b", administrator=True)
    path.write_text("portal root abc\n", encoding="utf-8")
    with pytest.raises(ReportQAError, match="第 1 行"):
        read_keys(path)


CALLS = {
    *("ask", "restore", "rate", "export"),
    *("read_draft", "check_draft", "save_draft"),
    *("figure_choices", "figure_table", "figure_file"),
}
"""What the chat's page calls, as a visitor; nothing of the administrator's belongs here."""


def test_every_call_of_the_chat_is_a_visitors(client: TestClient, policy: Policy) -> None:
    session = policy.sessions.open(VISITOR, "token:1")
    components = client.get(f"/s/{session}/config").json()["components"]
    assert {name for one in components for name in one["props"].get("server_fns") or []} == CALLS


def test_no_secret_is_in_a_page(client: TestClient, keys: dict[Role, str], policy: Policy) -> None:
    session = policy.sessions.open(VISITOR, "token:1")
    for path in ("/", "/docs", "/enter", "/openapi.json", "/config", "/report/聊城市-2022"):
        text = client.get(path, headers={"Authorization": f"Bearer {session}"}).text
        for secret in (SECRET, session, json.dumps(session), *keys.values()):
            assert secret not in text, path


def test_no_secret_is_in_a_log_an_error_or_a_figure(
    sample_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "keys.txt"
    key, administrators = add_key(path, "portal", administrator=False), add_key(path, "admin", administrator=True)
    settings = {"SECRET": SECRET, "KEYS": str(path), "READER_KEY": "of-the-reader", "LOG_LEVEL": "debug"}
    for name, value in settings.items():
        monkeypatch.setenv(f"REPORTQA_{name}", value)
    said = {"坏": ValueError(f"{SECRET} {key}"), "错": ReportQAError("这个问题不能回答，请换一个问法。")}
    client = TestClient(create_app(scripted(sample_report, said)), client=AFAR, raise_server_exceptions=False)
    token, forged = mint(SECRET, "zhang"), mint("another secret of the same length.....", "zhang")
    answers = []
    with caplog.at_level(logging.DEBUG):
        session = client.post("/api/session", json={"token": token}).json()["path"].removeprefix("s/").strip("/")
        for given in ({"token": token}, {"token": forged}, {"key": f"{key}x"}, {"token": [token]}, {"secret": key}):
            answers.append(client.post("/api/session", json=given))
        for bearer in (key, administrators, session, f"{key}x", token):
            headers = {
                "Authorization": f"Bearer {bearer}",
                "Cookie": f"__Host-reportqa={session}",
                "X-Request-ID": bearer,
            }
            answers += [
                client.get(address, headers=headers) for address in ("/metrics", "/config", "/", "/x", f"/{bearer}")
            ]
            answers += [client.get("/report/x", headers=headers | {"Accept": "text/html"})]
            answers += [client.post("/api/ask", json={"question": question}, headers=headers) for question in said]
        answers += [client.get(f"/s/{session}x/api/reports"), client.get(f"/s/{session}/metrics")]
    ours = [
        record for record in caplog.records if not record.name.startswith("http")
    ]  # the client's own are the test's
    assert any(record.exc_info for record in ours)
    lines = [JsonFormatter().format(record) for record in ours]
    for secret in (SECRET, key, administrators, session, token, forged, "of-the-reader", read_keys(path)[0].sha256):
        assert not any(secret in line for line in lines), secret
        assert not any(secret in answer.text for answer in answers), secret


def test_questions_are_noted_where_the_administrator_says_so_and_without_addresses(
    sample_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.get("QUESTION_LOG") == ""
    app = app_of(sample_report, public=True)
    client = TestClient(app, client=AFAR)
    [component] = [one["id"] for one in client.get("/config").json()["components"] if one["type"] == "html"]
    asked = {"component_id": component, "fn_name": "ask", "data": {"question": GDP}, "session_hash": "of-the-page"}
    assert client.post("/gradio_api/component_server/", json=asked).status_code == 200
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("REPORTQA_QUESTION_LOG", str(tmp_path / "questions.jsonl"))
    assert client.post("/gradio_api/component_server/", json=asked).status_code == 200
    noted = (tmp_path / "questions.jsonl").read_text(encoding="utf-8")
    assert GDP in noted
    assert not any(trace in noted for trace in (AFAR[0], "of-the-page", "testclient"))
