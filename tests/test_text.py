"""Folding with offsets, sentences and clauses, figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportqa import text as text_module
from reportqa.schema import Report
from reportqa.text import (
    clause_spans,
    figures,
    fold,
    fold_with_offsets,
    is_footnote_mark,
    run_around,
    sentence_spans,
    simplified,
)

ANY_TEXT = st.text(max_size=60)
PROSE = st.text(alphabet="全市增长去年8059.,，、;；:：。！？!?“”‘’（）() \n\t%》", max_size=60)
SIMPLE = st.text(alphabet="全市增长ＧＤＰgdP８5.％%“”'_{}㎡ﬁ①₁ \u3000\n", max_size=60)
"""Without traditional characters, of which what one becomes depends on its neighbours."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＧＤＰ\u3000增长 8.4％", "gdp增长8.4%"),
        ("PM_{2.5}、PM₁₀", "pm2.5、pm10"),
        ("“四新”「四新」『四新』＂", '"四新""四新""四新""'),
        ("全市生產總值增長", "全市生产总值增长"),
        ("（一）", "(一)"),
        ("一\n二", "一二"),
        ("", ""),
    ],
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_fold_simplifies_what_width_folding_makes_traditional() -> None:
    assert fold("⾧江") == fold("長江") == fold("长江")


@given(ANY_TEXT | SIMPLE)
def test_fold_with_offsets_gives_fold_and_an_offset_for_each_character(text: str) -> None:
    folded = fold_with_offsets(text)
    assert folded.text == fold(text)
    assert len(folded.offsets) == len(folded.text)
    assert folded.offsets == sorted(folded.offsets)
    assert all(0 <= offset < len(text) for offset in folded.offsets)


@given(SIMPLE)
def test_fold_offsets_lead_to_the_character_folded(text: str) -> None:
    folded = fold_with_offsets(text)
    for character, offset in zip(folded.text, folded.offsets, strict=True):
        assert character in fold(text[offset])


@pytest.mark.parametrize("phrase", ["PM2.5年均浓度", "“四新”经济增加值增长22.9%，“十强”", "ＧＤＰ能耗下降近20％"])
def test_fold_offsets_cut_the_phrase_out_of_the_source(sample_report: Report, phrase: str) -> None:
    folded = fold_with_offsets(sample_report.text)
    at = folded.text.index(fold(phrase))
    first, last = folded.offsets[at], folded.offsets[at + len(fold(phrase)) - 1]
    found = sample_report.text[first : last + 1]
    assert fold(found) == fold(phrase)
    assert len(found) <= len(phrase) + 3


@given(ANY_TEXT | st.text(alphabet="乾坤後来發現裡面著名只隻麼么a𠮷", max_size=30))
def test_simplified_keeps_the_length(text: str) -> None:
    assert len(simplified(text)) == len(text)


def test_simplified_leaves_simplified_text_alone(sample_report: Report) -> None:
    assert simplified(sample_report.text) == sample_report.text
    assert simplified("中華人民共和國憲法") == "中华人民共和国宪法"


class Shortening:
    """Converts 計算機 to 电脑, as a dictionary of phrases may, and 萬 to two characters."""

    def convert(self, text: str) -> str:
        return text.replace("計算機", "电脑").replace("計", "计").replace("機", "机").replace("萬", "一万")


def test_a_phrase_that_would_change_the_length_is_simplified_by_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "_TO_SIMPLIFIED", Shortening())
    assert simplified("計算機和計算機一萬台") == "计算机和计算机一萬台"


def check_spans(text: str, spans: list[tuple[int, int]], start: int, end: int) -> None:
    at = start
    for first, last in spans:
        assert at <= first < last <= end
        assert text[first:last] == text[first:last].strip()
        at = last


@given(PROSE | ANY_TEXT, st.integers(0, 30), st.integers(0, 60))
def test_sentence_spans_are_ordered_within_bounds_and_leave_out_space_only(text: str, start: int, end: int) -> None:
    start, end = min(start, len(text)), min(end, len(text))
    spans = sentence_spans(text, start, end)
    check_spans(text, spans, start, end)
    covered = "".join(text[first:last] for first, last in spans)
    assert "".join(covered.split()) == "".join(text[start:end].split())


@given(PROSE)
def test_sentence_spans_of_a_part_are_those_of_the_slice(text: str) -> None:
    middle = len(text) // 3
    shifted = [(first + middle, last + middle) for first, last in sentence_spans(text[middle:])]
    assert sentence_spans(text, middle) == shifted


@given(PROSE | ANY_TEXT)
def test_clause_spans_are_ordered_within_bounds_and_leave_out_marks_only(text: str) -> None:
    spans = clause_spans(text)
    check_spans(text, spans, 0, len(text))
    marks = "，,；;：:。！？!?"
    covered = "".join(text[first:last] for first, last in spans)
    bare = str.maketrans("", "", marks)
    assert "".join(covered.translate(bare).split()) == "".join(text.translate(bare).split())
    assert all(text[last - 1] not in marks for _, last in spans)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def clauses(text: str) -> list[str]:
    return [text[start:end] for start, end in clause_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("增长8.4%。下降1.5%。", ["增长8.4%。", "下降1.5%。"]),
        ("各位代表!实践证明,制造业是立市之本!", ["各位代表!", "实践证明,制造业是立市之本!"]),
        ("他说：“好。”大家笑了。", ["他说：“好。”", "大家笑了。"]),
        ("（略。）「是。」『对！』", ["（略。）", "「是。」", "『对！』"]),
        ("真的？！真的。", ["真的？！", "真的。"]),
        ("没有句号", ["没有句号"]),
        ("  一。\n\n 二。 ", ["一。", "二。"]),
        (" \n", []),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("惠及10,000人,增长1,234,567元。", ["惠及10,000人", "增长1,234,567元"]),
        ("惠及10，000人，增长8.4%", ["惠及10，000人", "增长8.4%"]),
        ("现在,我代表市人民政府报告工作;请审议。", ["现在", "我代表市人民政府报告工作", "请审议"]),
        ("目标是：生产总值增长6%左右，税收增长5%；", ["目标是", "生产总值增长6%左右", "税收增长5%"]),
        ("营业时间8:30到17：30，全年无休", ["营业时间8:30到17：30", "全年无休"]),
        ("“四新”经济增长22.9%，“十强”产业增长17%。", ["“四新”经济增长22.9%", "“十强”产业增长17%"]),
        ("他说“好，行。”", ["他说“好", "行。”"]),
        ("。！", []),
    ],
)
def test_clauses(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


def test_a_colon_before_a_number_ends_a_clause() -> None:
    assert clauses("执行的结果表明：1955年完成了计划") == ["执行的结果表明", "1955年完成了计划"]


def test_white_space_before_the_mark_is_no_part_of_the_clause() -> None:
    assert clauses("增长8.4% ，下降1.5%\u3000。") == ["增长8.4%", "下降1.5%"]


def test_clause_spans_of_a_sentence_stay_inside_it() -> None:
    text = "一，二。三，四；五。六，七。"
    start, end = sentence_spans(text)[1]
    assert [text[first:last] for first, last in clause_spans(text, start, end)] == ["三", "四", "五"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("增长8.4%,高于全省2.1个百分点", [("8.4", "%"), ("2.1", "个百分点")]),
        ("完成疫苗接种1300余万剂次", [("1300余万", "剂次")]),
        ("完成1.77万套", [("1.77万", "套")]),
        ("带动总投资1493亿元", [("1493亿", "元")]),
        ("惠及12,345户", [("12,345", "户")]),
        ("三百余家企业", [("三百余", "家企业")]),
        ("列入3个“点菜单”", [("3", "个")]),
        ("pm2.5年均浓度", []),
        ("实现“十九连丰”", []),
        ("全面推进", []),
    ],
)
def test_figures(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(figure.number, figure.unit) for figure in figures(text)] == expected


def test_figures_are_slices_in_order(sample_report: Report) -> None:
    folded = fold(sample_report.text)
    found = figures(folded)
    assert len(found) > 200
    at = 0
    for figure in found:
        assert at <= figure.start < figure.end <= len(folded)
        assert folded[figure.start : figure.end] == figure.number + figure.unit
        at = figure.end


@pytest.mark.parametrize("raised", ["1", "12", "[3]", "（4）", "〔5〕", "①", "*", "**", " 1 ", "[123]"])
@pytest.mark.parametrize("before", ["全市生产总值", "增长率", "8.4%", "，", "", "GDP增长"])
def test_what_is_raised_behind_words_is_a_footnote_mark(raised: str, before: str) -> None:
    assert is_footnote_mark(raised, before)


@pytest.mark.parametrize("before", ["m", "每平方m", "面积（m", "10", "用地10", "，5", "CO"])
def test_what_is_raised_behind_a_letter_or_digit_is_a_footnote_mark_only_in_brackets(before: str) -> None:
    assert not is_footnote_mark("2", before)
    assert is_footnote_mark("[2]", before)
    assert is_footnote_mark("②", before)


@pytest.mark.parametrize("raised", ["1234", "th", "", "-1", "注", "1,2"])
def test_what_else_is_raised_is_no_footnote_mark(raised: str) -> None:
    assert not is_footnote_mark(raised, "全市生产总值")


FIVE = [(0, 10), (11, 20), (21, 30), (31, 40), (41, 50)]


@pytest.mark.parametrize(
    ("first", "last", "longest", "expected"),
    [
        (21, 30, 9, (21, 30)),
        (21, 30, 18, (21, 30)),
        (21, 30, 19, (11, 30)),
        (21, 30, 28, (11, 30)),
        (21, 30, 29, (11, 40)),
        (21, 30, 40, (0, 40)),
        (21, 30, 50, (0, 50)),
        (21, 30, 500, (0, 50)),
        (0, 10, 30, (0, 30)),
        (41, 50, 29, (21, 50)),
        (22, 23, 20, (11, 30)),
        (12, 29, 19, (11, 30)),
        (10, 21, 9, (11, 20)),
        (11, 40, 9, (11, 20)),
        (2, 8, 5, (0, 5)),
    ],
)
def test_a_run_grows_by_whole_clauses_on_both_sides(
    first: int, last: int, longest: int, expected: tuple[int, int]
) -> None:
    assert run_around(FIVE, first, last, longest) == expected


def test_a_run_takes_no_clause_that_only_touches_it() -> None:
    assert run_around([(0, 10), (10, 20), (20, 30)], 10, 20, 15) == (10, 20)


def test_a_run_grows_on_the_side_where_it_may() -> None:
    assert run_around([(0, 4), (5, 9), (10, 30)], 5, 9, 9) == (0, 9)
    assert run_around([(0, 30), (31, 35), (36, 40)], 31, 35, 9) == (31, 40)
