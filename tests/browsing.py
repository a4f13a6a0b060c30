"""A Chromium that may reach one host only, and servers for it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"
HOSTS = "--host-resolver-rules=MAP *.test 127.0.0.1"
WORST = ("serious", "critical")


@contextmanager
def served(app: Any, **options: Any) -> Iterator[str]:
    """Serve an app in a thread, with Uvicorn's ``options``; yields its address, ending in /."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings: dict[str, Any] = {"log_level": "error", "proxy_headers": False, "timeout_graceful_shutdown": 1, **options}
    server = uvicorn.Server(uvicorn.Config(app, **settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        yield f"{'https' if 'ssl_certfile' in options else 'http'}://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listener.close()


@contextmanager
def chromium() -> Iterator[Any]:
    """Start Debian's Chromium; where there is none, skip, but fail in CI."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"needs {CHROMIUM}")
        pytest.skip(f"needs {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS.split(), HOSTS])
        yield browser
        browser.close()


class Watched:
    """A page whose requests and errors are written down."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.requests: list[str] = []
        self.errors: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("page", self._watch)
        self.page = context.new_page()

    def _watch(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", lambda opened: self.requests.append(opened.url))

    def check(self, *hosts: str) -> None:
        """Fail where a request left for any but ``hosts``, or a script failed."""
        reached = {urlsplit(url).netloc for url in self.requests if not url.startswith(("data:", "blob:", "about:"))}
        assert reached <= set(hosts), reached
        assert self.errors == []


def violations(page: Any) -> list[str]:
    """Return what axe-core finds of serious or critical kind."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {[node['html'][:120] for node in v['nodes'][:3]]}" for v in found if v["impact"] in WORST]
