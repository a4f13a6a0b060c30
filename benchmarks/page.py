"""How long an answer takes to appear in a browser, beside a bare Gradio echo chat; how much the first page load weighs.

python benchmarks/page.py [--rounds 20]

From the press of Enter to the frame in which the answer is drawn, in Debian's Chromium on this machine; of ours the
engine's own time is taken off.  The bound is 1.5 times the echo chat, and 1 MB for the first load.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from playwright.sync_api import Page, sync_playwright

from reportqa import ReportQA
from reportqa.api import create_app

CHROMIUM = "/usr/bin/chromium"
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync --no-first-run"
ECHO = (
    "import sys, gradio as gr;"
    "gr.ChatInterface(lambda message, history: message).launch(server_port=int(sys.argv[1]), quiet=True)"
)
BOUND = 1.5
HEAVIEST = 1_000_000
SUBJECTS = [
    "生产总值",
    "工业增加值",
    "公共预算收入",
    "进出口总额",
    "消费品零售总额",
    "城镇新增就业",
    "粮食总产",
    "研发投入",
    "住房",
    "环境",
]
WATCH = """selector => {
  let start = 0;
  window.drawn = new Promise(resolve => {
    addEventListener("keydown", event => { if (event.key === "Enter") start = performance.now(); }, {capture: true, once: true});
    const before = document.querySelectorAll(selector).length;
    const watch = new MutationObserver(() => {
      const found = document.querySelectorAll(selector);
      if (!start || found.length <= before || !found[found.length - 1].textContent.trim()) return;
      watch.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    });
    watch.observe(document.body, {childList: true, subtree: true, characterData: true});
  });
}"""


@contextmanager
def echo_chat() -> Iterator[str]:
    """Run a bare Gradio echo chat as its author would, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
    process = subprocess.Popen([sys.executable, "-c", ECHO, str(port)], env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def our_chat(spent: list[float]) -> Iterator[str]:
    """Run the chat on the sample report; every question adds its engine's seconds to ``spent``."""
    with tempfile.TemporaryDirectory() as directory:
        qa = ReportQA.build_sample(directory)
        engine = qa.ask

        def timed(*args: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return engine(*args, **options)
            finally:
                spent.append(time.perf_counter() - started)

        qa.ask = timed  # type: ignore[method-assign]
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = uvicorn.Server(uvicorn.Config(create_app(qa), log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()
            listener.close()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError(f"nothing listens on port {port}")


def drawn_after(page: Page, box: str, answer: str, question: str) -> float:
    """Ask a question; return the milliseconds from Enter until its answer is drawn."""
    page.fill(box, question)
    page.evaluate(WATCH, answer)
    page.press(box, "Enter")
    return float(page.evaluate("window.drawn"))


def weight(page: Page, address: str, ready: str) -> float:
    """Load a page for the first time; return the bytes that were transferred."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address)
    page.wait_for_selector(ready)
    page.wait_for_timeout(2000)
    return sum(sizes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    spent: list[float] = []
    ours: list[float] = []
    echoed: list[float] = []
    with echo_chat() as echo, our_chat(spent) as chat, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        page, bare = browser.new_page(), browser.new_page()
        heavy = weight(page, chat, ".welcome")
        bare.goto(echo)
        bare.wait_for_selector("textarea")
        for number in range(rounds + 3):
            question = f"2021年{SUBJECTS[number % len(SUBJECTS)]}是多少？"
            spent.clear()
            page.bring_to_front()
            total = drawn_after(page, "#question", ".exchange :is(.answer, .refusal, .failed)", question)
            own = total - 1000 * sum(spent)
            bare.bring_to_front()
            other = drawn_after(bare, "textarea", ".message.bot, .bot.message", question)
            if number >= 3:  # the first ones warm up
                ours.append(own)
                echoed.append(other)
        browser.close()
    ratio = statistics.median(ours) / statistics.median(echoed)
    print(f"our page less the engine   median {statistics.median(ours):6.1f} ms, slowest {max(ours):6.1f} ms")
    print(f"bare Gradio echo chat      median {statistics.median(echoed):6.1f} ms, slowest {max(echoed):6.1f} ms")
    print(f"ratio {ratio:.2f} (bound {BOUND}); first load {heavy / 1000:.0f} kB (bound {HEAVIEST / 1000:.0f} kB)")
    return 0 if ratio <= BOUND and heavy < HEAVIEST else 1


if __name__ == "__main__":
    sys.exit(main())
