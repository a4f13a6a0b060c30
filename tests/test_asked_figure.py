"""A question for a known indicator's figure is answered by a clause that states it, or refused by the indicator's name."""

from __future__ import annotations

import pytest

from reportqa import ReportQA
from reportqa.asked_figure import subjects_of
from reportqa.lexical import bundled_lexicon
from reportqa.questions import understand

TEXT = """2025年平川市政府工作报告

各位代表：

一、2024年工作回顾

全市地区生产总值达到1820亿元、增长5.6%，规模以上工业增加值增长7.1%，社会消费品零售总额增长4.8%。实施技改项目210个，投资增长9.4%。

二、2025年工作安排

今年经济社会发展主要预期目标是：地区生产总值增长5.5%左右，规模以上工业增加值增长6.5%以上，城镇新增就业3万人以上，居民收入增长与经济增长同步。
"""


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> ReportQA:
    directory = tmp_path_factory.mktemp("figures")
    file = directory / "2025年平川市政府工作报告.txt"
    file.write_text(TEXT, encoding="utf-8")
    return ReportQA.build([file], directory / "index")


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("2024年GDP增速是多少", "增长5.6%"),
        ("2024年地区生产总值有多少亿元", "地区生产总值达到1820亿元"),
        ("今年规上工业增加值打算增长多少", "规模以上工业增加值增长6.5%以上"),
        ("去年社零增长了多少", "社会消费品零售总额增长4.8%"),
        ("今年城镇新增就业目标多少人", "城镇新增就业3万人以上"),
        ("去年技改投资增长多少", "投资增长9.4%"),
    ],
)
def test_the_clause_that_states_the_figure_is_marked(qa: ReportQA, question: str, marked: str) -> None:
    answer = qa.ask(question)
    assert answer.found
    assert marked in answer.quotes[0].marked


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("今年固定资产投资增长目标是多少", "固定资产投资"),
        ("2025年居民消费价格涨幅控制在多少", "居民消费价格"),
        ("2024年城镇调查失业率是多少", "城镇调查失业率"),
        ("今年一般公共预算收入预计增长多少", "一般公共预算收入"),
    ],
)
def test_an_indicator_that_is_not_stated_is_named_in_the_refusal(qa: ReportQA, question: str, missing: str) -> None:
    answer = qa.ask(question)
    assert not answer.found
    assert (answer.reason, answer.missing) == ("missing_figure", missing)
    assert missing in answer.text


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("GDP和社零各增长多少", ["地区生产总值", "社会消费品零售总额"]),
        ("万元生产总值的能源消耗降了多少", ["单位地区生产总值能耗"]),
        ("生产总值的能级提高了多少", []),
        ("经济增长多少", ["地区生产总值"]),
        ("固定资产投资靠什么拉动", []),
        ("生产总值的目标是多少", ["地区生产总值"]),
    ],
)
def test_indicators_of_a_question(question: str, names: list[str]) -> None:
    assert [subject.name for subject in subjects_of(understand(question, bundled_lexicon()))] == names
