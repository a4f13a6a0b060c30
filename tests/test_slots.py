"""Whether words hold what is asked for, of the thing asked about."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportqa.lexical import bundled_lexicon
from reportqa.questions import Measure, Question, understand
from reportqa.schema import Report
from reportqa.slots import continues, figure_fits, held_beside, holds_asked, novelty, states_level
from reportqa.text import Figure, clause_spans, figures, fold

QUESTIONS = (
    "桥梁修了多少座",
    "利润增长多少",
    "何时完工",
    "持续了多久",
    "市长是谁",
    "试点在哪个县",
    "总量排第几",
    "有哪些产业",
    "怎么治理",
    "为什么停工",
    "介绍一下旅游",
    "",
)


def read(text: str) -> Question:
    return understand(text, bundled_lexicon(), frozenset())


def held(question: str, clause: str) -> float:
    return holds_asked(read(question), fold(clause))


def beside(question: str, *clauses: str) -> float:
    return held_beside(read(question), [fold(clause) for clause in clauses])


def figure(clause: str) -> Figure:
    [found] = figures(fold(clause))
    return found


@pytest.mark.parametrize(
    ("question", "clause", "fit"),
    [
        ("利润增长多少", "增长5%", 1.0),
        ("利润提高几个百分点", "提高3个百分点", 1.0),
        ("投资多少亿元", "投资20亿元", 1.0),
        ("修路几公里", "修路73公里", 1.0),
        ("种梨多少亩", "种梨60万亩", 1.0),
        ("打粮多少斤", "超113亿斤", 1.0),
        ("装机多少千瓦", "装机207万千瓦", 1.0),
        ("脱贫多少人", "25万人", 1.0),
        ("多少户用气", "99.8万户", 1.0),
        ("蓝天几天", "242天", 1.0),
        ("新增几家龙头", "新增2家", 1.0),
        ("新增几家龙头", "涉及30户", 0.4),
        ("多少户用气", "惠及5人", 0.4),
        ("投资多少亿元", "增长5%", 0.1),
        ("利润增长百分之几", "利润20亿元", 0.1),
        ("利润增长多少", "增长20亿元", 0.7),
        ("脱贫多少人", "转移7天", 0.1),
        ("新增多少", "新增20亿元", 0.9),
        ("新增多少", "新增5%", 0.9),
        ("新增多少", "用时3个月", 0.4),
    ],
)
def test_figure_fits(question: str, clause: str, fit: float) -> None:
    assert figure_fits(read(question), figure(clause)) == fit


@pytest.mark.parametrize("question", ["新增几家龙头", "投资多少亿元", "利润增长百分之几", "新增多少"])
def test_the_measure_asked_for_fits_best(question: str) -> None:
    understood = read(question)
    units = {"家": "3家", "亿元": "3亿元", "%": "3%", "月": "3个月", "户": "3户", "公里": "3公里"}
    fits = {name: figure_fits(understood, figure(clause)) for name, clause in units.items()}
    assert all(0 < fit <= 1 for fit in fits.values())
    if understood.measure is not Measure.ANY:
        assert [fit for fit in fits.values() if fit == 1.0] == [1.0]
        assert all(fit <= 0.4 for fit in fits.values() if fit < 1.0)


@pytest.mark.parametrize(
    ("question", "clause", "expected"),
    [
        ("桥梁修了几座", "修桥10座", 1.0),
        ("桥梁修了几座", "修桥10座、投资3亿元", 1.0),
        ("桥梁修了几座", "加快修桥", 0.0),
        ("2019年桥梁修了几座", "2019年加快修桥", 0.0),
        ("比2.7%高多少个百分点", "不良率2.7%", 0.0),
        ("利润增长多少", "利润大幅增长", 0.4),
        ("外资增长多少", "外资翻番", 0.4),
        ("外资多少亿元", "外资翻番", 0.0),
        ("何时完工", "年底前完工", 1.0),
        ("何时完工", "3月完工", 1.0),
        ("何时完工", "加快完工", 0.0),
        ("2021年何时完工", "2021年完工", 0.0),
        ("汛情持续多久", "持续3个多月", 1.0),
        ("汛情持续多久", "持续不断", 0.0),
        ("连续5年后又持续多久", "连续5年", 0.0),
        ("谁是市长", "平川市市长 张三", 1.0),
        ("哪位书记来了", "孔书记来访", 1.0),
        ("谁是市长", "推进市区建设", 0.0),
        ("厂址在哪里", "落户莘县", 1.0),
        ("厂址在哪里", "坐落在东郊", 1.0),
        ("厂址在哪里", "建成启用", 0.0),
        ("莘县的厂在哪里", "莘县建厂", 0.0),
        ("总量排第几", "居全省首位", 1.0),
        ("总量排第几", "进入前列", 1.0),
        ("总量排第几", "总量增长", 0.0),
        ("怎么治理", "随便什么", 0.5),
        ("介绍一下旅游", "随便什么", 0.5),
        ("叫什么", "随便什么", 0.5),
    ],
)
def test_holds_asked(question: str, clause: str, expected: float) -> None:
    assert held(question, clause) == expected


@pytest.mark.xfail(reason="a year is a figure, and any figure but a percentage fits a change by 0.7")
def test_a_year_is_no_change() -> None:
    assert held("税收增长多少", "2019年税收平稳") < 0.5


def test_a_longer_list_holds_more() -> None:
    lists = ["铝", "铝、铜", "铝、铜、梨", "铝、铜、梨、枣、轴承"]
    values = [held("有哪些产业", clause) for clause in lists]
    assert values == [0.5, 0.75, 1.0, 1.0]


@given(st.sampled_from(QUESTIONS), st.text("增长降5%亿元家3、县，市长张三年月第一首位在 ", max_size=20))
def test_how_much_is_held_lies_between_0_and_1(question: str, clause: str) -> None:
    understood = read(question)
    folded = fold(clause)
    assert 0 <= holds_asked(understood, folded) <= 1
    assert 0 <= novelty(understood, folded) <= 1
    assert 0 <= held_beside(understood, [folded, fold("全市新增3家")]) <= 1


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        pytest.param("总量排第几", "壮大第三产业", id="第三产业 is no rank"),
        pytest.param("何时开工", "四季有花", id="季 is no date"),
        pytest.param("厂址在哪里", "覆盖县乡村三级", id="县乡村 is no place"),
        pytest.param("厂址在哪里", "提升城市品质", id="城市 is no place"),
        pytest.param("谁是市长", "市长热线开通", id="市长热线 is nobody"),
    ],
)
@pytest.mark.xfail(reason="words that look like a rank, a date, a place or a person and are none count as one")
def test_what_only_looks_like_the_kind(question: str, clause: str) -> None:
    assert held(question, clause) == 0.0
    assert beside(question, clause) == 0.0


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("达到42.1%", True),
        ("增长14%", True),
        ("高于全省3个百分点", True),
        ("降至2.7%", True),
        ("同比提高2个百分点", True),
        ("居全省首位", True),
        ("占比超过80%", True),
        ("其中农业3家", True),
        ("分别提高5%和4%", True),
        ("惠及群众20万户", True),
        ("全市税收增长5%", False),
        ("新增桥梁10座", False),
        ("进出口总额增长29.4%", False),
        ("", False),
    ],
)
def test_what_continues_the_clause_before(clause: str, expected: bool) -> None:
    assert continues(fold(clause)) is expected


@pytest.mark.parametrize(
    "clause",
    [
        "居民人均可支配收入增长7%",
        "居民消费价格指数涨幅3%",
        "减税降费22亿元",
        "提升农贸市场10处",
        "完成投资334亿元",
        "比亚迪投产",
        "超级计算中心启用",
    ],
)
def test_a_clause_of_its_own_continues_nothing(clause: str) -> None:
    assert not continues(fold(clause))


def test_the_next_indicators_figure_is_not_held() -> None:
    assert beside("外资增长百分之几", "实际使用外资稳定增长", "居民人均可支配收入增长7%以上") < 1


def test_a_figure_in_the_clause_of_the_thing_counts_in_full() -> None:
    assert beside("桥梁修了几座", "新建桥梁10座") == 1.0
    assert beside("桥梁修了几座", "新通道路", "新建桥梁10座") == 1.0
    assert beside("桥梁修了几座", "新建桥梁10座", "加快道路建设") == 1.0


def test_a_figure_in_a_continuing_clause_counts_in_full() -> None:
    assert beside("国道的投资增长多少", "加快国道建设", "增长14%") == 1.0
    assert beside("国道的投资增长多少", "加快国道建设", "高于全省3个百分点") == 1.0


def test_a_figure_in_another_clause_counts_little() -> None:
    after = beside("桥梁修了几座", "加快桥梁建设", "新通道路33条")
    before = beside("桥梁修了几座", "新通道路33条", "加快桥梁建设")
    later = beside("桥梁修了几座", "加快桥梁建设", "通行方便", "新通道路33条")
    assert 0 < before <= after < 1
    assert 0 < later <= 0.5
    assert before <= 0.5


def test_a_continuing_clause_counts_only_behind_the_thing() -> None:
    assert beside("国道坏了百分之几", "增长14%", "加快国道建设") <= 0.5
    assert beside("国道坏了百分之几", "加快国道建设", "增长14%") == 1.0


def test_a_verb_of_change_is_not_the_thing() -> None:
    assert beside("国道里增长多少", "税收增长5%", "加快国道建设") < 1


def test_a_place_that_the_question_names_is_no_answer() -> None:
    assert beside("莘县的厂在哪里", "莘县建厂") == 0.0
    assert beside("轴承厂在哪里", "轴承厂落户莘县") == 1.0
    assert beside("轴承厂在哪里", "轴承厂落户济南") == 1.0
    assert beside("轴承厂在哪里", "轴承厂建成启用") == 0.0


def test_kinds_that_any_words_can_hold_count_wherever_they_stand() -> None:
    assert beside("有哪些产业", "随便什么", "铝、铜、梨") == 1.0
    assert beside("怎么治理雾霾", "植树", "治理雾霾") == 0.5


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_is_held_without_clauses(question: str) -> None:
    assert held_beside(read(question), []) == 0.0


@pytest.mark.parametrize("question", QUESTIONS)
def test_beside_never_exceeds_what_the_best_clause_holds(question: str, sample_report: Report) -> None:
    understood = read(question)
    for paragraph in sample_report.paragraphs[6:10]:
        spans = [span for s in paragraph.sentences for span in clause_spans(sample_report.text, s.start, s.end)]
        clauses = [fold(sample_report.text[start:end]) for start, end in spans]
        for pair in itertools.pairwise(clauses):
            whole = held_beside(understood, list(pair))
            if "在哪" not in question:
                assert whole <= max(holds_asked(understood, clause) for clause in pair)


def test_novelty() -> None:
    question = read("桥梁修了几座")
    assert novelty(question, fold("桥梁修了几座")) == 0.0
    assert novelty(question, "") == 0.0
    assert novelty(question, fold("，。的和了与")) == 0.0
    assert 0 < novelty(question, fold("桥梁修好")) < 1
    assert novelty(question, fold("桥梁10座")) == 1.0
    assert novelty(question, fold("新通车道路33条")) == 1.0


def test_novelty_leaves_out_what_the_lexicon_says_for_the_questions_words() -> None:
    assert novelty(read("社零怎样"), fold("社会消费品零售总额")) == 0.0
    assert novelty(read("商店呢"), fold("社会消费品零售总额")) == 1.0


@pytest.mark.parametrize("clause", ["民生支出占比提高2个百分点", "民生支出占比提高12个百分点"])
def test_another_number_is_new_whatever_its_digits(clause: str) -> None:
    assert novelty(read("2021年民生支出占比提高多少个百分点"), fold(clause)) > 0


@given(st.text("桥梁修了几座新通车道路33条，。", max_size=12), st.sampled_from("桥新路3，的"))
def test_novelty_does_not_fall_as_words_are_added(clause: str, added: str) -> None:
    question = read("桥梁修了几座")
    assert novelty(question, fold(clause)) <= novelty(question, fold(clause + added))


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("不良贷款率为2.7%", True),
        ("贡献率达到42.1%", True),
        ("优良天数242天", True),
        ("税收收入增长5%", False),
        ("下降14.8%", False),
        ("提高2个百分点", False),
        ("新增10家", False),
        ("利润大幅增长", False),
        ("", False),
        ("提高12.9个百分点,达到42.1%", True),
    ],
)
def test_states_level(clause: str, expected: bool) -> None:
    assert states_level(fold(clause)) is expected


@pytest.mark.parametrize(
    "clause",
    [
        "2021年税收增长5%",
        "较2016年改善43.9%",
        pytest.param("增产3%", marks=pytest.mark.xfail(reason="增产 is no word of change")),
    ],
)
def test_a_change_with_its_year_states_no_level(clause: str) -> None:
    assert not states_level(fold(clause))


@pytest.mark.parametrize("clause", ["不良贷款率降至2.7%", "覆盖率提高到40%"])
def test_what_a_change_leads_to_is_a_level(clause: str) -> None:
    assert states_level(fold(clause))
