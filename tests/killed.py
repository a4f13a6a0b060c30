"""A writer that is killed while it writes to a file of milvus-lite, and what a reader sees then: python tests/killed.py DIRECTORY [4-before …].

Each trial forks, so that the libraries are loaded once; nothing here uses gRPC before a fork.  A file of milvus-lite holds
report A; the writer is to put another text in its place and to add report B.  A trial kills it (SIGKILL) at some call to
Milvus: before it, after it, or while it runs.  Prints a line of JSON a trial: what a reader sees after the kill, whether
the same command run again leaves the same rows as one that was never killed, and whether it wrote again what was whole.
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pymilvus import MilvusClient

from conftest import HashingEmbedder
from reportqa import milvus_store
from reportqa.lexical import bundled_lexicon
from reportqa.milvus import MilvusQA
from reportqa.milvus_store import Milvus
from reportqa.questions import understand

BEFORE, AFTER, DURING = "before", "after", "during"
_CALLS = ("upsert", "delete")
_TEXT = """{place}人民政府工作报告
——2024年1月10日在{place}第三届人民代表大会第四次会议上
{place}市长 王一
各位代表：
一、过去一年的工作
全市生产总值增长{growth}%，粮食产量达到{grain}万吨。规模以上工业增加值增长{industry}%。
{more}
二、今年的工作安排
生产总值增长5%左右。新建学校{schools}所，改造老旧小区{homes}个。
"""
_MORE = "新建农村公路{n}公里，新增日间照料中心{n}处，完成造林{n}万亩。\n"


def report_of(place: str, first: int) -> str:
    """Return a small report; `first` sets its figures."""
    more = "".join(_MORE.format(n=first + n) for n in range(20))
    return _TEXT.format(
        place=place, growth=first, grain=first + 1, industry=first + 2, more=more, schools=first + 3, homes=first + 4
    )


def _in_a_fork(work: Callable[[], Any]) -> tuple[int, Any]:
    """Return the status of a forked process, and what ``work`` returned in it."""
    end, other = os.pipe()
    if (pid := os.fork()) == 0:
        status = 1
        try:
            told = json.dumps(work(), ensure_ascii=False)
            os.write(other, told.encode())
            status = 0
        finally:
            os._exit(status)
    os.close(other)
    with os.fdopen(end, "rb") as pipe:
        told = pipe.read().decode()
    _, status = os.waitpid(pid, 0)
    return status, json.loads(told) if told else None


def _opened(file: Path) -> MilvusQA:
    embedder = HashingEmbedder()
    store = Milvus(str(file))
    if store.manifest() is None:
        store.create(embedder.name, embedder.dimension)
    store.load()
    return MilvusQA(store, embedder)


def _write(file: Path, texts: Path, kill_at: int | None = None, how: str = "") -> int:
    """Index the texts; kill this process at a call to Milvus, counted from 1.  Return how many calls there were."""
    calls = 0

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(MilvusClient, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls != kill_at:
                return real(*args, **kwargs)
            if how == DURING:
                threading.Timer(0.004, os.kill, (os.getpid(), signal.SIGKILL)).start()
            if how == BEFORE:
                os.kill(os.getpid(), signal.SIGKILL)
            answer = real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return call

    qa = _opened(file)
    for name in _CALLS:
        setattr(MilvusClient, name, counted(name))
    qa.add([texts])
    return calls


def _seen(file: Path) -> dict[str, Any]:
    """Return what a reader sees: the reports' texts, an answer, and whether every quote stands in a report that it sees."""
    qa = _opened(file)
    texts = {report.report_id: report.text for report in qa.reports()}
    quotes = [quote for query in ("粮食产量", "新建学校") for quote in qa.search(query, 40)]
    true = all(texts[q.citation.report_id][q.citation.start : q.citation.end] == q.text for q in quotes)
    return {"texts": texts, "true": true, "unfinished": qa.unfinished()}


def _rows(file: Path) -> dict[str, list[Any]]:
    """Return all rows of all collections, in the order of their keys."""
    client = _opened(file)._store._client
    found = {}
    for name, output in (
        (milvus_store.REPORTS, ["*"]),
        (milvus_store.SENTENCES, ["id", "report_id", "version", "place", "year", "kind", "text", "vector"]),
        (milvus_store.PARTS, ["*"]),
    ):
        rows = client.query(name, filter="", limit=10_000, output_fields=output)
        plain = [
            {key: [round(float(x), 6) for x in v] if key in ("vector", "unused") else v for key, v in row.items()}
            for row in rows
        ]
        found[name] = sorted(plain, key=lambda row: json.dumps(row, ensure_ascii=False))
    return found


def trials(directory: Path, points: list[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    """Try the kills at some points, (call, how), at all where none are given; yield what each came to."""
    milvus_store._ROWS, milvus_store._SLICES = 16, 2
    texts, began = directory / "texts", directory / "began.db"
    texts.mkdir()
    (texts / "甲市2024年政府工作报告.txt").write_text(report_of("甲市", 3), encoding="utf-8")
    understand(
        "粮食产量多少？", bundled_lexicon(), frozenset()
    )  # loads dictionaries and libraries once, before the forks
    importlib.import_module("milvus_lite.adapter.grpc.server")
    old = _in_a_fork(lambda: (_write(began, texts), _seen(began)))[1][1]["texts"]
    (texts / "甲市2024年政府工作报告.txt").write_text(report_of("甲市", 5), encoding="utf-8")
    (texts / "乙市2024年政府工作报告.txt").write_text(report_of("乙市", 7), encoding="utf-8")
    whole = directory / "whole.db"
    shutil.copytree(began, whole)
    calls, seen, rows = _in_a_fork(lambda: (_write(whole, texts), _seen(whole), _rows(whole)))[1]
    new = seen["texts"]
    yield {"calls": calls, "rows": {name: len(found) for name, found in rows.items()}}
    for at, how in points or itertools.product(range(1, calls + 1), (BEFORE, AFTER, DURING)):
        file = directory / f"{at}-{how}.db"
        shutil.copytree(began, file)
        status, _ = _in_a_fork(lambda: _write(file, texts, at, how))  # noqa: B023 - called at once
        seen = _in_a_fork(lambda: _seen(file))[1]  # noqa: B023
        whole_ones = all(text in (old.get(name), new[name]) for name, text in seen["texts"].items())
        ended, resumed = _in_a_fork(lambda: (_write(file, texts), _seen(file), _rows(file)))  # noqa: B023
        again, left, same = resumed
        yield {
            "at": at,
            "how": how,
            "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
            "seen": sorted(seen["texts"]),
            "only_whole": whole_ones and seen["true"] and "甲市-2024" in seen["texts"],
            "resumed": ended == 0 and left["texts"] == new and not left["unfinished"],
            "same_rows": same == rows,
            "calls_again": again,
        }
        shutil.rmtree(file)


if __name__ == "__main__":
    asked = [point.split("-") for point in sys.argv[2:]]
    for told in trials(Path(sys.argv[1]), [(int(at), how) for at, how in asked]):
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()
