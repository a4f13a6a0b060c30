"""Figures as rows: what each measures, of which year, and whether it was reached or is aimed at."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from reportqa import ReportQA, parsing, reading
from reportqa.figure_evaluation import measure_table, read_table, value_of
from reportqa.figure_periods import Periods
from reportqa.indicator_lexicon import bundled
from reportqa.indicators import Figures, rows_of
from reportqa.measures import readings
from reportqa.periods import Period
from reportqa.schema import IndicatorRow, Report
from reportqa.text import fold

HERE = Path(__file__).parent / "figures"
OWN = frozenset(("海川市", "全市", "我市"))


@pytest.fixture(scope="module")
def report() -> Report:
    return parsing.parse(reading.read(HERE / "2024年海川市政府工作报告.txt"))


@pytest.fixture(scope="module")
def rows(report: Report) -> list[IndicatorRow]:
    return rows_of(report)


def test_every_figure_of_the_gold_table_and_no_other(rows: list[IndicatorRow]) -> None:
    gold = read_table(HERE / "indicators.csv")
    assert measure_table(gold, rows) == {"precision": 1.0, "recall": 1.0, "number_in_quote": 1.0, "n": len(gold)}
    assert {(r.indicator, r.period) for r in rows} == {(g["indicator"], g["period"]) for g in gold}


def test_every_quote_is_a_slice_that_holds_the_figure(report: Report, rows: list[IndicatorRow]) -> None:
    for row in rows:
        citation = row.quote.citation
        assert report.text[citation.start : citation.end] == row.quote.text
        assert row.quote.text in row.quote.context
        assert f"at={citation.start}-{citation.end}" in citation.url
    by_name = {(row.indicator, row.period): row.quote for row in rows}
    assert by_name["社会消费品零售总额增长", "2023"].marked == "增长5.6%"
    assert by_name["城镇调查失业率", "2024"].marked == "城镇调查失业率、居民消费价格涨幅分别控制在5.5%"


def test_numbers_are_in_the_unit_and_bounds_as_written(rows: list[IndicatorRow]) -> None:
    said = {(r.indicator, r.period): (r.number, r.upper, r.bound, r.unit) for r in rows}
    assert said["地区生产总值总量", "2023"] == (4100.0, None, "突破", "亿元")
    assert said["固定资产投资增长", "2024"] == (4.0, 5.0, "", "%")
    assert said["城镇新增就业", "2024"] == (6.0, None, "不少于", "万人")
    assert said["民间投资增长", "2023"] == (-1.2, None, "", "%")
    assert said["单位地区生产总值能耗降低", "2024"] == (2.6, None, "", "%")
    assert said["居民人均可支配收入增长", "2024"] == (None, None, "与经济增长同步", "%")


SAID = [
    ("地区生产总值31534亿元、增长3.3%", [("地区生产总值总量", "31534亿元"), ("地区生产总值增长", "3.3%")]),
    ("全年地区生产总值达到1.3万亿元，比上年增长5.8%", [("地区生产总值总量", "1.3万亿元"), ("地区生产总值增长", "5.8%")]),
    ("经济总量跨上5万亿元台阶", [("地区生产总值总量", "5万亿元")]),
    ("粮食产量由600亿斤提高到715亿斤", [("粮食产量", "715亿斤")]),
    ("城镇新增就业连续4年超过90万人", [("城镇新增就业", "超过90万人")]),
    ("地区生产总值增长7%以上、力争达到8%", [("地区生产总值增长", "7%以上、力争达到8%")]),
    ("一、二、三产业增加值分别增长4%、5.3%、3.4%", [(f"第{n}产业增加值增长", v) for n, v in zip("一二三", ("4%", "5.3%", "3.4%"), strict=True)]),
    ("城乡居民人均可支配收入分别增长8%和10%", [("城镇居民人均可支配收入增长", "8%"), ("农村居民人均可支配收入增长", "10%")]),
    ("进出口总额、规上工业增加值分别增长12%和8%左右", [("进出口总额增长", "12%左右"), ("规模以上工业增加值增长", "8%左右")]),
    ("单位国内生产总值能耗降幅超过3%", [("单位地区生产总值能耗降低", "超过3%")]),
    ("居民消费价格与上年基本持平", [("居民消费价格涨幅", "与上年基本持平")]),
    ("城镇调查失业率下降0.2个百分点", []),
    ("固定资产投资增速居全国第5位", []),
    ("经济达到20亿元", []),
    ("全国国内生产总值增长5%", []),
    ("东湖区地区生产总值增长9%", []),
    ("民间投资活力增强，超10亿元补贴直达消费者", []),
]  # fmt: skip


@pytest.mark.parametrize(("words", "meant"), SAID)
def test_what_figures_measure(words: str, meant: list[tuple[str, str]]) -> None:
    found = readings(fold(words), OWN)
    known = [(r.subject.indicator(r.measure), r.value) for r in found if r.subject]
    assert known == meant


@pytest.mark.parametrize(
    ("clause", "running", "stated"),
    [
        ("全年增长5%", Period(2023, 2023, 1), ("2023", "actual")),
        ("到2026年达到12%", Period(2024, 2024, 2), ("2026", "target")),
        ("比上年增加12亿元", Period(2024, 2024, 2), ("2024", "target")),
        ("实施三年行动计划,新增12家", Period(2024, 2024, 2), ("2024", "target")),
        ("一九八五年增长5%", Period(), ("1985", "actual")),
        ('"十三五"时期增长5%', Period(), ("2016—2020", "actual")),
        ("五年内增长5%", Period(2024, 2024, 2), None),
        ("增长5%", Period(), None),
    ],
)
def test_periods_of_clauses(report: Report, clause: str, running: Period, stated: tuple[str, str] | None) -> None:
    found = Periods(report).stated(clause, running, part="", yearly=False, reached=False)
    assert (found and (found.period, found.kind)) == stated


def test_an_average_of_years_needs_years(report: Report) -> None:
    periods, years = Periods(report), Period(2019, 2023, 1)
    assert periods.stated("年均增长5%", Period(2023, 2023, 1), part="", yearly=True, reached=False) is None
    average = periods.stated("年均增长5%", years, part="", yearly=True, reached=False)
    reached = periods.stated("达到500亿元", years, part="", yearly=False, reached=True)
    assert average is not None
    assert reached is not None
    assert (average.period, reached.period) == ("2019—2023", "2023")


def test_selecting_rows(report: Report) -> None:
    figures = Figures([report])
    assert len(figures.select(["海川市"], "GDP", "2024")) == 1
    assert {row.indicator for row in figures.select(None, "社零", None)} == set()
    assert {row.period for row in figures.select(None, "社会消费品零售总额增长")} == {"2023", "2024"}
    assert [row.value for row in figures.select(None, "自来水普及率", "2023年")] == ["96.2%"]
    assert figures.select(["别处"]) == []
    assert Figures([report], figures).rows == figures.rows


def test_the_sample_report(sample_qa: ReportQA) -> None:
    rows = sample_qa.indicators("聊城", "城镇新增就业")
    assert {(row.period, row.kind) for row in rows} == {("2021", "actual"), ("2017—2021", "actual")}
    for row in sample_qa.indicators():
        assert row.quote.text == sample_qa.report("聊城市-2022").text[row.quote.citation.start : row.quote.citation.end]


def test_names_that_users_put() -> None:
    lexicon = bundled()
    assert lexicon.names("GDP增速") == {"地区生产总值增长"}
    assert lexicon.names("CPI") == {"居民消费价格涨幅", "居民消费价格"}
    assert lexicon.names("没有的东西") == frozenset()
    assert lexicon.main[0] == "地区生产总值增长"
    assert "城镇调查失业率" in lexicon.main


def test_values_of_a_gold_table() -> None:
    assert value_of("9.86万亿元", "亿元") == value_of("98600", "亿元")
    assert value_of("5%左右", "%") != value_of("5%", "%")
    assert value_of("下降0.3%", "%") != value_of("0.3%", "%")


def test_a_second_value_for_a_key_is_wrong(rows: list[IndicatorRow]) -> None:
    gold = [{"place": "海川市", "indicator": "地区生产总值增长", "period": "2023", "kind": "actual", "value": "6.2%左右", "unit": "%"}]  # fmt: skip
    growth = next(row for row in rows if row.indicator == "地区生产总值增长" and row.period == "2023")
    other = dataclasses.replace(growth, value="6.2%")
    assert measure_table(gold, [growth])["precision"] == 1.0
    assert measure_table(gold, [growth, other])["precision"] == 0.5
    assert measure_table(gold, [other])["recall"] == 0.0


def test_real_reports(reports_dir: Path) -> None:
    gold = reports_dir.parent / "corpus-gold" / "indicators.csv"
    if not gold.exists():
        pytest.skip("no gold table of indicators")
    paths = sorted((reports_dir / "provinces-2025").glob("*.docx"))
    rows = Figures([parsing.parse(reading.read(path)) for path in paths]).rows
    measured = measure_table(read_table(gold), rows)
    assert float(measured["precision"] or 0) >= 0.99
    assert float(measured["recall"] or 0) >= 0.98
    assert measured["number_in_quote"] == 1.0
