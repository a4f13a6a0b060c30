"""How reportqa fares against general retrieval frameworks with the same embedder; prints Markdown, or JSON (--json).

    pip install -r benchmarks/requirements-peers.txt
    python benchmarks/peers.py GOLD_DIR [--report REPORT.txt] [--peers langchain,txtai]

LangChain (FAISS and BM25 over jieba's words, ensemble), LlamaIndex (query fusion of vectors and BM25), Haystack (reciprocal
rank fusion) and txtai (hybrid) are set up as their documentation advises for Chinese, each in a process of its own: once
with the chunks of its tutorials, once with short ones (up to 200 characters, cut at Chinese marks), which suit the task
better than a newcomer would know.  Every peer is given reportqa's embedder through sentence-transformers.

hit@1: the first quote holds the evidence and has at most 240 characters; in any length: the first chunk holds it, however
long; answer@150: an answer stands within the first 150 characters of what comes back.  Latencies are multiples of the
median time of embedding a question, taken in turns in the same process.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

TOP_K = 5
LONGEST_QUOTE = 240
SHORT = 200
MARKS = ["\n\n", "\n", "。", "；", "，", ""]
CHARACTERS = r"[\u3400-\u9fff]|[a-zA-Z]+|[\d.]+%?"
ROUNDS = 3
COLD_STARTS = 3


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes; that of costs.py would load reportqa into every peer's process."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Peer(ABC):
    """A program that finds passages of a report; ``short``: in short chunks instead of its own."""

    def __init__(self, embedder: Any, directory: Path, *, short: bool) -> None:
        self.embedder = embedder
        self.directory = directory
        self.short = short

    @abstractmethod
    def build(self, text: str) -> None:
        """Index a report and keep the index in the directory."""

    @abstractmethod
    def open(self) -> None:
        """Load the index."""

    @abstractmethod
    def search(self, question: str) -> list[str]:
        """Return passages, best first."""


class Ours(Peer):
    """reportqa, asked as a user asks it, without a reader."""

    def build(self, text: str) -> None:
        """Index a report."""
        from reportqa import ReportQA

        path = self.directory / "report.txt"
        path.write_text(text, encoding="utf-8")
        ReportQA.build([path], self.directory / "index")

    def open(self) -> None:
        """Open the index."""
        from reportqa import ReportQA

        self.qa = ReportQA.open(self.directory / "index", reader="off")
        self.embedder = self.qa.embedder

    def search(self, question: str) -> list[str]:
        """Return the quotes of the answer; none of a refusal."""
        return [quote.text for quote in self.qa.ask(question).quotes]


class LangChain(Peer):
    """FAISS and BM25 over jieba's words, in an EnsembleRetriever of equal weights."""

    def _embeddings(self) -> Any:
        from langchain_core.embeddings import Embeddings

        embedder = self.embedder

        class Same(Embeddings):  # type: ignore[misc]
            def embed_documents(self, texts: list[str]) -> list[list[float]]:
                vectors: list[list[float]] = embedder.encode_document(texts).tolist()
                return vectors

            def embed_query(self, text: str) -> list[float]:
                vector: list[float] = embedder.encode_query(text).tolist()
                return vector

        return Same()

    def build(self, text: str) -> None:
        """Split, embed, save."""
        from langchain_community.vectorstores import FAISS
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        size, overlap = (SHORT, 0) if self.short else (1000, 200)
        splitter = RecursiveCharacterTextSplitter(
            separators=MARKS, keep_separator="end", chunk_size=size, chunk_overlap=overlap
        )
        FAISS.from_texts(splitter.split_text(text), self._embeddings()).save_local(str(self.directory))

    def open(self) -> None:
        """Load the vectors and index the words again: its BM25 is not kept."""
        import jieba
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS

        store = FAISS.load_local(str(self.directory), self._embeddings(), allow_dangerous_deserialization=True)
        chunks = [store.docstore.search(key) for key in store.index_to_docstore_id.values()]
        words = BM25Retriever.from_documents(chunks, preprocess_func=jieba.lcut, k=TOP_K)
        vectors = store.as_retriever(search_kwargs={"k": TOP_K})
        self.retriever = EnsembleRetriever(retrievers=[words, vectors], weights=[0.5, 0.5])

    def search(self, question: str) -> list[str]:
        """Ask the ensemble."""
        return [found.page_content for found in self.retriever.invoke(question)]


class LlamaIndex(Peer):
    """QueryFusionRetriever over the vector index and BM25 over Chinese characters, reciprocal ranks, one query."""

    def _embedding(self) -> Any:
        from llama_index.core.embeddings import BaseEmbedding

        embedder = self.embedder

        class Same(BaseEmbedding):  # type: ignore[misc]
            def _get_query_embedding(self, query: str) -> list[float]:
                vector: list[float] = embedder.encode_query(query).tolist()
                return vector

            async def _aget_query_embedding(self, query: str) -> list[float]:
                return self._get_query_embedding(query)

            def _get_text_embedding(self, text: str) -> list[float]:
                return self._get_text_embeddings([text])[0]

            def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
                vectors: list[list[float]] = embedder.encode_document(texts).tolist()
                return vectors

        return Same()

    def build(self, text: str) -> None:
        """Split, embed, save."""
        from llama_index.core import Document, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter

        splitter = SentenceSplitter(chunk_size=SHORT, chunk_overlap=0) if self.short else SentenceSplitter()
        nodes = splitter.get_nodes_from_documents([Document(text=text)])
        VectorStoreIndex(nodes, embed_model=self._embedding()).storage_context.persist(str(self.directory))

    def open(self) -> None:
        """Load the vectors, index the characters again."""
        from llama_index.core import StorageContext, load_index_from_storage
        from llama_index.core.llms import MockLLM
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.retrievers.bm25 import BM25Retriever

        storage = StorageContext.from_defaults(persist_dir=str(self.directory))
        index = load_index_from_storage(storage, embed_model=self._embedding())
        words = BM25Retriever.from_defaults(
            nodes=list(index.docstore.docs.values()),
            similarity_top_k=TOP_K,
            language=[],
            skip_stemming=True,
            token_pattern=CHARACTERS,
        )
        self.retriever = QueryFusionRetriever(
            [index.as_retriever(similarity_top_k=TOP_K), words],
            llm=MockLLM(),
            similarity_top_k=TOP_K,
            num_queries=1,
            mode="reciprocal_rerank",
            use_async=False,
        )

    def search(self, question: str) -> list[str]:
        """Ask the fusion."""
        return [found.node.get_content() for found in self.retriever.retrieve(question)]


class Haystack(Peer):
    """A pipeline of an embedding and a BM25 retriever, joined by reciprocal ranks; its BM25 takes Chinese by characters."""

    def build(self, text: str) -> None:
        """Split, embed, save."""
        from haystack import Document
        from haystack.components.preprocessors import RecursiveDocumentSplitter
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        splitter = RecursiveDocumentSplitter(
            split_length=SHORT if self.short else 1000,
            split_overlap=0 if self.short else 200,
            split_unit="char",
            separators=MARKS[:-1],
        )
        chunks = splitter.run([Document(content=text)])["documents"]
        vectors = self.embedder.encode_document([chunk.content for chunk in chunks]).tolist()
        store = InMemoryDocumentStore(embedding_similarity_function="cosine")
        store.write_documents([replace(chunk, embedding=vector) for chunk, vector in zip(chunks, vectors, strict=True)])
        store.save_to_disk(str(self.directory / "store.json"))

    def open(self) -> None:
        """Load the store, connect the pipeline."""
        from haystack import Pipeline, component
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        embedder = self.embedder

        @component
        class Same:
            @component.output_types(embedding=list[float])  # type: ignore[untyped-decorator]
            def run(self, text: str) -> dict[str, list[float]]:
                return {"embedding": embedder.encode_query(text).tolist()}

        store = InMemoryDocumentStore.load_from_disk(str(self.directory / "store.json"))
        self.pipeline = Pipeline()
        self.pipeline.add_component("embedder", Same())
        self.pipeline.add_component("vectors", InMemoryEmbeddingRetriever(store, top_k=TOP_K))
        self.pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=TOP_K))
        self.pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=TOP_K))
        self.pipeline.connect("embedder.embedding", "vectors.query_embedding")
        self.pipeline.connect("vectors", "joined")
        self.pipeline.connect("words", "joined")

    def search(self, question: str) -> list[str]:
        """Run the pipeline."""
        found = self.pipeline.run({"embedder": {"text": question}, "words": {"query": question}})
        return [chunk.content for chunk in found["joined"]["documents"]]


class Txtai(Peer):
    """Embeddings with ``hybrid``: vectors and BM25 by its own tokens, over paragraphs or short chunks."""

    def _settings(self) -> dict[str, Any]:
        embedder = self.embedder

        def transform(texts: Sequence[str]) -> Any:
            return embedder.encode_query(texts[0])[None] if len(texts) == 1 else embedder.encode_document(list(texts))

        return {"method": "external", "transform": transform, "hybrid": True, "content": True}

    def build(self, text: str) -> None:
        """Split at line ends, or into short chunks; embed, save."""
        from txtai import Embeddings

        chunks = [line for line in text.splitlines() if line.strip()]
        if self.short:
            chunks = [piece for line in chunks for piece in _packed(line)]
        embeddings = Embeddings(self._settings())
        embeddings.index(chunks)
        embeddings.config.pop("transform")
        embeddings.save(str(self.directory))

    def open(self) -> None:
        """Load what was saved."""
        from txtai import Embeddings

        self.embeddings = Embeddings()
        self.embeddings.load(str(self.directory), config=self._settings())

    def search(self, question: str) -> list[str]:
        """Search both ways."""
        return [found["text"] for found in self.embeddings.search(question, TOP_K)]


def _packed(line: str) -> list[str]:
    """Cut a line at sentence ends into runs of up to SHORT characters."""
    pieces = [""]
    for sentence in re.findall(r"[^。；]+[。；]?|[。；]", line):
        if pieces[-1] and len(pieces[-1]) + len(sentence) > SHORT:
            pieces.append("")
        pieces[-1] += sentence
    return pieces


PEERS: dict[str, type[Peer]] = {
    "reportqa": Ours,
    "langchain": LangChain,
    "llamaindex": LlamaIndex,
    "haystack": Haystack,
    "txtai": Txtai,
}


def _fold(text: str) -> str:
    from reportqa.text import fold

    return re.sub(r"\s", "", fold(text))


def _holds(text: str, needle: str) -> bool:
    """Whether a needle stands in a text, a figure not as the tail of a longer one; both folded."""
    guard = r"(?<![\d.])" if needle[:1].isdigit() else ""
    return re.search(guard + re.escape(needle), text) is not None


def quality(records: list[dict[str, Any]], found: list[list[str]]) -> dict[str, float]:
    """Score the passages found for each gold question."""
    hits, anywhere, early, lengths = [], [], [], []
    for record, passages in zip(records, found, strict=True):
        first = _fold(passages[0]) if passages else ""
        holds = any(_holds(first, _fold(clause)) for clause in record["evidence"])
        anywhere.append(holds)
        hits.append(holds and len(first) <= LONGEST_QUOTE)
        early.append(any(_holds(_fold("…".join(passages)[:400])[:150], _fold(a)) for a in record["answers"]))
        lengths.append(len(first))
    return {
        "hit@1": statistics.mean(hits),
        "in any length": statistics.mean(anywhere),
        "answer@150": statistics.mean(early),
        "characters of the first": statistics.median(lengths),
    }


def _resident(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def stage(options: argparse.Namespace) -> dict[str, Any]:
    """Do one stage of one peer in this process."""
    from reportqa import embedding

    embedder = embedding.load() if options.stage == "build" or options.name != "reportqa" else None
    peer = PEERS[options.name](embedder, options.directory, short=options.short)
    if options.stage == "build":
        peer.embedder.encode_document(["预热"] * 8)
        text = options.report.read_text(encoding="utf-8")
        return {"build, s": seconds(partial(peer.build, text))}
    lines = (options.gold / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.strip()]
    peer.open()
    found = [peer.search(records[0]["question"])]
    if options.stage == "start":
        return {"cold start, s": time.time() - options.started}
    found += [peer.search(record["question"]) for record in records[1:]]
    embedding_times, search_times = [], []
    for _ in range(ROUNDS):
        for record in records:
            embedding_times.append(seconds(partial(peer.embedder.encode_query, record["question"])))
            search_times.append(seconds(partial(peer.search, record["question"])))
    one = statistics.median(embedding_times)
    return quality(records, found) | {
        "p50": statistics.median(search_times) / one,
        "p95": statistics.quantiles(search_times, n=20)[-1] / one,
        "memory, MB": _resident("VmRSS"),
    }


def run(name: str, short: bool, what: str, directory: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Do one stage in a process of its own."""
    command = [sys.executable, __file__, str(options.gold), "--report", str(options.report)]
    command += ["--name", name, "--stage", what, "--directory", str(directory), "--started", str(time.time())]
    done = subprocess.run([*command, *(["--short"] if short else [])], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["no message"])[-1][:200]}
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def compare(options: argparse.Namespace, say: Callable[[str], object]) -> dict[str, dict[str, Any]]:
    """Measure every peer; the stages of all take turns, so that a busy machine is busy for all of them."""
    names = [name for name in options.peers.split(",") if name]
    rows = {
        name if name == "reportqa" else f"{name}, {'short chunks' if short else 'its own chunks'}": (name, short)
        for name in names
        for short in ([False] if name == "reportqa" else [False, True])
    }
    results: dict[str, dict[str, Any]] = {row: {} for row in rows}
    with tempfile.TemporaryDirectory() as temporary:
        places = {row: Path(temporary) / str(number) for number, row in enumerate(rows)}
        starts: dict[str, list[float]] = {row: [] for row in rows}
        for what in ("build", "measure", *["start"] * COLD_STARTS):
            for row, (name, short) in rows.items():
                if "failed" in results[row]:
                    continue
                places[row].mkdir(exist_ok=True)
                done = run(name, short, what, places[row], options)
                say(f"{what} {row}: {done}")
                if what == "start" and "failed" not in done:
                    starts[row].append(done["cold start, s"])
                    done = {"cold start, s": statistics.median(starts[row])}
                results[row] |= done
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("gold", type=Path)
    parser.add_argument("--report", type=Path, help="the report that the questions are about; the sample by default")
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--json", action="store_true")
    for hidden, kind in (("name", str), ("stage", str), ("directory", Path), ("started", float)):
        parser.add_argument(f"--{hidden}", type=kind, help=argparse.SUPPRESS)
    parser.add_argument("--short", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    with resources.as_file(resources.files("reportqa").joinpath("data", "liaocheng-2022.txt")) as sample:
        options.report = options.report or sample
        if options.stage:
            print(json.dumps(stage(options)))
            return
        results = compare(options, lambda line: print(line, file=sys.stderr))
    if options.json:
        print(json.dumps(results, ensure_ascii=False, indent=1))
        return
    columns = list(next(iter(results.values())))
    print(f"| | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for row, figures in results.items():
        if "failed" in figures:
            print(f"| {row} | {figures['failed']} |")
        else:
            print(f"| {row} | {' | '.join(f'{figures[column]:.2f}' for column in columns)} |")


if __name__ == "__main__":
    main()
