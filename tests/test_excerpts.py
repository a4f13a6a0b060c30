"""Which reports to look in, by the sentences that were found of them."""

from __future__ import annotations

import pytest

from conftest import HashingEmbedder
from reportqa.excerpts import Excerpt, promising
from reportqa.lexical import bundled_lexicon
from reportqa.periods import Period
from reportqa.questions import understand
from reportqa.retrieval import Sought

SAID = (
    ("甲市-2024", 2024, "加强农村公路管理。"),
    ("乙市-2024", 2024, "新建农村公路310公里，改造老旧小区45个。"),
    ("甲市-2024", 2024, "粮食总产达到120万吨。"),
    ("丙市-2021", 2021, "农村面貌持续改善。"),
    ("乙市-2024", 2024, "粮食生产再获丰收。"),
)


def order(question: str, said: tuple[tuple[str, int, str], ...] = SAID) -> list[str]:
    embedder = HashingEmbedder()
    found = [
        Excerpt(report_id, "v", report_id[:2], year, text, embedder.encode_document([text])[0])
        for report_id, year, text in said
    ]
    understood = understand(question, bundled_lexicon())
    return promising(understood, embedder.encode_query(question), Sought({2024: Period(), 2021: Period()}, None), found)


@pytest.mark.parametrize(
    ("question", "first"),
    [("新建农村公路多少公里", "乙市-2024"), ("粮食总产达到多少", "甲市-2024"), ("改造了多少老旧小区", "乙市-2024")],
)
def test_the_report_with_the_sentence_that_answers_comes_first(question: str, first: str) -> None:
    found = order(question)
    assert found[0] == first
    assert sorted(found) == ["丙市-2021", "乙市-2024", "甲市-2024"]  # each once, none left out


def test_nothing_found_is_nothing_to_look_in() -> None:
    assert order("新建农村公路多少公里", ()) == []


def test_a_text_of_any_shape_is_an_excerpt() -> None:
    strange = tuple(("丁市-2000", 2000, text) for text in ("。", "\n", "1", "（一）", "。。。\n\n，，"))
    assert order("新建农村公路多少公里", (*SAID, *strange))[0] == "乙市-2024"
