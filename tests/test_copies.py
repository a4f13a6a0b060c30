"""Where the words of a claim stand, among several reports that have the same ones."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from reportqa import ReportQA
from reportqa.alignment import Text
from reportqa.comparison import FIGURE, SWAPPED, Comparison
from reportqa.copies import Copies, _badness, is_like, is_settled
from reportqa.sources import Source


@pytest.fixture(scope="module")
def copies(several_qa: ReportQA) -> Copies:
    return Copies(several_qa._opened.passages)


def named(several_qa: ReportQA, copies: Copies, text: str, *sources: Source) -> list[tuple[str, int]]:
    reports = several_qa.reports()
    return sorted((reports[n].place, reports[n].year) for n in copies.named(text, sources))


ALL = [("乙市", 2024), ("全国", 2024), ("甲市", 2023), ("甲市", 2024)]


@pytest.mark.parametrize(
    ("text", "sources", "expected"),
    [
        ("粮食总产达到120万吨", [], []),
        ("甲市粮食总产达到120万吨", [], [("甲市", 2023), ("甲市", 2024)]),
        ("去年,乙市粮食总产", [], [("乙市", 2024)]),
        ("在这一年里我们的新城区甲市粮食", [], []),  # it stands further behind than the beginning
        ("全国粮食产量", [], []),  # any report may speak of the nation
        ("粮食总产", [Source(year=2024)], [("乙市", 2024), ("全国", 2024), ("甲市", 2024)]),
        ("粮食总产", [Source(places=("甲市",))], [("甲市", 2023), ("甲市", 2024)]),
        ("粮食总产", [Source(places=("乙市", "甲市"))], [("甲市", 2023), ("甲市", 2024)]),
        ("粮食总产", [Source(places=("全国",))], [("全国", 2024)]),
        ("粮食总产", [Source(year=2023, places=("甲市",))], [("甲市", 2023)]),
        ("甲市粮食总产", [Source(year=2024)], [("甲市", 2024)]),
        ("甲市粮食总产", [Source(places=("乙市",))], [("乙市", 2024), ("甲市", 2023), ("甲市", 2024)]),
        ("粮食总产", [Source(places=("丙市",))], []),
        ("粮食总产", [Source(year=1999)], []),
        ("粮食总产", [Source(speaker="王明")], []),
    ],
)
def test_reports_that_are_named(
    several_qa: ReportQA, copies: Copies, text: str, sources: list[Source], expected: list[tuple[str, int]]
) -> None:
    assert named(several_qa, copies, text, *sources) == expected


def places_of(found: list[Comparison]) -> list[tuple[str, int]]:
    return sorted((comparison.passage.report.place, comparison.passage.report.year) for comparison in found)


def test_names_of_places_are_known_long_and_short(copies: Copies) -> None:
    assert {"甲市", "乙市", "全国"} <= copies.places


def test_equal_passages_come_together_and_the_named_report_comes_alone(copies: Copies) -> None:
    text = "新建农村公路310公里"
    everywhere = [("乙市", 2024), ("甲市", 2023), ("甲市", 2024)]
    assert places_of(copies.near(Text(text, 0, len(text)))) == everywhere
    assert places_of(copies.near(Text(text, 0, len(text)), [Source(places=("乙市",))])) == [("乙市", 2024)]
    assert places_of(copies.near(Text(text, 0, len(text)), [Source(year=2023)])) == [("甲市", 2023)]
    assert places_of(copies.near(Text(text, 0, len(text)), [Source(places=("丙市",))])) == everywhere
    assert places_of(copies.within(Text(text, 0, len(text)), [])) == everywhere
    own = copies.near(Text(text, 0, len(text)), [Source(year=2023)])[0].passage.number
    assert places_of(copies.within(Text(text, 0, len(text)), [own])) == [("甲市", 2023)]


def test_a_named_report_without_the_words_does_not_hide_who_has_them(copies: Copies) -> None:
    text = "旅游总收入突破90亿元"
    assert places_of(copies.near(Text(text, 0, len(text)), [Source(places=("甲市",))])) == [("乙市", 2024)]


def test_of_passages_with_as_much_of_a_claim_the_one_that_agrees_is_taken(copies: Copies) -> None:
    for grain, where in (("120", ("甲市", 2023)), ("125", ("甲市", 2024)), ("86", ("乙市", 2024))):
        text = f"粮食总产达到{grain}万吨"
        found = copies.near(Text(text, 0, len(text)))
        assert places_of(found) == [where]
        assert (found[0].changes, found[0].verbatim) == ([], True)
    nowhere = "蓝鲸每天吃掉磷虾"
    assert copies.near(Text(nowhere, 0, len(nowhere))) == []


def judged(
    cover: float, *, kinds: tuple[str, ...] = (), extra: int = 0, added: bool = False, verbatim: bool = True
) -> Any:
    changes = [SimpleNamespace(kind=kind) for kind in kinds]
    return cast(
        "Comparison",
        SimpleNamespace(
            cover=cover, changes=changes, extra=[(0, 1)] * extra, is_added_to=added, verbatim=verbatim
        ),
    )  # fmt: skip


def test_what_is_like_a_passage() -> None:
    assert [is_like(judged(cover)) for cover in (0.59, 0.6, 1.0)] == [False, True, True]
    assert not is_like(None)


@pytest.mark.parametrize(
    ("found", "settled"),
    [
        (judged(0.85), True),
        (judged(0.85, kinds=("put in", "put in")), True),
        (judged(0.84, kinds=("put in",)), False),
        (judged(0.1, added=True), True),
        (judged(0.6, extra=1, kinds=(FIGURE, FIGURE)), True),
        (judged(0.59, extra=1), False),
        (judged(0.6), True),
        (judged(0.59), False),
        (judged(0.6, kinds=(FIGURE,)), True),
        (judged(0.6, kinds=(SWAPPED,)), True),
        (judged(0.6, kinds=(FIGURE, SWAPPED)), False),
    ],
)
def test_when_the_words_alone_decide(found: Comparison, settled: bool) -> None:
    assert is_settled(found) is settled


def test_which_of_two_passages_is_the_worse() -> None:
    best_first = [
        judged(0.9),
        judged(0.8994),  # as good as equal
        judged(0.85),
        judged(0.85, verbatim=False),
        judged(0.59),
        judged(0.9, extra=1),
        judged(0.59, kinds=(FIGURE,)),
        judged(0.9, kinds=(FIGURE,), extra=1),
        judged(1.0, kinds=(FIGURE, FIGURE, FIGURE)),
    ]
    ranks = [_badness(found) for found in best_first]
    assert ranks[0] < ranks[2] < ranks[3] < ranks[4] < ranks[5] < ranks[6] < ranks[7] < ranks[8]
    assert _badness(judged(0.9001)) == _badness(judged(0.9))
    assert ranks[1] > ranks[0]
