"""Take the pictures of the chat and the widget on the sample report: light, dark, and on a telephone.

python benchmarks/screenshots.py [docs/images]
"""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Frame, Page, sync_playwright

from reportqa import ReportQA
from reportqa.api import create_app

CHROMIUM = "/usr/bin/chromium"
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"
IMAGES = Path(__file__).parent.parent / "docs" / "images"
QUESTIONS = ("2021年全市生产总值增长多少？", "那今年的目标呢？")
REFUSED = "全市有多少所大学？"
LIGHT: dict[str, Any] = {"viewport": {"width": 1360, "height": 850}}
DARK: dict[str, Any] = {**LIGHT, "color_scheme": "dark"}
MOBILE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}


@contextmanager
def served(qa: ReportQA) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(qa), log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def ask(page: Page | Frame, question: str) -> None:
    before = page.locator(".exchange").count()
    page.fill("#question", question)
    page.press("#question", "Enter")
    page.locator(".exchange").nth(before).locator(".answer, .refusal").first.wait_for()


def portal(page: Page, address: str, shoot: Callable[[str, Page], None], name: str) -> None:
    """Take the pictures of the widget in a portal's page: its button, its panel, and within the page."""

    def chat() -> Frame:
        frame = page.locator("reportqa-chat iframe").element_handle().content_frame()
        assert frame
        frame.locator("#question").wait_for()
        return frame

    page.goto(address + "portal-demo")
    button = page.locator("reportqa-chat button").first
    button.wait_for()
    if name == "light":
        shoot("portal-button-light", page)
    button.click()
    ask(chat(), QUESTIONS[0])
    shoot(f"portal-panel-{name}", page)
    if name == "light":
        page.keyboard.press("Escape")
        page.get_by_label("嵌在页面里").check()
        ask(chat(), QUESTIONS[0])
        page.locator("reportqa-chat").scroll_into_view_if_needed()
        shoot("portal-inline-light", page)


def main() -> None:
    images = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())

        def shoot(name: str, page: Page) -> None:
            page.wait_for_timeout(600)
            page.screenshot(path=images / f"{name}.png")

        with served(ReportQA.build_sample(directory)) as address:
            for name, options in (("light", LIGHT), ("dark", DARK), ("mobile", MOBILE)):
                page = browser.new_page(**options)
                page.goto(address)
                page.locator(".welcome").wait_for()
                if name == "light":
                    shoot("welcome-light", page)
                for question in QUESTIONS[: 1 if name == "mobile" else 2]:
                    ask(page, question)
                if name != "mobile":
                    page.locator(".exchange").last.locator('[data-do="source"]').first.click()
                shoot(f"answer-{name}", page)
                if name != "mobile":
                    figures = browser.new_page(**options)
                    figures.goto(f"{address}#figures")
                    figures.locator(".figures table").wait_for()
                    if name == "light":
                        figures.locator('[data-form="bar"]').click()
                        figures.locator(".chart .bars path").first.wait_for(state="attached")
                    shoot(f"figures-{name}", figures)
                    figures.close()
                if name == "light":
                    ask(page, REFUSED)
                    shoot("refusal-light", page)
                if name == "mobile":
                    page.goto(address + str(page.locator('[data-do="source"]').first.get_attribute("href")))
                    shoot("source-mobile", page)
                portal(page, address, shoot, name)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
