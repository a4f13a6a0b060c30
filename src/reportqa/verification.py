"""A text that claims to quote the reports, sentence by sentence: what is exact, what was changed, what is not there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reportqa import sources
from reportqa.alignment import Text
from reportqa.citation import cite, stretches
from reportqa.claims import Claim, claims
from reportqa.comparison import FIGURE, NUMBER, SWAPPED, WORD, Change, Comparison, conflict
from reportqa.copies import Copies, is_like, is_settled
from reportqa.embedding import Embedder
from reportqa.errata import within
from reportqa.facts import figures
from reportqa.paraphrase import Facts, agreement
from reportqa.passages import Likeness, Passage, Passages
from reportqa.periods import period_of
from reportqa.schema import Finding, QuestionError, Quote
from reportqa.sources import Source
from reportqa.text import fold
from reportqa.wording import (
    DEPENDENT,
    directions,
    is_idle,
    names,
    names_things,
    residue,
    said_periods,
    stands_for,
    states_facts,
)

Progress = Callable[[int, int], None]

LONGEST_SENT = 100_000
"""Characters of a draft that somebody else sends to be checked."""
EXACT, PARAPHRASE, ABSENT = "exact", "paraphrase", "absent"
_GRAVITY = (NUMBER, WORD, ABSENT, PARAPHRASE, EXACT)
_SHORTEST_TOLD = 8
"""Atoms of a sentence without figures or names that is no copy."""
_SHORTEST_CLAUSE = 5
_SUPPORTED = 2.4
"""From this support on a sentence says what a claim says in other words."""
_LEAST_TELLING = 4
_LONGEST_QUOTE = 240


@dataclass
class _Judged:
    """What a claim, or a clause of one, was found to be."""

    verdict: str
    passage: Passage | None = None
    span: tuple[int, int] = (0, 0)
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def sent(text: str, most: int = LONGEST_SENT) -> str:
    """Return a draft that somebody else sent.  Raises QuestionError where it has more than ``most`` characters."""
    if len(text) > most:
        raise QuestionError(f"一次最多核验 {most} 字，现在有 {len(text)} 字，请分几次核验。")
    return text


class Verifier:
    """Checks one text against the reports."""

    def __init__(self, passages: Passages, embedder: Embedder) -> None:
        self.index = passages.index
        self._embedder = embedder
        self._passages = passages
        self._copies = Copies(passages)
        self._similar: dict[str, list[Likeness]] = {}
        """The sentences likest to what was embedded."""

    def verify(self, text: str, progress: Progress | None = None) -> list[Finding]:
        """Return a finding for every claim of ``text``, in order; ``progress`` is told (done, total) claims.

        Raises QuestionError where the text has no words.
        """
        if not any(character.isalnum() for character in text):
            raise QuestionError("没有可核验的文字，请给出一句引文、一段话或一篇讲稿。")
        drafted = list(claims(text, self._copies))
        nearest = [self._copies.near(claim.text, claim.named) for claim in drafted]
        usual = Counter(tied[0].passage.number for tied in nearest if len(tied) == 1)
        best = [max(tied, key=lambda found: usual[found.passage.number], default=None) for tied in nearest]
        self._embed(self._untold(drafted, best))
        findings = []
        for number, (claim, found) in enumerate(zip(drafted, best, strict=True), 1):
            judged = self._judge(claim.text, found)
            told = judged.verdict == ABSENT or (len(claim.text) < _SHORTEST_TOLD and not is_like(found))
            if not told or claim.sure or self._matters(claim.text):
                findings.append(self._finding(claim, judged))
            if progress:
                progress(number, len(drafted))
        return findings

    def _matters(self, claim: Text) -> bool:
        """Whether a claim holds a figure, or a name of the reports' matters."""
        if any(not figure.number.idle for figure in claim.figures.values()):
            return True
        return any(self._passages.containing(Text(name, 0, len(name))) for name in names(claim.folded) if len(name) > 2)

    # Told in other words.

    def _untold(self, claims: Sequence[Claim], best: Sequence[Comparison | None]) -> list[str]:
        """Return the words that have to be embedded: of claims that are no copies, and of their clauses."""
        words = []
        for claim, found in zip(claims, best, strict=True):
            if found is None or not is_settled(found):
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
                named = self._copies.named(folded, sources.sources(folded, self._copies.places))
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
        if found is None or not is_settled(found):
            found = self._second_look(claim, words, found)
        if found is not None and is_settled(found) and (not part or _telling(found)):
            judged = self._copied(claim, found)
            return self._rearranged(claim) or judged if judged.changes and not part else judged
        sentence = None
        if is_like(found) and (not part or _telling(found)):
            sentence = (found.passage, *_sentence(found.passage, *found.span))
        sentence = sentence or self._supported(claim, words)
        if sentence is None:
            return _Judged(ABSENT) if part else self._by_clause(claim)
        passage, start, end = sentence
        changes = Facts(claim, passage, start, end, self._passages).changes()
        if is_like(found):
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
            if sources.leads_falsely(claim.words(*clause), self._copies.places):
                start, end = claim.span(*clause)
                yield Change(WORD, claim.source[start:end], "", (0, 0))

    def _second_look(self, claim: Text, words: str, found: Comparison | None) -> Comparison | None:
        """Return a likely sentence's passage where that has more of the claim than what its characters led to."""
        passages = [self._passages.of_sentence(like.sentence) for like in self._similar.get(words, [])]
        known = found.passage if found else None
        others = self._copies.best(claim, (passage for passage in passages if passage is not known))
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
            own = [beside.number] if beside is not None and not self._copies.named(clause.folded, ()) else []
            near = self._copies.within(clause, own) if own else self._copies.near(clause)
            judged = self._judge(clause, next(iter(near), None), part=True)
            if own and judged.passage is not None and judged.passage.number not in own:
                judged = _Judged(ABSENT)
        spoilt = judged.verdict == PARAPHRASE and any(sources.sources(clause.folded, self._copies.places))
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

    def _finding(self, claim: Claim, judged: _Judged) -> Finding:
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


def _opposed(one: set[int], other: set[int]) -> bool:
    """Whether words of rising stand against words of falling."""
    return bool(one and other) and one != other


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
