"""Answers from reports kept in Milvus, for shelves that no one machine holds: a cluster, or a file of milvus-lite.

Milvus finds the reports in which a question may be answered, by sentences; these few are fetched whole (milvus_store.py) and
ranked by the code that ranks an index in a directory.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from reportqa import config, embedding, readers
from reportqa.assistant import Progress, ReportQA
from reportqa.citation import locate
from reportqa.composing import compose, composed
from reportqa.embedding import Embedder, Vectors
from reportqa.excerpts import Excerpt, promising
from reportqa.gathering import Gathered, files_at, gather_files, merged, nothing_found, of_no_file
from reportqa.index import SENTENCE, Counts, Index
from reportqa.indexing import embedded
from reportqa.indicators import Figures
from reportqa.lexical import BM25
from reportqa.milvus_store import (
    BEHIND,
    COUNTS,
    ENTRY,
    LONGEST_TEXT,
    SPEECH,
    Draft,
    Floats,
    Milvus,
    Row,
    Whole,
    batches,
    quoted,
)
from reportqa.opened import Opened
from reportqa.passages import Passages
from reportqa.questions import Question
from reportqa.reader import Reader
from reportqa.retrieval import Sought
from reportqa.schema import IndicatorRow, NotFound, QuestionError, Quote, Report, StoreError
from reportqa.stored import StoredReport
from reportqa.text import sentence_spans

LOOKED_IN = 12
"""Reports that a question is answered from, of those that it may be answered from."""
_CHECKED_AGAINST = 24
"""Reports that a draft is held against."""
_AT_ONCE = 64
"""Reports that are read for one list of figures, or for one citation."""
_KEPT = 64
"""Whole reports kept in memory, about 3 MB each."""
_JOINED = 4
"""Groups of them kept as an index."""
_DENSE_CANDIDATES, _LEXICAL_CANDIDATES = 160, 60
"""Sentences that Milvus returns for a question, as retrieval.py takes units."""
_OF_A_CLAIM = 8
"""Sentences that it returns for each sentence of a draft."""
_NAMED_IN_FILTER = 100
"""So many reports are named one by one in a filter; of more, their places and years."""
_FILES = 64
"""Files that are read before what is in them is written."""
_CLAIMS = 32
"""Sentences of a draft in one request."""
_IN_FILE = tuple(field.name for field in fields(Report) if field.name not in ENTRY)


class _Listed(StoredReport):
    """A report of the catalogue: what its row does not say is fetched each time, or found among those kept in memory."""

    __slots__ = ("_size",)
    _size: dict[str, int]

    def __init__(self, row: Row, read: Any) -> None:
        super().__init__(row, read)
        object.__setattr__(self, "_size", {name: row[name] for name in ("sections", "paragraphs", "characters")})
        for name in ENTRY:
            object.__setattr__(self, name, row[name])

    @property
    def size(self) -> dict[str, int]:
        """How many sections, paragraphs and characters it has, as its row says."""
        return self._size

    def __getattr__(self, name: str) -> Any:
        """Fetch the report: Python asks here for what has no value."""
        if name not in _IN_FILE:
            raise AttributeError(name)
        return getattr(self._read(), name)


class MilvusQA(ReportQA):
    """Answers questions from the reports that a Milvus keeps."""

    def __init__(self, store: Milvus, embedder: Embedder, reader: Reader | None = None) -> None:
        self._store = store
        self._guard = threading.RLock()
        self._kept: OrderedDict[tuple[str, str], Whole] = OrderedDict()
        self._views: OrderedDict[tuple[tuple[str, str], ...], Opened] = OrderedDict()
        self._rows = {row["report_id"]: row for row in store.rows() if row["version"]}
        super().__init__(self._catalogue(embedder.dimension), embedder, reader=reader)

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
    ) -> MilvusQA:
        """Index the reports at ``paths`` into the Milvus at the address ``index``, in place of what it held.

        The arguments, and what is raised besides StoreError, are those of ``ReportQA.build``; ``progress`` and ``reading``
        are told (done, total) files.
        """
        given = list(paths)
        files_at([Path(path) for path in given])
        look = readers.load(reader or str(config.get("READER")))
        embedder = embedding.load(model or str(config.get("MODEL")))
        store = Milvus(str(index or ""), str(config.get("TOKEN")))
        store.drop()
        store.create(embedder.name, embedder.dimension)
        qa = cls(store, embedder, look)
        qa.add(given, place=place, year=year, progress=progress, reading=reading)
        return qa

    @classmethod
    def open(cls, index: str | Path, *, model: str | None = None, reader: str | None = None) -> MilvusQA:
        """Open what the Milvus at the address ``index`` keeps.

        Raises StoreError where it cannot be reached, keeps nothing, or what another model or format wrote.
        """
        store = Milvus(str(index), str(config.get("TOKEN")))
        manifest = store.manifest()
        if manifest is None:
            raise StoreError(
                f"Milvus“{index}”里还没有索引，请先运行 reportqa index 报告文件 --store milvus --uri {index}。"
            )
        look = readers.load(reader or str(config.get("READER")))
        embedder = embedding.load(model or str(config.get("MODEL")))
        if (manifest["model"], manifest["dimension"]) != (embedder.name, embedder.dimension):
            raise StoreError(
                f"Milvus“{index}”里的索引由模型“{manifest['model']}”（{manifest['dimension']} 维）建立，"
                f"现在用的是“{embedder.name}”（{embedder.dimension} 维）：请换回原模型，或用 reportqa index --fresh 重新建立。"
            )
        store.load()
        return cls(store, embedder, look)

    @staticmethod
    def exists(index: str | Path) -> bool:
        """Whether the Milvus at the address ``index`` keeps an index.  Raises StoreError where it cannot be asked."""
        return Milvus(str(index), str(config.get("TOKEN"))).manifest() is not None

    @property
    def counts(self) -> Counts:
        """What Milvus keeps."""
        rows = list(self._rows.values())
        characters, sentences, vectors = (sum(row[name] for row in rows) for name in COUNTS[:3])
        return Counts(len(rows), characters, sentences, vectors)

    @property
    def sums_up(self) -> bool:
        """Whether the reports are few enough for their figures to be listed together."""
        return len(self._rows) <= _AT_ONCE

    def unfinished(self) -> list[str]:
        """Return the ids of the reports whose writing was interrupted, or goes on."""
        return [row["report_id"] for row in self._store.rows() if row["unfinished"]]

    # Writing.

    def add(
        self,
        paths: Iterable[str | Path],
        *,
        place: str = "",
        year: int = 0,
        progress: Progress | None = None,
        reading: Progress | None = None,
    ) -> list[Report]:
        """Add the reports at ``paths``; return them.  Those that are there as they are now are not written again.

        So the same command resumes what was interrupted.  The arguments, and what is raised, are those of ``build``.
        """
        given = [Path(path) for path in paths]
        files = files_at(given)
        told = Gathered()
        added: list[str] = []
        done = 0
        for share in batches(files, _FILES):
            found = gather_files(given, share, place, year)
            new, needless = merged(found.reports, self._opened.index.reports)
            told.passed_over += [*found.passed_over, *needless]
            done += len(share)
            if reading:
                reading(done, len(files))
            for report in new:
                self._put(report)
            self._renew([report.report_id for report in new])
            added += [report.report_id for report in new]
            if progress:
                progress(done, len(files))
            told.reports += found.reports[:1]
        self.passed_over = [*told.passed_over, *of_no_file(files)]
        if not told.reports:
            raise nothing_found(told)
        return [self.report(report_id) for report_id in added]

    def remove(self, report_id: str) -> None:
        """Remove a report.  Raises NotFound, naming the reports that there are."""
        self.report(report_id)
        self._store.remove(self._rows[report_id])
        self._renew([report_id])

    def _put(self, report: Report) -> None:
        draft = Draft.of(report, self._embedder)
        known = self._rows.get(report.report_id)
        if known is not None and known["version"] == draft.version and not known["unfinished"]:
            return
        plan = composed(draft.units)
        vectors = np.zeros((len(draft.texts), self._embedder.dimension), dtype=np.float32)
        behind = len(draft.units)
        wanted = np.ones(behind, dtype=bool)
        wanted[plan.rows] = False
        embedded(draft.texts, wanted, (vectors[:behind], vectors[behind:]), self._embedder)
        compose(vectors, draft.units, plan)
        self._store.put(draft, vectors)

    # The catalogue.

    def _catalogue(self, dimension: int) -> Index:
        """Return the reports, without their units."""

        def reader(row: Row) -> Any:
            return lambda: self._whole(row).report

        reports = [_Listed(row, reader(row)) for _, row in sorted(self._rows.items())]
        vectors = np.empty((0, dimension), np.float32)
        return Index(reports, np.empty((0, 9), np.int32), vectors, BM25.build([]), np.empty((0, 4), np.int32), vectors)

    def _renew(self, report_ids: Sequence[str]) -> None:
        """Take over what has become of some reports."""
        found = {row["report_id"]: row for row in self._store.rows(report_ids) if row["version"]}
        changed = set(report_ids)
        with self._guard:
            others = {report_id: row for report_id, row in self._rows.items() if report_id not in changed}
            self._rows = others | found
            self._opened = Opened(self._catalogue(self._embedder.dimension), self._lexicon, self._opened)

    def refresh(self) -> bool:
        """Take over what other programs have written since; say whether there is such.

        Questions under way end on the catalogue that they began with.  Raises StoreError where Milvus cannot be asked;
        the catalogue then stays.
        """
        with self._refreshing:
            there = self._store.versions()
            known = {report_id: row["version"] for report_id, row in self._rows.items()}
            changed = sorted({report_id for report_id, _ in there.items() ^ known.items()})
            if changed:
                self._renew(changed)
            return bool(changed)

    def held(self) -> MilvusQA:
        """Return an assistant with a catalogue of its own, for several questions to one state of it.

        Milvus keeps one version of a report: of one that is replaced meanwhile, what is not yet fetched is the new one.
        """
        return copy.copy(self)

    def _whole(self, row: Row) -> Whole:
        """Return the report of a row of the catalogue; the one that took its place, where it is neither kept nor there."""
        report_id = row["report_id"]
        with self._guard:
            if (kept := self._kept.get((report_id, row["version"]))) is not None:
                return kept
        [whole] = self._fetched([report_id]).values() or [None]
        if whole is None:
            raise NotFound(f"报告 {report_id} 已从库中移出，请刷新后再试。")
        return whole

    def _fetched(self, report_ids: Sequence[str]) -> dict[str, Whole]:
        """Return some reports whole; one that was removed meanwhile is left out, one that was replaced is the new one."""
        found: dict[str, Whole] = {}
        for again in (False, True):
            missing = [report_id for report_id in report_ids if report_id not in found]
            if again and missing:
                self._renew(missing)
            rows = [self._rows[report_id] for report_id in missing if report_id in self._rows]
            with self._guard:
                for row in rows:
                    if (key := (row["report_id"], row["version"])) in self._kept:
                        self._kept.move_to_end(key)
                        found[row["report_id"]] = self._kept[key]
            rows = [row for row in rows if row["report_id"] not in found]
            files = self._store.files(rows) if rows else {}
            for row in rows:
                if data := files.get(row["report_id"]):
                    found[row["report_id"]] = Whole.read(data, row["version"], self._embedder.dimension)
            with self._guard:
                for row in rows:
                    if (report_id := row["report_id"]) in found:
                        self._kept[report_id, row["version"]] = found[report_id]
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        for report_id in report_ids:
            if report_id in self._rows and report_id not in found:
                raise StoreError(f"报告 {report_id} 在 Milvus“{self._store.uri}”里不完整，请重新收入它。")
        return found

    def _joined(self, report_ids: Sequence[str]) -> Opened:
        """Return an index of some reports as they are by now, in their order, less those that were removed meanwhile."""
        versions = {row["report_id"]: row["version"] for row in self._store.rows(report_ids)}
        if changed := [name for name in report_ids if not self._is_known(name, versions.get(name, ""))]:
            self._renew(changed)
        whole = self._fetched(report_ids)
        key = tuple((report_id, whole[report_id].version) for report_id in report_ids if report_id in whole)
        with self._guard:
            if key not in self._views:
                index = _joined([whole[report_id] for report_id, _ in key], self._embedder.dimension)
                self._views[key] = Opened(index, self._lexicon)
            self._views.move_to_end(key)
            while len(self._views) > _JOINED:
                self._views.popitem(last=False)
            return self._views[key]

    # Asking.

    def _near(
        self, index: Index, question: Question, vector: Vectors, sought: Sequence[Sought], *, appendices: bool = False
    ) -> tuple[Index, Sequence[Sought]]:
        chosen = []
        for part in sought:
            numbers: Sequence[int] = range(len(index.reports)) if part.reports is None else part.reports
            if len(numbers) > LOOKED_IN:
                numbers = self._found(index, question, vector, part, BEHIND if appendices else SPEECH)
            chosen.append([index.reports[number].report_id for number in sorted(numbers)])
        near = self._joined(sorted({report_id for report_ids in chosen for report_id in report_ids})).index
        local = {report.report_id: number for number, report in enumerate(near.reports)}
        parts = []
        for part, report_ids in zip(sought, chosen, strict=True):
            inside = tuple(local[report_id] for report_id in report_ids if report_id in local)
            parts.append(Sought(part.asked, None if part.reports is None and len(inside) == len(local) else inside))
        return near, parts

    def _found(self, index: Index, question: Question, vector: Floats, part: Sought, kind: int) -> Sequence[int]:
        """Return the numbers of the reports that have the most promising sentences, among those of a part of a question."""
        among = range(len(index.reports)) if part.reports is None else part.reports
        allowed = {index.reports[number].report_id: number for number in among}
        condition = f"kind == {kind}"
        if part.reports is not None:
            condition += _condition([index.reports[number] for number in part.reports])
        words = " ".join([question.text, *(term for alias in question.aliases for term in alias.terms)])
        counts = (_DENSE_CANDIDATES, _LEXICAL_CANDIDATES)
        [hits] = self._current(self._store.nearest([words], [vector], condition, counts))
        found = promising(question, vector, part, [hit for hit in hits if hit.report_id in allowed])
        return [allowed[report_id] for report_id in found[:LOOKED_IN]]

    def _current(self, found: list[list[Excerpt]]) -> list[list[Excerpt]]:
        """Return what was found, less what is of versions that are not whole; new ones are taken over."""
        unknown = {hit.report_id for hits in found for hit in hits if not self._is_known(hit.report_id, hit.version)}
        if unknown:
            self._renew(sorted(unknown))
        return [[hit for hit in hits if self._is_known(hit.report_id, hit.version)] for hits in found]

    def _is_known(self, report_id: str, version: str) -> bool:
        row = self._rows.get(report_id)
        return row is not None and row["version"] == version

    def locate(self, citation_text: str, reports: Sequence[str] | None = None) -> list[Quote]:
        """Return what a citation means, as ``ReportQA.locate`` does; it has to say of which report, where there are many."""
        wanted = self.reports() if reports is None else [self.report(report_id) for report_id in reports]
        return locate(wanted, citation_text, _AT_ONCE)

    def _passages_near(self, text: str) -> Passages:
        """Return the passages of the reports that are nearest to the sentences of a text, a report of each in turn."""
        report_ids = [report.report_id for report in self._opened.index.reports]
        if len(report_ids) > _CHECKED_AGAINST:
            spans = [span for span in sentence_spans(text, 0, len(text)) if any(map(str.isalnum, text[slice(*span)]))]
            said = list(dict.fromkeys(text[start:end].strip()[:LONGEST_TEXT] for start, end in spans))
            found: list[list[str]] = []
            for some in batches(said, _CLAIMS):
                vectors = list(self._embedder.encode_document(some))
                hits = self._store.nearest(some, vectors, f"kind == {SPEECH}", (_OF_A_CLAIM, _OF_A_CLAIM))
                found += [list(dict.fromkeys(hit.report_id for hit in of_one)) for of_one in self._current(hits)]
            turns = chain.from_iterable(zip_longest(*found))
            report_ids = sorted(list(dict.fromkeys(filter(None, turns)))[:_CHECKED_AGAINST])
        return self._joined(report_ids).passages

    def indicators(
        self,
        place: str | None = None,
        indicator: str | None = None,
        period: str | int | None = None,
    ) -> list[IndicatorRow]:
        """Return figures as ``ReportQA.indicators`` does; of many reports, those of some places.

        Raises QuestionError where they are more than are read at once.
        """
        if self.sums_up or place is None:
            return super().indicators(place, indicator, period)
        opened = self._opened
        places = opened.shelf.read(place).places or tuple({r.place for r in opened.index.reports if place in r.place})
        reports = [report for report in opened.index.reports if report.place in places]
        self._check_number(len(reports))
        return Figures(reports).select(places, indicator, period)

    def _figures_of(self, opened: Opened) -> Figures:
        self._check_number(len(opened.index.reports))
        return super()._figures_of(opened)

    def _check_number(self, reports: int) -> None:
        if reports > _AT_ONCE:
            raise QuestionError(
                f"要汇总数字的报告有 {reports} 份，一次最多 {_AT_ONCE} 份，请写明是哪个地方（--place），或分别提问。"
            )


def _condition(reports: Sequence[Report]) -> str:
    """Return the part of a filter that holds of some reports: their ids, or of many their places and years."""
    if len(reports) <= _NAMED_IN_FILTER:
        return f" and report_id in {_quoted_list(report.report_id for report in reports)}"
    years = sorted({report.year for report in reports})
    return f" and year in {years} and place in {_quoted_list({report.place for report in reports})}"


def _quoted_list(texts: Iterable[str]) -> str:
    return f"[{', '.join(sorted(map(quoted, texts)))}]"


def _joined(several: Sequence[Whole], dimension: int) -> Index:
    """Return fetched reports as one index."""
    units, annexed = [np.empty((0, 9), np.int32)], [np.empty((0, 4), np.int32)]
    sentences = 0
    for number, whole in enumerate(several):
        own = whole.units.copy()
        own[:, 0] = number
        own[own[:, 2] >= 0, 2] += sentences
        sentences += int((own[:, 3] == SENTENCE).sum())
        units.append(own)
        behind = whole.annexed.copy()
        behind[:, 0] = number
        annexed.append(behind)
    none = np.empty((0, dimension), np.float32)
    spoken = [whole.bm25 for whole in several if len(whole.units)]
    return Index(
        [whole.report for whole in several],
        np.concatenate(units),
        np.concatenate([none, *(whole.matrix for whole in several)]),
        BM25.joined(spoken) if spoken else BM25.build([]),
        np.concatenate(annexed),
        np.concatenate([none, *(whole.annexed_matrix for whole in several)]),
    )
