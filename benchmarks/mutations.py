"""What verification makes of sentences altered in one place, and of sentences altered in nothing that matters.

    python benchmarks/mutations.py --index INDEX [--each 5] [--seed 0] [--misses FILE]

Every sentence of every report of the index is checked unchanged, with one figure, one unit, one word of direction or
one name altered, a bound or a negation left out, two figures exchanged (``--each`` times of each kind at most), with
praise, a false frame, a hedge or a denial put in; so is a
fragment of it, as people quote; and the sentence with only its width, spacing, quotation marks or numerals
written otherwise.  Prints Markdown: how many were caught and pinpointed, how many accused.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import jieba.posseg

from reportqa import embedding
from reportqa.index import Index, open_index
from reportqa.lexical import bundled_lexicon
from reportqa.passages import Passages
from reportqa.schema import Finding
from reportqa.text import clause_spans, fold
from reportqa.verification import Verifier

_FIGURE = re.compile(r"(?<![\d.A-Za-zＡ-Ｚ])\d+(?:\.\d+)?(?![\d.,A-Za-z]|[^\S\n]*\d)")
_UNITS = (
    ("个百分点", "%"),
    ("%", "个百分点"),
    ("％", "个百分点"),
    ("亿", "万"),
    ("万", "亿"),
    ("公里", "米"),
    ("人", "户"),
    ("户", "人"),
    ("家", "个"),
    ("个", "家"),
    ("项", "个"),
    ("吨", "公斤"),
    ("亩", "公顷"),
    ("倍", "%"),
    ("元", "美元"),
)
_OPPOSITES = (
    "增长 下降|提高 降低|上升 下降|增加 减少|扩大 缩小|高于 低于|快于 慢于|首位 第二位|第一 第二|超过 不足|升至 降至|全国 全省|全省 全国|"
    "国家级 省级|省级 国家级|以上 以下|以内 以上|左右 以上|加快 放缓|加强 削弱|完成 启动|全部 部分|优先 推迟|提升 下滑|支持 限制|去年 前年|今年 明年"
)
_FULL_WIDTH = str.maketrans(
    {chr(c): chr(c + 0xFEE0) for c in range(0x30, 0x7B) if chr(c).isalnum()} | {"%": "％", ",": "，"}
)
_PRAISE_WORDS = "位居全国首位 创历史最好水平 远超预期目标 得到中央充分肯定 全省排名第一 均未达到预期"
_PRAISE = _PRAISE_WORDS.split()
_FRAMES_WORDS = "居全国首位的政府工作报告指出 去年30亿元减税工作报告提出 被通报批评的政府工作报告提出 政府工作报告（国务院批准）指出 工作报告没有提到 市长宣布工业利润翻番并指出"
_FRAMES = _FRAMES_WORDS.split()
_BOUNDED = re.compile("[约近超逾过破余多第—-][达到了至为]?$|不低于$|以$|[到至—-]$|[a-zA-Z“（(+/]$|^$|\\d$")
_LEAST_FRAGMENT = 8
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A sentence with one thing altered: ``wrong`` stands where ``right`` stood; both "" where nothing matters."""

    kind: str
    text: str
    wrong: str = ""
    right: str = ""


def chinese(number: int) -> str:
    """Write a number below 10^8 in Chinese numerals: 1300 一千三百."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        return chinese(high) + "万" + ("" if not low else ("零" if low < 1000 else "") + chinese(low))
    digits = str(number)
    written = ""
    for place, digit in zip(reversed(range(len(digits))), digits, strict=True):
        if digit != "0":
            written += _DIGITS[int(digit)] + ("", "十", "百", "千")[place]
        elif written and not written.endswith("零"):
            written += "零"
    written = written.rstrip("零") or "零"
    return written[1:] if written.startswith("一十") else written


def other_number(number: str, chance: random.Random) -> str:
    """Return another number that looks like it: two digits exchanged, one replaced, the point moved."""
    ways = []
    for at in range(len(number) - 1):
        one, other = number[at], number[at + 1]
        if one.isdigit() and other.isdigit() and one != other and not (at == 0 and other == "0"):
            ways.append(number[:at] + other + one + number[at + 2 :])
    at = chance.choice([i for i, c in enumerate(number) if c.isdigit()])
    digit = chance.choice([d for d in "123456789" if d != number[at]])
    ways.append(number[:at] + digit + number[at + 1 :])
    if "." in number:
        ways.append(number.replace(".", "").lstrip("0"))
    else:
        ways.append(number + "0")
    different = [way for way in ways if float(way) != float(number)]
    return chance.choice(different)


def altered(sentence: str, names: dict[str, list[str]], each: int, chance: random.Random) -> Iterator[Mutant]:
    """Yield the sentence with one figure, unit, direction or name altered."""
    numbers = list(_FIGURE.finditer(sentence))
    for match in chance.sample(numbers, min(each, len(numbers))):
        new = other_number(match[0], chance)
        yield _replaced("figure", sentence, match.start(), match[0], new)
    units = [
        (match.end() - len(unit), unit, other)
        for unit, other in _UNITS
        for match in re.finditer(rf"\d\s*(?:[万亿](?![万亿]))?{re.escape(unit)}(?!次|元|亿|百分)", sentence)
    ]
    for at, unit, other in chance.sample(units, min(each, len(units))):
        yield _replaced("unit", sentence, at, unit, other)
    words = [
        (match.start(), one, other)
        for pair in _OPPOSITES.split("|")
        for one, other in [pair.split()]
        for match in re.finditer(rf"(?<!不){one}(?!点|期|度)", sentence)
    ]
    for at, one, other in chance.sample(words, min(each, len(words))):
        yield _replaced("direction", sentence, at, one, other)
    bounds = list(
        re.finditer(r"(?<=\d)[余多]|左右|(?<=[\d%家个项万亿元人])以上|(?<=[\u4e00-\u9fff])[超近](?=\d)", sentence)
    )
    for match in chance.sample(bounds, min(each, len(bounds))):
        figure = min(_FIGURE.finditer(sentence), key=lambda found: abs(found.start() - match.start()), default=None)
        if figure is not None:
            yield Mutant("bound", sentence[: match.start()] + sentence[match.end() :], figure[0], figure[0])
    denied = list(re.finditer(r"不(?=[断够足强大高低])|(?<![\d])未(?=[能有见发])|没有(?=[\u4e00-\u9fff])", sentence))
    for match in chance.sample(denied, min(each, len(denied))):
        if match[0] != "不" or sentence[match.end()] != "断":
            after = sentence[match.end()]
            yield Mutant("negation", sentence[: match.start()] + sentence[match.end() :], after, match[0] + after)
    alike = [
        (one, other)
        for one in numbers
        for other in numbers
        if one.start() < other.start()
        and float(one[0]) != float(other[0])
        and sentence[one.end() : one.end() + 2] == sentence[other.end() : other.end() + 2]
    ]
    for first, second in chance.sample(alike, min(each, len(alike))):
        between = sentence[first.end() : second.start()]
        text = sentence[: first.start()] + second[0] + between + first[0] + sentence[second.end() :]
        yield Mutant("exchanged", text, second[0], first[0])
    yield from _added(sentence, numbers, chance)
    named = [(m.start(), name) for name in names_in(sentence) for m in re.finditer(re.escape(name), sentence)]
    for at, name in chance.sample(named, min(each, len(named))):
        others = [other for other in names.get(_kind(name), []) if other not in sentence and not set(other) & set(name)]
        if others:
            yield _replaced("name", sentence, at, name, chance.choice(others))


def _added(sentence: str, numbers: list[re.Match[str]], chance: random.Random) -> Iterator[Mutant]:
    """Yield the sentence with praise, a false frame, a hedge or a denial put in."""
    end = len(sentence.rstrip("。！？!?”"))
    praise = chance.choice(_PRAISE)
    yield Mutant("clause put in", f"{sentence[:end]}，{praise}{sentence[end:]}", praise)
    frame = chance.choice(_FRAMES)
    yield Mutant("frame", f"{frame}，{sentence}", frame)
    bare = [
        m for m in numbers if not _BOUNDED.search(sentence[: m.start()]) and not sentence[m.end() :].startswith("年")
    ]
    for match in chance.sample(bare, min(1, len(bare))):
        bound = re.match(r"[^，,；;。]{0,5}?(?:(以上|余|多)|左右|上下)", sentence[match.end() :])
        hedge = chance.choice("约近超" if not bound else "约近" if bound[1] else "近超")  # 超2个以上 is 2个以上
        text = sentence[: match.start()] + hedge + sentence[match.start() :]
        yield Mutant("hedge put in", text, hedge + match[0], match[0])
    verbs = [
        m
        for m in re.finditer("增长|完成|建成|获评|入选|实现", sentence)
        if sentence[m.start() - 1 : m.start()] not in ("未", "不")
    ]
    for match in chance.sample(verbs, min(1, len(verbs))):
        yield Mutant("denied", f"{sentence[: match.start()]}未{sentence[match.start() :]}", f"未{match[0]}", match[0])


def _replaced(kind: str, sentence: str, at: int, right: str, wrong: str) -> Mutant:
    return Mutant(kind, sentence[:at] + wrong + sentence[at + len(right) :], wrong, right)


def names_in(sentence: str) -> list[str]:
    """Return the place names of a sentence."""
    return list(dict.fromkeys(w for w, tag in jieba.posseg.cut(sentence) if tag == "ns" and len(w) > 1))


def _kind(name: str) -> str:
    return name[-1] if name[-1] in "省市县区州镇" else ""


def harmless(sentence: str, chance: random.Random) -> Iterator[Mutant]:
    """Yield the sentence in another width, spacing, quotation style, and with its numbers in Chinese numerals."""
    yield Mutant("width", sentence.translate(_FULL_WIDTH))
    spaced = "".join(c + (chance.choice((" ", "　", "\u2009")) if chance.random() < 0.15 else "") for c in sentence)
    yield Mutant("spacing", spaced)
    if "“" in sentence:
        yield Mutant("quotation", sentence.replace("“", "「").replace("”", "」"))
        yield Mutant("quotation", sentence.replace("“", '"').replace("”", '"'))

    def spelt(match: re.Match[str]) -> str:
        whole, _, decimals = match[1].partition(".")
        if len(whole) > 7:
            return match[0]
        if match[2] is None and (not decimals) and len(whole) == 4 and sentence[match.end() : match.end() + 1] == "年":
            return "".join(_DIGITS[int(d)] for d in whole)
        written = chinese(int(whole)) + ("点" + "".join(_DIGITS[int(d)] for d in decimals) if decimals else "")
        return f"百分之{written}" if match[2] else written

    rewritten = re.sub(
        r"(?<![\d.,A-Za-z₀-₉_{\-—/+×:：-])(\d+(?:\.\d+)?)(?![\d.,A-Za-z\-—~/+×:：-]|\s*\d)([%％])?", spelt, sentence
    )
    if rewritten != sentence:
        yield Mutant("numerals", rewritten)


def fragments(sentence: str, chance: random.Random) -> list[str]:
    """Return a run of one to three clauses of a sentence, as people quote them."""
    spans = clause_spans(sentence)
    first = chance.randrange(len(spans)) if spans else 0
    last = min(len(spans), first + chance.choice((1, 1, 2, 3)))
    piece = sentence[spans[first][0] : spans[last - 1][1]] if spans else ""
    return [piece] if _LEAST_FRAGMENT <= len(piece) < len(sentence) - 1 else []


def sentences(index: Index) -> list[tuple[int, str]]:
    """Return the sentences of an index, each with the number of its report."""
    rows = index.sentence_rows
    return [(int(row[0]), index.reports[int(row[0])].text[int(row[4]) : int(row[5])]) for row in rows]


def _names(said: str, meant: str) -> bool:
    one, other = fold(said), fold(meant)
    return 0 < len(one) <= len(other) + 8 and (one in other or other in one)


def pinpointed(mutant: Mutant, findings: Iterable[Finding]) -> bool:
    """Whether a finding names the altered words and the right ones, each with at most 8 characters about it."""
    changes = [change for finding in findings for change in finding.changes]
    if not mutant.right:
        return any(
            fold(mutant.wrong) in fold(wrong) or (wrong and fold(wrong) in fold(mutant.wrong)) for wrong, _ in changes
        )
    return any(_names(wrong, mutant.wrong) and _names(right, mutant.right) for wrong, right in changes)


def caught(findings: Iterable[Finding]) -> bool:
    """Whether anything is said against a text."""
    return any(finding.verdict not in ("exact", "paraphrase") for finding in findings)


def measure(
    verifier: Verifier, each: int, seed: int, limit: int | None = None
) -> tuple[Counter[str], list[dict[str, object]]]:
    """Check every sentence in all its forms; return counts and the misses."""
    chance = random.Random(seed)  # noqa: S311 - the same mutants every time
    everything = sentences(verifier.index)
    corpus = "\n".join(fold(report.text) for report in verifier.index.reports)
    names: dict[str, list[str]] = {}
    for _, sentence in everything:
        for name in names_in(sentence):
            names.setdefault(_kind(name), []).append(name)
    names = {kind: sorted(set(found)) for kind, found in names.items()}
    counts: Counter[str] = Counter()
    misses: list[dict[str, object]] = []
    for _, sentence in everything[:limit]:
        if "\n" in sentence:
            continue
        for mutant in (Mutant("unchanged", sentence), *harmless(sentence, chance)):
            findings = verifier.verify(mutant.text)
            fine = bool(findings) and not caught(findings)
            if mutant.kind == "unchanged":
                fine = fine and all(finding.verdict == "exact" for finding in findings)
            counts[f"{mutant.kind}: n"] += 1
            counts[f"{mutant.kind}: fine"] += fine
            if not fine:
                misses.append(_miss(mutant, sentence, findings))
        pieces = [("", sentence), *(("fragment, ", piece) for piece in fragments(sentence, chance))]
        mutants = [
            replace(mutant, kind=part + mutant.kind)
            for part, piece in pieces
            for mutant in altered(piece, names, each if not part else 1, chance)
        ]
        for mutant in mutants:
            if fold(mutant.text).rstrip("。") in corpus:
                continue
            findings = verifier.verify(mutant.text)
            counts[f"{mutant.kind}: n"] += 1
            counts[f"{mutant.kind}: caught"] += caught(findings)
            counts[f"{mutant.kind}: pinpointed"] += pinpointed(mutant, findings)
            if not (caught(findings) and pinpointed(mutant, findings)):
                misses.append(_miss(mutant, sentence, findings))
    return counts, misses


def _miss(mutant: Mutant, sentence: str, findings: list[Finding]) -> dict[str, object]:
    said = [(finding.verdict, finding.changes, finding.notes) for finding in findings]
    return {
        "kind": mutant.kind,
        "text": mutant.text,
        "sentence": sentence,
        "change": (mutant.wrong, mutant.right),
        "said": said,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="of the sentences, only the first")
    parser.add_argument("--misses", type=Path, help="write the misses here, JSON Lines")
    options = parser.parse_args()
    embedder = embedding.load()
    passages = Passages(open_index(options.index, embedder), bundled_lexicon())
    verifier = Verifier(passages, embedder)
    counts, misses = measure(verifier, options.each, options.seed, options.limit)
    if options.misses:
        lines = [json.dumps(miss, ensure_ascii=False) for miss in misses]
        options.misses.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("| alteration | texts | caught | pinpointed | not accused |\n|---|---|---|---|---|")
    kinds = dict.fromkeys(key.partition(":")[0] for key in counts)
    for kind in kinds:
        n = counts[f"{kind}: n"]
        shares = [
            f"{counts[key] / n:.4f}" if (key := f"{kind}: {what}") in counts else ""
            for what in ("caught", "pinpointed", "fine")
        ]
        print(f"| {kind} | {n} | {' | '.join(shares)} |")
    for what, of in (("caught", "altered"), ("pinpointed", "altered"), ("fine", "harmless")):
        kinds_of = [kind for kind in kinds if f"{kind}: {what}" in counts]
        n = sum(counts[f"{kind}: n"] for kind in kinds_of)
        print(f"\n{of}, {what}: {sum(counts[f'{kind}: {what}'] for kind in kinds_of) / n:.4f} of {n}")


if __name__ == "__main__":
    main()
