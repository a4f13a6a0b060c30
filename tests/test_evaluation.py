"""Metrics against numbers worked by hand, and against the scorer that the gold comes with."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from reportqa import evaluation
from reportqa.evaluation import Record, below_floor, evaluate, measure, read_gold, render
from reportqa.schema import Answer, Citation, NotFound, QuestionError, Quote, Report, ReportQAError

if TYPE_CHECKING:
    from reportqa.assistant import ReportQA

GOLD = Path(os.environ.get("REPORTQA_GOLD", "missing"))
needs_gold = pytest.mark.skipif("REPORTQA_GOLD" not in os.environ, reason="REPORTQA_GOLD names no gold directory")

GROWTH = "全市生产总值增长8.4%，新增高新技术企业143家。"
CHAMPIONS = "新增省级单项冠军10家。"
BUILT = "新建17家企业。"
AIM = "生产总值增长6%左右"
TEXT = f"一、去年工作\n{GROWTH}{CHAMPIONS}{BUILT}\n二、今年任务\n{AIM}，单项冠军5家。"
PAST, FUTURE = ["一、去年工作"], ["二、今年任务"]


def quote(
    text: str, section: Sequence[str] = (), mark: str = "", shift: int = 0, place: str = "甲市", year: int = 2022
) -> Quote:
    start = max(0, TEXT.find(text)) + shift
    at = text.find(mark)
    highlights = [(at, at + len(mark))] if mark else []
    cited = Citation("甲市-2022", "", place, year, list(section), "", 1, start, start + len(text), "", "")
    return Quote(text, TEXT, highlights, cited)


def answer(confidence: float, *quotes: Quote) -> Answer:
    return Answer("", bool(quotes), confidence, "", list(quotes), nearest=[] if quotes else [quote(BUILT)])


class FakeQA:
    """Gives the canned answers; refuses what it does not know."""

    def __init__(self, answers: dict[str, Answer], text: str = TEXT) -> None:
        self.answers = answers
        self.text = text
        self.asked: list[tuple[str, list[str], int | None]] = []

    def reports(self) -> list[Report]:
        return [Report("甲市-2022", "", "甲市", 2022, "", "", "", self.text, [], [], "", "", "", [])]

    def ask(self, question: str, history: Sequence[Record] = (), top_k: int | None = None) -> Answer:
        assert all(isinstance(exchange["answer"], Answer) for exchange in history)
        self.asked.append((question, [exchange["question"] for exchange in history], top_k))
        if not question.strip("？"):
            raise QuestionError("请输入一个问题。")
        return self.answers.get(question, answer(0.1))


class FakeFullQA(FakeQA):
    """Verifies and locates too."""

    def verify(self, text: str) -> list[SimpleNamespace]:
        exact = SimpleNamespace(verdict="exact", changes=[])
        changed = SimpleNamespace(verdict="number_changed", changes=[("9.7%", "7.9%")])
        return {"exact": [exact], "changed": [exact, changed], "missed": [exact]}.get(text, [])

    def locate(self, citation: str) -> list[Quote]:
        if citation != "一":
            raise NotFound("没有这一部分。")
        return [quote(GROWTH, PAST), quote(AIM, FUTURE)]


def ask_all(
    qa: FakeQA, gold: Path, predictions: Path | None = None, progress: Any = None
) -> dict[str, dict[str, float | str | None]]:
    return evaluate(cast("ReportQA", qa), gold, predictions, progress)


def write(directory: Path, name: str, records: Sequence[Record]) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / f"{name}.jsonl"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def item(identifier: str, evidence: Sequence[str], answers: Sequence[str], **more: Any) -> Record:
    return {"id": identifier, "question": identifier, "evidence": list(evidence), "answers": list(answers), **more}


QUESTIONS = [
    item("right", ["生产总值增长8.4%"], ["8.4%"], kind="number", section=["1"], also_sections=[["一、去年工作。"]]),
    item("second", ["高新技术企业143家"], ["143家"], kind="number", section=PAST),
    item("half", [AIM, "单项冠军5家"], ["6%左右", "5家"], kind="target", section=PAST, need="all"),
    item("refused", [CHAMPIONS], ["10家"], kind="target"),
    item("tail", ["7家企业"], ["7家"]),
]
ANSWERS = {
    "right": answer(0.9, quote(GROWTH, PAST, "8.4%")),
    "second": answer(0.8, quote(CHAMPIONS, PAST), quote(GROWTH, PAST)),
    "half": answer(0.6, quote(AIM, FUTURE)),
    "refused": answer(0.2),
    "tail": answer(0.4, quote(BUILT, PAST, "7家", shift=1)),
}


def test_questions_by_hand(tmp_path: Path) -> None:
    write(tmp_path, "questions", QUESTIONS)
    qa = FakeQA(ANSWERS)
    assert ask_all(qa, tmp_path) == {
        "questions": {
            "hit@1": 0.4,
            "hit@3": 0.6,
            "hit@5": 0.6,
            "mrr@10": 0.5,
            "answer_marked@1": 0.2,
            "answer_shown@3": 0.4,
            "answer@150": 0.6,
            "right_report@1": 0.8,
            "section_right": 0.5,
            "false_refusal": 0.2,
            "quotes_verbatim": 0.8,
            "n": 5,
        },
        "questions hit@1 by kind": {"": "0/1", "number": "1/2", "target": "1/2"},
    }
    assert [top_k for _, _, top_k in qa.asked] == [10] * 5


def test_refusals_and_confidence_by_hand(tmp_path: Path) -> None:
    write(tmp_path, "questions", QUESTIONS)
    kinds = {"silent": "near_miss", "invented": "near_miss", "？": "chitchat"}
    write(tmp_path, "unanswerable", [{"id": k, "question": k, "kind": v} for k, v in kinds.items()])
    results = ask_all(FakeQA({**ANSWERS, "silent": answer(0.4), "invented": answer(0.9, quote(BUILT))}), tmp_path)
    assert results["unanswerable"] == {"refused": 0.6667, "refused_near_misses": 0.5, "n": 3}
    # against 0.4, 0.9 and 0.0 (could not be asked): 0.9 wins 2.5, 0.8 and 0.6 win 2 each, 0.4 wins 1.5, 0.2 wins 1
    assert results["refusal"] == {"refusal_auroc": 0.6, "n": 8}


def test_followups_lean_on_the_turns_before(tmp_path: Path) -> None:
    turns = [
        {"question": "right"},
        item("", [AIM], ["6%左右"], question="half"),
        item("", ["x"], ["x"], question="new"),
    ]
    write(tmp_path, "followups", [{"id": "f", "turns": turns}])
    qa = FakeQA(ANSWERS)
    assert ask_all(qa, tmp_path) == {"followups": {"later_turns_hit@1": 0.5, "n": 2}}
    assert qa.asked == [("right", [], 10), ("half", ["right"], 10), ("new", ["right", "half"], 10)]


def test_quotes_and_locate_by_hand_where_the_product_has_them(tmp_path: Path) -> None:
    quotes = [
        {"id": "1", "text": "exact", "verdict": "exact"},
        {"id": "2", "text": "changed", "verdict": "number_changed", "wrong": "增长9.7%", "right": "7.9%"},
        {"id": "3", "text": "missed", "verdict": "word_changed", "wrong": "甲", "right": "乙"},
        {"id": "4", "text": "unknown", "verdict": "absent"},
    ]
    write(tmp_path, "quotes", quotes)
    write(tmp_path, "locate", [{"id": c, "citation": c, "section": PAST} for c in ("一", "九")])
    assert ask_all(FakeFullQA({}), tmp_path) == {
        "locate": {"located": 0.5, "n": 2},
        "quotes": {"verdict_right": 0.75, "change_pinpointed": 0.5, "altered_passed_as_true": 0.5, "n": 4},
    }
    with pytest.raises(ReportQAError, match="没有可评测的文件"):
        ask_all(FakeQA({}), tmp_path)


def test_compare_by_hand(tmp_path: Path) -> None:
    parts = [item("", [AIM], ["6%"], place=place, year=2025) for place in ("甲省", "乙省")]
    write(tmp_path, "compare", [{"id": q, "question": q, "parts": parts} for q in ("both", "one")])
    first, second = (quote(AIM, place=place, year=2025) for place in ("甲省", "乙"))
    qa = FakeQA({"both": answer(1, second, first), "one": answer(1, first, quote(AIM, place="乙省", year=2024))})
    assert ask_all(qa, tmp_path) == {"compare": {"parts_found": 0.75, "all_parts_found": 0.5, "n": 2}}


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        (GROWTH, True),
        ("全市生产总值增长８．４％", True),
        ("生产 总值增长8.4%", True),
        ("值增长8.4%", False),  # a piece, of 8 characters at most
        ("总产总值增长8.4%", False),
        ("市生产总值增长8.4%", True),
        ("全市生产总值增长", False),  # a piece without the answer
        (GROWTH + "空" * (241 - len(GROWTH)), False),
        (GROWTH + "空" * (240 - len(GROWTH)) + " ", True),
    ],
)
def test_what_hits(text: str, hit: bool) -> None:
    gold = item("q", [AIM, "全市生产总值增长8.4%"], ["8.4%"])
    predicted = {"q": {"id": "q", "found": True, "quotes": [{"text": text}]}}
    assert measure({"questions": [gold]}, {"questions": predicted})["questions"]["hit@1"] == hit


def test_a_quote_is_verbatim_only_where_it_is_cited_from() -> None:
    def verbatim(text: str, start: int, report: str = "r") -> float | str | None:
        said = {"text": text, "report_id": report, "start": start, "end": start + len(text)}
        predicted = {"questions": {"q": {"found": True, "quotes": [said]}}}
        return measure({"questions": [item("q", ["x"], ["x"])]}, predicted, {"r": TEXT})["questions"]["quotes_verbatim"]

    at = TEXT.index(GROWTH)
    assert verbatim(GROWTH, at) == 1
    assert verbatim(GROWTH, at + 1) == 0
    assert verbatim(GROWTH.replace("%", "％"), at) == 0
    assert verbatim(GROWTH, at, "乙市-2022") == 0


def test_predictions_are_written_as_they_are_measured(tmp_path: Path) -> None:
    broken = "a\u2028b\x85c"
    write(tmp_path / "gold", "questions", [*QUESTIONS, item("odd", [broken], [broken])])
    answers = {**ANSWERS, "odd": answer(0.5, quote(broken))}
    told: list[tuple[int, int]] = []
    results = ask_all(FakeQA(answers), tmp_path / "gold", tmp_path / "out" / "deep", lambda *at: told.append(at))
    lines = (tmp_path / "out/deep/questions.jsonl").read_text(encoding="utf-8").splitlines()
    written = {record["id"]: record for record in map(json.loads, lines)}
    assert (
        measure(
            {"questions": read_gold(tmp_path / "gold/questions.jsonl")}, {"questions": written}, {"甲市-2022": TEXT}
        )
        == results
    )
    assert told == [(done, 6) for done in range(1, 7)]
    assert written["refused"] == {"id": "refused", "found": False, "confidence": 0.2, "quotes": []}
    start = TEXT.index(GROWTH)
    assert written["right"]["quotes"] == [
        {
            "text": GROWTH,
            "highlights": [[GROWTH.index("8.4%"), GROWTH.index("8.4%") + 4]],
            "section": PAST,
            "place": "甲市",
            "year": 2022,
            "report_id": "甲市-2022",
            "start": start,
            "end": start + len(GROWTH),
        }
    ]


FOLLOWUP = {"id": "f", "turns": [{"question": "a"}, {"question": "b", "answers": []}]}
ALTERED = {"id": "v", "text": "a", "verdict": "word_changed", "wrong": "a"}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("questions", "", "是空的"),
        ("questions", '\n{"id": "a", ', "第 2 行不是完整的 JSON 记录"),
        ("questions", "[1]", "第 1 行不是完整的 JSON 记录"),
        ("questions", '{"id": "a", "question": "a", "answers": []}', "第 1 行缺少“evidence”.*应是文字的列表"),
        ("questions", '{"id": "a", "question": "a", "answers": [8], "evidence": []}', "“answers”或它不合格式"),
        ("questions", json.dumps(item("a", [], [], year=2022)), "“place”"),
        ("questions", "\n".join([json.dumps(item("a", [], []))] * 2), "第 2 行的编号“a”与前面的重复"),
        ("questions", json.dumps(item("a", [], [], section=None)), "“section”"),
        ("unanswerable", '{"id": "a", "question": "a"}', "“kind”"),
        ("followups", json.dumps(FOLLOWUP), "第 2 轮缺少“evidence”"),
        ("compare", '{"id": "a", "question": "a", "parts": [{"answers": []}]}', "第 1 个部分缺少“evidence”"),
        ("quotes", json.dumps(ALTERED), "“right”"),
        ("quotes", '{"id": "a", "text": "a", "verdict": "true"}', "“verdict”.*exact 之一"),
        ("locate", '{"id": "a", "citation": "一", "section": "一"}', "“section”"),
    ],
)
def test_bad_gold_is_named(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    (tmp_path / f"{name}.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(ReportQAError, match=complaint) as caught:
        ask_all(FakeFullQA({}), tmp_path)
    assert str(tmp_path / f"{name}.jsonl") in str(caught.value)


def test_bad_directories_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReportQAError, match="找不到评测目录"):
        ask_all(FakeQA({}), tmp_path / "nowhere")
    with pytest.raises(ReportQAError, match=r"没有可评测的文件.*questions\.jsonl"):
        ask_all(FakeQA({}), tmp_path)
    gold = write(tmp_path, "questions", QUESTIONS)
    with pytest.raises(ReportQAError, match="会覆盖题目"):
        ask_all(FakeQA({}), tmp_path, tmp_path)
    with pytest.raises(ReportQAError, match="预测结果写不进"):
        ask_all(FakeQA({}), tmp_path, gold)
    gold.write_bytes("文".encode("gb18030"))
    with pytest.raises(ReportQAError, match="UTF-8"):
        ask_all(FakeQA({}), tmp_path)


RESULTS: dict[str, dict[str, float | str | None]] = {
    "questions": {"hit@1": 0.75, "false_refusal": 0.1, "section_right": None, "n": 4},
    "questions hit@1 by kind": {"list": "1/2"},
}


def test_floor(tmp_path: Path) -> None:
    floor = tmp_path / "floor.json"
    met = {"questions": {"hit@1": 0.75, "false_refusal": 0.1}, "questions hit@1 by kind": {"list": 0.5}}
    floor.write_text(json.dumps(met), encoding="utf-8")
    assert below_floor(RESULTS, floor) == []
    missed = {
        "questions": {"hit@1": 0.8, "false_refusal": 0.05, "section_right": 0.9},
        "questions hit@1 by kind": {"list": 0.6},
        "quotes": {"altered_passed_as_true": 0},
    }
    floor.write_text(json.dumps(missed), encoding="utf-8")
    assert below_floor(RESULTS, floor) == [
        "questions 的 hit@1 是 0.75，应不低于 0.8。",
        "questions 的 false_refusal 是 0.1，应不高于 0.05。",
        "questions 的 section_right 没有测出，应不低于 0.9。",
        "questions hit@1 by kind 的 list 是 1/2，应不低于 0.6。",
        "quotes 的 altered_passed_as_true 没有测出，应不高于 0。",
    ]


@pytest.mark.parametrize("content", [None, "{", "[]", '{"questions": 1}', '{"questions": {"hit@1": "high"}}'])
def test_a_bad_floor_is_named(tmp_path: Path, content: str | None) -> None:
    floor = tmp_path / "floor.json"
    if content is not None:
        floor.write_text(content, encoding="utf-8")
    with pytest.raises(ReportQAError, match="读不了下限文件"):
        below_floor(RESULTS, floor)


def test_render_aligns() -> None:
    assert render(RESULTS).splitlines() == [
        "questions",
        "  hit@1            0.7500",
        "  false_refusal    0.1000",
        "  section_right         -",
        "  n                     4",
        "questions hit@1 by kind",
        "  list                1/2",
    ]
    assert render({}) == ""


@pytest.fixture(scope="module")
def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gold_score", GOLD.parent / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scored(
    scorer: ModuleType,
    arguments: Sequence[Path | str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    monkeypatch.setattr("sys.argv", ["score.py", *map(str, arguments), "--json"])
    scorer.main()
    return json.loads(capsys.readouterr().out)


INVENTED = "这句话是编造的，哪份报告里也没有，增长99.9%。"
SPELLINGS = (str, lambda h: h.replace("(", "（").replace(")", "） ") + "。", lambda h: h + "甲", lambda h: h[:0])


def artificial_quotes(gold: Record, number: int) -> list[Record]:
    """Return quotes that are right, wrong, long, empty, cut, spaced, of another report or ill marked, as ``number`` says."""
    evidence, wanted = gold["evidence"][number % len(gold["evidence"])], gold["answers"][0]
    texts = [
        *(f"去年，{evidence}。", evidence, evidence[2:], evidence[: len(evidence) // 2 + 4], wanted, "1" + evidence),
        *(
            evidence + "，此外还有很多" * 40,
            "",
            INVENTED,
            " ".join(evidence).replace("%", "％"),
            "。".join(gold["answers"]),
        ),
    ]
    heading = SPELLINGS[number % 4]
    paths = [gold.get("section", []), *gold.get("also_sections", [])]
    quotes = []
    for place in range(number % 13):
        text = texts[(number + place * (1 + number % 3)) % len(texts)] if (number + place) % 4 else INVENTED
        at = text.find(wanted)
        mark = ([[at, at + len(wanted)]] if at >= 0 else [], [[0, 2], [3, len(text)]], [[0, 61]], None)[number % 4]
        quotes.append({"text": text, "highlights": mark, "section": [heading(h) for h in paths[number % len(paths)]]})
        if "year" in gold:
            named = (gold["place"], gold["place"][:2], "中国" + gold["place"].rstrip("省市"), "北京市", "", None)
            quotes[-1] |= {"place": named[place % 6], "year": (gold["year"], str(gold["year"]), 1999)[number % 3]}
    return quotes


def artificial_answer(gold: Record, number: int) -> Record:
    answered = {"found": number % 7 != 3, "quotes": artificial_quotes(gold, number)}
    return answered if number % 5 == 2 else {**answered, "confidence": (0.9, 0.5, 0.25, None)[number % 4]}


def artificial_prediction(name: str, gold: Record, number: int) -> Record:
    """Return some prediction for one gold record."""
    if name == "followups":
        turns = [artificial_answer(turn, number + place) for place, turn in enumerate(gold["turns"])]
        return {"id": gold["id"], "turns": turns[: number % 5]}
    if name == "quotes":
        right = [gold["wrong"], gold["right"]]
        changes: tuple[list[list[str]] | None, ...]
        changes = ([right], [], [["甲", "乙"], [f"全{right[0]}", right[1]]], [[right[0] + "甲" * 9, right[1]]], None)
        verdict = (gold["verdict"], gold["verdict"], "exact", "paraphrase", "word_changed")[number % 5]
        return {"id": gold["id"], "verdict": verdict, "changes": changes[(number + number // 5) % 5]}
    if name == "locate":
        return {"id": gold["id"], "section": [SPELLINGS[number % 4](heading) for heading in gold["section"]]}
    if name == "compare":
        quotes = [q for place, part in enumerate(gold["parts"]) for q in artificial_quotes(part, 3 * number + place)]
        return {"id": gold["id"], "found": number % 6 != 3, "quotes": quotes, "confidence": 0.5}
    return {"id": gold["id"], **artificial_answer(gold if "evidence" in gold else item("", ["甲"], ["乙"]), number)}


@needs_gold
@pytest.mark.parametrize("directory", ["gold", "corpus-gold"])
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_agrees_with_the_scorer_of_the_gold(
    scorer: ModuleType,
    directory: str,
    seed: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = GOLD if directory == "gold" else GOLD.parent / directory
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    gold = {path.stem: read_gold(path) for path in folder.glob("*.jsonl")}
    predicted = {
        name: {
            record["id"]: artificial_prediction(name, record, number + seed * 17)
            for number, record in enumerate(records)
            if number % 11 != 5
        }
        for name, records in gold.items()
    }
    quotes = [quote for answered in predicted["questions"].values() for quote in answered["quotes"]]
    source = "\n".join(["", *dict.fromkeys(quote["text"] for quote in quotes if quote["text"] != INVENTED)])
    for quote in quotes:
        start = max(0, source.find(quote["text"]))
        quote |= {"report_id": "r", "start": start, "end": start + len(quote["text"])}
    for name, answers in predicted.items():
        write(tmp_path / "out", name, list(answers.values()))
    (tmp_path / "report.txt").write_text(source, encoding="utf-8")
    expected = scored(scorer, [folder, tmp_path / "out", "--report", tmp_path / "report.txt"], monkeypatch, capsys)
    measured = measure(gold, predicted, {"r": source})
    assert measured == expected
    assert list(measured) == list(expected)
    shares = [value for name in gold for value in measured[name].values() if name != "n" and value is not None]
    assert 0 < cast("float", measured["questions"]["hit@1"]) < cast("float", measured["questions"]["hit@5"]) < 1
    assert len(set(shares)) > 8
    without = scored(scorer, [folder, tmp_path / "out"], monkeypatch, capsys)
    assert measure(gold, predicted) == without


@needs_gold
def test_what_evaluate_writes_scores_the_same(
    scorer: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = read_gold(GOLD / "questions.jsonl")
    answers = {
        q["question"]: answer(number % 10 / 10, *(quote(e, q["section"], q["answers"][0]) for e in q["evidence"]))
        for number, q in enumerate(questions)
        if number % 3
    }
    results = ask_all(FakeFullQA(answers), GOLD, tmp_path)
    for metrics in results.values():
        metrics.pop("quotes_verbatim", None)
    expected = scored(scorer, [GOLD, tmp_path], monkeypatch, capsys)
    expected["questions"].pop("quotes_verbatim")
    assert results == expected


@needs_gold
def test_folds_every_character_as_the_scorer_does(scorer: ModuleType) -> None:
    for code in range(0x30000):
        text = f"甲{chr(code)}乙"
        assert evaluation._fold(text) == scorer.fold(text), hex(code)
