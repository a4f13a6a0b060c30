"""Reports kept in Milvus, for shelves that no one machine holds: a cluster, or a file of milvus-lite, by the same client.

    reportqa_reports    a row a report: its names, and the version of it that is whole; a row of its own says format,
                        model and dimension
    reportqa_sentences  a row a sentence of a speech, or a paragraph behind it: words (BM25, jieba) and a vector
    reportqa_parts      a row a slice of a report's file, in Base64: an .npz of its text, units and vectors

Milvus finds the reports in which a question may be answered, by sentences; these few are fetched whole and ranked by the code
that ranks an index in a directory.  Rows are named by report, version and number, where the version is a digest of what
is stored, so that writing the same again changes nothing; a report's own row is written last, and only what it names is
ever read: readers see whole reports, whenever a writer dies.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, TypeVar

import grpc
import numpy as np
from numpy.typing import NDArray
from pymilvus import (
    AnnSearchRequest,
    DataType,
    Function,
    FunctionType,
    MilvusClient,
    MilvusException,
    RRFRanker,
)

from reportqa import config, embedding, readers
from reportqa.assistant import Progress, ReportQA
from reportqa.citation import locate
from reportqa.composing import compose, composed
from reportqa.embedding import Embedder, Vectors
from reportqa.errata import searchable
from reportqa.gathering import Gathered, files_at, gather_files, merged, nothing_found, of_no_file
from reportqa.index import SENTENCE, Counts, Index
from reportqa.indexing import appendix_rows, embedded, units_of
from reportqa.indicators import Figures
from reportqa.lexical import BM25
from reportqa.opened import Opened
from reportqa.passages import Passages
from reportqa.questions import Question
from reportqa.reader import Reader
from reportqa.retrieval import Sought
from reportqa.schema import IndicatorRow, NotFound, QuestionError, Quote, Report, StoreError
from reportqa.stored import StoredReport
from reportqa.text import sentence_spans

FORMAT = 1
REPORTS, SENTENCES, PARTS = "reportqa_reports", "reportqa_sentences", "reportqa_parts"
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
_SLICE = 60_000
"""Characters of a slice; Milvus takes 65,535 bytes."""
_LONGEST_TEXT = 20_000
_LONGEST_NAME = 1_000
_ROWS, _SLICES = 256, 32
"""Rows and slices in one request."""
_FILES = 64
"""Files that are read before what is in them is written."""
_SECONDS = 10.0
"""To wait for a connection."""
_QUIET = {"grpc.keepalive_time_ms": 3_600_000}
"""The server in milvus-lite closes connections that are kept alive as those to a cluster are."""
_SPEECH, _BEHIND = 0, 1

_ENTRY = (
    "report_id",
    "title",
    "place",
    "year",
    "date",
    "meeting",
    "speaker",
    "breaks_off",
    "source",
    "sha256",
    "kind",
)
"""What a report's row says of it."""
_IN_FILE = tuple(field.name for field in fields(Report) if field.name not in _ENTRY)
_COUNTS = ("characters", "sentences", "vectors", "annexed", "parts")

_T = TypeVar("_T")
_UNUSED = [0.0, 0.0]
"""Milvus wants a vector in every collection."""
_MANIFEST = "#"
"""The id of the row that says format, model and dimension."""

Row = dict[str, Any]
Ints = NDArray[np.int32]
Floats = NDArray[np.float32]

for _name_of in ("pymilvus", "grpc._server"):
    logging.getLogger(_name_of).setLevel(logging.CRITICAL)  # what they would log is raised, and said in Chinese


@dataclass(frozen=True, slots=True)
class Draft:
    """A report ready to be written, less its vectors."""

    report: Report
    units: Ints
    texts: list[str]
    annexed: Ints
    version: str

    @classmethod
    def of(cls, report: Report, embedder: Embedder) -> Draft:
        """Cut a report into units; its version is a digest of them and of what is kept beside."""
        rows, texts = units_of(report, 0, 0)
        units = np.array(rows, dtype=np.int32).reshape(-1, 9)
        annexed = np.array(appendix_rows([report]), dtype=np.int32).reshape(-1, 4)
        texts += [report.appendices[which - 1].text[start:end] for _, which, start, end in annexed.tolist()]
        told = json.dumps([FORMAT, embedder.name, embedder.dimension, report.to_dict(), texts], ensure_ascii=False)
        return cls(report, units, texts, annexed, hashlib.sha256(told.encode() + units.tobytes()).hexdigest()[:16])

    def row(self, parts: int, digest: str) -> Row:
        """Return the row that makes the report visible."""
        return {
            **{name: getattr(self.report, name) for name in _ENTRY},
            **{name: getattr(self.report, name)[:_LONGEST_NAME] for name in ("title", "meeting", "speaker")},
            "version": self.version,
            "digest": digest,
            "characters": len(self.report.text),
            "sentences": int((self.units[:, 3] == SENTENCE).sum()),
            "vectors": len(self.units),
            "annexed": len(self.annexed),
            "parts": parts,
        }

    def sentences(self, vectors: Floats) -> Iterator[Row]:
        """Yield the rows by which the report is found."""
        report = self.report
        rows = np.flatnonzero(self.units[:, 3] == SENTENCE).tolist()
        spans = self.units[rows, 4:6].tolist()
        told = [(_SPEECH, searchable(report, start, end), at) for (start, end), at in zip(spans, rows, strict=True)]
        behind = range(len(self.units), len(self.texts))
        told += [(_BEHIND, self.texts[at], at) for at in behind]
        for number, (kind, text, at) in enumerate(told):
            yield {
                "id": _name(report.report_id, self.version, number),
                "report_id": report.report_id,
                "version": self.version,
                "place": report.place,
                "year": report.year,
                "kind": kind,
                "text": text[:_LONGEST_TEXT],
                "vector": vectors[at],
            }

    def slices(self, vectors: Floats) -> list[Row]:
        """Return the report's file, in slices."""
        plan = composed(self.units)
        own = np.ones(len(self.texts), dtype=bool)
        own[plan.rows] = False
        told = json.dumps(self.report.to_dict(), ensure_ascii=False).encode()
        file = io.BytesIO()
        np.savez_compressed(
            file,
            report=np.frombuffer(told, dtype=np.uint8),
            units=self.units,
            annexed=self.annexed,
            vectors=vectors[own].astype(np.float16),
        )
        text = base64.b64encode(file.getvalue()).decode()
        return [
            {
                "id": _name(self.report.report_id, self.version, number),
                "report_id": self.report.report_id,
                "version": self.version,
                "data": text[start : start + _SLICE],
                "unused": _UNUSED,
            }
            for number, start in enumerate(range(0, len(text), _SLICE))
        ]


@dataclass(frozen=True)
class _Whole:
    """A fetched report, with its units numbered from 0."""

    report: Report
    version: str
    units: Ints
    matrix: Floats
    annexed: Ints
    annexed_matrix: Floats

    @classmethod
    def read(cls, data: str, version: str, dimension: int) -> _Whole:
        with np.load(io.BytesIO(base64.b64decode(data))) as file:
            told, units, annexed, vectors = (file[name] for name in ("report", "units", "annexed", "vectors"))
        report = Report.from_dict(json.loads(told.tobytes()))
        plan = composed(units)
        own = np.ones(len(units) + len(annexed), dtype=bool)
        own[plan.rows] = False
        matrix = np.zeros((len(own), dimension), dtype=np.float32)
        matrix[own] = vectors
        compose(matrix, units, plan)
        return cls(report, version, units, matrix[: len(units)], annexed, matrix[len(units) :])

    @cached_property
    def bm25(self) -> BM25:
        """The words of its sentences."""
        spans = self.units[self.units[:, 3] == SENTENCE, 4:6].tolist()
        return BM25.build([searchable(self.report, start, end) for start, end in spans])


class Milvus:
    """The three collections of one Milvus."""

    def __init__(self, uri: str, token: str = "") -> None:
        """Connect; raises StoreError where that fails."""
        self.uri = uri
        if not uri.startswith(("http://", "https://", "tcp://")) and not uri.endswith(".db"):
            raise StoreError(f"Milvus 的地址应是“http://主机:19530”，或以 .db 结尾的本地文件，现在是“{uri}”。")
        options = _QUIET if uri.endswith(".db") else {}
        with self._asked():
            self._client = MilvusClient(uri, token=token, timeout=_SECONDS, grpc_options=options)

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Say in Chinese what went wrong."""
        try:
            yield
        except (MilvusException, grpc.RpcError, OSError) as error:
            raise StoreError(self._said(error)) from error

    def _said(self, error: Exception) -> str:
        told = str(error).lower()
        if any(word in told for word in ("auth", "permission", "privilege")):
            return f"Milvus“{self.uri}”不接受凭据，请用 REPORTQA_TOKEN 给出“用户:密码”或令牌。"
        if "not exists" in told:
            return f"放 Milvus 文件“{self.uri}”的目录不存在，请先建立它。"
        if "open local milvus failed" in told:
            return f"Milvus 文件“{self.uri}”正由另一个程序使用，请等它结束，或改用 Milvus 服务。"
        if any(word in told for word in ("connect", "unavailable", "deadline", "timeout", "dns", "illegal uri")):
            return f"连不上 Milvus“{self.uri}”，请检查地址、端口和服务是否在运行。"
        return f"Milvus“{self.uri}”没有完成请求（{type(error).__name__}），请查看它的日志后再试。"

    # What there is.

    def manifest(self) -> Row | None:
        """Return format, model and dimension; None where nothing is kept yet.  Raises StoreError of another format."""
        with self._asked():
            if not self._client.has_collection(REPORTS):
                return None
            self._client.load_collection(REPORTS)
            found = self._client.get(REPORTS, ids=[_MANIFEST], output_fields=["title"])
        if not found:  # whoever created it got no further
            return None
        try:
            manifest: Row = json.loads(found[0]["title"])
            if manifest["format"] == FORMAT and manifest["model"] and manifest["dimension"]:
                return manifest
        except (ValueError, KeyError, TypeError):
            pass
        raise StoreError(
            f"Milvus“{self.uri}”里的 {REPORTS} 不是本程序可读的格式，请用 reportqa index --fresh 重新建立。"
        )

    def load(self) -> None:
        """Have Milvus load what it keeps."""
        with self._asked():
            for name in (REPORTS, SENTENCES, PARTS):
                self._client.load_collection(name)

    def create(self, model: str, dimension: int) -> None:
        """Create what is not there, last the row that says what it is."""
        for name, schema in _schemas(dimension).items():
            with self._asked():
                if not self._client.has_collection(name):
                    self._client.create_collection(
                        name, schema=schema, index_params=_indexes(name), consistency_level="Strong"
                    )
        self.load()
        told = json.dumps({"format": FORMAT, "model": model, "dimension": dimension}, ensure_ascii=False)
        texts, numbers = dict.fromkeys(_ENTRY, ""), dict.fromkeys(_COUNTS, 0)
        blank = {**texts, **numbers, "report_id": _MANIFEST, "title": told, "year": 0, "version": "", "digest": ""}
        self._note(blank, unfinished=False)

    def drop(self) -> None:
        """Drop all; ``reportqa_reports`` first."""
        with self._asked():
            for name in (REPORTS, SENTENCES, PARTS):
                self._client.drop_collection(name)

    # Reading.

    def rows(self, report_ids: Iterable[str] | None = None) -> list[Row]:
        """Return the rows of some reports, or of all; those that are not whole have no version."""
        found: list[Row] = []
        wanted = ["report_id", *(name for name in _ENTRY if name != "report_id")]
        wanted += ["version", "digest", *_COUNTS, "unfinished"]
        with self._asked():
            if report_ids is not None:
                for some in _batches(report_ids, _ROWS):
                    found += self._client.get(REPORTS, ids=list(some), output_fields=wanted)
                return found
            rows = self._client.query_iterator(REPORTS, batch_size=1000, output_fields=wanted)
            while some := rows.next():
                found += some
            rows.close()
        return [row for row in found if row["report_id"] != _MANIFEST]

    def versions(self) -> dict[str, str]:
        """Return the version of each report that is whole."""
        found: dict[str, str] = {}
        with self._asked():
            rows = self._client.query_iterator(
                REPORTS, batch_size=5000, output_fields=["report_id", "version"], consistency_level="Strong"
            )
            while some := rows.next():
                found |= {row["report_id"]: row["version"] for row in some if row["version"]}
            rows.close()
        found.pop(_MANIFEST, None)
        return found

    def nearest(
        self, words: Sequence[str], vectors: Sequence[Floats], condition: str, counts: tuple[int, int]
    ) -> list[list[tuple[str, str]]]:
        """Return for each text, given by its words and its vector, the (report id, version) of sentences, best first.

        ``counts``: how many are taken by vectors and how many by words, before they are fused by their ranks.
        """
        asked = [
            AnnSearchRequest(data=list(vectors), anns_field="vector", param={}, limit=counts[0], expr=condition),
            AnnSearchRequest(data=list(words), anns_field="words", param={}, limit=counts[1], expr=condition),
        ]
        with self._asked():
            found = self._client.hybrid_search(
                SENTENCES,
                asked,
                RRFRanker(),
                limit=sum(counts),
                output_fields=["report_id", "version"],
                consistency_level="Bounded",
            )
        return [[(hit["entity"]["report_id"], hit["entity"]["version"]) for hit in hits] for hits in found]

    def files(self, rows: Sequence[Row]) -> dict[str, str]:
        """Return the files of the reports of some rows, by report id; one that is not there as its row says is left out."""
        names = {_name(row["report_id"], row["version"], n): row for row in rows for n in range(row["parts"])}
        data: dict[str, list[str]] = {}
        with self._asked():
            for some in _batches(names, _SLICES):
                for part in self._client.get(PARTS, ids=list(some), output_fields=["id", "data"]):
                    data[part["id"]] = part["data"]
        found = {}
        for row in rows:
            own = [data.get(_name(row["report_id"], row["version"], n), "") for n in range(row["parts"])]
            text = "".join(map(str, own))
            if _digest(text) == row["digest"]:
                found[row["report_id"]] = text
        return found

    # Writing.

    def put(self, draft: Draft, vectors: Floats) -> None:
        """Write a report, in place of what there is under its id.

        Raises StoreError where another program writes the same report otherwise at the same time.
        """
        report_id, version = draft.report.report_id, draft.version
        slices = draft.slices(vectors)
        row = draft.row(len(slices), _digest("".join(part["data"] for part in slices)))
        before = next(iter(self.rows([report_id])), None)
        self._note(before or {**row, "version": ""}, unfinished=True)
        with self._asked():
            for some in _batches(draft.sentences(vectors), _ROWS):
                self._client.upsert(SENTENCES, list(some))
            for part in _batches(slices, _SLICES):
                self._client.upsert(PARTS, list(part))
        written = self.count(SENTENCES, report_id, version), self.count(PARTS, report_id, version)
        if written != (row["sentences"] + row["annexed"], row["parts"]):
            raise StoreError(f"报告 {report_id} 正由另一个程序写入，请等它写完，再运行一次同样的命令。")
        self._note(row, unfinished=before is not None)
        if before is not None:
            self._clear(report_id, version)
            self._note(row, unfinished=False)

    def remove(self, row: Row) -> None:
        """Remove a report: first from sight."""
        self._note({**row, "version": ""}, unfinished=True)
        self._clear(row["report_id"], "")
        with self._asked():
            self._client.delete(REPORTS, ids=[row["report_id"]])

    def count(self, collection: str, report_id: str, version: str) -> int:
        """Return how many rows a collection has of a version of a report."""
        condition = f"report_id == {_quoted(report_id)} and version == {_quoted(version)}"
        with self._asked():
            [told] = self._client.query(
                collection, filter=condition, output_fields=["count(*)"], consistency_level="Strong"
            )
        return int(told["count(*)"])

    def _note(self, row: Row, *, unfinished: bool) -> None:
        with self._asked():
            self._client.upsert(REPORTS, [{**row, "unfinished": unfinished, "unused": _UNUSED}])

    def _clear(self, report_id: str, version: str) -> None:
        """Delete what there is of other versions of a report."""
        condition = f"report_id == {_quoted(report_id)} and version != {_quoted(version)}"
        with self._asked():
            for name in (SENTENCES, PARTS):
                self._client.delete(name, filter=condition)


def _schemas(dimension: int) -> dict[str, Any]:
    names = {"report_id": 512, "version": 64}
    sentences = _schema({"id": 640, **names, "place": 512}, ("year", "kind"))
    sentences.add_field(
        "text", DataType.VARCHAR, max_length=65_535, enable_analyzer=True, analyzer_params={"tokenizer": "jieba"}
    )
    sentences.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    sentences.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    sentences.add_function(
        Function(name="bm25", function_type=FunctionType.BM25, input_field_names=["text"], output_field_names=["words"])
    )
    parts = _schema({"id": 640, **names})
    parts.add_field("data", DataType.VARCHAR, max_length=65_535, mmap_enabled=True)
    parts.add_field("unused", DataType.FLOAT_VECTOR, dim=len(_UNUSED))
    texts = {name: 4096 for name in _ENTRY if name not in ("report_id", "year")}
    reports = _schema({"report_id": 512, **texts, "version": 64, "digest": 64}, ("year", *_COUNTS))
    reports.add_field("unfinished", DataType.BOOL)
    reports.add_field("unused", DataType.FLOAT_VECTOR, dim=len(_UNUSED))
    return {SENTENCES: sentences, PARTS: parts, REPORTS: reports}


def _indexes(name: str) -> Any:
    params = MilvusClient.prepare_index_params()
    if name == SENTENCES:
        params.add_index("vector", index_type="AUTOINDEX", metric_type="IP")
        params.add_index(
            "words",
            index_type="SPARSE_INVERTED_INDEX",
            metric_type="BM25",
            params={"bm25_k1": 1.2, "bm25_b": 0.5},
        )
        for field in ("report_id", "place", "year"):
            params.add_index(field, index_type="INVERTED")
    else:
        params.add_index("unused", index_type="FLAT", metric_type="L2")
    return params


def _schema(texts: Mapping[str, int], numbers: Iterable[str] = ()) -> Any:
    """Return the schema of fields of text, the first of them the key, and of whole numbers."""
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    for at, (name, length) in enumerate(texts.items()):
        schema.add_field(name, DataType.VARCHAR, max_length=length, is_primary=at == 0)
    for name in numbers:
        schema.add_field(name, DataType.INT32)
    return schema


def _batches(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    iterator = iter(values)
    while some := list(islice(iterator, size)):
        yield some


def _name(report_id: str, version: str, number: int) -> str:
    return f"{report_id}:{version}:{number:05d}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class _Listed(StoredReport):
    """A report of the catalogue: what its row does not say is fetched each time, or found among those kept in memory."""

    __slots__ = ()

    def __init__(self, row: Row, read: Any) -> None:
        super().__init__(row, read)
        for name in _ENTRY:
            object.__setattr__(self, name, row[name])

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
        self._kept: OrderedDict[tuple[str, str], _Whole] = OrderedDict()
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
        characters, sentences, vectors = (sum(row[name] for row in rows) for name in _COUNTS[:3])
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
        for share in _batches(files, _FILES):
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

    def _whole(self, row: Row) -> _Whole:
        """Return the report of a row of the catalogue; the one that took its place, where it is neither kept nor there."""
        report_id = row["report_id"]
        with self._guard:
            if (kept := self._kept.get((report_id, row["version"]))) is not None:
                return kept
        [whole] = self._fetched([report_id]).values() or [None]
        if whole is None:
            raise NotFound(f"报告 {report_id} 已从库中移出，请刷新后再试。")
        return whole

    def _fetched(self, report_ids: Sequence[str]) -> dict[str, _Whole]:
        """Return some reports whole; one that was removed meanwhile is left out, one that was replaced is the new one."""
        found: dict[str, _Whole] = {}
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
                    found[row["report_id"]] = _Whole.read(data, row["version"], self._embedder.dimension)
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
        words = " ".join([question.text, *(term for alias in question.aliases for term in alias.terms)])
        chosen = []
        for part in sought:
            numbers: Sequence[int] = range(len(index.reports)) if part.reports is None else part.reports
            if len(numbers) > LOOKED_IN:
                numbers = self._found(index, words, vector, part.reports, _BEHIND if appendices else _SPEECH)
            chosen.append([index.reports[number].report_id for number in sorted(numbers)])
        near = self._joined(sorted({report_id for report_ids in chosen for report_id in report_ids})).index
        local = {report.report_id: number for number, report in enumerate(near.reports)}
        parts = []
        for part, report_ids in zip(sought, chosen, strict=True):
            inside = tuple(local[report_id] for report_id in report_ids if report_id in local)
            parts.append(Sought(part.asked, None if part.reports is None and len(inside) == len(local) else inside))
        return near, parts

    def _found(
        self, index: Index, words: str, vector: Floats, numbers: Sequence[int] | None, kind: int
    ) -> Sequence[int]:
        """Return the numbers of the reports whose sentences are nearest to a question, among some or all."""
        among = range(len(index.reports)) if numbers is None else numbers
        allowed = {index.reports[number].report_id: number for number in among}
        condition = f"kind == {kind}" + ("" if numbers is None else _condition([index.reports[n] for n in numbers]))
        counts = (_DENSE_CANDIDATES, _LEXICAL_CANDIDATES)
        [hits] = self._current(self._store.nearest([words], [vector], condition, counts))
        found = dict.fromkeys(allowed[report_id] for report_id in hits if report_id in allowed)
        return list(found)[:LOOKED_IN]

    def _current(self, found: list[list[tuple[str, str]]]) -> list[list[str]]:
        """Return the ids of the reports that were found, less versions that are not whole; new ones are taken over."""
        unknown = {report_id for hits in found for report_id, version in hits if not self._is_known(report_id, version)}
        if unknown:
            self._renew(sorted(unknown))
        return [[report_id for report_id, version in hits if self._is_known(report_id, version)] for hits in found]

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
            said = list(dict.fromkeys(text[start:end].strip()[:_LONGEST_TEXT] for start, end in spans))
            found: list[list[str]] = []
            for some in _batches(said, _SLICES):
                vectors = list(self._embedder.encode_document(some))
                hits = self._store.nearest(some, vectors, f"kind == {_SPEECH}", (_OF_A_CLAIM, _OF_A_CLAIM))
                found += [list(dict.fromkeys(of_one)) for of_one in self._current(hits)]
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
    return f"[{', '.join(sorted(map(_quoted, texts)))}]"


def _joined(several: Sequence[_Whole], dimension: int) -> Index:
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
