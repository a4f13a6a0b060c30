"""Questions made by rule from reports, for what the genre confuses: periods, targets, totals, and things not said.

A clause with a figure, a name in quotation marks, a rank or a list becomes a question for just that; the same clause
becomes questions that nothing near it answers: what it cost, where, who, which ones, another year, the target, the total.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jieba

from reportqa.lexical import bundled_lexicon
from reportqa.periods import ACTUAL, TARGET, Period
from reportqa.text import fold
from training.examples import GROUP, Candidate, Example, clauses_around, grams, likeness
from training.sources import Clause, Source, source_of
from training.wording import (
    ASKING,
    CHANGES,
    COLLOQUIAL,
    CONCRETE,
    COUNTED,
    COUNTY,
    DATE,
    DOING,
    FIGURE,
    LACKING,
    LEADS,
    LIST,
    MEANS,
    MOST,
    OPEN,
    QUOTED,
    RANK,
    REASON,
    TRAILING,
    WHERE,
)

HELD_OUT = re.compile("liaocheng|浙江|四川|广东|河南|陕西|内蒙古|damaged")
"""Reports that no question is made from, so that something unseen is left to measure on."""
FIRST_YEAR = 1992


@dataclass(frozen=True)
class Made:
    """A question made from a clause; ``span`` is the answer in it, None where nothing answers."""

    question: str
    clause: Clause
    span: tuple[int, int] | None
    name: str
    thing: str
    may_answer: Callable[[Candidate, Period], bool] = lambda _candidate, _spoken: False
    """Of a question without an answer: whether a candidate might answer it after all."""


def said(period: Period, year: int, chance: random.Random) -> str:
    """Return a period as people say it, or ""."""
    if not period.known:
        return ""
    if period.first != period.last:
        return chance.choice(("", "五年来" if period.aim != TARGET else "今后五年", f"{period.first}至{period.last}年"))
    if period.aim == TARGET:
        return chance.choice(
            (f"{period.first}年", "今年", f"{period.first}年计划", "今年目标是", "今年打算", "今年预期")
        )
    known = {year - 1: ("去年", "上年", "过去一年"), year: ("今年",)}
    return chance.choice(("", f"{period.first}年", f"{period.first}年", *known.get(period.first, ())))


class Maker:
    """Makes questions from clauses."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        lexicon = bundled_lexicon()
        self._users: dict[str, list[str]] = {}
        for word, terms in lexicon._terms_of.items():
            if not word.isascii() or word in ("gdp", "cpi"):
                for term in terms:
                    self._users.setdefault(fold(term), []).append(word)

    def reworded(self, words: str) -> str:
        """Return words as a user might put them: by an alias, in everyday words, one word left out."""
        if self.chance.random() < 0.4:
            for term in sorted(self._users, key=len, reverse=True):
                if len(term) > 2 and term in words:
                    words = words.replace(term, self.chance.choice(self._users[term]), 1)
                    break
        for formal, plain in COLLOQUIAL:
            if formal in words and self.chance.random() < 0.3:
                words = words.replace(formal, plain, 1)
        if self.chance.random() < 0.25:
            parts = list(jieba.cut(words))
            spare = [i for i, part in enumerate(parts) if not ASKING.search(part)]
            if len(spare) > 3:
                del parts[self.chance.choice(spare)]
                words = "".join(parts)
        return words

    def asked(self, period: str, words: str) -> str:
        """Return a finished question."""
        lead = self.chance.choice(LEADS)
        return lead + period + self.reworded(words) + self.chance.choice(("?", "?", "", "呢?"))

    def of(self, clause: Clause, year: int) -> Iterator[Made]:
        """Yield questions that a clause answers and questions that nothing near it does."""
        if len(clause.words) < 5 or len(clause.words) > 45:
            return
        figures = [m for m in FIGURE.finditer(clause.words) if not clause.words.startswith("年", m.end("number"))]
        for figure in figures[:2] * 2:
            yield from self._figure(clause, figure, year)
        if match := WHERE.search(clause.words):
            a, b = match.span("span")
            rest = clause.words[: match.start()] + clause.words[b:]
            if len(rest) > 5:
                put = self.chance.choice(
                    (f"{clause.words[:a]}哪里{clause.words[b:]}", f"{rest}在哪里", f"{rest}在什么地方")
                )
                yield Made(self.asked("", put), clause, (a, b), "place", "")
        for pattern, words in (
            (QUOTED, ("什么", "什么名称", "哪个")),
            (RANK, ("第几位", "多少名", "第几", "什么位次")),
        ):
            if match := pattern.search(clause.words):
                a, b = match.span("span") if pattern is RANK else match.span()
                if b - a < len(clause.words) - 3:
                    put = clause.words[:a] + self.chance.choice(words) + clause.words[b:]
                    yield Made(self.asked(said(clause.period, year, self.chance), put), clause, (a, b), "name", "")
        following = clause.sentence[clause.start + len(clause.words) + 1 :]
        result = re.split("[,;:。]", following)[0]
        if 5 <= len(result) <= 24 and not FIGURE.search(result):
            if MEANS.search(clause.words):
                put = self.chance.choice((f"如何{result}", f"怎么{result}", f"{result}靠什么", f"{result}用了什么办法"))
                yield Made(self.asked("", put), clause, (0, len(clause.words)), "means", "")
            elif REASON.search(clause.words):
                put = self.chance.choice((f"为什么{result}", f"{result}的原因是什么", f"{result}是因为什么"))
                yield Made(self.asked("", put), clause, (0, len(clause.words)), "reason", "")
        if (match := LIST.search(clause.words)) and match.start() >= 2:
            a, b = match.span("span")
            tail = (match["tail"] or "")[1:]
            before = clause.words[:a]
            put = self.chance.choice((f"{before}哪些{tail}", f"{before}的{tail}有哪些", f"{tail or before}包括哪些"))
            yield Made(self.asked(said(clause.period, year, self.chance), put), clause, (a, b), "list", "")
        if (match := DATE.search(clause.words)) and len(clause.words) - len(match["span"]) > 6:
            a, b = match.span("span")
            rest = (clause.words[:a] + clause.words[b:]).strip("前,")
            put = self.chance.choice((f"{rest}是什么时候", f"什么时候{rest}", f"{rest}的时间"))
            yield Made(self.asked("", put), clause, (a, b), "date", "")
        yield from self._lacking(clause, figures, year)

    def _figure(self, clause: Clause, match: re.Match[str], year: int) -> Iterator[Made]:
        chance, words = self.chance, clause.words
        unit, span = match["unit"], match.span()
        left, right = words[: match.start()], words[match.end() :]
        change = CHANGES.search(left)
        subject = TRAILING.sub("", left[: change.start()] if change else left).strip("，,的")
        doing = DOING.search(left)
        forms = [f"{left}多少{unit if unit != '%' else ''}{right}"]
        if change and subject:
            verb = change[1]
            forms = [
                f"{subject}{verb}多少",
                f"{subject}{verb}了百分之几",
                f"{subject}的{verb}幅度是多少",
                f"{subject}{verb}多少",
            ]
            forms += [f"{subject}增速是多少", f"{subject}增速"] if verb == "增长" else []
        elif subject and len(subject) > 2:
            forms += [f"{subject}是多少", f"{subject}有多少{unit if unit != '%' else ''}", f"{subject}多少"]
            if unit == "元":
                forms += [f"{subject}多少亿", f"{subject}多少钱"]
            if unit == "%":
                forms += [f"{subject}达到百分之几", f"{subject}百分之多少"]
            if doing and left[doing.end() :]:
                forms += [f"{doing[1]}多少{unit}{left[doing.end() :]}", f"{doing[1]}了几{unit}{left[doing.end() :]}"]
        form = chance.choice(forms)
        yield Made(self.asked(said(clause.period, year, chance), form), clause, span, "figure", subject)
        thing = subject or words[:10]
        if len(thing) < 3:
            return

        period = clause.period
        if period.known and chance.random() < 0.8:
            other = period.first + chance.choice((-4, -3, -2, -1, 1, 2, 3))
            named = f"{other}年"

            def same_year(candidate: Candidate, spoken: Period) -> bool:
                return spoken.first <= other <= spoken.last or named[:4] in candidate.words

            yield Made(self.asked(named, form), clause, None, "other year", "", same_year)
        if period.known and period.first == period.last:
            aim = TARGET if period.aim == ACTUAL else ACTUAL
            lead = (
                ("今年目标是", f"{year}年计划", "今年预期", "今年打算")
                if aim == TARGET
                else ("去年", f"{year - 1}年", "上年实际")
            )

            def same_aim(_candidate: Candidate, spoken: Period) -> bool:
                return not spoken.aim or spoken.aim == aim

            yield Made(self.asked(chance.choice(lead), form), clause, None, "other aim", thing, same_aim)
        if change and unit in ("%", "个百分点"):
            put = chance.choice(
                (f"{subject}总量是多少", f"{subject}是多少亿元", f"{subject}达到多少", f"{subject}总额有多少")
            )

            def levels(candidate: Candidate, _spoken: Period) -> bool:
                return bool(re.search(r"元|达到?\d|总[量额]|[万亿]吨|占", candidate.words))

            yield Made(self.asked(said(period, year, chance), put), clause, None, "level", subject, levels)
        elif (
            doing
            and doing[1].startswith(("新", "改造", "引进", "培育", "认定"))
            and (rest := left[doing.end() :] or right)
        ):
            put = chance.choice(
                (
                    f"{rest}总数达到多少{unit}",
                    f"现在一共有多少{unit}{rest}",
                    f"{rest}累计有多少",
                    f"全部{rest}有多少{unit}",
                )
            )

            def totals(candidate: Candidate, _spoken: Period) -> bool:
                return bool(re.search("总数|总量|累计|达到|共|拥有|现有|增至|超过", candidate.words))

            yield Made(self.asked("", put), clause, None, "total", rest, totals)
        if unit in COUNTED.split("|") and (rest := (right or (left[doing.end() :] if doing else "")))[:1]:
            number = match["number"] + match["scale"]
            tail = chance.choice(
                ("叫什么名字", "分别是哪些", "都是谁", "分别在哪里", "名单", "是哪几" + unit, "具体是什么")
            )
            put = f"{chance.choice(('这', '那', ''))}{number}{unit}{rest}{tail}"

            def named_ones(candidate: Candidate, _spoken: Period) -> bool:
                return candidate.words.count("、") > 1 or '"' in candidate.words or "《" in candidate.words

            yield Made(self.asked("", put), clause, None, "which ones", rest, named_ones)

    def _lacking(self, clause: Clause, figures: Sequence[re.Match[str]], year: int) -> Iterator[Made]:
        chance = self.chance
        left = clause.words[: figures[0].start()] if figures else clause.words
        thing = TRAILING.sub("", CHANGES.sub("", left)).strip("，,的")
        if chance.random() < 0.6 and (doing := DOING.search(thing)):
            thing = thing[doing.end() :]
        if not 4 <= len(thing) <= 18:
            return
        if not figures and len(clause.words) - len(thing) < 12 and chance.random() < 0.3:
            put = thing + chance.choice(OPEN)
            yield Made(self.asked(said(clause.period, year, chance), put), clause, (0, len(clause.words)), "open", "")
        if not CONCRETE.search(thing):
            return
        pattern, tails = chance.choice(LACKING)

        def holds(candidate: Candidate, _spoken: Period) -> bool:
            return bool(re.search(pattern, candidate.words.replace(thing, "")))

        yield Made(
            self.asked(chance.choice(("", said(clause.period, year, chance))), thing + chance.choice(tails)),
            clause,
            None,
            "lacking",
            thing,
            holds,
        )
        counties = COUNTY.findall(clause.words)
        if counties and figures:
            old = counties[0]
            new = (
                chance.choice(("茌平", "临清", "宁海", "长丰", "灵宝", "石泉", "昌乐", "定州", "凤台", "永川"))
                + old[-1]
            )
            put = clause.words.replace(old, new)[: figures[0].start()] + "多少" + figures[0]["unit"]

            def there(candidate: Candidate, _spoken: Period) -> bool:
                return new[:2] in candidate.words

            yield Made(self.asked("", put), clause, None, "other place", "", there)


def example_of(made: Made, source: Source, chance: random.Random) -> Example | None:
    """Return the example of a question, with candidates of its report; None where it may not be right."""
    question = made.question[:60]
    asked = grams(question)
    clause = made.clause
    answer = "" if made.span is None else clause.words[slice(*made.span)]
    order = sorted(range(len(source.pieces)), key=lambda i: -likeness(asked, source.bags[i]))[:14]
    if made.span is None:
        thing = grams(made.thing)
        kept = []
        for i in order:
            near = not thing or len(thing & source.bags[i]) >= 0.6 * len(thing)
            if near and made.may_answer(source.pieces[i], source.spoken[i]):
                return None
            kept.append(source.pieces[i])
        first, last = clauses_around(
            clause.sentence, clause.start, clause.start + len(clause.words), chance.randint(32, 96)
        )
        own = Candidate(clause.context, clause.sentence[first:last])
        if made.may_answer(own, clause.period):
            return None
        others = [piece for piece in kept if clause.words not in piece.words]
        chosen = [own, *others[:1], *chance.sample(others[1:9], min(2, len(others[1:9])))][:GROUP]
        chance.shuffle(chosen)
        return Example(question, tuple(chosen), source=made.name)
    at = clause.start + made.span[0]
    first, last = clauses_around(clause.sentence, at, at + len(answer), chance.randint(32, 96))
    if first > at or last < at + len(answer):
        return None
    right = Candidate(clause.context, clause.sentence[first:last])
    wrong = [
        source.pieces[i]
        for i in order
        if answer not in source.pieces[i].words and clause.words not in source.pieces[i].words
    ]
    wrong = [*wrong[:1], *chance.sample(wrong[1:9], min(2, len(wrong[1:9])))]
    place = chance.randint(0, len(wrong))
    return Example(
        question, (*wrong[:place], right, *wrong[place:]), place, at - first, at - first + len(answer), made.name
    )


def made(folder: Path, density: int, chance: random.Random) -> list[Example]:
    """Return the examples made from the reports under ``folder``, about ``density`` for a thousand characters."""
    maker = Maker(chance)
    found: list[Example] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".txt", ".docx") or HELD_OUT.search(str(path)):
            continue
        if (year := re.search(r"(?:19|20)\d\d", path.name)) and int(year[0]) < FIRST_YEAR:
            continue
        source = source_of(path, chance)
        asked = [question for clause in source.clauses for question in maker.of(clause, source.year)]
        chance.shuffle(asked)
        wanted = density * sum(len(piece.words) for piece in source.pieces) // 1000
        seen: dict[str, int] = {}
        mine = []
        for question in asked:
            share = seen.get(question.name, 0)
            if share > MOST[question.name] * wanted + 2:
                continue
            if (example := example_of(question, source, chance)) is not None:
                seen[question.name] = share + 1
                mine.append(example)
            if len(mine) >= wanted:
                break
        found += mine
    return found
