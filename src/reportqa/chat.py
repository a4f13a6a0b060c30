"""The chat: one Gradio component whose page is rendered here and whose calls are answered here, without another host."""

from __future__ import annotations

import base64
import logging
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader
from pydantic import BaseModel, ValidationError

from reportqa import __version__, config, drafts, export, journal, reading
from reportqa.access import NONCE, VISITOR, Policy
from reportqa.cards import exchange_html, report_named, said
from reportqa.checking import Checking
from reportqa.conversation import Turn, now, restored, saved, scope_named, verified
from reportqa.examples import Examples
from reportqa.figures_tab import FiguresTab
from reportqa.language import CHINESE, Words, words_in
from reportqa.pages import page_of
from reportqa.schema import Report, ReportQAError
from reportqa.sessions import Role, Visitor
from reportqa.tabs import Call, Tab
from reportqa.templating import dark_when, render
from reportqa.uploads import Uploads

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported; any word but True turns it off
import gradio as gr
from gradio.routes import templates

LONGEST_QUESTION = 1000  # characters of it that are shown
_ELEMENT = "reportqa"
_TEMPLATES = Path(gr.__file__).parent / "templates"
_SCRIPT_WORDS = (
    *("pending", "copied", "copy_failed", "source_opened", "unreachable", "retry", "failure", "thanks"),
    *("uploading", "indexing", "added", "asked", "expired"),
)


TABS: tuple[Callable[[ReportQA], Tab], ...] = (Checking, FiguresTab)
"""What stands beside the conversation, in the order of the page."""


class Given(BaseModel):
    """What the page sends with a call."""

    language: str = CHINESE
    turns: list[dict[str, Any]] = []
    question: str = ""
    place: str = ""
    year: int = 0
    helpful: bool = False
    format: str = "markdown"
    address: str = ""


class Chat:
    """The chat on one engine: its page, and what it answers to the page's calls."""

    def __init__(self, qa: ReportQA) -> None:
        self.qa = qa
        self._examples = Examples(qa)
        self.tabs = [tab(qa) for tab in TABS if qa.sums_up or tab is not FiguresTab]

    def page(
        self,
        language: str | None,
        theme: str | None = None,
        *,
        administrator: bool = False,
        seconds: int = 0,
        origins: Sequence[str] = (),
    ) -> dict[str, str]:
        """Return the page as it is now, in a language and a theme: its HTML, with and without scripts, and its head's words.

        ``seconds``: how long the visitor's session holds, 0 where there is none to renew; ``origins``: of the portals
        that may renew it.
        """
        words = words_in(language)
        reports = sorted(self.qa.reports(), key=lambda report: (-report.year, report.place))
        links = [page_of(report.report_id) for report in reports]
        html = render(
            "shell.html",
            w=words,
            reports=reports,
            names=[report_named(report, words) for report in reports],
            links=links,
            places=sorted({report.place for report in reports}),
            years=sorted({report.year for report in reports}, reverse=True),
            examples=self._examples.shown(),
            suffixes=reading.SUFFIXES if administrator and Uploads.allowed() else (),
            seconds=seconds,
            origins=origins,
            megabytes=config.get("MAX_FILE_MB"),
            tabs=self.tabs,
            panels=[tab.panel(words) for tab in self.tabs],
            script_words={key: words[key] for key in _SCRIPT_WORDS},
        )
        without_script = render("noscript.html", w=words, reports=reports, links=links)
        return {
            "html": html,
            "without_script": without_script,
            "title": words["title"],
            "language": words.language,
            "dark": dark_when(theme),
        }

    def ask(self, given: Given) -> dict[str, Any]:
        """Answer a question; return its card, what the browser is to keep, and what is announced."""
        words = words_in(given.language)
        qa = self.qa.held()
        reports = _by_id(qa)
        asked = given.question.encode(errors="replace").decode().strip()
        earlier = restored(given.turns, reports)
        started = time.perf_counter()
        turn = self._answered(qa, asked, earlier, given, words)
        journal.note_question(turn, time.perf_counter() - started)
        html = self._card(turn, reports, words, _address(given))
        return {"html": html, "turn": saved(turn), "said": said(turn, words)}

    def restore(self, given: Given) -> dict[str, Any]:
        """Return the cards of a conversation that the browser kept, and what of it still holds."""
        words = words_in(given.language)
        reports = _by_id(self.qa)
        turns = restored(given.turns, reports)
        html = [self._card(turn, reports, words, _address(given)) for turn in turns]
        return {"html": html, "turns": [saved(turn) for turn in turns]}

    def rate(self, given: Given) -> dict[str, Any]:
        """Note whether the last of the turns given helped."""
        for turn in restored(given.turns, _by_id(self.qa))[-1:]:
            journal.note_rating(turn, given.helpful)
        return {}

    def export(self, given: Given) -> dict[str, Any]:
        """Return the conversation as a file: its name, type and bytes in base64."""
        words = words_in(given.language)
        turns = restored(given.turns, _by_id(self.qa))
        address = _address(given)
        name = f"{words['record']}-{now()[:10]}"
        if given.format == "word":
            name, kind, data = f"{name}.docx", drafts.WORD, export.word(turns, words, address)
        else:
            name, kind, data = f"{name}.md", "text/markdown", export.markdown(turns, words, address).encode()
        return {"name": name, "type": kind, "data": base64.b64encode(data).decode()}

    def _card(self, turn: Turn, reports: Mapping[str, Report], words: Words, address: str) -> str:
        answer = turn.answer
        refused = answer is not None and not answer.found
        nearest = [quote.citation for quote in answer.nearest] if answer is not None else []
        return exchange_html(
            turn,
            words,
            rewordings=self._examples.near(nearest, turn.asked) if refused else (),
            examples=self._examples.shown(3) if refused else (),
            titles={report_id: report.title for report_id, report in reports.items()} if refused else {},
            reports=reports,
            address=address,
            rating=journal.rating_is_on(),
        )

    def _answered(self, qa: ReportQA, asked: str, earlier: Sequence[Turn], given: Given, words: Words) -> Turn:
        """Return the question with its answer, or with the sentence that says why there is none."""
        reports = _by_id(qa)
        turn = Turn(asked[:LONGEST_QUESTION], None, at=now(), place=given.place, year=given.year)
        within = [r for r in reports.values() if given.place in ("", r.place) and given.year in (0, r.year)]
        history = [{"question": t.asked, "answer": t.answer.to_dict()} for t in earlier if t.answer is not None]
        try:
            if not within:
                raise ReportQAError(words["nothing_within"].format(scope_named(given.place, given.year)))
            answer = qa.ask(asked, history=history, place=given.place or None, year=given.year or None)
            answer = verified(answer, reports)
        except ReportQAError as error:
            failure = str(error)
        except Exception:
            logging.getLogger(__name__).exception("a question failed")
            failure = words["failure"]
        else:
            return Turn(turn.asked, answer, place=turn.place, year=turn.year, at=turn.at)
        return Turn(turn.asked, None, failure, turn.place, turn.year, turn.at)


def _by_id(qa: ReportQA) -> Mapping[str, Report]:
    return {report.report_id: report for report in qa.reports()}


def _address(given: Given) -> str:
    """Return where the visitor's browser has the chat, "" where that is no address of a page."""
    return given.address if re.fullmatch(r"https?://[^\s<>\"]+", given.address) else ""


def mount_chat(app: FastAPI, qa: ReportQA, policy: Policy) -> FastAPI:
    """Mount the chat on ``qa`` at the root of ``app``, behind the routes that it has by then; return Gradio's app."""
    chat = Chat(qa)
    _make_page_ours()
    gr.mount_gradio_app(
        app,
        _blocks(chat),
        path="/",
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono="monospace"),
        footer_links=[],
        show_error=False,
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=1,  # byte: Gradio takes no files
    )
    gradio_app: Any = app.routes[-1].app  # type: ignore[attr-defined]

    def page(request: Request) -> dict[str, str]:
        visitor: Visitor = request.scope[VISITOR]
        return chat.page(
            *map(request.query_params.get, ("lang", "theme")),
            administrator=visitor.role is Role.ADMINISTRATOR,
            seconds=policy.sessions.seconds_left(visitor.session),
            origins=policy.origins,
        ) | {"nonce": request.scope[NONCE]}

    gradio_app.state.page = page
    chat.page(None)  # tries the example questions, for which no visitor shall wait
    return cast(FastAPI, gradio_app)


def _blocks(chat: Chat) -> gr.Blocks:
    """Return the chat as Gradio blocks: one component, into which the template puts the page of the moment."""

    def called(method: Callable[[Given], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        def call(given: dict[str, Any]) -> dict[str, Any]:
            return method(Given.model_validate(given))

        return named(method.__name__, call)

    def named(name: str, call: Call) -> Call:
        def answer(given: dict[str, Any]) -> dict[str, Any]:
            try:
                return call(given)
            except ValidationError as error:
                raise RequestValidationError(error.errors()) from None

        answer.__name__ = name
        return answer

    blocks = gr.Blocks(title=words_in(CHINESE)["title"], analytics_enabled=False)
    with blocks:
        # Gradio's own HTML template stays: a value put in by {{…}} would run as JavaScript.
        gr.HTML(
            "",
            elem_id=_ELEMENT,
            apply_default_css=False,
            js_on_load="reportqa.start(element, server)",
            server_functions=[
                *(called(method) for method in (chat.ask, chat.restore, chat.rate, chat.export)),
                *(named(name, call) for tab in chat.tabs for name, call in tab.calls.items()),
            ],
        )
    return blocks


_HEAD = f"""
<meta name="color-scheme" content="light dark">
<title>{{{{ page.title }}}}</title>
<link rel="icon" href="ui/icon.svg?v={__version__}" type="image/svg+xml">
<link rel="stylesheet" href="ui/base.css?v={__version__}">
<link rel="stylesheet" href="ui/dark.css?v={__version__}" media="{{{{ page.dark }}}}">
<link rel="stylesheet" href="ui/chat.css?v={__version__}">
<script>Object.defineProperty(navigator, "language", {{get: () => {{{{ page.language | toorjson }}}}}})</script>
<script src="ui/session.js?v={__version__}" defer></script>
<script src="ui/frame.js?v={__version__}" defer></script>
<script src="ui/upload.js?v={__version__}" defer></script>
<script src="ui/chat.js?v={__version__}" defer></script>
"""
_FRAME_RESIZER = re.compile(r"<script>\s*\(\(\) => \{\s*const root =.*?</script>", re.DOTALL)
_PUT_PAGE = f"""
<script>
  gradio_config.title = {{{{ page.title | toorjson }}}};
  gradio_config.root = new URL(".", location.href).href.replace(/\\/$/, "");  // also below a proxy's prefix
  for (const component of gradio_config.components)
    if (component.props.elem_id === "{_ELEMENT}") component.props.value = {{{{ page.html | toorjson }}}};
</script>
"""


def _make_page_ours() -> None:
    """Have Gradio's page carry ours, in its language, and name neither Gradio's sites nor a manifest."""
    name = "frontend/index.html"
    page = Path(_TEMPLATES, name).read_text(encoding="utf-8")
    page = re.sub(r'<(?:meta\s+(?:property="og:|name="twitter:)|link rel="manifest")[^>]*>', "", page)
    page = _FRAME_RESIZER.sub("", page)
    page = page.replace('lang="en"', 'lang="{{ page.language }}"', 1)
    page = "{% set page = request.app.state.page(request) %}" + page
    page = page.replace('<meta charset="utf-8" />', f'<meta charset="utf-8" />{_HEAD}', 1)
    page = page.replace("<script data-gradio-mode>", f"{_PUT_PAGE}<script data-gradio-mode>", 1)
    page = page.replace("<gradio-app", "{{ page.without_script | safe }}<gradio-app", 1)
    page = page.replace("<script", '<script nonce="{{ page.nonce }}"')
    templates.env.loader = ChoiceLoader([DictLoader({name: page}), FileSystemLoader(_TEMPLATES)])
