"""What a text states as facts: its numbers with bounds and units, read alike in whatever script they are written."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_SCALES = {"万亿": 10**12, "千亿": 10**11, "百亿": 10**10, "亿": 10**8, "千万": 10**7, "百万": 10**6, "十万": 10**5}
_SCALES |= {"万": 10**4, "千": 1000, "百": 100}
_LONGEST = 40
"""Characters of a numeral; what is longer is no number that a report states."""
_SCALE = "|".join(_SCALES).replace("|千|", "|千(?![瓦伏米克卡])|")
_DIGIT = "零〇○一二两三四五六七八九"
_THOUSAND = "千(?![瓦伏米克卡])"
_CHINESE = (
    rf"(?!零(?![点{_DIGIT}]))[{_DIGIT}十](?:[{_DIGIT}十百]|{_THOUSAND}|[万亿](?=[{_DIGIT}十]))*(?:点[{_DIGIT}]+)?"
)
_ARABIC = r"\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d++)?|\d++(?:\.\d++)?"
_LATIN_UNIT = "(?:[gmk]wh|[gmk]w|kv|km|m2|m3|[mgtp]b)(?![a-z])"
_NUMBER = re.compile(
    rf"(?P<part>百分之|千分之)?(?P<number>(?<![\d.a-z])(?:{_ARABIC})(?![\d.]*+(?!{_LATIN_UNIT})[a-z])|{_CHINESE})"
    rf"(?P<inner>[余多])?(?P<scale>{_SCALE})?(?P<outer>[余多])?(?P<mark>%|‰|个?百分点)?"
)
_FRACTION = re.compile(rf"(?P<below>(?<![{_DIGIT}十])[{_DIGIT}十]++|(?<!\d)\d++)分之(?P<above>[{_DIGIT}十]++|\d++)")
_TENTHS = re.compile(
    r"(?P<tens>[一二三四五六七八九]|(?<![\d.])\d)成(?P<ones>半|[一二三四五六七八九])?(?=以|左右|多|[^\w]|$)"
)
_HALF = re.compile("一半")
_RANGE = re.compile("[-—–~至到]+")

_UNIT_WORDS = (
    "个百分点 百分点 个基点 平方公里 平方千米 平方米 立方米 千瓦时 千瓦 千伏 公里 千米 米 公顷 亩 吨 公斤 千克 斤 克 美元 欧元 元 人次 人 户次 户 家次 家 "
    "个月 个工作日 个小时 个 项 条 座 处 所 个名次 个位次 名次 名 位次 位 件次 件 台套 台 套 辆次 辆 架次 架 艘 列次 列 趟 班 次 届 期 批次 批 类 种 倍 岁 "
    "年度 年 月份 月 日 号 天 小时 分钟 分 秒 周 剂次 剂 张 本 部 场次 场 支 只 头 株 棵 册 例 宗 笔 单 度 级 票 篇 首 门 幅 款 枚 节 对 口 眼 "
    "县 市 区 镇 乡 村 省 国 州 街道 大 方面 点 连丰 连涨 连增 连冠 连升 连 番 g瓦时 gwh mwh kwh gw mw kw mb gb tb pb kv km m2 m3 升 级 层 间 栋 盏 片 块 道 段 环 轮 组 队 路 线 站 床 字"
)
_UNIT = re.compile("|".join(sorted(map(re.escape, _UNIT_WORDS.split()), key=len, reverse=True)))
_SAME_UNIT = {
    "个百分点": "百分点",
    "个位次": "位",
    "位次": "位",
    "个名次": "位",
    "名次": "位",
    "千米": "公里",
    "km": "公里",
    "平方千米": "平方公里",
    "m2": "平方米",
    "m3": "立方米",
    "千克": "公斤",
    "个月": "月",
    "个小时": "小时",
    "年度": "年",
    "月份": "月",
    "号": "日",
    "kwh": "千瓦时",
    "kw": "千瓦",
    "kv": "千伏",
}
MEASURES_WORDS = (
    "元 美元 欧元 人次 户 户次 百分点 公里 米 亩 公顷 吨 斤 公斤 克 平方米 平方公里 立方米 千瓦 千瓦时 千伏 月 天 日 岁 年 小时 分钟 倍 基点 个基点 剂次 "
    "件次 gw mw kw kv km"
)
MEASURES = frozenset(MEASURES_WORDS.split())
"""Units that measure; the others count things, and may stand for one another where a text is told in other words."""
PEOPLE_WORDS = "人 名 位"
PEOPLE = frozenset(PEOPLE_WORDS.split())
_NOT_NUMBERS = re.compile(
    "四川|三亚|三峡|三明|三沙|三门峡|六安|六盘水|九江|九寨|十堰|四平|五台山|五莲|八达岭|一带一路"
    "|一般|一定|一些|一直|一起|一旦|统一|单一|唯一|一致|一味|进一步"
)
_BARE_SCALE = re.compile(
    rf"(?P<bound>(?<![通经走渡度跨透不])过|超过?|突破|破|逾|近|上)(?P<scale>{_SCALE})(?![分方里马级]|[个亿万]级)"
)

_BOUND_BEFORE = re.compile(
    r"(?:(?P<less>不足|不到|不超过|不高于|不多于|不大于|低于|少于|小于|至多|最多|未超过|未达)"
    r"|(?P<more>不低于|不少于|不小于|不下于?|超过|超出|(?<![赶])超|逾|突破|(?<![打爆])破|至少|最少|大于|高于|多于|(?<![通经走渡度跨透不])过)"
    r"|(?P<near>将近|接近|差不多|(?<![最附就亲])近|几乎)|(?P<about>大约|大概|大致|(?<![节签合条预制])约|估计))"
    r"(?:了|为|达到?|到|是|有|出|在)?$"
)
_BOUND_AFTER = re.compile(
    r"(?:(?P<less>以下|以内|之内)|(?P<more>及?以上|之上|有余|余|多(?![种个项年元样]))|(?P<about>左右|上下|前后|(?<=年)前后))"
)
_MORE_INSIDE = re.compile(r"个?[余多](?=[\u4e00-\u9fff])")


def chinese_value(numeral: str) -> Fraction | None:
    """Return what a Chinese numeral says, None where it is none: 一千三百 1300, 二〇二一 2021, 八点四 8.4; not 十四五."""
    whole, point, decimals = numeral.partition("点")
    if point:
        integer = chinese_value(whole)
        fraction = Fraction(int("".join(str(_DIGITS[c]) for c in decimals)), 10 ** len(decimals))
        return None if integer is None else integer + fraction
    if all(c in _DIGITS for c in whole):
        return Fraction(int("".join(str(_DIGITS[c]) for c in whole)))
    total = section = 0
    digit: int | None = None
    ceiling = 10**4
    for c in whole:
        if c in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[c]
        elif c in _TENS:
            if _TENS[c] >= ceiling or (digit in (None, 0) and c != "十"):
                return None
            ceiling = _TENS[c]
            section += (digit or 1) * ceiling
            digit = None
        else:
            scale = _SCALES[c]
            total = (
                (total + section + (digit or 0)) * scale if scale > 10**4 else total + (section + (digit or 0)) * scale
            )
            section, digit, ceiling = 0, None, 10**4
    return Fraction(total + section + (digit or 0))


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a folded text, with its scale and its per cent sign."""

    start: int
    end: int
    value: Fraction
    percent: bool
    more: bool
    """Whether 余 or 多 stands in it."""
    chinese: bool
    """Whether it is written in Chinese numerals, as words like 一批 and 两手抓 are too."""
    points: bool = False
    """Whether it counts percentage points, 个百分点."""

    @property
    def key(self) -> str:
        """The same for every spelling of the number."""
        return f"#{self.value}{'%' if self.percent else 'pp' if self.points else ''}{'+' if self.more else ''}"

    @property
    def idle(self) -> bool:
        """Whether it is the one of words like 一批 and 之一, which counts nothing."""
        return self.chinese and self.value == 1 and not self.percent


def numbers(folded: str) -> list[Number]:
    """Return the numbers of a folded text, in order: 1300余万, 一千三百多万, 百分之八点四, 三成, 2021."""
    found: list[Number] = []
    at = 0
    for match in _matches(folded):
        if match.start() < at:
            continue
        number = _number(match, folded)
        if number is None:
            continue
        last = found[-1] if found else None
        if last and last.end == number.start and not last.more and _joins(folded, last, number):
            found[-1] = Number(
                last.start, number.end, last.value + number.value, number.percent, number.more, last.chinese
            )
        else:
            found.append(number)
        at = number.end
    return [_of_range(folded, found, place) for place in range(len(found))]


def _matches(folded: str) -> Iterator[re.Match[str]]:
    special = [m for pattern in (_FRACTION, _TENTHS, _HALF) for m in pattern.finditer(folded)]
    special = [m for m in special if folded[max(0, m.start() - 1) : m.start() + 1] not in ("百分", "千分")]
    special += _BARE_SCALE.finditer(folded)
    taken = [m.span() for m in special] + [m.span() for m in _NOT_NUMBERS.finditer(folded)]
    taken.sort()
    starts, reach = [start for start, _ in taken], list(accumulate((end for _, end in taken), max))

    def is_taken(match: re.Match[str]) -> bool:
        before = bisect_left(starts, match.end())
        return before > 0 and reach[before - 1] > match.start()

    plain = [match for match in _NUMBER.finditer(folded) if not is_taken(match)]
    return iter(sorted([*special, *plain], key=lambda m: m.start()))


def _plain(numeral: str) -> Fraction | None:
    if len(numeral) > _LONGEST:
        return None
    return Fraction(numeral.replace(",", "")) if numeral[0].isdecimal() else chinese_value(numeral)


def _number(match: re.Match[str], folded: str) -> Number | None:
    start, end = match.span()
    if match.re is _BARE_SCALE:
        whole = Fraction(_SCALES[match["scale"]])
        return Number(match.start("scale"), end, whole, percent=False, more=match["bound"] == "上", chinese=True)
    if match.re is _HALF:
        return Number(start, end, Fraction(50), percent=True, more=False, chinese=True)
    if match.re is _TENTHS:
        tens, ones = match["tens"], match["ones"]
        rest = Fraction(5) if ones == "半" else _plain(ones) if ones else Fraction(0)
        tenths = 10 * (_plain(tens) or Fraction(0)) + (rest or Fraction(0))
        return Number(start, end, tenths, percent=True, more=False, chinese=True)
    if match.re is _FRACTION:
        below, above = _plain(match["below"]), _plain(match["above"])
        if not below or above is None:
            return None
        return Number(start, end, above / below, percent=False, more=False, chinese=True)
    value = _plain(match["number"])
    if value is None:
        return None
    scale = match["scale"]
    outer = match["outer"]
    if scale:
        great, mark, small = match["number"].rpartition("亿")
        if mark and scale == "万":  # 一亿一千四百多万: 万 is of the last part alone
            great_value, small_value = _plain(great), _plain(small.lstrip("零〇"))
            value = (great_value or Fraction(0)) * _SCALES["亿"] + (small_value or Fraction(0)) * _SCALES["万"]
        else:
            value *= _SCALES[scale]
    percent = bool(match["part"] == "百分之" or match["mark"] == "%")
    if match["part"] == "千分之" or match["mark"] == "‰":
        value, percent = value / 10, True
    if folded[start - 1 : start] in ("-", "−") and re.search(
        r"[长降率幅为是速到达至][-−]$", folded[max(0, start - 2) : start]
    ):
        value = -value
        start -= 1
    chinese = not match["number"][0].isascii()
    points = (match["mark"] or "").endswith("点")
    return Number(start, end, value, percent, bool(match["inner"] or outer), chinese, points)


def _joins(folded: str, last: Number, number: Number) -> bool:
    """Whether two numbers side by side are one: 1亿2000万, 3万5千."""
    ends = re.search(r"[万亿千]$", folded[last.start : last.end])
    return (
        bool(ends)
        and not number.percent
        and 0 < number.value < _SCALES[ends[0] if ends else "万"]
        and (folded[number.end - 1] in "万千百" or number.chinese)
    )


def _of_range(folded: str, found: list[Number], place: int) -> Number:
    """Return the number; the first of a range takes the per cent sign and the scale of the second: 5—6%, 3-5万."""
    number = found[place]
    if place + 1 == len(found) or number.percent or number.points:
        return number
    after = found[place + 1]
    if not _RANGE.fullmatch(folded[number.end : after.start]):
        return number
    scale = re.search(rf"({_SCALE})[余多]?$", folded[after.start : after.end])
    own = re.search(rf"({_SCALE})[余多]?$", folded[number.start : number.end])
    factor = _SCALES[scale[1]] if scale and not own and not after.chinese else 1
    return Number(
        number.start, number.end, number.value * factor, after.percent, number.more, number.chinese, after.points
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what makes it a fact: its bound, its unit; ``start`` and ``end`` include both."""

    number: Number
    start: int
    end: int
    unit: str
    """As every spelling of it is written; "" where none follows."""
    bound: str
    """more, less, near, about, two of them where it has two, or "" where the number is exact."""
    ordinal: bool = False
    """Whether 第 stands before it."""

    def says_the_same(self, other: Figure) -> bool:
        """Whether both give the same number, bound and unit."""
        return self.same_value(other) and self.unit == other.unit

    def alike(self, other: Figure) -> bool:
        """Whether both count the same thing; a calendar year is no number of years."""
        return self.kind == other.kind

    @property
    def kind(self) -> tuple[str, bool, bool]:
        """The same for figures that count the same thing."""
        return self.unit, self.number.percent, self.is_year

    @property
    def is_year(self) -> bool:
        """Whether it is a calendar year."""
        return self.unit == "年" and 1900 <= self.number.value <= 2100

    def same_value(self, other: Figure) -> bool:
        """Whether both give the same number and bound; a per cent is no number."""
        same = (self.number.value, self.number.percent) == (other.number.value, other.number.percent)
        return same and self.bound == other.bound


def figure(folded: str, number: Number) -> Figure:
    """Return a number of ``folded`` with its unit and its bound: 超113亿斤, 600个以上, 5.5%左右."""
    start, end = number.start, number.end
    bound = "more" if number.more else ""
    unit = ""
    if number.points:
        unit = "百分点"
    elif not number.percent:
        inside = _MORE_INSIDE.match(folded, end)
        first = inside.end() if inside else end
        if found := _UNIT.match(folded, first):
            unit, end = _SAME_UNIT.get(found[0], found[0]), found.end()
            if inside:
                bound = "more"
    if after := _BOUND_AFTER.match(folded, end):
        bound = bound or str(after.lastgroup)
        end = after.end()
    if before := _BOUND_BEFORE.search(folded[max(0, start - 8) : start]):
        named = str(before.lastgroup)
        bound = named if bound in ("", named) else f"{named} {bound}"  # 近3000余 is neither 近3000 nor 3000余
        start -= len(before[0])
    ordinal = folded[start - 1 : start] == "第"
    return Figure(number, start - ordinal, end, unit, bound, ordinal)


def figures(folded: str) -> list[Figure]:
    """Return the figures of a folded text, in order."""
    return [figure(folded, number) for number in numbers(folded)]
