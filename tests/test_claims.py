"""What of a draft is checked: sentences, quotations in them, what they name as their source; nothing twice, nothing left out."""

from __future__ import annotations

import pytest

from reportqa import ReportQA
from reportqa.claims import Claim, claims
from reportqa.copies import Copies
from reportqa.text import clause_spans


@pytest.fixture(scope="module")
def copies(several_qa: ReportQA) -> Copies:
    return Copies(several_qa._opened.passages)


def told(found: list[Claim]) -> list[tuple[str, bool]]:
    return [(claim.words, claim.sure) for claim in found]


def of(text: str, copies: Copies) -> list[Claim]:
    found = list(claims(text, copies))
    for claim in found:
        assert text[claim.text.start : claim.text.end] == claim.words
    return found


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("大家好。今天说粮食。", [("大家好。今天说粮食。"[4:], True)]),
        ("好。是。", [("好。", True)]),  # of words too short to be a claim, the first
        ("粮食丰收了。工业增长了。", [("粮食丰收了。", False), ("工业增长了。", False)]),
        ("1. 粮食又丰收了\n（2）工业又增长了", [("粮食又丰收了", False), ("工业又增长了", False)]),
        ("①粮食又丰收了", [("粮食又丰收了", True)]),
        ("1.5万人参加了", [("1.5万人参加了", True)]),  # no number of an item
        ("他说“好得很”，大家都笑了。", [("他说“好得很”，大家都笑了。", True)]),  # too few words to be a quotation
        (
            "市长说：“要把粮食生产摆在最重要的位置上”，会议结束。",
            [("要把粮食生产摆在最重要的位置上", True)],
        ),
        (
            "全年新增就业3.2万人，并且“要把粮食生产摆在最重要的位置上”，还有“把工业强市作为第一位的战略”，投资9亿元。",
            [
                ("全年新增就业3.2万人，并且“", False),
                ("要把粮食生产摆在最重要的位置上", True),
                ("把工业强市作为第一位的战略", True),
                ("”，投资9亿元。", False),
            ],
        ),
        (
            "「要把粮食生产摆在最重要的位置上」这样说。『把工业强市作为第一位的战略』也说。",
            [("要把粮食生产摆在最重要的位置上", True), ("把工业强市作为第一位的战略", True)],
        ),
        (
            "各县区各部门都要认真地学习领会，“要把粮食生产摆在最重要的位置上”",
            [("各县区各部门都要认真地学习领会，“", False), ("要把粮食生产摆在最重要的位置上", True)],
        ),
    ],
)
def test_claims_of_a_draft(copies: Copies, draft: str, expected: list[tuple[str, bool]]) -> None:
    assert told(of(draft, copies)) == expected


def test_a_quotation_belongs_to_its_sentence(copies: Copies) -> None:
    draft = "全年新增就业3.2万人。“要把粮食生产摆在最重要的位置上”。"
    assert told(of(draft, copies)) == [("全年新增就业3.2万人。", False), ("要把粮食生产摆在最重要的位置上", True)]


def test_every_claim_of_a_sentence_has_its_sources(copies: Copies) -> None:
    first, *others = of(
        "乙市2024年政府工作报告指出，“新建农村公路三百多公里是件大事”，新增就业3.2万人。全市又丰收了。", copies
    )
    assert [(source.year, source.places) for source in first.named] == [(2024, ("乙市",))]
    assert [claim.named for claim in others] == [first.named, ()]


def test_what_leads_to_a_quotation_is_no_claim(copies: Copies) -> None:
    lead = "甲市市长王明在2024年的政府工作报告中明确指出："
    assert told(of(f"{lead}“要把粮食生产摆在最重要的位置上”", copies)) == [("要把粮食生产摆在最重要的位置上", True)]


def test_quotation_marks_of_a_report_cut_nothing_out(sample_qa: ReportQA) -> None:
    own = Copies(sample_qa._opened.passages)
    sentence = "“中国—太平洋岛国应对气候变化合作中心”确定落户我市"
    assert told(of(sentence, own)) == [(sentence, True)]
    quoted = "粮食总产超113亿斤，实现‘十九连丰’"
    assert told(of(f"他说，“{quoted}”", own)) == [(quoted, True)]


@pytest.mark.parametrize("before", ["", "会议开始。"])
def test_a_very_long_sentence_is_cut_between_clauses(copies: Copies, before: str) -> None:
    long = "，".join(f"第{number}项工作{'又有新的进展' * 12}" for number in range(100, 130)) + "。"
    draft = before + long
    found = [claim for claim in of(draft, copies) if claim.text.start >= len(before)]
    assert "，".join(claim.words for claim in found) + "。" == long
    ends = {end for _, end in clause_spans(draft, len(before), len(draft))}
    assert {claim.text.end for claim in found} <= ends
    lengths = [len(claim.words) for claim in found]
    assert max(lengths) <= 600
    assert min(lengths[:-1]) > 500  # as many clauses as go into one


def test_a_clause_without_end_is_cut(copies: Copies) -> None:
    long = "增长" * 700
    assert [len(claim.words) for claim in of(long, copies)] == [600, 600, 200]
    assert [len(claim.words) for claim in of("增长" * 300, copies)] == [600]
