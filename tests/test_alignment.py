"""The best alignment of a claim to a passage, against a slow search, and gaps at the marks."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportqa import alignment
from reportqa.alignment import CLAUSE, Run, Text, align, settled_gaps, without_chance


def text(source: str) -> Text:
    return Text(source, 0, len(source))


def equal(claim: str, passage: str) -> list[str]:
    one, other = text(claim), text(passage)
    runs = settled_gaps(without_chance(align(one, other), one.atoms), one, other)
    for run in runs:
        assert one.keys[run.first : run.last] == other.keys[run.there_first : run.there_last]
    return [one.words(run.first, run.last) for run in runs]


def test_a_copy_is_one_run() -> None:
    assert equal("增长8.4%，高于全省", "去年，全市增长8.4%,高于全省2.1个百分点。") == ["增长8.4%,高于全省"]


def test_a_number_in_another_script_is_equal() -> None:
    assert equal("接种一千三百多万剂次", "完成接种1300余万剂次") == ["接种一千三百多万剂次"]


def test_an_altered_word_is_a_gap() -> None:
    assert equal("用电价格平均上升30%", "农户用电价格平均下降30%。") == ["用电价格平均", "30%"]


def test_words_of_two_clauses_are_not_joined_in_one() -> None:
    passage = "临清入选省示范县,高唐入选全国农业社会化服务创新试点县。"
    assert equal("临清入选全国农业社会化服务创新试点县", passage)[-1] == "入选全国农业社会化服务创新试点县"


def test_a_gap_begins_at_a_mark() -> None:
    assert equal("企业10家，金帝获评", "企业10家、示范企业2家,金帝获评") == ["企业10家", "金帝获评"]


def test_nothing_aligns_with_nothing() -> None:
    assert align(text(""), text("粮食")) == []
    assert align(text("。"), text("粮食")) == []


def test_spans_lead_back_to_the_source() -> None:
    source = "“ＰＭ_{2.5}”年均 浓度下降１４.８％。"
    one = Text(source, 1, len(source))
    assert one.keys == ["pm2.5", "年", "均", "浓", "度", "下", "降", "#74/5%"]
    start, end = one.span(5, 8)
    assert source[start:end] == "下降１４.８％"
    assert one.breaks[0] == one.breaks[-1] == CLAUSE


def slow_score(claim: Text, passage: Text) -> float:
    """The score of the best alignment, by trying everything."""
    here, there = claim.atoms, passage.atoms

    def crossed(i: int, first: int, last: int) -> float:
        inside = sum(passage.breaks[at] == CLAUSE for at in range(first, last + 1))
        return 0.0 if claim.breaks[i] == CLAUSE else alignment._CROSSED * inside

    @cache
    def best(i: int, j: int) -> float:
        """The best score of the claim from i on against the passage from j on, a pair or a gap beginning there."""
        if i == len(here):
            return 0.0
        scores = []
        for skip in range(len(there) - j + 1):
            gap = 0.0 if not skip else -alignment._OPEN - alignment._SKIPPED * skip - crossed(i, j, j + skip)
            if i == 0:
                gap = 0.0
            if i == 0 or skip == 0 or skip:
                scores.append(gap + paired(i, j + skip))
        return max(scores)

    @cache
    def paired(i: int, j: int) -> float:
        """The same, where no atom of the passage is skipped at once."""
        if i == len(here):
            return 0.0
        scores = [
            -alignment._OPEN - alignment._UNMATCHED * count + best(i + count, j)
            for count in range(1, len(here) - i + 1)
        ]
        if j < len(there):
            scores.append(pair_score(i, j) + best(i + 1, j + 1))
        return max(scores)

    def pair_score(i: int, j: int) -> float:
        numbers = (here[i].number is not None) + (there[j].number is not None)
        if here[i].key == there[j].key:
            return alignment._NUMBER_MATCH if numbers else alignment._MATCH
        return (alignment._MISMATCH, alignment._NUMBER_AND_WORD, alignment._NUMBERS_DIFFER)[numbers]

    return best(0, 0)


def score(claim: Text, passage: Text, runs: list[Run]) -> float:
    """An upper bound of what some runs are worth: all that is not equal is free."""
    return sum(
        alignment._NUMBER_MATCH if claim.atoms[at].number else alignment._MATCH
        for run in runs
        for at in range(run.first, run.last)
    )


@given(st.text("甲乙丙，3", min_size=1, max_size=7), st.text("甲乙丙，3", min_size=1, max_size=9))
def test_no_alignment_is_better(claim: str, passage: str) -> None:
    one, other = text(claim), text(passage)
    runs = align(one, other)
    if one.atoms and other.atoms:
        assert score(one, other, runs) >= slow_score(one, other) - 1e-3


@pytest.mark.parametrize("claim", ["甲", "3", "甲乙丙丁"])
def test_runs_are_in_order(claim: str) -> None:
    runs = align(text(claim), text("丙甲乙，3丁甲乙丙，丁"))
    assert runs == sorted(runs, key=lambda run: run.first)
    assert [run.there_first for run in runs] == sorted(run.there_first for run in runs)
