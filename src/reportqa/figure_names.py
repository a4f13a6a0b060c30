"""Names of what figures measure: which words are one, and how a list of them shares its end."""

from __future__ import annotations

import re
from collections.abc import Callable

from reportqa.facts import Figure
from reportqa.indicator_lexicon import GROWTH, Subject, bundled
from reportqa.measure_words import AND

_TOWN_AND_COUNTRY = re.compile(r"^(?:城乡|城镇和农村|城镇、农村|城市和农村)")
_THREE_INDUSTRIES = re.compile(r"^(?:三次产业|一、?二、?三(?:次)?产业|第一、第?二、第?三产业)(?=增加值)")


def distributed(name: str, count: int) -> list[str] | None:
    """Return the names of the things that ``count`` figures after 分别 belong to, the shared ends written out; or None."""
    if (together := _TOWN_AND_COUNTRY.match(name)) and count == 2:
        rest = name[together.end() :]
        rest = rest if rest.startswith(("居民", "低保", "常住")) else "居民" + rest
        return [f"城镇{rest}", f"农村{rest}"]
    if (three := _THREE_INDUSTRIES.match(name)) and count == 3:
        return [f"第{n}产业{name[three.end() :]}" for n in "一二三"]
    pieces = [piece for piece in AND.split(name) if piece]
    if len(pieces) != count:
        pieces = [piece for piece in re.split("、", name) if piece]
        if len(pieces) == count - 1 and (last := re.split("以及|[和与及]", pieces[-1])) and len(last) == 2:
            pieces = [*pieces[:-1], *last]
    if len(pieces) != count:
        return None
    vocabulary = bundled()
    *firsts, last_name = pieces
    return [*(_completed(piece, last_name, vocabulary.get) for piece in firsts), last_name]


def _completed(piece: str, last: str, known: Callable[[str], Subject | None]) -> str:
    """Return a name with the end that it shares with the last of its list: 城镇 of 城镇、农村居民收入."""
    if _MEASURED.search(piece):
        return piece
    shared = next((last[at:] for at in range(1, len(last)) if known(piece + last[at:])), "")
    if not shared and (ending := _SHARED.search(last)):
        shared = ending[0]
    return piece + shared


_MEASURED = re.compile(
    "(?:额|率|量|值|收入|支出|投入|产出|投资|价格|人口|出口|进口|贷款|存款|次|数|比|积|比重|浓度|强度|就业|能耗|余额|标准|规模)$"
)
_SHARED = re.compile(
    "(?:增加值|营业收入|营收|产量|销量|产值|投资|零售额|贷款余额|贷款|存款余额|存款|普及率|覆盖率|达标率|利用率|比例|比重|占比|浓度|出口|进口|收入|支出|装机容量|装机|面积|人数|数量|标准)$"
)


_NAME = re.compile(r"[\u4e00-\u9fffa-z][\u4e00-\u9fffa-z0-9.&]{3,15}")
_QUANTITY = re.compile(
    "(?:(?<!质)(?<!重)(?<!力)量|额|率|(?<!增加)(?<!产)值|增加值|产值|收入|支出|投入|投资|消费|利润|税收|面积|人口|里程|规模|比重|占比|比例|余额|装机|容量|浓度|产能|能力|强度|指数|营收|客流|人次"
    "|人数|户数|件数|家数|天数|贷款|存款|出口|进口|进出口|寿命|密度|水平|补贴|成本|费用|资金|用电|能耗|存量|总产|单产|标准|年限|学位|床位|度)$"
)
_RATE = re.compile("(?:率|比重|占比|比例|份额|强度|度|比|水平)$")
_MONEY = re.compile(
    "(?:额|收入|支出|投入|投资|消费|利润|税收|产值|增加值|贷款|存款|余额|营收|资金|费用|补贴|出口|进口|外资)$"
)
_TRADE = re.compile("(?:业|产业|贸易|零售|物流|旅游|服务|保险|信贷|外资|外贸)$")
_NO_NAME = re.compile(
    "^(?:提出|明确|确定|要求|全年|年均|每年|比|较|占|由|从|向|为|于|在|与|及|等|以|将|按|达|经|各|把|使|让|被|给|因|其|该|此|这|那|并|而|又|更|再|多|约|超|近|全国|我国|世界|全球|国家|加快|推进|推动|深入|开展|实施|加强|完善|落实|支持|坚持|深化|打造"
    "|促进|提高|提升|强化|扩大|优化|围绕|聚焦|持续|积极|大力|着力|全面|继续|稳步|有效|切实|扎实|探索|健全|发挥|引导|鼓励|直接|组织|举办|统筹|用好|做好|办好|抓好|争取|撬动|带动|拉动|减轻|扶持|壮大|行政村|集体|同期|去年|上年|今年|人员|相当)"
    "|[的了]|(?:^|[^\u4e00-\u9fff])等|目标|任务|计划|贡献|倍"
)
_RELATIVE = re.compile(
    "^(?:其中|参保|总|年|日|月|新|规模|数量|金额|产量|产值|占比|比重|比例|增加值|投资|出口|进口|收入|支出|利润|税收|面积|容量|人数|总额|总量|死亡|受伤|伤亡|受益|成功|完成|达标|合格|签约|合同|实际|投入|年度|资金|能力|销售|销量|营收|营业|贷款|余额|办结|项目|存款|积累)+率?$"
)
_DEED = re.compile(
    "(?:新增|新建|新改建|新建改建|新改扩建|改造|建成|新开通|新开工|新设|新开|新认定|新培育|新引进|发放|培训|治理|造林|新登记|新签约|压减|淘汰|筹集|建设筹集|改造提升|新建改造|开工改造|实施)"
)


def is_name(name: str, measure: str, figure: Figure) -> bool:
    """Whether words that the lexicon does not know name, on their own, what a figure measures."""
    if not _NAME.fullmatch(name) or _NO_NAME.search(name) or _RELATIVE.match(name) or not _is_plain(figure):
        return False
    if measure == GROWTH:
        return bool(_QUANTITY.search(name) or _TRADE.search(name)) and not _RATE.search(name)
    if figure.number.percent:
        return bool(_RATE.search(name))
    return bool(_QUANTITY.search(name)) and not _RATE.search(name) and (not _MONEY.search(name) or "元" in figure.unit)


def deed_of(name: str) -> str:
    """Return the verb of what was done, with which a name begins, or ""."""
    found = _DEED.match(name)
    return found[0] if found else ""


def is_deed(name: str, figure: Figure) -> bool:
    """Whether words name something done or made that a figure counts: 新建农村公路."""
    deed = _DEED.match(name)
    if deed is None or figure.number.percent or not _is_plain(figure) or _RATE.search(name):
        return False
    thing = name[deed.end() :]
    named = _NAME.fullmatch(thing) is not None and not _NO_NAME.search(thing) and not _RELATIVE.match(thing)
    return named and (not _MONEY.search(name) or "元" in figure.unit)


def _is_plain(figure: Figure) -> bool:
    """Whether a figure is one that a thing may have which the lexicon does not know."""
    number = figure.number
    written = not number.chinese or number.percent or number.value >= 10_000
    unit = figure.unit
    return written and bool(unit or number.percent) and unit not in _NO_MEASURE and not unit.startswith("连")


_NO_MEASURE = frozenset(
    [
        "年",
        "年度",
        "周",
        "期",
        "大",
        "级",
        "届",
        "国",
        "天",
        "小时",
        "分钟",
        "环",
        "次",
        "位",
        "名次",
        "百分点",
        "市",
        "县",
        "省",
        "点",
        "路",
        "线",
        "层",
    ]
)
