"""The chat page: questions and answers in the reports' words, served without a request to any other host."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import uvicorn
from fastapi import FastAPI
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader
from starlette.middleware.cors import CORSMiddleware

from reportqa.schema import Answer, Quote, Report, ReportQAError

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported; any word but True turns it off
import gradio as gr
from gradio.routes import templates

TITLE = "政府工作报告问答"
OUR_FAILURE = "抱歉，程序出错了，请稍后再试。"
OPEN_QUOTES = 3
LONGEST_CONVERSATION = 30  # exchanges
LONGEST_QUESTION = 1000  # characters of it that are shown
_TEMPLATES = Path(gr.__file__).parent / "templates"
_FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"]
_WELCOME = """<p class="soft">请输入问题，或点选下方的例子。<br>
答案逐字摘自报告原文，并注明出处；报告里没有的，会直接说没有找到。</p>"""
_PENDING = '<p class="soft">正在查找……</p>'
_SCROLL = "() => document.querySelector('#talk article:last-child')?.scrollIntoView({block: 'start'})"
_LOCALE = '<script>Object.defineProperty(navigator, "language", {get: () => "zh-CN"})</script>'
_CSS = """
body .gradio-container {overflow: visible}
.gradio-container .main {max-width: 56rem; margin: 0 auto}
#head, #talk {line-height: 1.75; overflow-wrap: anywhere}
#head .html-container, #talk .html-container {padding: 0}
#head h1 {font-size: 1.6rem; font-weight: 700; margin: .5rem 0 .25rem}
#head p, #talk p {margin: 0}
#head p, #talk .soft, #talk footer, #talk summary {opacity: .75}
#talk {font-size: 1rem; min-height: 6rem}
#talk article {padding: 1.25rem 0 .5rem; scroll-margin-top: .5rem}
#talk article + article {border-top: 1px solid var(--border-color-primary)}
#talk .question {width: fit-content; max-width: 85%; margin: 0 0 1rem auto; padding: .5rem 1rem;
  border-radius: 1rem; background: var(--color-accent-soft); white-space: pre-wrap}
#talk .answer {font-size: 1.4rem; font-weight: 600; line-height: 1.5; margin: .25rem 0 1rem}
#talk blockquote {margin: 0 0 1rem; padding-left: 1rem; border-left: 3px solid var(--color-accent)}
#talk .nearest blockquote {margin-top: .5rem; border-left-color: var(--border-color-primary)}
#talk h3 {font-size: 1rem; font-weight: 600}
#talk mark {background: #ffe58a; color: #1f2328; border-radius: .2em}
#talk footer {font-size: .875rem}
#talk cite {font-style: normal; margin-right: .75em}
#talk summary {cursor: pointer; margin-bottom: 1rem}
#talk .refusal, #talk .failure {padding: .75rem 1rem; margin-bottom: 1rem; border: 1px dashed #8a8f98;
  border-radius: .5rem; background: var(--background-fill-secondary)}
#talk .refusal strong {font-size: 1.1rem}
#talk .failure {border: 1px solid #d97706}
#ask {position: sticky; bottom: 0; padding: .75rem 0; background: var(--body-background-fill); z-index: 1}
"""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one visitor has asked so far: as it is shown, and as ``ReportQA.ask`` takes it."""

    shown: tuple[str, ...] = ()
    history: tuple[dict[str, Any], ...] = ()

    def html(self, pending: str = "") -> str:
        """Return the conversation, ``pending`` last, as HTML."""
        return f'<div role="log" aria-live="polite">{"".join(self.shown) + pending or _WELCOME}</div>'

    def after(self, shown: str, exchange: dict[str, Any] | None) -> Conversation:
        """Return the conversation with one exchange more, less its oldest where it grows too long."""
        history = self.history if exchange is None else (*self.history, exchange)
        return Conversation((*self.shown, shown)[-LONGEST_CONVERSATION:], history[-LONGEST_CONVERSATION:])


def build_chat(qa: ReportQA) -> gr.Blocks:
    """Return the chat on ``qa`` as Gradio blocks, to be mounted with the looks that ``chat_app`` gives it."""

    def reply(question: str | None, talk: Conversation) -> Iterator[tuple[str, Conversation, str]]:
        asked = (question or "").strip()
        yield talk.html(exchange_html(asked, _PENDING)), talk, ""
        talk = answered(qa, asked, talk)
        yield talk.html(), talk, ""

    reports = qa.reports()
    # Gradio's own HTML template stays: a value put in by {{…}} would run as JavaScript.
    plain: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    blocks = gr.Blocks(title=TITLE, analytics_enabled=False)
    with blocks:
        talk = gr.State(Conversation())
        gr.HTML(f"<h1>{TITLE}</h1><p>{reports_html(reports)}</p>", elem_id="head", **plain)
        page = gr.HTML(Conversation().html(), elem_id="talk", **plain)
        with gr.Row(elem_id="ask"):
            box = gr.Textbox(placeholder="输入问题，按回车提问", label="问题", container=False, scale=6)
            send = gr.Button("提问", variant="primary", min_width=80)
            clear = gr.Button("清空", min_width=80)
        with gr.Row(elem_id="examples"):
            examples = [gr.Button(example, size="sm", min_width=200) for example in example_questions(reports)]
        shown: list[Any] = [page, talk, box]
        for source, triggers in [(box, [box.submit, send.click]), *((button, [button.click]) for button in examples)]:
            asking = gr.on(triggers, reply, [source, talk], shown, concurrency_limit=4, concurrency_id="ask", **quiet)
            asking.then(None, js=_SCROLL, **quiet)
        clear.click(lambda: (Conversation().html(), Conversation(), ""), None, shown, **quiet)
    return blocks


def chat_app(qa: ReportQA) -> FastAPI:
    """Return the chat on ``qa`` as an app, at ``/``."""
    _make_page_ours()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # Gradio's own lets in every origin
    gr.mount_gradio_app(
        app,
        build_chat(qa),
        path="/",
        theme=gr.themes.Default(primary_hue="blue", neutral_hue="slate", font=_FONTS, font_mono="monospace"),
        css=_CSS,
        footer_links=[],
        show_error=False,
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        max_file_size=1,  # byte: the page takes no files
    )
    return app


def serve(qa: ReportQA, host: str, port: int) -> None:
    """Serve the chat on ``qa`` until interrupted; port 0 takes a free one.

    Raises ReportQAError where the address cannot be used.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReportQAError(f"不能使用地址 {host} 端口 {port}（{reason}），请换一个地址或端口。") from None
    with listener:
        app = chat_app(qa)
        name = f"[{host}]" if ":" in host else host
        click.echo(f"{TITLE}：http://{name}:{listener.getsockname()[1]}/ （按 Ctrl+C 结束）", err=True)
        settings = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listener])


def answered(qa: ReportQA, asked: str, talk: Conversation) -> Conversation:
    """Return the conversation with the question ``asked`` and what ``qa`` says to it."""
    try:
        answer = qa.ask(asked, history=list(talk.history))
        shown = exchange_html(asked, answer_html(answer, asked))
        return talk.after(shown, {"question": asked, "answer": answer.to_dict()})
    except ReportQAError as error:
        failure = str(error)
    except Exception:
        logging.getLogger(__name__).exception("a question failed")
        failure = OUR_FAILURE
    return talk.after(exchange_html(asked, f'<p class="failure">{escape(failure)}</p>'), None)


def example_questions(reports: Sequence[Report]) -> list[str]:
    """Return questions that the newest reports should answer."""
    asked = ((-1, "生产总值增长多少？"), (0, "的主要预期目标是什么？"), (-1, "城镇新增就业多少人？"))
    newest = sorted(reports, key=lambda report: report.year, reverse=True)[:2]
    return [f"{r.place}{r.year + offset}年{words}" for r in newest for offset, words in asked][:4]


def reports_html(reports: Sequence[Report]) -> str:
    """Return one line that says which reports are loaded."""
    names = [f"《{r.title}》" + (f"（所收文本到{r.breaks_off}为止）" if r.breaks_off else "") for r in reports[:3]]
    return escape(f"已收入 {len(reports)} 份报告：{''.join(names)}{'等' if len(reports) > 3 else ''}。")


def exchange_html(asked: str, body: str) -> str:
    """Return a question and, under it, the HTML of what is said to it."""
    question = f'<p class="question">{escape(asked[:LONGEST_QUESTION])}</p>' if asked else ""
    return f"<article>{question}{body}</article>"


def answer_html(answer: Answer, asked: str) -> str:
    """Return an answer to the question ``asked``, or a refusal, as HTML in which everything is escaped."""
    body = "" if answer.question.strip() == asked else f'<p class="soft">理解为：{escape(answer.question)}</p>'
    if not answer.found:
        searched = "、".join(answer.searched[:5]) + ("等" if len(answer.searched) > 5 else "")
        return body + _refusal_html(answer.text, answer.nearest, f"查找范围：{searched}" if searched else "")
    if not answer.parts:
        return body + _quotes_html(answer.quotes)
    for part in answer.parts:
        body += f"<h3>{escape(part.label)}</h3>"
        body += _quotes_html(part.quotes) if part.found else _refusal_html("所收报告里未见这一部分。", part.quotes)
    return body


def _quotes_html(quotes: Sequence[Quote]) -> str:
    """Return the words that answer, large, then the sentences that they and the next best stand in."""
    first = "".join(f'<p class="answer">{escape(quote.marked or quote.text)}</p>' for quote in quotes[:1])
    shown = "".join(_quote_html(quote, quote.highlights) for quote in quotes[:OPEN_QUOTES])
    folded = "".join(_quote_html(quote, quote.highlights) for quote in quotes[OPEN_QUOTES:])
    summary = f"<summary>其他 {len(quotes) - OPEN_QUOTES} 处原文</summary>"
    return first + shown + (f"<details>{summary}{folded}</details>" if folded else "")


def _refusal_html(text: str, nearest: Sequence[Quote], searched: str = "") -> str:
    """Return a refusal, then the passages nearest to the question, in which nothing is marked."""
    passages = "".join(_quote_html(quote, []) for quote in nearest[:OPEN_QUOTES])
    heading = '<p class="soft">最接近的原文，不是答案：</p>'
    text = f'<p>{escape(text)}</p><p class="soft">{escape(searched)}</p>'
    refusal = f'<div class="refusal"><strong>没有找到答案</strong>{text}</div>'
    return refusal + (f'<div class="nearest">{heading}{passages}</div>' if passages else "")


def _quote_html(quote: Quote, marks: Sequence[tuple[int, int]]) -> str:
    """Return a sentence with ``marks`` marked, and where it stands."""
    text, at = "", 0
    for start, end in marks:
        text += f"{escape(quote.text[at:start])}<mark>{escape(quote.text[start:end])}</mark>"
        at = end
    text += escape(quote.text[at:])
    citation = quote.citation
    path = " › ".join([*citation.section, citation.topic] if citation.topic else citation.section) or "篇首"
    source = f"<footer><cite>{escape(citation.label)}</cite><span>{escape(path)}</span></footer>"
    return f"<blockquote><p>{text}</p>{source}</blockquote>"


def _make_page_ours() -> None:
    """Have Gradio's page be Chinese for every browser, and name neither Gradio's sites nor a manifest."""
    name = "frontend/index.html"
    page = Path(_TEMPLATES, name).read_text(encoding="utf-8").replace('lang="en"', 'lang="zh-CN"', 1)
    page = re.sub(r'<(?:meta\s+(?:property="og:|name="twitter:)|link rel="manifest")[^>]*>', "", page)
    page = page.replace("<head>", f"<head>{_LOCALE}", 1)
    templates.env.loader = ChoiceLoader([DictLoader({name: page}), FileSystemLoader(_TEMPLATES)])
