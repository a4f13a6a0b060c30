"""Who may come in: what the administrator decided, and who a request is by that."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from reportqa import config
from reportqa.peers import account_of
from reportqa.schema import ReportQAError, reason_of
from reportqa.sessions import LIFETIME, PREFIX, Role, Sessions, Visitor, check_secret

COOKIE = "__Host-reportqa"
VISITOR = "reportqa.visitor"
"""Key of a request's scope under which its Visitor stands."""
NONCE = "reportqa.nonce"
"""Key of a request's scope under which stands what marks our scripts in its page."""
_KEY_PREFIX = "rqk_"
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_OF_PROXIES = re.compile(
    r"forwarded|via|x-forwarded.*|x-(?:real|client|cluster-client|originating|remote)-(?:ip|addr|user)|x-original-.*"
    r"|true-client-ip|x-envoy-.*|x-proxy.*|proxy-.*|cf-.*|fastly-.*|x-amzn-.*|x-azure-.*|x-arr-.*|x-appengine-.*"
)
"""Headers that proxies add and that neither browsers nor programs send of themselves."""
_FIRST_PERSON = 1000
_NOBODY_UID = 65534
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_ROLES = {"program": Role.PROGRAM, "administrator": Role.ADMINISTRATOR}


class Denied(Exception):  # noqa: N818 - what happened, not what went wrong
    """A request that may not come in: HTTP status, code and one sentence."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as it is kept: its name, role, and the SHA-256 of its characters."""

    name: str
    role: Role
    sha256: str


@dataclass(frozen=True)
class Policy:
    """What the administrator decided.  As it is made by default, only people on this machine come in."""

    origins: Sequence[str] = ()
    secret: str = ""
    keys: Sequence[Key] = ()
    proxies: Sequence[Network] = ()
    user_header: str = "X-Remote-User"
    public: bool = False
    local: bool = True
    public_url: str = ""
    session_seconds: int = LIFETIME
    sessions: Sessions = field(init=False)

    def __post_init__(self) -> None:
        if self.secret:
            check_secret(self.secret)
        object.__setattr__(self, "sessions", Sessions(self.secret, self.session_seconds))

    @classmethod
    def from_settings(cls, *, origins: Sequence[str] = (), proxies: Sequence[str] = (), public: bool = False) -> Policy:
        """Return what the settings say, and in place of three of them the options of a command where they are given.

        Raises ReportQAError where one cannot be understood.
        """
        header = str(config.get("USER_HEADER"))
        if not _HEADER.fullmatch(header):
            raise ReportQAError(f"REPORTQA_USER_HEADER 应是一个 HTTP 头的名称，现在是“{header}”。")
        path = str(config.get("KEYS"))
        return cls(
            origins=origins_of(" ".join(origins) or str(config.get("ALLOW_ORIGIN"))),
            secret=str(config.get("SECRET")),
            keys=read_keys(Path(path)) if path else (),
            proxies=networks_of(" ".join(proxies) or str(config.get("TRUSTED_PROXY"))),
            user_header=header,
            public=public or bool(config.get("PUBLIC")),
            local=bool(config.get("LOCAL")),
            public_url=address_of(str(config.get("PUBLIC_URL"))),
            session_seconds=60 * int(config.get("SESSION_MINUTES")),
        )

    @property
    def ways_in(self) -> list[str]:
        """How people and programs from elsewhere come in; empty where nobody has decided."""
        ways = {"token": self.secret, "key": self.keys, "proxy": self.proxies, "public": self.public}
        return [name for name, given in ways.items() if given]

    def check_address(self, host: str) -> None:
        """Raise ReportQAError where nobody decided who may reach an address beyond this machine."""
        if not is_loopback(host) and host != "localhost" and not self.ways_in:
            raise ReportQAError(
                f"在地址 {host} 上服务之前，请先决定谁可以使用：签发通行证（REPORTQA_SECRET）、反向代理（--trusted-proxy）、"
                "API 密钥（REPORTQA_KEYS）或对所有人开放（--public）；说明见 docs/administrators.md。"
            )

    def visitor(self, scope: Scope, session: str = "") -> Visitor:
        """Return who a request is by; ``session``: the one its path names.

        Raises Denied where credentials are wrong, have expired, or another site's page makes use of a person's.
        """
        headers = Headers(scope=scope)
        if (authorization := headers.get("authorization")) is not None:
            return self._bearer(authorization)
        if session:
            return self._of_session(session)
        known = self._ambient(scope, headers)
        if known is not None and self._from_our_page(scope, headers):
            return known
        if known is not None and not self.public:
            raise Denied(403, "foreign_origin", "这个请求来自别的网站的页面，未予执行。")
        if self.public:
            return Visitor(Role.VISITOR, f"address:{self.client_of(scope)}")
        return Visitor(Role.NOBODY)

    def refusal(self, scope: Scope, visitor: Visitor) -> Denied:
        """Return what a visitor whose role does not suffice is told."""
        if visitor.role is not Role.NOBODY:
            return Denied(403, "forbidden", "您的身份没有这项权限，请联系管理员。")
        if COOKIE in _cookies(Headers(scope=scope)):
            return Denied(401, "session_expired", "会话已过期，请刷新门户页面。")
        if self.ways_in:
            return Denied(401, "credentials_wanted", "需要通行证或密钥，请从门户页面进入，或联系管理员。")
        return Denied(
            403, "not_open", "本服务目前只供本机使用：请管理员按 docs/administrators.md 决定谁可以从别处或经代理访问。"
        )

    def client_of(self, scope: Scope) -> str:
        """Return the address a request comes from: the peer's, or what a trusted proxy says, the nearest untrusted one."""
        peer = (scope.get("client") or ("",))[0]
        if self._trusts(peer):
            for hop in reversed(Headers(scope=scope).get("x-forwarded-for", "").split(",")):
                if hop.strip() and not self._trusts(hop.strip()):
                    return hop.strip()[:64]
        return str(peer)

    def key_of(self, given: str) -> Key | None:
        """Return the API key whose characters are given, or None."""
        digest = hashlib.sha256(given.encode()).hexdigest()
        return next((key for key in self.keys if secrets.compare_digest(key.sha256, digest)), None)

    def _bearer(self, authorization: str) -> Visitor:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer" and given.startswith(PREFIX):
            return self._of_session(given)
        key = self.key_of(given.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise Denied(401, "invalid_credentials", "密钥无效，请核对 Authorization: Bearer 之后的密钥。")
        return Visitor(key.role, f"key:{key.name}")

    def _of_session(self, session: str) -> Visitor:
        known = self.sessions.find(session)
        if known is None:
            raise Denied(401, "session_expired", "会话已过期，请刷新门户页面。")
        return known

    def _ambient(self, scope: Scope, headers: Headers) -> Visitor | None:
        """Return whom a browser's requests are by whichever page makes it send them: cookie, proxy, this machine."""
        known = self.sessions.find(_cookies(headers).get(COOKIE, ""))
        if known is not None:
            return known
        peer = (scope.get("client") or ("",))[0]
        if self._trusts(peer):
            name = headers.get(self.user_header, "").strip()
            return Visitor(Role.VISITOR, f"user:{name}") if name else None
        return Visitor(Role.ADMINISTRATOR, "local") if self.local and is_local(scope) else None

    def _from_our_page(self, scope: Scope, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or headers.get("sec-fetch-site") == "same-origin":
            return True
        hosts = {headers.get("host", "").lower(), urlsplit(self.public_url).netloc.lower()}
        if self._trusts((scope.get("client") or ("",))[0]):
            hosts.add(headers.get("x-forwarded-host", "").lower())
        return urlsplit(origin).netloc.lower() in hosts - {""}

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(mapped in network for network in self.proxies)


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        parsed = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback


def is_local(scope: Scope) -> bool:
    """Whether a request is a person's at this machine: from loopback, for localhost, and through no proxy."""
    peer = scope.get("client")
    headers = Headers(scope=scope)
    return (
        peer is not None
        and is_loopback(peer[0])
        and len(headers.getlist("host")) == 1
        and _host_name(headers["host"]) in _LOCAL_NAMES
        and scope.get("http_version") != "1.0"  # which proxies speak, and no browser
        and not any(_OF_PROXIES.fullmatch(name) for name in headers)
        and not _is_a_services(peer, scope.get("server"))
    )


def _host_name(host: str) -> str:
    """Return the name in a Host header, "" where it is not one."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".") if "@" not in host else ""
    except ValueError:
        return ""


def _is_a_services(peer: tuple[str, int], server: tuple[str, int | None] | None) -> bool:
    """Whether a service account of this machine holds the other end of a connection, as a proxy without headers would."""
    account = account_of(peer, (server[0], server[1] or 0)) if server else None
    return account is not None and (0 < account < _FIRST_PERSON or account == _NOBODY_UID)


def origins_of(listed: str) -> list[str]:
    """Read a list of origins.  Raises ReportQAError where one is none: it goes into a header as it is."""
    found = [origin.rstrip("/").lower() for origin in re.split(r"[\s,]+", listed) if origin]
    for origin in found:
        if not _ORIGIN.fullmatch(origin):
            raise ReportQAError(
                f"--allow-origin 应形如 https://portal.example 或 http://10.0.0.8:8080，现在是“{origin}”，请改正后再启动。"
            )
    return list(dict.fromkeys(found))


def networks_of(listed: str) -> list[Network]:
    """Read a list of addresses and networks.  Raises ReportQAError where one is none."""
    found = []
    for name in re.split(r"[\s,]+", listed.strip()) if listed.strip() else []:
        try:
            found.append(ipaddress.ip_network(name))
        except ValueError:
            raise ReportQAError(
                f"--trusted-proxy 应是地址或网段，如 127.0.0.1 或 10.0.0.0/24，现在是“{name}”。"
            ) from None
    return found


def read_keys(path: Path) -> list[Key]:
    """Read the file of API keys: a line each, name, role and SHA-256.  Raises ReportQAError where it is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "不是 UTF-8 文本"
        raise ReportQAError(f"读不了密钥文件“{path}”（{reason}），请检查 REPORTQA_KEYS。") from None
    keys = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match line.split():
            case [name, role, sha256] if role in _ROLES and re.fullmatch("[0-9a-f]{64}", sha256):
                keys.append(Key(name, _ROLES[role], sha256))
            case _:
                raise ReportQAError(
                    f"密钥文件“{path}”第 {number} 行应是“名称 program|administrator SHA-256”，请改正或删去。"
                )
    return keys


def new_key(name: str, *, administrator: bool) -> tuple[str, str]:
    """Return a new API key and the line of the file that lets it in.  Raises ReportQAError where the name is none."""
    if not re.fullmatch(r"[\w.@-]{1,60}", name):
        raise ReportQAError(f"密钥的名称应由 1 至 60 个文字、数字或 . @ - _ 组成，现在是“{name}”。")
    key = _KEY_PREFIX + secrets.token_urlsafe(32)
    role = "administrator" if administrator else "program"
    return key, f"{name} {role} {hashlib.sha256(key.encode()).hexdigest()}\n"


def add_key(path: Path, name: str, *, administrator: bool) -> str:
    """Add a key to the file of API keys, which is made where there is none, for its owner alone; return the key.

    Raises ReportQAError where the name is taken or is none, or the file cannot be written.
    """
    if path.exists() and any(key.name == name for key in read_keys(path)):
        raise ReportQAError(f"密钥文件“{path}”里已有“{name}”，请换一个名称，或先删去那一行。")
    key, line = new_key(name, administrator=administrator)
    try:
        whole = not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
        with open(path, "a", encoding="utf-8", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
            file.write(line if whole else f"\n{line}")
    except OSError as error:
        raise ReportQAError(f"写不了密钥文件“{path}”（{reason_of(error)}），请检查 REPORTQA_KEYS。") from None
    return key


def _cookies(headers: Headers) -> Mapping[str, str]:
    pairs: Iterable[tuple[str, str, str]] = (
        part.strip().partition("=") for part in headers.get("cookie", "").split(";")
    )
    return {name: value for name, _, value in pairs if name}


def address_of(url: str) -> str:
    """Return the address that the program is known by, ending in /.  Raises ReportQAError where it is none."""
    if url and not re.fullmatch(r"https?://[^\s/?#\"<>;,]+(?:/[^\s?#\"<>;,]*)?", url):
        raise ReportQAError(f"REPORTQA_PUBLIC_URL 应形如 https://portal.example/qa/，现在是“{url}”，请改正后再启动。")
    return url.rstrip("/") + "/" if url else ""
