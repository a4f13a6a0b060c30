"""The collections of a Milvus in which reports are kept: their rows, how they are written, found and read whole.

    reportqa_reports    a row a report: its names, and the version of it that is whole; a row of its own says format,
                        model and dimension
    reportqa_sentences  a row a sentence of a speech, or a paragraph behind it: words (BM25, jieba) and a vector
    reportqa_parts      a row a slice of a report's file, in Base64: an .npz of its text, units and vectors

Rows are named by report, version and number, where the version is a digest of what is stored, so that writing the same
again changes nothing; a report's own row is written last, and only what it names is ever read: readers see whole
reports, whenever a writer dies.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import islice
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

from reportqa.composing import compose, composed
from reportqa.embedding import Embedder
from reportqa.errata import searchable
from reportqa.excerpts import Excerpt
from reportqa.index import SENTENCE
from reportqa.indexing import appendix_rows, units_of
from reportqa.lexical import BM25
from reportqa.schema import Report, StoreError

FORMAT = 2
REPORTS, SENTENCES, PARTS = "reportqa_reports", "reportqa_sentences", "reportqa_parts"
_SLICE = 60_000
"""Characters of a slice; Milvus takes 65,535 bytes."""
LONGEST_TEXT = 20_000
_LONGEST_NAME = 1_000
_ROWS, _SLICES = 256, 32
"""Rows and slices in one request."""
_SECONDS = 10.0
"""To wait for a connection."""
_QUIET = {"grpc.keepalive_time_ms": 3_600_000}
"""The server in milvus-lite closes connections that are kept alive as those to a cluster are."""
SPEECH, BEHIND = 0, 1

ENTRY = (
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
_EXCERPT = tuple(field.name for field in fields(Excerpt))
COUNTS = ("characters", "sentences", "vectors", "annexed", "parts", "sections", "paragraphs")

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
            **{name: getattr(self.report, name) for name in ENTRY},
            **{name: getattr(self.report, name)[:_LONGEST_NAME] for name in ("title", "meeting", "speaker")},
            "version": self.version,
            "digest": digest,
            **self.report.size,
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
        told = [(SPEECH, searchable(report, start, end), at) for (start, end), at in zip(spans, rows, strict=True)]
        behind = range(len(self.units), len(self.texts))
        told += [(BEHIND, self.texts[at], at) for at in behind]
        for number, (kind, text, at) in enumerate(told):
            yield {
                "id": _name(report.report_id, self.version, number),
                "report_id": report.report_id,
                "version": self.version,
                "place": report.place,
                "year": report.year,
                "kind": kind,
                "text": text[:LONGEST_TEXT],
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
class Whole:
    """A fetched report, with its units numbered from 0."""

    report: Report
    version: str
    units: Ints
    matrix: Floats
    annexed: Ints
    annexed_matrix: Floats

    @classmethod
    def read(cls, data: str, version: str, dimension: int) -> Whole:
        """Return the report of a file, its slices joined; what is composed is put together again."""
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
        if "@" in uri.rpartition("://")[2].partition("/")[0]:
            raise StoreError(
                "Milvus 的地址里不要写用户名和密码，请放到设置 REPORTQA_TOKEN 里（用户名:密码），地址只写“http://主机:19530”。"
            )
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
        texts, numbers = dict.fromkeys(ENTRY, ""), dict.fromkeys(COUNTS, 0)
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
        wanted = ["report_id", *(name for name in ENTRY if name != "report_id")]
        wanted += ["version", "digest", *COUNTS, "unfinished"]
        with self._asked():
            if report_ids is not None:
                for some in batches(report_ids, _ROWS):
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
    ) -> list[list[Excerpt]]:
        """Return for each text, given by its words and its vector, the sentences that are nearest to it, best first.

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
                output_fields=list(_EXCERPT),
                consistency_level="Bounded",
            )
        return [[Excerpt(**{name: hit["entity"][name] for name in _EXCERPT}) for hit in hits] for hits in found]

    def files(self, rows: Sequence[Row]) -> dict[str, str]:
        """Return the files of the reports of some rows, by report id; one that is not there as its row says is left out."""
        names = {_name(row["report_id"], row["version"], n): row for row in rows for n in range(row["parts"])}
        data: dict[str, list[str]] = {}
        with self._asked():
            for some in batches(names, _SLICES):
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
            for some in batches(draft.sentences(vectors), _ROWS):
                self._client.upsert(SENTENCES, list(some))
            for part in batches(slices, _SLICES):
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
        condition = f"report_id == {quoted(report_id)} and version == {quoted(version)}"
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
        condition = f"report_id == {quoted(report_id)} and version != {quoted(version)}"
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
    texts = {name: 4096 for name in ENTRY if name not in ("report_id", "year")}
    reports = _schema({"report_id": 512, **texts, "version": 64, "digest": 64}, ("year", *COUNTS))
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


def batches(values: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield values in lists of ``size``, the last one shorter."""
    iterator = iter(values)
    while some := list(islice(iterator, size)):
        yield some


def _name(report_id: str, version: str, number: int) -> str:
    return f"{report_id}:{version}:{number:05d}"


def quoted(text: str) -> str:
    """Return a text as a filter of Milvus takes it."""
    return json.dumps(text, ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
