"""Which years words speak of, alone and in the sample."""

from __future__ import annotations

import pytest

from reportqa.periods import ACTUAL, TARGET, Period, agreement, clause_periods, period_of
from reportqa.schema import Report
from reportqa.text import clause_spans

YEAR = 2022
LAST_YEAR = Period(2021, 2021, ACTUAL)
TARGETS = Period(2022, 2022, TARGET)
FIVE_YEARS = Period(2017, 2021, ACTUAL)
COMING_FIVE = Period(2022, 2026, TARGET)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("去年生产总值增长多少", LAST_YEAR),
        ("比上年增长5%", LAST_YEAR),
        ("过去一年", LAST_YEAR),
        ("一年来", LAST_YEAR),
        ("今年目标", TARGETS),
        ("今年生产总值预期增长多少", TARGETS),
        ("今年", Period(2022, 2022, 0)),
        ("今年实际完成了多少", Period(2022, 2022, ACTUAL)),
        ("五年来", FIVE_YEARS),
        ("过去五年", FIVE_YEARS),
        ("累计造林60.5万亩", FIVE_YEARS),
        ("连续3年翻番", Period(2019, 2021, ACTUAL)),
        ("近两年", Period(2020, 2021, ACTUAL)),
        ("今后五年", COMING_FIVE),
        ("未来五年", COMING_FIVE),
        ("未来三年", Period(2022, 2024, TARGET)),
        ("2021年", Period(2021, 2021, 0)),
        ("2021年的目标是多少", Period(2021, 2021, TARGET)),
        ("2022年预期目标", TARGETS),
        ("2021年实际增长了多少", LAST_YEAR),
        ("2016—2020年", Period(2016, 2020, 0)),
        ("2016年至2020年", Period(2016, 2020, 0)),
        ("明年", Period(2023, 2023, 0)),
        ("前年", Period(2020, 2020, 0)),
        ("生产总值增长多少", Period()),
        ("预期目标", Period(0, 0, TARGET)),
        ("动能转换“五年突破”", Period()),
        ("12022年01", Period()),
        ("", Period()),
    ],
)
def test_period_of(words: str, expected: Period) -> None:
    assert period_of(words, YEAR) == expected


@pytest.mark.parametrize(
    ("words", "year"),
    [("去年累计减税降费多少", 2021), ("2021年累计减税降费多少", 2021), ("2022年累计新增多少", 2022)],
)
def test_a_year_outweighs_words_for_a_sum(words: str, year: int) -> None:
    period = period_of(words, YEAR)
    assert (period.first, period.last) == (year, year)


@pytest.mark.parametrize(
    ("words", "first"), [("2019年以来", 2019), ("2012年以来", 2012), ("十五年来", 2007), ("13年来", 2009)]
)
def test_the_last_digit_of_a_number_is_no_count_of_years(words: str, first: int) -> None:
    assert period_of(words, YEAR).first == first


def test_five_years_ago_is_not_the_last_five_years() -> None:
    assert period_of("五年前", YEAR).last < 2021


def test_the_year_of_the_report_decides() -> None:
    assert period_of("去年", 2025) == Period(2024, 2024, ACTUAL)
    assert period_of("今后五年", 2025) == Period(2025, 2029, TARGET)


def test_known() -> None:
    assert LAST_YEAR.known
    assert not Period(0, 0, TARGET).known


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("全市生产总值增长8.4%", LAST_YEAR),
        ("新发行专项债203.1亿元", LAST_YEAR),
        ("全年减税降费22.45亿元", LAST_YEAR),
        ("城镇新增就业4.5万人", LAST_YEAR),
        ("回首五年", FIVE_YEARS),
        ("制造业对经济贡献率提高12.9个百分点", FIVE_YEARS),
        ("高新技术企业数量由97家增加到411家", FIVE_YEARS),
        ("累计淘汰燃煤锅炉1952台", FIVE_YEARS),
        ("历史性解决绝对贫困问题", FIVE_YEARS),
        ("民生支出保持在77%以上", FIVE_YEARS),
        ("实际使用外资连续3年翻番", Period(2019, 2021, ACTUAL)),
        ("未来五年是聊城推进转型发展", COMING_FIVE),
        ("根据市第十四次党代会的部署", COMING_FIVE),
        ("生产总值增长6%左右", TARGETS),
        ("居民消费价格指数涨幅3%左右", TARGETS),
        ("规上工业增加值增长7%左右", TARGETS),
        ("新建5G基站3000个以上", TARGETS),
    ],
)
def test_clauses_of_the_sample(sample_report: Report, words: str, expected: Period) -> None:
    at = sample_report.text.index(words)
    found = clause_periods(sample_report)
    assert found[max(start for start in found if start <= at)] == expected


def test_every_clause_has_a_period(sample_report: Report) -> None:
    starts = {
        start
        for paragraph in sample_report.paragraphs
        for sentence in paragraph.sentences
        for start, _ in clause_spans(sample_report.text, sentence.start, sentence.end)
    }
    assert set(clause_periods(sample_report)) == starts


@pytest.mark.parametrize(
    ("asked", "spoken", "expected"),
    [
        (LAST_YEAR, LAST_YEAR, 1.0),
        (LAST_YEAR, Period(2021, 2021, 0), 1.0),
        (LAST_YEAR, Period(), 0.0),
        (Period(), LAST_YEAR, 0.0),
        (Period(2021, 2021, 0), TARGETS, -1.0),
        (Period(0, 0, TARGET), Period(0, 0, TARGET), 0.6),
        (Period(0, 0, TARGET), LAST_YEAR, -0.6),
    ],
)
def test_agreement(asked: Period, spoken: Period, expected: float) -> None:
    assert agreement(asked, spoken) == pytest.approx(expected)


def test_agreement_ranks_the_same_years_over_overlapping_ones_over_others() -> None:
    same, within, other = (agreement(LAST_YEAR, spoken) for spoken in (LAST_YEAR, FIVE_YEARS, COMING_FIVE))
    assert same > within > other
    assert agreement(LAST_YEAR, Period(2021, 2021, TARGET)) <= within
