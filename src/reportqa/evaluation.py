"""Gold questions to predictions and metrics.

A gold directory holds JSON Lines: questions, unanswerable, followups, quotes, locate, compare, and a table of
indicators, indicators.csv.  ``evaluate`` puts every record to the product; ``measure`` is pure, and judges one record at a time by the functions named ``_judge_…``.
"""

from __future__ import annotations

import json
import operator
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reportqa import figure_evaluation
from reportqa.schema import Answer, NotFound, QuestionError, ReportQAError, reason_of

if TYPE_CHECKING:
    from reportqa.assistant import Progress, ReportQA

Record = dict[str, Any]
Predictions = Mapping[str, Record]
Metrics = dict[str, float | str | None]
_Rows = Sequence[Mapping[str, float | None]]
"""What a record adds to each metric of its file; None where nothing."""

LONGEST_QUOTE = 240
LONGEST_MARK = 60
LOWER_IS_BETTER = frozenset({"false_refusal", "altered_passed_as_true"})
_TOP_K = 10
_CITED = ("section", "place", "year", "report_id", "start", "end")
_FAR_KINDS = ("out_of_domain", "chitchat", "opinion", "injection")
_ALTERED = ("number_changed", "word_changed")
_VERDICTS = (*_ALTERED, "absent", "paraphrase", "exact")
"""Of several findings in one text, the first in this order is the text's."""
_QUOTATION = str.maketrans(dict.fromkeys("“”„‟«»「」『』", '"') | dict.fromkeys("‘’", "'"))
_LINE_ENDS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}
"""Characters that JSON leaves as they are and some readers take for the end of a line."""

_NOWHERE = ["?"]
_METHODS = {"quotes": "verify", "locate": "locate"}
_TEXT, _TEXTS, _ITEMS, _VERDICT = "文字", "文字的列表", "对象的列表", f"{'、'.join(_VERDICTS)} 之一"
_EVIDENCE = {"answers": _TEXTS, "evidence": _TEXTS}
_FIELDS = {
    "compare": {"id": _TEXT, "question": _TEXT, "parts": _ITEMS},
    "followups": {"id": _TEXT, "turns": _ITEMS},
    "locate": {"id": _TEXT, "citation": _TEXT, "section": _TEXTS},
    "questions": {"id": _TEXT, "question": _TEXT, **_EVIDENCE},
    "quotes": {"id": _TEXT, "text": _TEXT, "verdict": _VERDICT},
    "unanswerable": {"id": _TEXT, "question": _TEXT, "kind": _TEXT},
}
"""The fields that the records of each gold file must have, and what they hold."""
_OPTIONAL = {"kind": _TEXT, "section": _TEXTS}


def evaluate(
    qa: ReportQA, gold: Path, predictions: Path | None = None, progress: Progress | None = None
) -> dict[str, Metrics]:
    """Put all gold records in the directory ``gold`` to ``qa``; return the metrics, by gold file.

    The predictions are written to the directory ``predictions``, in the form that ``measure`` takes; ``progress`` is
    told (done, total) records.  A question that cannot be asked counts as refused; a file whose method ``qa`` lacks is
    left out.  Raises ReportQAError where the gold is missing or broken, or the predictions cannot be written.
    """
    if not gold.is_dir():
        raise ReportQAError(f"找不到评测目录“{gold}”，应是存放 questions.jsonl 等文件的目录。")
    files = [gold / f"{name}.jsonl" for name in _FIELDS if hasattr(qa, _METHODS.get(name, "ask"))]
    records = {path.stem: read_gold(path) for path in files if path.exists()}
    table_file = gold / figure_evaluation.NAME
    table = figure_evaluation.read_table(table_file) if table_file.exists() and hasattr(qa, "indicators") else []
    if not records and not table:
        raise ReportQAError(f"目录“{gold}”里没有可评测的文件，应有 {'、'.join(path.name for path in files)} 之一。")
    if predictions is not None and predictions.resolve() == gold.resolve():
        raise ReportQAError(f"预测结果不能写进评测目录“{gold}”，那会覆盖题目，请另指定一个目录。")
    _write(predictions, {})
    predicted: dict[str, dict[str, Record]] = {name: {} for name in records}
    jobs = [(name, record) for name, asked in records.items() for record in asked]
    for done, (name, record) in enumerate(jobs, 1):
        predicted[name][record["id"]] = _predict(qa, name, record)
        if progress is not None:
            progress(done, len(jobs))
    _write(predictions, predicted)
    results = measure(records, predicted, {report.report_id: report.text for report in qa.reports()})
    if table:
        rows = qa.indicators()
        results["indicators"] = figure_evaluation.measure_table(table, rows)
        if predictions is not None:
            figure_evaluation.write_table(predictions / figure_evaluation.NAME, rows)
    return results


def read_gold(path: Path) -> list[Record]:
    """Read a gold file, named as in a gold directory.

    Raises ReportQAError, naming the line, where it is not JSON Lines or a record lacks what it is measured by.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        raise ReportQAError(f"读不了评测文件“{path}”，应是 UTF-8 编码的 JSON Lines 文件。") from None
    records: dict[str, Record] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"评测文件“{path}”第 {number} 行"
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise ReportQAError(f'{where}不是完整的 JSON 记录，应是写在一行里的 {{"id": …}}。')
        _check(record, _FIELDS[path.stem], where)
        for place, turn in enumerate(record["turns"] if path.stem == "followups" else (), 1):
            _check(turn, {"question": _TEXT, **(_EVIDENCE if place > 1 else {})}, f"{where}第 {place} 轮")
        for place, part in enumerate(record["parts"] if path.stem == "compare" else (), 1):
            _check(part, _EVIDENCE, f"{where}第 {place} 个部分")
        if record["id"] in records:
            raise ReportQAError(f"{where}的编号“{record['id']}”与前面的重复，应各不相同。")
        records[record["id"]] = record
    if not records:
        raise ReportQAError(f"评测文件“{path}”是空的，应每行一条 JSON 记录。")
    return list(records.values())


def _check(record: Record, fields: Mapping[str, str], where: str) -> None:
    due = {name: kind for name, kind in _OPTIONAL.items() if name in record} | dict(fields)
    if "evidence" in fields and "year" in record:
        due["place"] = _TEXT
    if record.get("verdict") in _ALTERED:
        due |= {"wrong": _TEXT, "right": _TEXT}
    for name, kind in due.items():
        if name not in record or not _fits(record[name], kind):
            raise ReportQAError(f"{where}缺少“{name}”或它不合格式，应是{kind}。")


def _fits(value: Any, kind: str) -> bool:
    if kind in (_TEXT, _VERDICT):
        return isinstance(value, str) and (kind == _TEXT or value in _VERDICTS)
    return isinstance(value, list) and all(isinstance(item, str if kind == _TEXTS else dict) for item in value)


def _predict(qa: Any, name: str, record: Record) -> Record:
    """Put one record to the product; what it is asked depends on the file that the record comes from."""
    if name == "followups":
        history: list[Record] = []
        for turn in record["turns"]:
            history.append({"question": turn["question"], "answer": _ask(qa, turn["question"], history)})
        return {"id": record["id"], "turns": [_answered(exchange["answer"]) for exchange in history]}
    if name == "quotes":
        findings = qa.verify(record["text"])
        verdict = min((finding.verdict for finding in findings), key=_VERDICTS.index, default="absent")
        changes = [list(change) for finding in findings for change in finding.changes]
        return {"id": record["id"], "verdict": verdict, "changes": changes}
    if name == "locate":
        try:
            sections = [quote.citation.section for quote in qa.locate(record["citation"])]
        except (NotFound, QuestionError):
            sections = []
        return {"id": record["id"], "section": [*sections, _NOWHERE][0]}
    return {"id": record["id"], **_answered(_ask(qa, record["question"], []))}


def _ask(qa: ReportQA, question: str, history: Sequence[Record]) -> Answer:
    try:
        return qa.ask(question, history=list(history), top_k=_TOP_K)
    except QuestionError as error:
        return Answer(question, False, 0.0, str(error))


def _answered(answer: Answer) -> Record:
    quotes = [
        {"text": quote.text, "highlights": quote.highlights, **{name: getattr(quote.citation, name) for name in _CITED}}
        for quote in (answer.quotes if answer.found else [])
    ]
    return {"found": answer.found, "confidence": answer.confidence, "quotes": quotes}


def _write(directory: Path | None, predicted: Mapping[str, Predictions]) -> None:
    if directory is None:
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, answers in predicted.items():
            lines = [json.dumps(answer, ensure_ascii=False).translate(_LINE_ENDS) for answer in answers.values()]
            (directory / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise ReportQAError(f"预测结果写不进“{directory}”（{reason_of(error)}），请换一个可写的目录。") from None


def measure(
    gold: Mapping[str, Sequence[Record]], predicted: Mapping[str, Predictions], sources: Mapping[str, str] | None = None
) -> dict[str, Metrics]:
    """Return the metrics of every gold file that has predictions, by name; a record without one is a miss.

    ``sources``: the stored texts by report id; without them quotes_verbatim is None.
    """
    results: dict[str, Metrics] = {}
    for name in sorted(gold.keys() & predicted.keys()):
        items = gold[name]
        answers = [predicted[name].get(item["id"]) for item in items]
        rows = [row for item, answer in zip(items, answers, strict=True) for row in _JUDGES[name](item, answer)]
        if name == "questions":
            rows.append({"quotes_verbatim": None})
            rows += [{"quotes_verbatim": _verbatim(q, sources)} for answer in answers for q in _quotes(answer)]
        names = dict.fromkeys(key for row in rows for key in row)
        results[name] = {key: _mean(row.get(key) for row in rows) for key in names}
        later_turns = [turn for item in items for turn in item.get("turns", [])[1:]]
        results[name]["n"] = len(later_turns if name == "followups" else items)
        if name == "questions":
            results["questions hit@1 by kind"] = _by_kind(items, answers)
    if {"questions", "unanswerable"} <= results.keys():
        results["refusal"] = _separation(predicted["questions"].values(), predicted["unanswerable"].values())
    return results


def _mean(values: Iterable[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return round(sum(given) / len(given), 4) if given else None


def _by_kind(gold: Iterable[Record], answers: Iterable[Record | None]) -> Metrics:
    kinds: dict[str, list[bool]] = {}
    for item, answer in zip(gold, answers, strict=True):
        kinds.setdefault(item.get("kind", ""), []).append(_first_hits(item, answer))
    return {kind: f"{sum(hits)}/{len(hits)}" for kind, hits in sorted(kinds.items())}


def _separation(answerable: Iterable[Record], unanswerable: Iterable[Record]) -> Metrics:
    """Return the chance that an answerable question gets more confidence than an unanswerable one; ties count half."""
    given = [[answer.get("confidence") for answer in side] for side in (answerable, unanswerable)]
    yes, no = ([0.5 if confidence is None else confidence for confidence in side] for side in given)
    return {"refusal_auroc": _mean((y > n) + 0.5 * (y == n) for y in yes for n in no), "n": len(yes) + len(no)}


@lru_cache(maxsize=10_000)
def _fold(text: str) -> str:
    """Leave out white space, character width and the shape of quotation marks, and nothing else."""
    return "".join(unicodedata.normalize("NFKC", text).translate(_QUOTATION).split())


def _holds(text: str, needle: str) -> bool:
    """Whether ``needle`` stands in ``text``; one that begins with a figure (7家) not inside a longer figure (17家)."""
    text, needle = _fold(text), _fold(needle)
    at = text.find(needle)
    while at > 0 and needle[:1].isdigit() and (text[at - 1].isdecimal() or text[at - 1] == "."):
        at = text.find(needle, at + 1)
    return at >= 0


def _holds_any(text: str, needles: Iterable[str]) -> bool:
    return any(_holds(text, needle) for needle in needles)


def _same_section(one: Sequence[str], other: Sequence[str]) -> bool:
    return [_fold(heading).rstrip("。.:") for heading in one] == [_fold(heading).rstrip("。.:") for heading in other]


def _names(said: str, meant: str) -> bool:
    """Whether one holds the other, and what was said is at most 8 characters longer than what was meant."""
    one, other = _fold(str(said)), _fold(meant)
    return 0 < len(one) <= len(other) + 8 and (one in other or other in one)


def _right_report(gold: Record, quote: Record) -> bool:
    if "year" not in gold:
        return True
    place, wanted = _fold(str(quote.get("place") or "")), _fold(gold["place"])
    named = place[:2] == wanted[:2] or wanted.rstrip("省市县区旗") in place
    return bool(place) and named and str(quote.get("year")) == str(gold["year"])


def _eligible(gold: Record, quote: Record) -> bool:
    """Whether a quote is short enough to point at something, and from the report that the record names, if any."""
    return len(_fold(quote["text"])) <= LONGEST_QUOTE and _right_report(gold, quote)


def _hits(gold: Record, quote: Record) -> bool:
    """Whether a quote holds an evidence clause, or is a piece of one that still answers."""
    text = quote["text"]
    piece = len(_fold(text)) > 8 and any(_holds(clause, text) for clause in gold["evidence"])
    answers = _holds_any(text, gold["evidence"]) or (piece and _holds_any(text, gold["answers"]))
    return answers and _eligible(gold, quote)


def _quotes(answer: Record | None) -> list[Record]:
    return list(answer["quotes"]) if answer and answer["found"] else []


def _first_hits(gold: Record, answer: Record | None) -> bool:
    return any(_hits(gold, quote) for quote in _quotes(answer)[:1])


def _judge_question(gold: Record, answer: Record | None) -> _Rows:
    quotes, wanted = _quotes(answer), gold["answers"]
    rank = next((place for place, quote in enumerate(quotes[:10]) if _hits(gold, quote)), 10)
    mark, section = "", None
    if rank == 0:
        mark = "…".join(quotes[0]["text"][start:end] for start, end in quotes[0].get("highlights") or [])
        paths = [gold["section"], *gold.get("also_sections", [])] if "section" in gold else []
        section = any(_same_section(quotes[0].get("section", []), path) for path in paths) if paths else None
    shown = "…".join(quote["text"] for quote in quotes[:3] if _eligible(gold, quote))
    begins = _fold("…".join(quote["text"] for quote in quotes)[:400])[:150]
    return [
        {
            **{f"hit@{k}": rank < k for k in (1, 3, 5)},
            "mrr@10": 1 / (rank + 1) if rank < 10 else 0.0,
            "answer_marked@1": 0 < len(_fold(mark)) <= LONGEST_MARK and _holds_any(mark, wanted),
            "answer_shown@3": (all if gold.get("need") == "all" else any)(_holds(shown, one) for one in wanted),
            "answer@150": _holds_any(begins, wanted),
            "right_report@1": bool(quotes) and _right_report(gold, quotes[0]),
            "section_right": section,
            "false_refusal": not (answer and answer["found"]),
        }
    ]


def _verbatim(quote: Record, sources: Mapping[str, str] | None) -> bool | None:
    """Whether a quote is the slice that its citation names, and stands in that text by ``_fold`` too."""
    if sources is None:
        return None
    source: str = sources.get(quote.get("report_id", ""), "")
    exact = bool(source) and source[quote["start"] : quote["end"]] == quote["text"]
    return exact and _fold(quote["text"]) in _fold(source)


def _judge_unanswerable(gold: Record, answer: Record | None) -> _Rows:
    refused = not (answer and answer["found"])
    return [{"refused": refused, "refused_near_misses": None if gold["kind"] in _FAR_KINDS else refused}]


def _judge_followup(gold: Record, answer: Record | None) -> _Rows:
    answers = [*(answer or {"turns": []})["turns"], *[None] * len(gold["turns"])]
    hits = [_first_hits(turn, said) for turn, said in zip(gold["turns"][1:], answers[1:], strict=False)]
    return [{"later_turns_hit@1": None}, *({"later_turns_hit@1": hit} for hit in hits)]


def _judge_compare(gold: Record, answer: Record | None) -> _Rows:
    quotes = _quotes(answer)[: 2 * len(gold["parts"])]
    hits = [any(_hits(part, quote) for quote in quotes) for part in gold["parts"]]
    return [{"parts_found": None, "all_parts_found": all(hits)}, *({"parts_found": hit} for hit in hits)]


def _judge_quote(gold: Record, finding: Record | None) -> _Rows:
    said = finding or {"verdict": "absent"}
    pinned = passed = None
    if gold["verdict"] in _ALTERED:
        changes = said.get("changes") or []
        pinned = any(_names(one, gold["wrong"]) and _names(other, gold["right"]) for one, other in changes)
        passed = said["verdict"] in ("exact", "paraphrase")
    right = said["verdict"] == gold["verdict"]
    return [{"verdict_right": right, "change_pinpointed": pinned, "altered_passed_as_true": passed}]


def _judge_locate(gold: Record, found: Record | None) -> _Rows:
    return [{"located": _same_section((found or {"section": _NOWHERE})["section"], gold["section"])}]


_JUDGES: dict[str, Callable[[Record, Record | None], _Rows]] = {
    "compare": _judge_compare,
    "followups": _judge_followup,
    "locate": _judge_locate,
    "questions": _judge_question,
    "quotes": _judge_quote,
    "unanswerable": _judge_unanswerable,
}


def render(results: Mapping[str, Metrics]) -> str:
    """Return the metrics as a table for people."""
    width = max((len(name) for metrics in results.values() for name in metrics), default=0)
    lines = []
    for title, metrics in results.items():
        lines.append(title)
        for name, value in metrics.items():
            shown = "-" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
            lines.append(f"  {name:<{width}}  {shown:>8}")
    return "\n".join(lines)


def below_floor(results: Mapping[str, Metrics], floor: Path) -> list[str]:
    """Return a sentence for every metric that misses its limit in ``floor``, as in {"questions": {"hit@1": 0.8}}.

    A metric that was not measured misses it.  Raises ReportQAError where the file is missing or of another form.
    """
    try:
        limits = json.loads(floor.read_text(encoding="utf-8-sig"))
        flat = [(title, name, float(limit)) for title, named in limits.items() for name, limit in named.items()]
    except (OSError, ValueError, TypeError, AttributeError):
        form = '{"questions": {"hit@1": 0.8}}'
        raise ReportQAError(f"读不了下限文件“{floor}”，应是形如 {form} 的 JSON 文件。") from None
    missed = []
    for title, name, limit in flat:
        value = results.get(title, {}).get(name)
        kept, due = (operator.le, "不高于") if name in LOWER_IS_BETTER else (operator.ge, "不低于")
        if value is None or not kept(float(Fraction(value)), limit):
            said = "没有测出" if value is None else f"是 {value}"
            missed.append(f"{title} 的 {name} {said}，应{due} {limit:g}。")
    return missed
