"""Words: the alias lexicon, jieba with the domain's terms, and BM25 over characters."""

from __future__ import annotations

import itertools
import logging
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import bm25s
import jieba
import numpy as np
from numpy.typing import NDArray

from reportqa.schema import ReportQAError
from reportqa.text import fold

jieba.setLogLevel(logging.WARNING)
_GRAM_CHARACTERS = re.compile(r"[a-z]+|\d+(?:\.\d+)?%?|[\u3400-\u9fff]")
_NOTHING = "\x00"
"""A token for a corpus without any, since bm25s needs a vocabulary."""
_FUNCTION_CHARACTERS = frozenset("的了是在和与及吗呢吧啊呀么哪些什几多少个有没请问")


def grams(text: str) -> list[str]:
    """Return the BM25 tokens of a text: Chinese characters and pairs of them, Latin words, numbers."""
    units = _GRAM_CHARACTERS.findall(fold(text))
    pairs = [one + other for one, other in pairwise(units)]
    return [unit for unit in units if unit not in _FUNCTION_CHARACTERS] + pairs


class BM25:
    """BM25 over the grams of a sequence of texts, kept as a directory by bm25s."""

    def __init__(self, *engines: bm25s.BM25) -> None:
        """Take several engines as one, over the texts of each after those of the one before."""
        self._engines = engines
        self._first = [0, *itertools.accumulate(int(engine.scores["num_docs"]) for engine in engines)]
        self._chosen: NDArray[np.bool_] | None = None

    @classmethod
    def build(cls, texts: Iterable[str]) -> BM25:
        """Index the texts."""
        engine = bm25s.BM25(method="lucene", k1=1.2, b=0.5)
        numbers: dict[str, int] = {}
        tokens = [[numbers.setdefault(gram, len(numbers)) for gram in grams(text)] for text in texts]
        if not numbers:
            numbers, tokens = {_NOTHING: 0}, [[0]] * max(1, len(tokens))
        engine.index((tokens, numbers), show_progress=False)
        return cls(engine)

    @classmethod
    def load(cls, directory: Path) -> BM25:
        """Open what ``save`` wrote, memory-mapped."""
        engine = bm25s.BM25.load(str(directory), mmap=True, show_progress=False, verbosity=0)
        for name in ("data", "indices", "indptr"):
            engine.scores[name] = np.asarray(engine.scores[name])  # still mapped; a plain array is sliced faster
        return cls(engine)

    @classmethod
    def joined(cls, several: Sequence[BM25]) -> BM25:
        """Return several indexes as one, with words as rare as they are in all; a text's length counts among its own."""
        return cls(*(engine for one in several for engine in one._engines))

    def save(self, directory: Path) -> None:
        """Write the index, one that was built, into ``directory``."""
        [engine] = self._engines
        engine.save(str(directory), show_progress=False)

    def within(self, chosen: NDArray[np.bool_]) -> BM25:
        """Return the same index with words as rare as they are among the chosen texts, a mask of shape (number of texts,)."""
        view = BM25(*self._engines)
        view._chosen = chosen
        return view

    def rarity(self, word: str) -> float:
        """Return the inverse document frequency of a word, taken as that of its rarest gram."""
        return max((self._idf(token) for token in grams(word)), default=0.0)

    def _idf(self, token: str) -> float:
        having = [(first, texts) for first, _, texts, _ in self._having(token)]
        if self._chosen is None:
            return _inverse_frequency(self._first[-1], sum(len(texts) for _, texts in having))
        chosen = sum(int(self._chosen[first:][texts].sum()) for first, texts in having)
        return _inverse_frequency(int(self._chosen.sum()), chosen)

    def _knows(self, token: str) -> bool:
        return any(token in engine.vocab_dict for engine in self._engines)

    def _having(self, token: str) -> Iterator[tuple[int, int, NDArray[np.integer], NDArray[np.float32]]]:
        """Yield of each engine that knows a token its first text, its number of texts, those that have it, and their scores."""
        for engine, first in zip(self._engines, self._first[:-1], strict=True):
            known = engine.vocab_dict.get(token)
            if known is not None:
                start, end = engine.scores["indptr"][known : known + 2]
                total = int(engine.scores["num_docs"])
                yield first, total, engine.scores["indices"][start:end], engine.scores["data"][start:end]

    def ideal(self, query: Sequence[str]) -> float:
        """Return about the score of a text that holds all of the query's tokens that the index knows."""
        return sum(self._idf(token) for token in set(query) if self._knows(token))

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """Return the score of every text for the query's tokens, of shape (number of texts,)."""
        known = [token for token in dict.fromkeys(query) if self._knows(token)]
        if self._chosen is None and len(self._engines) == 1 and known:
            return np.asarray(self._engines[0].get_scores(known))
        scores = np.zeros(self._first[-1], dtype=np.float32)
        for token in known:
            rarity = self._idf(token)
            for first, total, texts, shares in self._having(token):
                scores[first:][texts] += shares * np.float32(rarity / _inverse_frequency(total, len(texts)))
        return scores


def _inverse_frequency(texts: int, having: int) -> float:
    return math.log(1 + (texts - having + 0.5) / (having + 0.5))


@dataclass(frozen=True, slots=True)
class Alias:
    """A user's word found in a question, and what reports write for it."""

    start: int
    end: int
    said: str
    terms: tuple[str, ...]
    is_thing: bool = True
    """False for a way of saying: 涨了, 打算."""


class Lexicon:
    """What users call things, against what reports call them."""

    def __init__(self, terms_of: dict[str, tuple[str, ...]], ways_of_saying: frozenset[str] = frozenset()) -> None:
        self._terms_of = terms_of
        self._ways_of_saying = ways_of_saying
        ordered = sorted(terms_of, key=len, reverse=True)
        parts = (rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word[0].isascii() else re.escape(word) for word in ordered)
        self._pattern = re.compile("|".join(parts)) if ordered else None

    @classmethod
    def read(cls, *texts: str) -> Lexicon:
        """Read lexicon files: ``report term | other spelling <- user word, user word``, one entry a line.

        ``~`` before an entry says that it is a way of saying, not a thing.

        Raises ReportQAError naming the line that has another shape.
        """
        terms_of: dict[str, tuple[str, ...]] = {}
        ways_of_saying: set[str] = set()
        for text in texts:
            for number, line in enumerate(text.splitlines(), 1):
                entry = line.partition("#")[0].strip()
                if not entry:
                    continue
                is_thing = not entry.startswith("~")
                left, arrow, right = entry.lstrip("~ ").partition("<-")
                terms = tuple(term.strip() for term in left.split("|") if term.strip())
                if not arrow or not terms:
                    raise ReportQAError(f"词表第 {number} 行应写作“报告用语 <- 用户用语, 用户用语”，现在是“{entry}”。")
                words = [word.strip() for word in re.split("[,，、]", right) if word.strip()]
                for word in (*words, *terms):
                    folded = fold(word) if not word.isascii() else word.lower()
                    others = tuple(term for term in terms if fold(term) != folded)
                    if not is_thing:
                        ways_of_saying.add(folded)
                    terms_of[folded] = tuple(dict.fromkeys((*terms_of.get(folded, ()), *others)))
        return cls({word: terms for word, terms in terms_of.items() if terms}, frozenset(ways_of_saying))

    def find(self, question: str) -> list[Alias]:
        """Return the lexicon's words in a lower-cased question, longest first where they overlap, in order."""
        if self._pattern is None:
            return []
        return [
            Alias(match.start(), match.end(), match[0], self._terms_of[match[0]], match[0] not in self._ways_of_saying)
            for match in self._pattern.finditer(question)
        ]


@cache
def bundled_lexicon() -> Lexicon:
    """Return the lexicon that comes with the program."""
    return Lexicon.read(resources.files("reportqa").joinpath("data/lexicon.txt").read_text(encoding="utf-8"))
