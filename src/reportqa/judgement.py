"""A comparison judged gap by gap: figures as facts, words as words, and whole clauses for what they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from reportqa import sources
from reportqa.alignment import CLAUSE, Run, Text
from reportqa.comparison import (
    FIGURE,
    LEFT_OUT,
    NUMBER,
    PUT_IN,
    SWAPPED,
    WORD,
    Change,
    Comparison,
    Gap,
    conflict,
    years,
)
from reportqa.facts import Figure
from reportqa.passages import Passages
from reportqa.periods import TARGET, Period, period_of
from reportqa.text import fold
from reportqa.wording import (
    DEPENDENT,
    LEANING,
    NEGATION,
    is_period,
    names,
    names_own,
    own_words,
    residue,
    said_periods,
    same_words,
    word_ends,
)

_INTENT_WORDS = "将 要 会 力争 争取 计划 预期 预计 目标 拟 准备 打算 将要"
_INTENT = frozenset(_INTENT_WORDS.split())
_DONE_WORDS = "已 已经 了 曾"
_DONE = frozenset(_DONE_WORDS.split())
_CLOSEST = 14
"""Atoms of the passage that may stand against an altered beginning or end of a claim."""
_LONGEST_SHOWN = 16
"""Characters by which the right words of a change may exceed the wrong ones."""


class Judge:
    """Judges a comparison, gap by gap."""

    def __init__(self, found: Comparison, passages: Passages) -> None:
        self.found = found
        self.claim = found.claim
        self.there = found.passage.text
        self.report = found.passage.report
        self.passages = passages
        self._told: list[tuple[int, int]] = []
        """Folded spans of the claim that figures have accounted for, and below of the passage."""
        self._told_there: list[tuple[int, int]] = []
        self._paired: list[tuple[int, int]] = []
        first, last = found.runs[0].there_first, found.runs[-1].there_last
        equal = {at for run in found.runs for at in range(run.there_first, run.there_last)}
        self._free = [at for at in self.there.figures if first - _CLOSEST <= at < last + _CLOSEST and at not in equal]
        """Numbers of the passage about the claim's counterpart that are still to be held against something."""

    def judge(self) -> None:
        """Fill in the changes, the extra clauses, and whether the claim is verbatim."""
        runs = self.found.runs
        for run in runs:
            for at in range(run.first, run.last):
                if self.claim.atoms[at].number:
                    self._figures(at, at - run.first + run.there_first)
        inner = [Gap(one.last, other.first, one.there_last, other.there_first) for one, other in pairwise(runs)]
        gaps = [gap for gap in (self._before(runs[0]), *inner, self._behind(runs[-1])) if gap is not None]
        for gap in gaps:
            self._look_for_moved(gap)
        for gap in gaps:
            self._gap(gap)
        self.found.changes.sort(key=lambda change: change.there)

    def _figures(self, at: int, other: int) -> bool:
        """Hold a number of the claim against its counterpart; return whether they say the same."""
        self._paired.append((at, other))
        here, there = self.claim.figures[at], self.there.figures[other]
        if other in self._free:
            self._free.remove(other)
        self._told.append((here.start, here.end))
        self._told_there.append((there.start, there.end))
        if here.says_the_same(there):
            spelt = self.claim.folded[here.start : here.end] == self.there.folded[there.start : there.end]
            self.found.verbatim &= spelt
            return True
        self._change(NUMBER, FIGURE, (here.start, here.end), (there.start, there.end))
        return False

    def _change(self, verdict: str, kind: str, here: tuple[int, int], there: tuple[int, int], core: str = "") -> None:
        """Note a change, of folded spans, but for one that has a damaged word of the report right."""
        wrong = self._raw(self.claim, *here)
        right = self._raw(self.there, *there)
        where = self.there.of_folded(*there) if there[0] < there[1] else self.found.span
        if kind != FIGURE and self._mends(wrong, where):
            self._note("errata")
            return
        self.found.changes.append(Change(verdict, wrong, right, where, kind, core))

    def _mends(self, wrong: str, where: tuple[int, int]) -> bool:
        """Whether the claim has just the corrected form of the damaged words that stand at a span of the report's text."""
        text = self.report.text
        damaged = [(a, b, word) for a, b, word in self.report.errata if a < where[1] and where[0] < b]
        if not damaged:
            return False
        start, end = min(where[0], damaged[0][0]), max(where[1], damaged[-1][1])
        mended = text[start:end]
        for a, b, word in reversed(damaged):
            mended = mended[: a - start] + word + mended[b - start :]
        return fold(mended) == fold(text[start : where[0]] + wrong + text[where[1] : end])

    @staticmethod
    def _raw(text: Text, start: int, end: int) -> str:
        if start >= end:
            return ""
        first, last = text.of_folded(start, end)
        words = text.source[first:last]
        return words + "}" if "{" in words and text.source[last : last + 1] == "}" else words

    # The ends.

    def _before(self, run: Run) -> Gap | None:
        first, there, framed = run.first, run.there_first, self.found.framed
        if first == framed:
            self._context(there)
            return None
        start = there
        while start > 0 and self.there.breaks[start] != CLAUSE and there - start < max(_CLOSEST, 2 * first):
            start -= 1
        if self.claim.breaks[first] == CLAUSE:
            start = there
        return Gap(framed, first, start, there)

    def _context(self, there: int) -> None:
        """A claim that begins behind a negation leaves it out."""
        before = self.there.folded[max(0, self.there.atoms[there].start - 2) : self.there.atoms[there].start]
        if self.there.breaks[there] != CLAUSE and (
            left := re.search(r"(?:不|未|没有|没|无|非|严禁|防止|杜绝)$", before)
        ):
            end = self.there.atoms[there].end
            start = self.there.atoms[there].start - len(left[0])
            here = self.claim.atoms[self.found.runs[0].first]
            self._change(WORD, SWAPPED, (here.start, here.end), (start, end))

    def _behind(self, run: Run) -> Gap | None:
        last, there = run.last, run.there_last
        if last == len(self.claim) or self.found.sourced:
            return None
        end = there
        while end < len(self.there) and self.there.breaks[end] != CLAUSE and end - there < _CLOSEST:
            end += 1
        if self.claim.breaks[last] == CLAUSE:
            end = there
        return Gap(last, len(self.claim), there, end)

    # The gaps.

    def _look_for_moved(self, gap: Gap) -> None:
        """Find the numbers of a gap that stand beside it in the passage, in the same clause: 1200家企业, 企业1200家."""
        mine, theirs = self.claim.figures, self.there.figures
        between = range(gap.there_first, gap.there_last)
        if any(at in theirs and not _counts_nothing(theirs[at]) for at in between):
            return
        start, end = self._clause(gap.there_first)
        for at in range(gap.first, gap.last):
            if at not in mine or _counts_nothing(mine[at]):
                continue
            free = [other for other in self._free if start <= other < end]
            same = [other for other in free if mine[at].says_the_same(theirs[other])]
            if found := same or [other for other in free if mine[at].alike(theirs[other])]:
                self._moved(at, found[0])

    def _clause(self, there: int) -> tuple[int, int]:
        """Return the clause of the passage that an atom stands in, or ends behind."""
        start = min(there, len(self.there) - 1)
        if there > 0 and self.there.breaks[there] == CLAUSE:
            start = there - 1
        end = start + 1
        while start > 0 and self.there.breaks[start] != CLAUSE:
            start -= 1
        while end < len(self.there) and self.there.breaks[end] != CLAUSE:
            end += 1
        return start, end

    def _gap(self, gap: Gap) -> None:
        """Judge what stands between two equal runs: clause against clause where there are several."""
        first, last, there_first, there_last = gap
        if first == last and there_first == there_last:
            return
        here, there = self._cuts(self.claim, first, last), self._cuts(self.there, there_first, there_last)
        if first == last and there:
            self.found.verbatim = False
            self._left_out(there_first, there[0], last)
            self._left_out(there[-1], there_last, last)
            if there[0] < there[-1]:
                self._note("elided")
                self._orphaned(there[0], there[-1], last)
            return
        if not here or (len(here) == 1 and here[0] in (first, last) and not there):
            self._piece(first, last, there_first, there_last)
            return
        for start, end in pairwise(here):
            self._extra(start, end)
        cut = (there[0], there[-1]) if there else (there_last, there_last) if first < here[0] else (there_first,) * 2
        self._piece(first, here[0], there_first, cut[0])
        self._piece(here[-1], last, cut[1], there_last)

    @staticmethod
    def _cuts(text: Text, first: int, last: int) -> list[int]:
        return [at for at in range(first, last + 1) if text.breaks[at] == CLAUSE]

    def _note(self, note: str) -> None:
        if note not in self.found.notes:
            self.found.notes.append(note)

    def _extra(self, first: int, last: int) -> None:
        """A whole clause that stands only in the claim."""
        self.found.verbatim = False
        words = self.claim.words(first, last)
        if sources.before(words, own_words(self.report.place)):
            return
        if is_period(words) or not residue(words, self.report.place):
            self._put_in(first, last, self.found.runs[0].there_first)
        else:
            self.found.extra.append((first, last))

    def _piece(self, first: int, last: int, there_first: int, there_last: int) -> None:
        """Judge some words against some words, none of them a whole clause."""
        if first == last and there_first == there_last:
            return
        paired = {at for at, _ in self._paired}
        numbers = [at for at in range(first, last) if self.claim.atoms[at].number and at not in paired]
        taken = {at for _, at in self._paired}
        others = [at for at in range(there_first, there_last) if self.there.atoms[at].number and at not in taken]
        self._pair(numbers, others)
        here = self._untold(self.claim, first, last, self._told)
        there = self._untold(self.there, there_first, there_last, self._told_there)
        told = len(here) < last - first or len(there) < there_last - there_first
        mended = len(self.found.changes), len(self.found.notes)
        if told:
            self.found.verbatim = False
        self._hold(here, there, there_first, last)
        if "errata" not in self.found.notes[mended[1] :]:
            self.found.verbatim = False

    def _hold(self, here: list[int], there: list[int], there_first: int, last: int) -> None:
        """Judge what the figures of a gap leave of it."""
        if not here and not there:
            return
        if not here:
            self._left_out(there[0], there[-1] + 1, last)
        elif not there:
            for group in _groups(here):
                self._put_in(group[0], group[-1] + 1, there_first)
        elif not same_words(
            self._timeless(self._joined(self.claim, here), there_first), self._joined(self.there, there), self.report
        ):
            ranges = (here[0], here[-1] + 1, there[0], there[-1] + 1)
            if len(_groups(here)) > 1:
                ranges = (_groups(here)[0][0], _groups(here)[0][-1] + 1, *ranges[2:])
            grown = self._grown(*ranges)
            if self._same(*ranges) or self._same(*grown):
                return
            words, others = self.claim.words(*ranges[:2]), self.there.words(*ranges[2:])
            inside = grown[0] < ranges[0] or grown[1] > ranges[1]
            if inside:
                self._swapped(*ranges)
            elif not self._matter(words, there_first) and not (names_own(words, self.report.place) and names(others)):
                self._left_out(*ranges[2:], last)
            elif not self._matter(others, there_first) and not names_own(others, self.report.place):
                self._put_in(*ranges[:2], there_first)
            else:
                self._swapped(*ranges)

    @staticmethod
    def _joined(text: Text, atoms: list[int]) -> str:
        return " ".join(text.words(group[0], group[-1] + 1) for group in _groups(atoms))

    def _spoken(self, there: int) -> Period:
        """Return the period that the clause of an atom of the passage speaks of."""
        there = min(there, len(self.there) - 1)
        return self.passages.period(self.found.passage, self.there.span(there, there + 1)[0])

    def _timeless(self, words: str, there: int) -> str:
        """Return words without the names of the period that the clause of the passage speaks of anyway."""
        spoken = self._spoken(there)
        for start, end in reversed(said_periods(words)):
            said = period_of(words[start:end], self.report.year)
            if said.known and not conflict(said, spoken) and spoken.known:
                words = words[:start] + " " + words[end:]
        return words

    def _matter(self, words: str, there: int) -> bool:
        """Whether words say more than the clause of the passage does anyway: its period, that it is a plan or done."""
        if NEGATION.search(words):
            return True
        spoken = self._spoken(there)
        rest = words
        for start, end in reversed(said_periods(words)):
            if conflict(period_of(words[start:end], self.report.year), spoken):
                return True
            rest = rest[:start] + " " + rest[end:]
        allowed = _INTENT if spoken.aim == TARGET else _DONE
        return not set(residue(rest, self.report.place)) <= allowed

    def _pair(self, numbers: list[int], others: list[int]) -> None:
        """Hold the numbers of a gap against each other: equal ones first, the others by unit, then in their order."""
        mine, theirs = self.claim.figures, self.there.figures
        left = list(numbers)
        if telling := [at for at in others if not _counts_nothing(theirs[at])]:
            others = telling
        right = list(others)
        tests: tuple[Callable[[Figure, Figure], bool], ...] = (
            Figure.says_the_same,
            Figure.alike,
            lambda one, other: one.ordinal == other.ordinal,
        )
        for test in tests:
            for at in list(left):
                other = next((b for b in right if test(mine[at], theirs[b])), None)
                if other is not None:
                    self._moved(at, other)
                    left.remove(at)
                    right.remove(other)

    def _moved(self, at: int, other: int) -> None:
        """Hold a number against one that stands elsewhere in the passage: among others of its kind the order counts."""
        mine, theirs = self.claim.figures, self.there.figures
        for here, there in self._paired:
            if theirs[there].alike(theirs[other]) and (here < at) != (there < other):
                self._told_there.append((theirs[other].start, theirs[other].end))
                for one, right in ((mine[here], theirs[other]), (mine[at], theirs[there])):
                    self._told.append((one.start, one.end))
                    if not one.says_the_same(right):
                        self._change(NUMBER, FIGURE, (one.start, one.end), (right.start, right.end))
                return
        self._figures(at, other)

    @staticmethod
    def _untold(text: Text, first: int, last: int, told: list[tuple[int, int]]) -> list[int]:
        """Return the atoms of a run that no figure has accounted for."""
        atoms = text.atoms
        return [
            at for at in range(first, last) if not any(a <= atoms[at].start and atoms[at].end <= b for a, b in told)
        ]

    def _swapped(self, first: int, last: int, there_first: int, there_last: int) -> None:
        """Words stand in place of other words."""
        if self._same(first, last, there_first, there_last):
            return
        first, last, there_first, there_last = self._grown(first, last, there_first, there_last)
        here, there = self.claim.words(first, last), self.there.words(there_first, there_last)
        if same_words(here, there, self.report):
            return
        verdict = NUMBER if self._numeric(self.claim, first, last) else WORD
        if len(there) > len(here) + _LONGEST_SHOWN:
            there_first = max(there_first, there_last - (last - first) - 4)
        here_span, there_span = self._extent(self.claim, first, last), self._extent(self.there, there_first, there_last)
        self._change(verdict, SWAPPED, here_span, there_span)

    @staticmethod
    def _numeric(text: Text, first: int, last: int) -> bool:
        """Whether a number that is no ordinal, nor the one of a word like 之一, stands among the atoms."""
        found = (text.figures[at] for at in range(first, last) if at in text.figures)
        latin = any(re.match(r"\d", text.keys[at]) for at in range(first, last))
        return latin or any(not figure.ordinal and not figure.number.idle for figure in found)

    def _put_in(self, first: int, last: int, there: int) -> None:
        """Words stand only in the claim."""
        words = self.claim.words(first, last)
        spoken = self._spoken(there)
        there = min(there, len(self.there) - 1)
        for start, end in said_periods(words):
            if conflict(period_of(words[start:end], self.report.year), spoken):
                at = self.claim.atoms[first].start
                wrong = self._raw(self.claim, at + start, at + end)
                self.found.changes.append(Change(NUMBER, wrong, years(spoken), self.found.span))
                return
        if not self._matter(words, there):
            self.found.idle += last - first
            return
        grown = self._grown(first, last, there, there)
        if grown[2] == grown[3]:
            grown = self._with_neighbour(*grown)
        if not self._same(*grown):
            self.found.put_in.append((words, last - first))
            self._change(
                NUMBER if self._numeric(self.claim, first, last) else WORD,
                PUT_IN,
                self._extent(self.claim, *grown[:2]),
                self._extent(self.there, *grown[2:]),
                words,
            )

    def _left_out(self, there_first: int, there_last: int, here: int) -> None:
        """Words stand only in the passage; whole members of a list, and whole clauses, may be left out."""
        left = self._untold(self.there, there_first, there_last, self._told_there)
        if not left:
            return
        there_first, there_last = left[0], left[-1] + 1
        words = self.there.words(there_first, there_last)
        if self.there.breaks[there_first] and self.there.breaks[there_last]:
            self._note("elided")
            return
        if not self._matter(words, there_first):
            return
        grown = self._with_neighbour(*self._grown(here, here, there_first, there_last))
        if not self._same(*grown):
            here_span, there_span = self._extent(self.claim, *grown[:2]), self._extent(self.there, *grown[2:])
            self._change(WORD, LEFT_OUT, here_span, there_span, words)

    def _orphaned(self, there_first: int, there_last: int, here: int) -> None:
        """Clauses were left out: note the one that names what the claim's next clause gives a change or a rank of."""
        following = self.claim.words(here, self._clause_end(self.claim, here))
        if self.claim.breaks[here] != CLAUSE or not LEANING.match(following):
            return
        clauses = pairwise(self._cuts(self.there, there_first, there_last))
        named = [clause for clause in clauses if not DEPENDENT.match(self.there.words(*clause))]
        if named:
            self._change(WORD, LEFT_OUT, (0, 0), self._extent(self.there, *named[-1]), self.there.words(*named[-1]))

    @staticmethod
    def _clause_end(text: Text, at: int) -> int:
        return next((end for end in range(at + 1, len(text)) if text.breaks[end] == CLAUSE), len(text))

    def _same(self, first: int, last: int, there_first: int, there_last: int) -> bool:
        return same_words(self.claim.words(first, last), self.there.words(there_first, there_last), self.report)

    def _extent(self, text: Text, first: int, last: int) -> tuple[int, int]:
        """Return the folded span of atoms, grown to the whole of the figures among them."""
        if first >= last:
            return (0, 0)
        start, end = text.atoms[first].start, text.atoms[last - 1].end
        for at in range(first, last):
            if at in text.figures:
                start, end = min(start, text.figures[at].start), max(end, text.figures[at].end)
        return start, end

    def _grown(self, first: int, last: int, there_first: int, there_last: int) -> tuple[int, int, int, int]:
        """Grow two runs over the equal atoms beside them to whole words in both texts."""
        ends, others = word_ends(self.claim.folded), word_ends(self.there.folded)
        for _ in range(3):
            starts = self._edge(self.claim, first, ends) and self._edge(self.there, there_first, others)
            if starts or not self._equal(first - 1, there_first - 1):
                break
            first, there_first = first - 1, there_first - 1
        for _ in range(3):
            stops = self._edge(self.claim, last, ends) and self._edge(self.there, there_last, others)
            if stops or not self._equal(last, there_last):
                break
            last, there_last = last + 1, there_last + 1
        return first, last, there_first, there_last

    @staticmethod
    def _edge(text: Text, at: int, ends: frozenset[int]) -> bool:
        """Whether a word ends before an atom."""
        return at == 0 or at >= len(text) or text.breaks[at] != 0 or text.atoms[at].start in ends

    def _equal(self, at: int, other: int) -> bool:
        """Whether two atoms are the same characters, no numbers."""
        inside = 0 <= at < len(self.claim) and 0 <= other < len(self.there)
        return inside and self.claim.keys[at] == self.there.keys[other] and not self.claim.atoms[at].number

    def _with_neighbour(self, first: int, last: int, there_first: int, there_last: int) -> tuple[int, int, int, int]:
        """Take in the equal word behind two runs, or else before, so that neither is empty."""
        if first < last and there_first < there_last:
            return first, last, there_first, there_last
        if self._equal(last, there_last) and not self.claim.breaks[last]:
            last, there_last = last + 1, there_last + 1
        elif self._equal(first - 1, there_first - 1):
            first, there_first = first - 1, there_first - 1
        return self._grown(first, last, there_first, there_last)


def _groups(atoms: list[int]) -> list[list[int]]:
    """Return runs of neighbouring atoms."""
    groups: list[list[int]] = []
    for at in atoms:
        if groups and groups[-1][-1] == at - 1:
            groups[-1].append(at)
        else:
            groups.append([at])
    return groups


def _counts_nothing(figure: Figure) -> bool:
    """Whether a figure is the small number of a word: 一批, 两手抓, 三农."""
    return figure.number.chinese and figure.number.value <= 10 and not figure.number.percent and not figure.unit
