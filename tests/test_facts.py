"""Numbers are facts: the same in every script, never the same with another value, bound or unit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportqa.facts import Figure, chinese_value, figures, numbers
from reportqa.text import fold


def only(text: str) -> Figure:
    [figure] = figures(fold(text))
    return figure


SAME = [
    ("增长8.4%", "增长百分之八点四"),
    ("1300余万剂次", "一千三百多万剂次"),
    ("1.53亿元", "15300万元"),
    ("1.53亿元", "一万五千三百万元"),
    ("1亿2000万元", "12000万元"),
    ("超113亿斤", "113亿多斤"),
    ("超过1700亿元", "1700亿元以上"),
    ("不低于5%", "5%以上"),
    ("5.5%左右", "约为5.5%"),
    ("近20%", "将近百分之二十"),
    ("80%以上", "八成以上"),
    ("二〇二一年", "2021年"),
    ("１４３家", "143家"),
    ("2,000人", "2000人"),
    ("3个多月", "三个多月"),
    ("50%以上", "一半以上"),
    ("过千人", "超过一千人"),
    ("58%以内", "不超过58%"),
    ("三十一个", "31个"),
    ("183公里", "183千米"),
]
DIFFERENT = [
    ("0.55%", "5.5%"),
    ("增长3%", "增长3个百分点"),
    ("7.9%", "9.7%"),
    ("6%左右", "6%以上"),
    ("6%", "6%左右"),
    ("近3倍", "3倍"),
    ("近3倍", "3倍多"),
    ("1.53亿元", "1.53万元"),
    ("25.85万人", "25.85万户"),
    ("4.4万人", "4.4万人次"),
    ("1300余万", "1300万"),
    ("10届", "5届"),
    ("97公里", "97米"),
    ("22亿元", "22亿美元"),
    ("-0.3%", "0.3%"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_figure_in_another_script(one: str, other: str) -> None:
    assert only(one).says_the_same(only(other))
    assert only(other).says_the_same(only(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_figure(one: str, other: str) -> None:
    first = only(f"增速{one}" if one.startswith("-") else one)
    assert not first.says_the_same(only(other))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("十四五规划", []),
        ("四川省一般公共预算", []),
        ("新建5G基站", []),
        ("PM2.5浓度", []),
        ("从2倍缩小至1.8倍", ["2倍", "1.8倍"]),
        ("5.0%—5.5%", ["5.0%", "5.5%"]),
        ("实现“十九连丰”", ["十九连丰"]),
        ("高于全省2.1个百分点", ["2.1个百分点"]),
        ("第105名", ["第105名"]),
        ("通过3项", ["3项"]),
        ("超过3项", ["超过3项"]),
        ("500kV线路", ["500kv"]),
    ],
)
def test_what_is_a_figure(text: str, expected: list[str]) -> None:
    folded = fold(text)
    assert [folded[figure.start : figure.end] for figure in figures(folded)] == expected


def test_the_first_of_a_range_has_the_unit_of_the_second() -> None:
    assert [number.value for number in numbers("5-6万人")] == [50_000, 60_000]
    assert [number.key for number in numbers("5-6%")] == ["#5%", "#6%"]
    assert [number.value for number in numbers("2016-2020年")] == [2016, 2020]


def spelt(number: int) -> str:
    """Write a number below 10,000 in Chinese numerals, the plain way round."""
    digits = "零一二三四五六七八九"
    written = "".join(
        digits[int(digit)] + ("" if digit == "0" else "千百十 "[place + 4 - len(str(number))].strip())
        for place, digit in enumerate(str(number))
    )
    while "零零" in written:
        written = written.replace("零零", "零")
    return written.rstrip("零") or "零"


@given(st.integers(1, 9999))
def test_chinese_numerals_are_read(number: int) -> None:
    assert chinese_value(spelt(number)) == number
    assert chinese_value(spelt(number) + "亿") is not None


@given(st.integers(0, 9999), st.integers(0, 99))
def test_decimals_are_read_alike(whole: int, cents: int) -> None:
    digits = "零一二三四五六七八九"
    written = spelt(whole) + "点" + "".join(digits[int(d)] for d in f"{cents:02d}")
    assert chinese_value(written) == Fraction(whole * 100 + cents, 100)
    assert only(f"百分之{written}").says_the_same(only(f"{whole}.{cents:02d}%"))


@pytest.mark.parametrize("word", ["十四五", "二十四五", "百千", "千百", "万千"])
def test_what_is_no_numeral_has_no_value(word: str) -> None:
    assert chinese_value(word) is None
