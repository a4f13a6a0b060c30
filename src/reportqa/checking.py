"""The tab 引文核验: a draft with its findings as marks, a list of them, and the draft to take away, corrected or commented."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from reportqa import config, drafts, findings, verification
from reportqa.cards import Runs, marked_runs, place_of
from reportqa.language import CHINESE, Words, words_in
from reportqa.schema import Finding, QuestionError, ReadingError, ReportQAError
from reportqa.tabs import Call
from reportqa.templating import render

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

_LONGEST_PIECE = 20_000
"""Characters of a draft in one call; the page sends a draft in pieces, which shows how far the work is."""
_SCRIPT_WORDS = (
    *(
        "check_progress",
        "check_done",
        "check_nothing",
        "check_sound",
        "check_accepted",
        "check_undone",
        "check_reading",
    ),
    *("check_read", "check_stopped", "check_empty", "check_accept", "check_undo", "check_corrected", "unreachable"),
    *("failure", "source_opened"),
)


class Piece(BaseModel):
    """A piece of a draft with what was found in it, as the page gives it back."""

    text: str
    findings: list[dict[str, Any]]


class Sent(BaseModel):
    """What the tab's script sends with a call."""

    language: str = CHINESE
    text: str = ""
    first: int = 0
    """The number of the piece's first finding."""
    name: str = ""
    data: str = ""
    """Of a file that was chosen: its bytes in base64."""
    pieces: list[Piece] = []
    format: str = "word"


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as the page shows it."""

    number: int
    finding: Finding
    kind: str
    """right, wrong, absent or misattributed: what its mark looks like."""
    verdict: str
    corrections: list[str]
    notes: list[str]
    claim: list[tuple[str, str, bool]]
    """The claim in pieces: words, what they should be, whether they are wrong."""
    runs: Runs
    path: list[str]
    link: str


class Checking:
    """The tab on one engine."""

    name = "check"

    def __init__(self, qa: ReportQA) -> None:
        self._qa = qa
        self.calls: Mapping[str, Call] = {
            "read_draft": _answered(self.read),
            "check_draft": _answered(self.check),
            "save_draft": _answered(self.save),
        }

    def panel(self, words: Words) -> str:
        """Return the tab's panel."""
        script_words = {key.removeprefix("check_"): words[key] for key in _SCRIPT_WORDS}
        return render(
            "check.html",
            w=words,
            suffixes=drafts.SUFFIXES,
            megabytes=config.get("MAX_FILE_MB"),
            script_words=script_words,
        )

    def read(self, sent: Sent) -> dict[str, Any]:
        """Return the text of a draft's file."""
        return {"text": drafts.text_of(_named(sent.name), _bytes(sent))}

    def check(self, sent: Sent) -> dict[str, Any]:
        """Return a piece of a draft as HTML with its marks, the list of its findings, and the findings themselves."""
        words = words_in(sent.language)
        text = verification.sent(sent.text, _LONGEST_PIECE).encode(errors="replace").decode()
        found = self._qa.verify(text) if any(character.isalnum() for character in text) else []
        shown = [_shown(finding, number, words) for number, finding in enumerate(found, sent.first)]
        return {
            "draft": render("draft.html", pieces=_pieces(text, shown)),
            "list": [render("finding.html", w=words, shown=each) for each in shown],
            "questionable": sum(findings.questionable(finding) for finding in found),
            "findings": [finding.to_dict() for finding in found],
        }

    def save(self, sent: Sent) -> dict[str, Any]:
        """Return the draft as a file: corrected, in the format that it had, or in Word with the findings as comments."""
        name = _named(sent.name) if sent.name else "稿件.txt"
        data = _bytes(sent) if sent.data else None
        stem = PurePath(name).stem
        if sent.format == "word":
            text, found = _joined(sent.pieces)
            written = drafts.commented(text, found, name, data)
            return _file(f"{stem}-核验.docx", drafts.WORD, written)
        kind = drafts.WORD if data is not None and drafts.is_word(name) else "text/plain"
        if data is None:
            name = f"{stem}.txt"
        return _file(f"{stem}-改正{PurePath(name).suffix}", kind, drafts.corrected(name, data or b"", sent.text))


def _answered(work: Callable[[Sent], dict[str, Any]]) -> Call:
    """Return a call that answers with ``work``'s result, or with the sentence that says why there is none."""

    def call(given: dict[str, Any]) -> dict[str, Any]:
        sent = Sent.model_validate(given)
        try:
            return work(sent)
        except ReportQAError as error:
            return {"error": str(error)}
        except Exception:
            logging.getLogger(__name__).exception("a draft could not be checked")
            return {"error": words_in(sent.language)["failure"]}

    return call


def _named(name: str) -> str:
    """Return a file's name without what has a meaning to a file system."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable() and c not in '<>:"|?*')[-100:].strip() or "稿件.txt"


def _bytes(sent: Sent) -> bytes:
    limit = int(config.get("MAX_FILE_MB"))
    if len(sent.data) > limit * 1_400_000:
        raise ReadingError(f"“{_named(sent.name)}”超过 {limit} MB 的上限，请换一个较小的文件。")
    try:
        return base64.b64decode(sent.data, validate=True)
    except binascii.Error:
        raise ReadingError(f"“{_named(sent.name)}”没有完整传到，请重新选择文件。") from None


def _file(name: str, kind: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "type": kind, "data": base64.b64encode(data).decode()}


def _joined(pieces: Sequence[Piece]) -> tuple[str, list[Finding]]:
    """Return a draft's text and findings from those of its pieces."""
    text, found = "", []
    for piece in pieces:
        try:
            own = [Finding.from_dict(data) for data in piece.findings]
        except (KeyError, TypeError, ValueError):
            raise QuestionError("核验结果不完整，请重新核验一次再下载。") from None
        found += [replace(finding, start=finding.start + len(text), end=finding.end + len(text)) for finding in own]
        text += piece.text
    return text, found


def _shown(finding: Finding, number: int, words: Words) -> Shown:
    quote = finding.quote
    kind = "wrong" if finding.verdict.endswith("_changed") else "absent" if finding.verdict == "absent" else "right"
    if kind == "right" and findings.questionable(finding):
        kind = "misattributed"
    return Shown(
        number=number,
        finding=finding,
        kind=kind,
        verdict=findings.VERDICTS[finding.verdict] if kind != "misattributed" else words["check_misattributed"],
        corrections=findings.corrections(finding),
        notes=[findings.NOTES[note] for note in finding.notes if note in findings.NOTES],
        claim=_in_pieces(finding),
        runs=marked_runs(quote.text, quote.highlights) if quote else [],
        path=place_of(quote, words) if quote else [],
        link=quote.citation.url.lstrip("/") if quote else "",
    )


def _in_pieces(finding: Finding) -> list[tuple[str, str, bool]]:
    """Return a claim cut at its wrong words, each of these with what it should be."""
    spans: list[tuple[int, int, str]] = []
    for wrong, right in finding.changes:
        if not wrong:
            continue
        for match in re.finditer(re.escape(wrong), finding.claim):
            start, end = match.span()
            if not right and re.match(r"[，、；,;。]|$", finding.claim[end:]):  # its comma goes with a clause
                start -= finding.claim[max(0, start - 1) : start] in ("，", "、", "；", ",", ";")
            if not any(first < end and start < last for first, last, _ in spans):
                spans.append((start, end, re.sub(r"\s*\n\s*", "", right)))
                break
    pieces, at = [], 0
    for start, end, right in sorted(spans):
        pieces += [(finding.claim[at:start], "", False), (finding.claim[start:end], right, True)]
        at = end
    return [piece for piece in [*pieces, (finding.claim[at:], "", False)] if piece[0]]


def _pieces(text: str, shown: Sequence[Shown]) -> list[tuple[str, Shown | None]]:
    """Return a text in pieces, each plain or a claim with its finding."""
    pieces: list[tuple[str, Shown | None]] = []
    at = 0
    for each in shown:
        if each.finding.start < at:
            continue
        pieces += [(text[at : each.finding.start], None), (each.finding.claim, each)]
        at = each.finding.end
    return [piece for piece in [*pieces, (text[at:], None)] if piece[0]]
