"""ReportQA: the one object that every door uses."""

from __future__ import annotations

import copy
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from reportqa import (
    across,
    annexes,
    answering,
    asked_figure,
    citation,
    config,
    embedding,
    readers,
    refusal,
    retrieval,
    secondlook,
    verification,
)
from reportqa.embedding import Embedder, Vectors
from reportqa.followups import interpret
from reportqa.gathering import gather, merged
from reportqa.index import Counts, DirectoryIndex, Index, exists, open_index, read_manifest
from reportqa.indexing import write_index, writing
from reportqa.indicators import Figures
from reportqa.lexical import Lexicon, bundled_lexicon
from reportqa.opened import Opened
from reportqa.passages import Passages
from reportqa.questions import Question, Tone, tone_of, understand
from reportqa.reader import Reader
from reportqa.retrieval import Sought
from reportqa.schema import Answer, Finding, IndicatorRow, QuestionError, Quote, Report
from reportqa.shelf import Shelf
from reportqa.text import fold

Progress = Callable[[int, int], None]
SAMPLE = "liaocheng-2022.txt"


class ReportQA:
    """Answers questions from an index of reports, in the reports' own words."""

    def __init__(
        self, index: Index, embedder: Embedder, lexicon: Lexicon | None = None, reader: Reader | None = None
    ) -> None:
        self._reader = reader
        self._embedder = embedder
        self._lexicon = lexicon or bundled_lexicon()
        self._opened = Opened(index, self._lexicon)
        self._refreshing = threading.Lock()
        self.passed_over: list[str] = []
        """What the last ``build`` or ``add`` could not use, a sentence each."""

    @classmethod
    def build(
        cls,
        paths: Iterable[str | Path],
        index: str | Path | None = None,
        *,
        model: str | None = None,
        reader: str | None = None,
        place: str = "",
        year: int = 0,
        progress: Progress | None = None,
        reading: Progress | None = None,
    ) -> ReportQA:
        """Index the reports at ``paths`` (files, directories) into the directory ``index``, in place of what it held.

        Without ``index`` the work goes to a temporary directory.  ``place`` and ``year`` say what the texts do not.
        ``reading`` is told (done, total) files read, ``progress`` (done, total) texts embedded.
        Raises ReportQAError where a path is missing, nothing is readable, a file is no report or says of no place and
        year, or another program writes the index.
        """
        found = gather(paths, place, year, reading)
        reports, _ = merged(found.reports, [])
        look = readers.load(reader or str(config.get("READER")))
        embedder = embedding.load(model or str(config.get("MODEL")))
        directory = Path(index) if index is not None else Path(tempfile.mkdtemp(prefix="reportqa-"))
        with writing(directory):
            write_index(directory, reports, embedder, progress=progress)
        qa = cls(open_index(directory, embedder), embedder, reader=look)
        qa.passed_over = found.passed_over
        return qa

    @classmethod
    def open(cls, index: str | Path, *, model: str | None = None, reader: str | None = None) -> ReportQA:
        """Open the index in the directory ``index``; ``reader`` as the setting of that name.

        Raises IndexDirectoryError where it is missing, damaged, or of another format, model or dimension.
        """
        directory = Path(index)
        open_index(directory)  # what is wrong with it is said before seconds go into loading the model
        look = readers.load(reader or str(config.get("READER")))
        embedder = embedding.load(model or str(config.get("MODEL")))
        return cls(open_index(directory, embedder), embedder, reader=look)

    @staticmethod
    def exists(index: str | Path) -> bool:
        """Whether there is an index in the directory ``index``."""
        return exists(Path(index))

    @classmethod
    def build_sample(
        cls,
        index: str | Path,
        *,
        model: str | None = None,
        reader: str | None = None,
        progress: Progress | None = None,
    ) -> ReportQA:
        """Index the sample report that comes with the program."""
        with resources.as_file(resources.files("reportqa").joinpath("data", SAMPLE)) as path:
            return cls.build([path], index, model=model, reader=reader, progress=progress)

    @property
    def counts(self) -> Counts:
        """What the index holds."""
        return self.index.counts

    @property
    def index(self) -> DirectoryIndex:
        """The opened index, for measurements, where it is one in a directory."""
        index = self._opened.index
        if not isinstance(index, DirectoryIndex):
            raise TypeError("the reports are not kept in a directory")
        return index

    @property
    def sums_up(self) -> bool:
        """Whether the figures of all reports can be listed together."""
        return True

    @property
    def shelf(self) -> Shelf:
        """The places and years of the reports."""
        return self._opened.shelf

    @property
    def embedder(self) -> Embedder:
        """The embedding model in use."""
        return self._embedder

    def reports(self) -> list[Report]:
        """Return the reports, in the order of their ids."""
        return list(self._opened.index.reports)

    def report(self, report_id: str) -> Report:
        """Return one report.

        Raises NotFound, naming the reports that there are.
        """
        return self._opened.report(report_id)

    def held(self) -> ReportQA:
        """Return an assistant that stays with the index as it is now, for several questions to one state of it."""
        return copy.copy(self)

    def refresh(self) -> bool:
        """Open the index anew where another program has written it since; say whether one has.

        Questions under way end on what they began with.  Raises IndexDirectoryError where the new one cannot be opened;
        what was open then stays.
        """
        with self._refreshing:
            directory = self.index.directory
            if read_manifest(directory)["generation"] == self.index.manifest["generation"]:
                return False
            self._opened = Opened(open_index(directory, self._embedder), self._lexicon, self._opened)
            return True

    def add(
        self,
        paths: Iterable[str | Path],
        *,
        place: str = "",
        year: int = 0,
        progress: Progress | None = None,
        reading: Progress | None = None,
    ) -> list[Report]:
        """Add the reports at ``paths``, each in place of the one read before from a file of its name; return them.

        The arguments, and what is raised, are those of ``build``.
        """
        found = gather(paths, place, year, reading)
        with self._writing():
            new, needless = merged(found.reports, self.index.reports)
            self.passed_over = [*found.passed_over, *needless]
            if new:
                kept = {report.report_id: report for report in [*self.index.reports, *new]}
                self._write(list(kept.values()), progress)
        return new

    def remove(self, report_id: str) -> None:
        """Remove a report.

        Raises NotFound, naming the reports that there are, and IndexDirectoryError where another program writes the index.
        """
        with self._writing():
            removed = self.report(report_id)
            self._write([report for report in self.index.reports if report is not removed], None)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the index for writing, as it is by now: another program may have written it since it was opened."""
        with writing(self.index.directory):
            self.refresh()
            yield

    def _write(self, reports: list[Report], progress: Progress | None) -> None:
        write_index(self.index.directory, reports, self._embedder, self.index, progress)
        self.refresh()

    def ask(
        self,
        question: str,
        history: Sequence[Mapping[str, Any]] = (),
        top_k: int | None = None,
        *,
        reports: Sequence[str] | None = None,
        place: str | None = None,
        year: int | None = None,
    ) -> Answer:
        """Answer a question in the reports' words, or refuse.

        ``history``: earlier exchanges, oldest first, each {"question": str, "answer": Answer or its dict}.
        ``reports`` (ids), ``place`` and ``year`` narrow what is searched.
        Raises QuestionError where the question is empty, without words, or too long.
        """
        self._check(question)
        opened = self._opened
        index, shelf = opened.index, opened.shelf
        if (tone := tone_of(question)) is not Tone.QUESTION:
            return answering.refusal(question.strip(), refusal.Verdict(0.0, tone.value), [], index.reports)
        earlier = [_understood(turn) for turn in history]
        whole = interpret(question, earlier, self._lexicon, shelf.names, several=shelf.several)
        meant = shelf.read(whole)
        numbers = opened.narrow(reports, place or None, year)
        groups = shelf.narrowed(meant, numbers, keep_place=place is not None, keep_year=year is not None)
        understood = understand(meant.rest, self._lexicon, shelf.names)
        if (off_the_shelf := refusal.off_the_shelf(meant, groups, shelf)) is not None:
            return answering.refusal(whole, off_the_shelf, [], opened.reports_of(numbers))
        if not meant.places and numbers is None and shelf.several and across.asks_across(understood):
            told = across.answer(whole, understood, self._figures_of(opened), index.reports)
            if told is not None:
                return told
        vector = self._embedder.encode_query(meant.text)
        threshold = self._threshold()
        sought = [(group, part) for group in groups for part in retrieval.parts(understood, index, group.reports)]
        everywhere = range(len(index.reports))
        searched = {n for _, part in sought for n in (everywhere if part.reports is None else part.reports)}
        where = opened.reports_of(sorted(searched))
        index, near = self._near(index, understood, vector, [part for _, part in sought])
        ranked = [retrieval.search(understood, index, vector, part) for part in near]
        if self._reader and not self._reader.orders_only:
            ranked = secondlook.look(self._reader, meant.text, index, ranked)
        verdicts = []
        for number, part in enumerate(near):
            ranked[number], unstated = asked_figure.stating_first(understood, index, ranked[number])
            verdict = refusal.judge(
                understood, index, ranked[number], shelf.names, threshold, part.asked, at_home=bool(meant.places)
            )
            verdicts.append(verdict.without(unstated, threshold) if unstated else verdict)
        if self._reader and self._reader.orders_only and len(ranked) == 1:
            ranked = secondlook.look(self._reader, meant.text, index, ranked)
        parts = [
            answering.Asked(group.place, hits, verdict)
            for (group, _), hits, verdict in zip(sought, ranked, verdicts, strict=True)
        ]
        return answering.answer(whole, understood, index, parts, where, top_k or int(config.get("TOP_K")))

    def _near(
        self,
        index: Index,
        question: Question,  # noqa: ARG002 - for reports that are not all at hand
        vector: Vectors,  # noqa: ARG002
        sought: Sequence[Sought],
        *,
        appendices: bool = False,  # noqa: ARG002
    ) -> tuple[Index, Sequence[Sought]]:
        """Return an index of the reports in which parts of a question may be answered, and the parts by its numbers."""
        return index, sought

    def search(
        self,
        query: str,
        top_k: int = 10,
        *,
        reports: Sequence[str] | None = None,
        place: str | None = None,
        year: int | None = None,
        appendices: bool = False,
    ) -> list[Quote]:
        """Return the ``top_k`` sentences nearest to a query, best first; never refuses.

        ``appendices``: paragraphs of glossaries and other annexes, instead of the speeches' sentences.
        Raises QuestionError as ``ask`` does.
        """
        self._check(query)
        opened = self._opened
        index, shelf = opened.index, opened.shelf
        meant = shelf.read(query.strip())
        chosen = opened.narrow(reports, place, year)
        groups = shelf.narrowed(meant, chosen, keep_place=place is not None, keep_year=year is not None)
        understood = understand(meant.rest, self._lexicon, shelf.names)
        vector = self._embedder.encode_query(meant.text)
        if appendices:
            narrowed = [group.reports for group in groups]
            whole = None if None in narrowed else tuple(sorted({n for numbers in narrowed for n in numbers or ()}))
            index, near = self._near(index, understood, vector, [Sought({}, whole)], appendices=True)
            return annexes.search(meant.rest, vector, index, near[0].reports, top_k)
        sought = [part for group in groups for part in retrieval.parts(understood, index, group.reports)]
        index, near = self._near(index, understood, vector, sought)
        found = [hit for part in near for hit in retrieval.search(understood, index, vector, part)]
        found.sort(key=lambda hit: -hit.score)
        return [answering.quote_of(understood, index, hit) for hit in found[:top_k]]

    def locate(self, citation_text: str, reports: Sequence[str] | None = None) -> list[Quote]:
        """Return what a citation means, as people write it: 三（一）第2段, 第一部分第五节, p17, words of a heading.

        Several quotes are the candidates of an ambiguous one.  ``reports`` (ids) narrow where to look.
        Raises QuestionError where it says nothing, NotFound, saying what there is, where nothing is meant by it.
        """
        opened = self._opened
        wanted = opened.reports_of(None) if reports is None else [opened.report(report_id) for report_id in reports]
        return citation.locate(wanted, citation_text)

    def verify(self, text: str, progress: Progress | None = None) -> list[Finding]:
        """Return a finding for every sentence and long quotation of ``text`` that has to do with the reports, in order.

        ``progress`` is told (done, total) claims.  Raises QuestionError where there are no words.
        """
        return verification.Verifier(self._passages_near(text), self._embedder).verify(text, progress)

    def _passages_near(self, text: str) -> Passages:  # noqa: ARG002 - for reports that are not all at hand
        """Return the passages against which a text is checked."""
        return self._opened.passages

    def _figures_of(self, opened: Opened) -> Figures:
        """Return the figures of all reports."""
        return opened.figures

    def indicators(
        self,
        place: str | None = None,
        indicator: str | None = None,
        period: str | int | None = None,
    ) -> list[IndicatorRow]:
        """Return the figures that the reports state, one a place, indicator, period and kind, by the lexicon's order.

        ``place``: a place or a group (东北三省); ``indicator``: its name or any wording; ``period``: 2025, 2021—2025.
        """
        opened = self._opened
        places = None
        if place is not None:
            named = opened.shelf.read(place).places
            places = named or [report.place for report in opened.index.reports if place in report.place]
        return self._figures_of(opened).select(places, indicator, period)

    def _check(self, question: str) -> None:
        limit = int(config.get("MAX_QUESTION"))
        if len(question) > limit:
            raise QuestionError(f"问题有 {len(question)} 个字，超过 {limit} 字的上限，请缩短后再问。")
        if any("\ud800" <= character <= "\udfff" for character in question):
            raise QuestionError("问题里有无法识别的字符，请重新输入。")
        if not any(character.isalnum() for character in fold(question)):
            raise QuestionError("请输入一个问题，例如“2021年全市生产总值增长多少？”。")

    def _threshold(self) -> float:
        given = float(config.get("THRESHOLD"))
        return given if given >= 0 else refusal.default_threshold()


def _understood(turn: Mapping[str, Any]) -> str:
    """Return an earlier exchange's question as it was understood, of a bounded length: a program may say anything."""
    answer = turn.get("answer")
    said = answer.question if isinstance(answer, Answer) else (answer or {}).get("question")
    question = str(said or turn.get("question", ""))[: 4 * int(config.get("MAX_QUESTION"))]
    return question.encode(errors="replace").decode()


def open_or_build_sample(
    index: str | Path | None, *, progress: Progress | None = None, reader: str | None = None
) -> ReportQA:
    """Open ``index``; where None is named and the usual place holds none, index the sample there first."""
    directory = Path(index) if index is not None else Path(str(config.get("INDEX")))
    if index is None and not exists(directory):
        return ReportQA.build_sample(directory, reader=reader, progress=progress)
    return ReportQA.open(directory, reader=reader)
