"""The reader's vocabulary: the pieces of multilingual-e5-small that folded Chinese text can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers

from reportqa.onnxreader import BEGIN, END, PADDING, UNKNOWN
from reportqa.text import simplified
from training.bundled import Bundled

SPECIAL = (PADDING, UNKNOWN, BEGIN, END)
"""In this order, so that padding is 0."""
_HAN = re.compile("▁?[\u3400-\u9fff]+")
_MARKS = re.compile("▁?[0-9.,%:/+~-]+|▁?.")
_FOLDED = re.compile("▁?[ -@\\[-`{-~\u00b0-\u00b7\u2010-\u2103\u2160-\u217f\u3001-\u301f\u3400-\u9fff]+")


def kept(bundled: Bundled, texts: Iterable[str]) -> list[int]:
    """Return which pieces are kept: all simplified Han ones, numbers, single characters, and what ``texts`` use."""
    used = {bundled.special[name] for name in SPECIAL}
    chosen = [bundled.special[name] for name in SPECIAL]
    for number, piece in enumerate(bundled.pieces):
        if number in used or not piece:
            continue
        han = _HAN.fullmatch(piece) and simplified(piece) == piece
        if han or (_FOLDED.fullmatch(piece) and _MARKS.fullmatch(piece)) or piece == "▁":
            chosen.append(number)
            used.add(number)
    whole = tokenizer(bundled.pieces, bundled.scores, bundled.special[UNKNOWN])
    found = {token for encoded in whole.encode_batch(list(texts)) for token in encoded.ids}
    return chosen + sorted(found - used)


def tokenizer(pieces: Sequence[str], scores: NDArray[np.float32] | Sequence[float], unknown: int) -> Tokenizer:
    """Return a unigram tokenizer of folded text over ``pieces``, with offsets into the text."""
    pairs = [(piece, float(score)) for piece, score in zip(pieces, scores, strict=True)]
    made = Tokenizer(models.Unigram(pairs, unk_id=unknown, byte_fallback=False))
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    return made
