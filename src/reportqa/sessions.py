"""Visitors' tokens, which a portal's backend signs, and the sessions that they are exchanged for, each once."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import jwt

from reportqa.schema import ReportQAError

LIFETIME = 15 * 60
"""Seconds that a token holds at most, and a session without a new one."""
SHORTEST_SECRET = 32
MOST_SESSIONS = 10_000
MOST_TOKENS = 200_000
"""Tokens that are remembered until they expire; beyond it new ones are refused, never old ones forgotten."""
_LEEWAY = 30
_ALGORITHM = "HS256"
_AUDIENCE = "reportqa"
_LONGEST_NAME = 200
PREFIX = "rqs_"


class Role(IntEnum):
    """What a caller may do; each may do what those before it may."""

    NOBODY = 0
    VISITOR = 1
    PROGRAM = 2
    ADMINISTRATOR = 3


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks.  ``name`` tells visitors apart for the rate limit; it is never logged."""

    role: Role
    name: str = ""
    session: str = ""


class TokenError(ReportQAError):
    """A token that opens nothing; ``code`` says why: expired_token, used_token or invalid_token."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def mint(secret: str, name: str = "", *, now: float | None = None) -> str:
    """Return a token that lets one visitor in, once, within 15 minutes; ``name`` is the portal's own name for them.

    Raises ReportQAError where the secret is too short.
    """
    check_secret(secret)
    at = int(time.time() if now is None else now)
    claims = {"aud": _AUDIENCE, "iat": at, "exp": at + LIFETIME, "jti": secrets.token_urlsafe(16)}
    return jwt.encode(claims | ({"sub": name} if name else {}), secret, _ALGORITHM)


def check_secret(secret: str) -> None:
    """Raise ReportQAError where a secret is too short to sign with."""
    if len(secret.encode()) < SHORTEST_SECRET:
        raise ReportQAError(
            f"REPORTQA_SECRET 至少要 {SHORTEST_SECRET} 个字节，现在是 {len(secret.encode())} 个；"
            "可用 reportqa token --new-secret 生成一个。"
        )


@dataclass(slots=True)
class _Session:
    visitor: Visitor
    until: float


class Sessions:
    """The open sessions of this process; those that expired are forgotten, and the oldest give way to new ones.

    Tokens say by the ``clock`` of the day when they hold; how long a session lasts, and a used token is remembered, is
    counted by a ``steady`` one, which nobody sets.
    """

    def __init__(
        self,
        secret: str,
        seconds: int = LIFETIME,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secret = secret
        self._seconds = seconds
        self._clock = clock
        self._steady = steady
        self._open: OrderedDict[str, _Session] = OrderedDict()
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Until when each token is remembered, by both clocks: neither set ahead nor set back does one open again."""
        self._guard = threading.Lock()

    def __len__(self) -> int:
        return len(self._open)

    def exchange(self, token: str, session: str = "") -> str:
        """Take a token; return a new session, or ``session``, renewed, where that is still open and the visitor's own.

        Raises TokenError where the token is forged, expired, or was taken before.
        """
        claims = self._claims(token)
        name = f"token:{claims.get('sub') or claims['jti']}"[:_LONGEST_NAME]
        now, day = self._steady(), self._clock()
        with self._guard:
            while self._used and all(
                until < at - _LEEWAY for until, at in zip(next(iter(self._used.values())), (now, day), strict=True)
            ):
                self._used.popitem(last=False)
            if claims["jti"] in self._used:
                raise TokenError("used_token", "这张通行证已经用过一次，请刷新门户页面。")
            if len(self._used) >= MOST_TOKENS:
                raise TokenError("used_token", "此刻来访过多，请过几分钟再试。")
            held = LIFETIME + _LEEWAY  # no token holds longer: in the order they are taken
            self._used[claims["jti"]] = now + held, day + held
            known = self._open.get(session)
            if known and known.until > now and (known.visitor.name == name or "sub" not in claims):
                known.until = now + self._seconds
                self._open.move_to_end(session)
                return session
        return self.open(Role.VISITOR, name)

    def open(self, role: Role, name: str) -> str:
        """Open a session for a caller who has shown who they are; return it."""
        session = PREFIX + secrets.token_urlsafe(24)
        now = self._steady()
        with self._guard:
            while self._open and (len(self._open) >= MOST_SESSIONS or next(iter(self._open.values())).until <= now):
                self._open.popitem(last=False)
            self._open[session] = _Session(Visitor(role, name, session), now + self._seconds)
        return session

    def find(self, session: str) -> Visitor | None:
        """Return whose session it is, or None where it is none or has expired."""
        with self._guard:
            known = self._open.get(session)
            return known.visitor if known and known.until > self._steady() else None

    def seconds_left(self, session: str) -> int:
        """Return how long a session holds without a new token."""
        with self._guard:
            known = self._open.get(session)
            return max(0, int(known.until - self._steady())) if known else 0

    def close(self, session: str) -> None:
        """End a session, if it is one."""
        with self._guard:
            self._open.pop(session, None)

    def _claims(self, token: str) -> dict[str, str]:
        if not self._secret:
            raise TokenError("invalid_token", "这里没有启用通行证。")
        try:
            claims: dict[str, str] = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "jti", "aud"], "verify_exp": False, "verify_iat": False},
            )
            issued, expires = float(claims["iat"]), float(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError):
            raise TokenError("invalid_token", "通行证无效，请刷新门户页面。") from None
        now = self._clock()
        if not issued - _LEEWAY <= now < expires + _LEEWAY:
            raise TokenError("expired_token", "通行证已过期，请刷新门户页面。")
        if expires - issued > LIFETIME or not isinstance(claims["jti"], str) or not claims["jti"]:
            raise TokenError("invalid_token", "通行证无效：有效期不得超过 15 分钟，并须有编号（jti）。")
        return claims
