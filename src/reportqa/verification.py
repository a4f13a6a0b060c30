"""A text that claims to quote the reports, sentence by sentence: what is exact, what was changed, what is not there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reportqa import sources
from reportqa.alignment import Text
from reportqa.citation import cite, stretches
from reportqa.comparison import FIGURE, NUMBER, SAME_TEXT, SWAPPED, WORD, Change, Comparison, aligned, conflict
from reportqa.embedding import Embedder
from reportqa.errata import within
from reportqa.facts import figures
from reportqa.judgement import Judge
from reportqa.paraphrase import Facts, agreement
from reportqa.passages import Likeness, Passage, Passages
from reportqa.periods import period_of
from reportqa.schema import Finding, QuestionError, Quote
from reportqa.sources import Source
from reportqa.text import clause_spans, fold, sentence_spans
from reportqa.wording import (
    DEPENDENT,
    directions,
    is_idle,
    names,
    names_things,
    residue,
    said_periods,
    short_names,
    stands_for,
    states_facts,
)

Progress = Callable[[int, int], None]

EXACT, PARAPHRASE, ABSENT = "exact", "paraphrase", "absent"
_GRAVITY = (NUMBER, WORD, ABSENT, PARAPHRASE, EXACT)
_QUOTED = re.compile(r"“([^“”]+)”|「([^「」]+)」|『([^『』]+)』|\"([^\"\n]+)\"|《《([^》]+)》》")
_ITEM_MARK = re.compile(r"\s*(?:[-*•·●○■◆>#]+|\d{1,2}[.、．)）](?!\d)|[(（]\d{1,2}[)）]|[①-⑳])\s*")
_OPENING_MARKS = '“「『"‘《'
_SHORTEST_QUOTED = 12
_LONGEST_CLAIM = 600
_SHORTEST_CLAIM = 4
"""Atoms of a sentence that is looked at at all."""
_SHORTEST_TOLD = 8
"""Atoms of a sentence without figures or names that is no copy."""
_SHORTEST_CLAUSE = 5
_LIKE_TEXT = 0.6
"""From this cover on a claim stands in the passage, if partly in other words."""
_SUPPORTED = 2.4
"""From this support on a sentence says what a claim says in other words."""
_LEAST_TELLING = 4
_LONGEST_QUOTE = 240


@dataclass(frozen=True, slots=True)
class _Claim:
    """Words of the draft that are to be checked."""

    text: Text
    sure: bool
    """Whether it gets a finding even where nothing aligns and it holds no figure or name."""
    named: tuple[Source, ...] = ()
    """What the sentence it stands in names as its source."""

    @property
    def words(self) -> str:
        return self.text.source[self.text.start : self.text.end]


@dataclass
class _Judged:
    """What a claim, or a clause of one, was found to be."""

    verdict: str
    passage: Passage | None = None
    span: tuple[int, int] = (0, 0)
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Verifier:
    """Checks one text against the reports."""

    def __init__(self, passages: Passages, embedder: Embedder) -> None:
        self.index = passages.index
        self._embedder = embedder
        self._passages = passages
        self._places = frozenset(name for r in self.index.reports for name in (r.place, *short_names(r.place)))
        self._similar: dict[str, list[Likeness]] = {}
        """The sentences likest to what was embedded."""

    def verify(self, text: str, progress: Progress | None = None) -> list[Finding]:
        """Return a finding for every claim of ``text``, in order; ``progress`` is told (done, total) claims.

        Raises QuestionError where the text has no words.
        """
        if not any(character.isalnum() for character in text):
            raise QuestionError("没有可核验的文字，请给出一句引文、一段话或一篇讲稿。")
        claims = list(self._claims(text))
        nearest = [self._near(claim.text, claim.named) for claim in claims]
        usual = Counter(tied[0].passage.number for tied in nearest if len(tied) == 1)
        best = [max(tied, key=lambda found: usual[found.passage.number], default=None) for tied in nearest]
        self._embed(self._untold(claims, best))
        findings = []
        for number, (claim, found) in enumerate(zip(claims, best, strict=True), 1):
            judged = self._judge(claim.text, found)
            told = judged.verdict == ABSENT or (len(claim.text) < _SHORTEST_TOLD and not _copies(found))
            if not told or claim.sure or self._matters(claim.text):
                findings.append(self._finding(claim, judged))
            if progress:
                progress(number, len(claims))
        return findings

    # The claims of a draft.

    def _claims(self, text: str) -> Iterable[_Claim]:
        sentences = [
            span
            for line in re.finditer(r"[^\r\n]+", text)
            for start, end in sentence_spans(text, line.start(), line.end())
            for span in _shorter(text, start, end)
        ]
        whole = [Text(text, _behind_mark(text, start, end), end) for start, end in sentences]
        whole = [sentence for sentence in whole if len(sentence) >= _SHORTEST_CLAIM] or whole[:1]
        for sentence in whole:
            named = tuple(sources.sources(sentence.folded, self._places))
            quoted = [
                Text(text, *match.span(group))
                for match in _QUOTED.finditer(text, sentence.start, sentence.end)
                for group in range(1, 6)
                if match[group]
            ]
            quoted = [piece for piece in quoted if len(piece) >= _SHORTEST_QUOTED]
            if not quoted or self._own_marks(sentence, quoted):
                yield _Claim(sentence, len(whole) == 1, named)
                continue
            ends = [sentence.start, *(end for piece in quoted for end in (piece.start, piece.end)), sentence.end]
            around = [Text(text, *span) for span in zip(ends[::2], ends[1::2], strict=True)]
            around = [piece for piece in around if self._is_claim(piece)]
            pieces = [
                *(_Claim(piece, False, named) for piece in around),
                *(_Claim(piece, True, named) for piece in quoted),
            ]
            yield from sorted(pieces, key=lambda claim: claim.text.start)

    def _is_claim(self, piece: Text) -> bool:
        """Whether the words around a quotation claim something themselves."""
        shortest = _SHORTEST_CLAIM if piece.figures else _SHORTEST_QUOTED
        return len(piece) >= shortest and sources.before(piece.folded, self._places) is None

    def _own_marks(self, sentence: Text, quoted: Sequence[Text]) -> bool:
        """Whether a sentence is a report's, and the quotation marks in it are the report's own."""
        found = next(iter(self._near(sentence)), None)
        if found is None or found.cover < _LIKE_TEXT:
            return False
        there = found.passage.text
        for piece in quoted:
            at = next(n for n in range(len(sentence)) if sentence.span(n, n + 1)[0] >= piece.start)
            other = next((r.there_first + at - r.first for r in found.runs if r.first <= at < r.last), None)
            if other is not None and there.source[there.span(other, other + 1)[0] - 1] in _OPENING_MARKS:
                return True
        return False

    def _matters(self, claim: Text) -> bool:
        """Whether a claim holds a figure, or a name of the reports' matters."""
        if any(not figure.number.idle for figure in claim.figures.values()):
            return True
        return any(self._passages.containing(Text(name, 0, len(name))) for name in names(claim.folded) if len(name) > 2)

    # Near: a copy, perhaps altered.

    def _near(self, text: Text, named: Iterable[Source] = ()) -> list[Comparison]:
        """Return the passages that have the most of a claim word for word, judged; several where they are equal."""
        found = self._compared(text, ())
        reports = self._named(text.folded, named)
        if reports and (own := self._compared(text, reports)) and own[0].cover >= _LIKE_TEXT:
            return own
        return found

    def _compared(self, text: Text, reports: Sequence[int]) -> list[Comparison]:
        return self._best(aligned(text, passage) for passage in self._passages.containing(text, reports))

    def _best(self, compared: Iterable[Comparison]) -> list[Comparison]:
        found = [comparison for comparison in compared if comparison.runs]
        if not found:
            return []
        most = max(comparison.cover for comparison in found)
        found = [comparison for comparison in found if comparison.cover >= most - 0.02]
        for comparison in found:
            Judge(comparison, self._passages).judge()

        least = min(map(_badness, found))
        return [comparison for comparison in found if _badness(comparison) == least]

    def _named(self, folded: str, named: Iterable[Source]) -> list[int]:
        """Return the reports of the place that a claim begins with, or that it is said to be from."""
        head, reports = folded[:12], self.index.reports
        said = {
            r.place for r in reports if r.place != "全国" and any(n in head for n in (r.place, *short_names(r.place)))
        }
        said |= {
            r.place for r in reports for s in named if s.places and s.places[-1] in (r.place, *short_names(r.place))
        }
        years = {source.year for source in named if source.year}
        if not said and not years:
            return []
        return [n for n, r in enumerate(reports) if (not said or r.place in said) and (not years or r.year in years)]

    # Told in other words.

    def _untold(self, claims: Sequence[_Claim], best: Sequence[Comparison | None]) -> list[str]:
        """Return the words that have to be embedded: of claims that are no copies, and of their clauses."""
        words = []
        for claim, found in zip(claims, best, strict=True):
            if found is None or not _settled(found):
                words.append(claim.words)
                clauses = claim.text.clauses()
                spans = [claim.text.span(*clause) for clause in clauses if clause[1] - clause[0] >= _SHORTEST_CLAUSE]
                if len(clauses) > 1:
                    words += [claim.text.source[start:end] for start, end in spans]
            if found is not None:
                spans = [claim.text.span(*extra) for extra in found.extra]
                words += [claim.text.source[start:end] for start, end in spans]
        return list(dict.fromkeys(words))

    def _embed(self, words: list[str]) -> None:
        if not words:
            return
        bare = [self._passages.in_their_words(said) for said in words]
        vectors = self._embedder.encode_document(bare)
        matrix = self.index.matrix
        for start in range(0, len(words), 64):
            batch = vectors[start : start + 64]
            similar = batch @ matrix.T
            for said, put, row in zip(words[start : start + 64], bare[start : start + 64], similar, strict=True):
                folded = fold(said)
                named = self._named(folded, sources.sources(folded, self._places))
                self._similar[said] = self._passages.like(put, row, named)

    def _supported(self, claim: Text, words: str) -> tuple[Passage, int, int] | None:
        """Return the sentence that says most likely what a claim says, None where none is like enough."""
        best, most = None, _SUPPORTED
        for like in self._similar.get(words, []):
            row = self.index.sentence_rows[like.sentence]
            passage = self._passages.of_sentence(like.sentence)
            agreed = agreement(claim, Text(passage.report.text, int(row[4]), int(row[5])), self._passages)
            agreed += self._timely(claim, passage, like)
            support = (like.cosine - 0.93) / 0.02 + (like.words - 0.2) / 0.1 + agreed
            if support >= most:
                best, most = (passage, int(row[4]), int(row[5])), support
        return best

    def _timely(self, claim: Text, passage: Passage, like: Likeness) -> float:
        """Return what the period that a claim names says for a sentence: 0.5, or -0.5 where it speaks of another."""
        said = [period_of(claim.folded[a:b], passage.report.year) for a, b in said_periods(claim.folded)]
        spoken = self._passages.period(passage, like.offset)
        if not said or not spoken.known or not said[0].known:
            return 0.0
        return -0.5 if conflict(said[0], spoken) else 0.5

    def _judge(self, claim: Text, found: Comparison | None, part: bool = False) -> _Judged:
        """Return what a claim is, given the passage that has the most of it word for word."""
        words = claim.source[claim.start : claim.end]
        if found is None or not _settled(found):
            found = self._second_look(claim, words, found)
        if found is not None and _settled(found) and (not part or _telling(found)):
            judged = self._copied(claim, found)
            return self._rearranged(claim) or judged if judged.changes and not part else judged
        sentence = None
        if found is not None and found.cover >= _LIKE_TEXT and (not part or _telling(found)):
            sentence = (found.passage, *_sentence(found.passage, *found.span))
        sentence = sentence or self._supported(claim, words)
        if sentence is None:
            return _Judged(ABSENT) if part else self._by_clause(claim)
        passage, start, end = sentence
        changes = Facts(claim, passage, start, end, self._passages).changes()
        if found is not None and found.cover >= _LIKE_TEXT:
            known = {change.wrong for change in changes}
            changes += [
                change for change in found.changes if self._is_hard(change, found) and change.wrong not in known
            ]
        changes += self._false_leads(claim)
        whole = _Judged(_worst(changes, PARAPHRASE), passage, (start, end), changes)
        if part or all(change.right for change in changes):
            return whole
        by_clause = self._by_clause(claim)
        better = by_clause.passage is not None and all(change.right for change in by_clause.changes)
        return by_clause if better else whole

    def _false_leads(self, claim: Text) -> Iterator[Change]:
        """Yield the clauses that name a source and say more, before the ones that are told in other words."""
        for clause in claim.clauses()[:-1]:
            if sources.leads_falsely(claim.words(*clause), self._places):
                start, end = claim.span(*clause)
                yield Change(WORD, claim.source[start:end], "", (0, 0))

    def _second_look(self, claim: Text, words: str, found: Comparison | None) -> Comparison | None:
        """Return a likely sentence's passage where that has more of the claim than what its characters led to."""
        passages = [self._passages.of_sentence(like.sentence) for like in self._similar.get(words, [])]
        known = found.passage if found else None
        others = self._best(aligned(claim, passage) for passage in passages if passage is not known)
        return max([*([found] if found else []), *others[:1]], key=lambda comparison: comparison.cover, default=None)

    def _copied(self, claim: Text, found: Comparison) -> _Judged:
        """Return what a copy is, with the clauses that stand elsewhere or nowhere."""
        parts: list[_Judged] = []
        for first, last in found.extra:
            part = self._part(claim, first, last, found.passage)
            before = parts[-1] if parts and found.extra[len(parts) - 1][1] == first else None
            if part.passage is not None and DEPENDENT.match(claim.words(first, last)):
                leaning = before.passage if before else found.passage
                if leaning is not part.passage or (before is None and self._torn(part, found)):
                    start, end = claim.span(first, last)
                    part = _Judged(ABSENT, changes=[Change(WORD, claim.source[start:end], "", (0, 0))])
            parts.append(part)
        changes = [*found.changes, *(change for part in parts for change in part.changes)]
        notes = [*found.notes, *("stitched" for part in parts if part.passage is not None)]
        mild = EXACT if found.verbatim and not parts else PARAPHRASE
        return _Judged(_worst(changes, mild), found.passage, found.span, changes, notes)

    @staticmethod
    def _torn(part: _Judged, found: Comparison) -> bool:
        """Whether a clause without a subject of its own stands in another sentence than the rest of the copy."""
        start, end = _sentence(found.passage, *found.span)
        return not start <= part.span[0] < end

    def _rearranged(self, claim: Text) -> _Judged | None:
        """Return what a claim is whose clauses all stand in one sentence word for word, in another order."""
        said = [_bare(claim.words(*clause)) for clause in claim.clauses()]
        if len(said) < 2 or any(DEPENDENT.match(words) for words in said):
            return None
        for passage in self._passages.containing(claim):
            for sentence in passage.paragraph.sentences:
                there = Text(passage.report.text, sentence.start, sentence.end)
                written = {_bare(there.words(*clause)) for clause in there.clauses()}
                if written.issuperset(said):
                    return _Judged(PARAPHRASE, passage, (sentence.start, sentence.end))
        return None

    def _by_clause(self, claim: Text) -> _Judged:
        """Return what a claim is whose clauses stand in several places, if they stand anywhere."""
        clauses = [clause for clause in claim.clauses() if clause[1] - clause[0] >= _SHORTEST_CLAUSE]
        parts = [self._part(claim, *clause) for clause in clauses] if len(clauses) > 1 else []
        standing = [part for part in parts if part.passage is not None]
        if not standing:
            return _Judged(ABSENT)
        if len({part.passage.number for part in standing if part.passage}) > 1:
            tried = [[self._part(claim, *clause, part.passage) for clause in clauses] for part in standing]
            parts = min(tried, key=lambda several: sum(len(part.changes) for part in several))
            standing = [part for part in parts if part.passage is not None]
        changes = [change for part in parts for change in part.changes]
        notes = ["stitched"] if len(standing) > 1 else []
        return _Judged(_worst(changes, PARAPHRASE), standing[0].passage, standing[0].span, changes, notes)

    def _part(self, claim: Text, first: int, last: int, beside: Passage | None = None) -> _Judged:
        """Return what a clause of a claim is; one that stands nowhere is a change, of its figure or of its words.

        ``beside``: where the rest stands; a clause that names no place is looked for in the same report alone.
        """
        start, end = claim.span(first, last)
        clause = Text(claim.source, start, end)
        judged = _Judged(ABSENT)
        if _tells(clause.folded):
            own = [beside.number] if beside is not None and not self._named(clause.folded, ()) else []
            near = self._compared(clause, own) if own else self._near(clause)
            judged = self._judge(clause, next(iter(near), None), part=True)
            if own and judged.passage is not None and judged.passage.number not in own:
                judged = _Judged(ABSENT)
        spoilt = judged.verdict == PARAPHRASE and any(sources.sources(clause.folded, self._places))
        if judged.verdict != ABSENT and not spoilt:  # what names a source and says more is no source
            return judged
        counted = [figure for figure in clause.figures.values() if not figure.number.idle]
        if counted:
            start, end = clause.of_folded(counted[0].start, counted[0].end)
        elif is_idle(clause.folded) or not residue(clause.folded, ""):
            return judged
        change = Change(NUMBER if counted else WORD, claim.source[start:end], "", (0, 0))
        return _Judged(ABSENT, changes=[change])

    def _is_hard(self, change: Change, found: Comparison) -> bool:
        """Whether a change is one of fact, not of wording, in a claim that is partly told in other words."""
        if change.kind == FIGURE:
            return True
        know = self._passages.know
        if change.kind != SWAPPED:
            named = names(change.core, know)
            return states_facts(change.core) or any(not stands_for(n, found.passage.text.folded) for n in named)
        wrong, right = fold(change.wrong), fold(change.right)
        if any(not stands_for(name, found.passage.text.folded) for name in names(wrong, know)):
            return True
        if states_facts(wrong) or states_facts(right) or _opposed(directions(wrong), directions(right)):
            return True
        return names_things(wrong) and names_things(right) and not self._moved(wrong, right, found)

    def _moved(self, wrong: str, right: str, found: Comparison) -> bool:
        """Whether words that stand against each other both stand elsewhere in the other text; names never do."""
        know = self._passages.know
        start, end = _sentence(found.passage, *found.span)
        place = found.passage.report.place
        here, there = found.claim.folded, fold(found.passage.report.text[start:end])
        elsewhere = {*residue(wrong, place)} <= {*residue(there, place)} and {*residue(right, place)} <= {
            *residue(here, place)
        }
        return elsewhere and not names(wrong, know) and not names(right, know)

    # Findings.

    def _finding(self, claim: _Claim, judged: _Judged) -> Finding:
        notes = list(dict.fromkeys(judged.notes))
        quote = None if judged.passage is None else _quote(judged.passage, judged)
        if quote is not None and self._misattributed(claim.named, quote):
            notes.append("misattributed")
        changes = list(dict.fromkeys((change.wrong, change.right) for change in judged.changes))
        return Finding(claim.words, claim.text.start, claim.text.end, judged.verdict, changes, notes, quote)

    def _misattributed(self, named: Iterable[Source], quote: Quote) -> bool:
        """Whether one of the sources named is not where a quote stands: another report, or part of it."""
        citation = quote.citation
        report = next(report for report in self.index.reports if report.report_id == citation.report_id)
        for source in named:
            if source.is_not(report):
                return True
            if source.section and not any(a <= citation.start < b for a, b in stretches(report, source.section)):
                return True
        return False


def _bare(words: str) -> str:
    """Return folded words without their marks, but for those within a number."""
    return re.sub(r"(?!(?<=\d)\.\d)[^\w%]", "", words)


def _behind_mark(text: str, start: int, end: int) -> int:
    """Return where the words of a line begin, behind the number or the dot of an item of a list."""
    return mark.end() if (mark := _ITEM_MARK.match(text, start, end)) else start


def _shorter(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return a sentence, one that is very long in runs of whole clauses; a clause that is longer still is cut."""
    if end - start <= _LONGEST_CLAIM:
        return [(start, end)]
    runs: list[tuple[int, int]] = []
    clauses = (
        (at, min(at + _LONGEST_CLAIM, last))
        for first, last in clause_spans(text, start, end)
        for at in range(first, last, _LONGEST_CLAIM)
    )
    for first, last in clauses:
        if runs and last - runs[-1][0] <= _LONGEST_CLAIM:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs


def _opposed(one: set[int], other: set[int]) -> bool:
    """Whether words of rising stand against words of falling."""
    return bool(one and other) and one != other


def _copies(found: Comparison | None) -> bool:
    """Whether a claim stands in a passage more or less word for word."""
    return found is not None and found.cover >= _LIKE_TEXT


def _badness(found: Comparison) -> tuple[float, ...]:
    """Return what makes one of several passages with about as much of a claim the worse one."""
    changed = len(found.changes) + len(found.extra)
    return changed, not _settled(found), not found.verbatim, -round(found.cover, 3)


def _settled(found: Comparison) -> bool:
    """Whether the words alone decide: a copy, or one in which nothing was changed."""
    if found.cover >= SAME_TEXT or found.is_added_to:
        return True
    if found.extra:
        return found.cover >= _LIKE_TEXT
    if found.cover < _LIKE_TEXT or len(found.changes) > 1:
        return False
    return all(change.kind in (FIGURE, SWAPPED) for change in found.changes)


def _telling(found: Comparison) -> bool:
    """Whether the equal words of a clause tell where it is from."""
    return _tells("".join(found.claim.words(run.first, run.last) for run in found.runs))


def _tells(words: str) -> bool:
    """Whether folded words say what they are about: 比上年提高1.2个百分点 do not."""
    for figure in reversed(figures(words)):
        words = words[: figure.start] + words[figure.end :]
    return len(re.sub(r"[\W\d]", "", "".join(residue(words, "")))) >= _LEAST_TELLING


def _worst(changes: Iterable[Change], otherwise: str) -> str:
    return min([*(change.verdict for change in changes), otherwise], key=_GRAVITY.index)


def _sentence(passage: Passage, start: int, end: int) -> tuple[int, int]:
    """Return the run of whole sentences around a span; of a heading, all of it."""
    inside = [s for s in passage.paragraph.sentences if s.start < end and start < s.end]
    if passage.is_heading or not inside:
        return passage.start, passage.end
    return min(inside[0].start, start), max(inside[-1].end, end)


def _quote(passage: Passage, judged: _Judged) -> Quote:
    """Return the source's words with the difference marked, or without one the words that the claim repeats."""
    report = passage.report
    start, end = _sentence(passage, *judged.span)
    if end - start > _LONGEST_QUOTE:
        start, end = judged.span if judged.span[1] - judged.span[0] <= end - start else (start, end)
    marks = [
        change.there for change in judged.changes if change.right and start <= change.there[0] < change.there[1] <= end
    ]
    if not marks and not judged.changes:
        marks = [judged.span] if start <= judged.span[0] and judged.span[1] <= end else [(start, end)]
    topic = next((s.topic for s in passage.paragraph.sentences if s.start <= start < s.end), "")
    return Quote(
        text=report.text[start:end],
        context=report.text[passage.paragraph.start : passage.paragraph.end],
        highlights=[(first - start, last - start) for first, last in sorted(set(marks))],
        citation=cite(report, passage.paragraph, start, end, topic),
        errata=within(report, start, end),
    )
