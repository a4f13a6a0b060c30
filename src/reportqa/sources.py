"""Words that say where a quotation comes from: 李长萍市长在2022年政府工作报告第一部分中指出.

They are not compared with the report, so they may hold nothing but the names of a source, each of which is checked:
no figure besides a year, a session and a date, and no word that states anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import jieba.posseg

from reportqa.schema import Report
from reportqa.text import fold
from reportqa.wording import SURNAMES, short_names

_LONGEST = 80
"""Characters of a folded text that may name a source."""
_LONGEST_PLACE = 11
_NUMERAL = "[一二三四五六七八九十]{1,3}|\\d{1,2}"
_OFFICE = "(?:常务副|副|代)?(?:省长|市长|县长|区长|州长|盟长|旗长|行政长官|总理|主席)"
_REPORT = "政府工作报告|工作报告|报告"
_TOKENS = {
    "year": r"(?:19|20)\d\d(?:年度?)?(?![\d.%万亿余多])|二[〇零○]二[〇零○一二三四五六七八九]年",
    "date": r"\d{1,2}月\d{1,2}[日号]",
    "meeting": rf"第(?:{_NUMERAL})届(?:人民代表大会|人代会|人大)?(?:第?(?:{_NUMERAL})次(?:全体)?会议)?|(?:{_NUMERAL})届人大(?:{_NUMERAL})次会议",
    "section": rf"第(?:{_NUMERAL})(?:个?大?部分|大?节|章|段|条|大?点)|(?:{_NUMERAL})、|\((?:{_NUMERAL})\)[、.]?",
    "report": _REPORT,
    "text": "原文|原话|全文|讲话",
    "office": _OFFICE,
    "own": "[我本该全]?[省市县区州盟旗](?=(?:人民)?政府|工作报告|的?报告|第|委|人大|" + _OFFICE + ")|自治区",
    "say": "显示|指出|提出|强调|提到|说|称|写道|写明|写到|写|介绍|要求|认为|披露|宣布|表示|回顾|总结|明确|可知|可见|看出|看到|所述|所说|所言|所示|表明|"
    "谈到|讲到|讲|谈|告诉我们|记载|载明|表述",
    "other": "新华社|人民日报|中央电视台|央视|[\u4e00-\u9fff]{2}(?:日报|晚报|晨报|时报|电视台)|(?:国家|[省市县])?(?:统计局|审计署|审计局|发展改革委|发改委|财政局|财政厅|财政部)|"
    "(?:[省市县]委)?书记|统计公报|公报|白皮书|媒体|记者|有关部门|官方|权威部门|有关专家|专家|网友",
    "plain": "报道|消息|通报|统计|数据|介绍|人民政府|政府|人民代表大会|人代会|人大|会议|大会|两会|委员会|文件|同志|先生|女士|部分|章节|段落|"
    "今年|去年|今天|昨天|日前|近日|本届|本次|此次|这次|这份|该份|这个|这里|这是|这|此|该|其|"
    "据|根据|按照|按|依据|正如|如同|如|对照|摘自|引自|引用自|引用|引述|参见|参照|见|查|出自|来自|源自|载于|来源|出处|由|在|从|对|向|"
    "所作|作了|作出|做出|所做|作|中|里|上|内|的|之|所|还|也|曾|又|就|都|已|特别|再次|着重|郑重|首先|最后|多次|专门|这样|如此|如下|下面|是|为|有|"
    "过|道|了|到|一段话|一句话|一段|一句|我们|我|大家|可以|能够|能|时|请|现场",
}
_LISTS = ("say", "plain", "text")
"""Of the tokens, those that are lists of words: the longest first."""
_TOKEN = re.compile(
    "|".join(
        f"(?P<{kind}>{'|'.join(sorted(words.split('|'), key=len, reverse=True)) if kind in _LISTS else words})"
        for kind, words in _TOKENS.items()
    )
)
_SAYS = re.compile(f"(?:{_TOKENS['say']})[\\W_]*$")
_MARKS = re.compile(r'[,:;。.!"\'—\-–·<>《》()\[\]【】…]')
_LEAD_WORDS = "其中 同时 此外 另外 目前 截至目前 一是 二是 三是 四是 五是 六是 首先 其次 再次 最后"
_LEADS = frozenset(_LEAD_WORDS.split())
"""Words before a quotation that lead to it."""
_BEHIND = re.compile(
    r"[,;。\s]*(?:[(\[【<《]|[—\-–]{1,3}|(?:摘自|引自|引用自|参见|见|出自|来自|源自|载于|来源|出处|根据|据))"
)
_NAME = "[\u4e00-\u9fff]"
_SURNAMES = SURNAMES | frozenset(
    "倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦柳邢路岳齐梅莫庄辛管祝左涂谷祁舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲游阳裴席卫查屈鲍覃霍翁隋甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫苟褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝巩井练仲乐虞卞封竺冼衣楚佟栗匡宗巫鞠僧桑荆谌银扬明沙薄伏岑习胥蔺"
)


@dataclass(frozen=True, slots=True)
class Source:
    """What some words name as the source of a quotation; what they do not name is empty."""

    year: int = 0
    places: tuple[str, ...] = ()
    office: str = ""
    speaker: str = ""
    meeting: str = ""
    date: str = ""
    other: str = ""
    """What is no report: 新华社, 统计公报."""
    section: str = ""
    """As it is written: 第三部分(二)."""

    def is_not(self, report: Report) -> bool:
        """Whether it is another report than ``report``: of another year, place, speaker, session or day."""
        if self.other:
            return True
        own = {report.place, *short_names(report.place)}
        if (self.year and self.year != report.year) or (self.places and self.places[-1] not in own):
            return True
        if self.office and not _holds(self.office, report.place):
            return True
        if self.speaker and report.speaker and not fold(report.speaker).startswith(self.speaker):
            return True
        meeting = fold(report.meeting)
        if meeting and any(part not in meeting for part in re.findall(r"第?\w{1,3}[届次]", self.meeting)):
            return True
        day = re.fullmatch(r"\d{4}-(\d\d)-(\d\d)", report.date)
        said = re.match(r"(\d+)月(\d+)", self.date)
        return bool(day and said and (int(day[1]), int(day[2])) != (int(said[1]), int(said[2])))


def _holds(office: str, place: str) -> bool:
    """Whether the head of a place's government has an office."""
    if place == "全国":
        return office.endswith("总理")
    if "自治" in place:
        return office.endswith(("主席", "长"))
    return (
        office.endswith("行政长官")
        or office[-2] == place[-1]
        or office.endswith("主席") is (place[-1] not in "省市县区州盟旗")
    )


def _is_place(word: str) -> bool:
    if not jieba.posseg.dt.word_tag_tab:
        jieba.posseg.initialize()
    return bool(jieba.posseg.dt.word_tag_tab.get(word) == "ns")


def _place(folded: str, at: int, places: Collection[str]) -> str:
    """Return the name of a place that stands at an offset, the longest; one of ``places`` or one the dictionary has."""
    for length in range(min(_LONGEST_PLACE, len(folded) - at), 1, -1):
        word = folded[at : at + length]
        if word in places or word in ("全国", "国务院") or _is_place(word):
            return word
    return ""


def _name(folded: str, at: int, office: bool, places: Collection[str]) -> str:
    """Return the name of a person that stands at an offset, behind an office or before one."""
    if folded[at : at + 1] not in _SURNAMES:
        return ""
    for length in (3, 2, 1):
        end = at + length
        if not re.fullmatch(_NAME + "*", folded[at:end]) or len(folded[at:end]) < length:
            continue
        if re.match(f"(?:{_OFFICE}|同志)", folded[end:]):
            return folded[at:end]
        follows = end == len(folded) or _TOKEN.match(folded, end) or _MARKS.match(folded, end)
        if office and length > 1 and (follows or _place(folded, end, places)):
            return folded[at:end]
    return ""


def _scan(folded: str, at: int, places: Collection[str]) -> tuple[int, Source | None]:
    """Return how far words from an offset on may name a source, and what they name; None where they name none."""
    year, named, office, speaker, section, other = 0, [], "", "", "", ""
    meeting = date = ""
    kinds: set[str] = set()
    limit = min(len(folded), at + _LONGEST)
    beside_office = False
    began, last = at, ""
    while at < limit:
        found = _TOKEN.match(folded, at)
        if not found and (marks := _MARKS.match(folded, at)):
            at = marks.end()
            continue
        place = _place(folded, at, places)
        name = _name(folded, at, beside_office, places)
        ends = found.end() if found else at
        if place and len(place) > ends - at and len(place) >= len(name):
            named.append("全国" if place == "国务院" else place)
            kind, ends = "place", at + len(place)
        elif name and ends - at < len(name):
            speaker, kind, ends = name, "name", at + len(name)
        elif found and found.lastgroup:
            kind, words = found.lastgroup, found[0]
            if kind == "year":
                year = int(words[:4]) if words[0].isdigit() else 2000 + _year(words)
            elif kind == "office":
                office = words
            elif kind == "section":
                section += words
            elif kind == "meeting":
                meeting += words
            elif kind == "other":
                other = words
            elif kind == "date":
                date = words
        else:
            break
        kinds.add(kind)
        beside_office = kind == "office"
        began, last, at = at, kind, ends
    if last == "place" and at < len(folded) and named[-1] not in places and not _MARKS.match(folded, at):
        at = began  # words of what is quoted that are a place's name too: 新建农村公路
        named.pop()
    tells = bool({"report", "text", "other"} & kinds) or ({"office", "name"} & kinds and "say" in kinds)
    tells = tells or bool(section and ("say" in kinds or year))
    return at, Source(year, tuple(named), office, speaker, meeting, date, other, section) if tells else None


def _year(words: str) -> int:
    digits = {c: n for n, c in enumerate("零一二三四五六七八九")}
    return int("".join(str(digits.get(c, 0)) for c in words[2:4]))


def before(folded: str, places: Collection[str] = ()) -> Source | None:
    """Return the source that all of some folded words name, as they stand before a quotation; None where they do not.

    ``places``: names of places that count besides those of the dictionary.
    """
    bare = _MARKS.sub("", folded)
    if bare in _LEADS:
        return Source()
    for lead in _LEADS:
        if folded.startswith(lead) and _MARKS.match(folded, len(lead)):
            folded = folded[len(lead) :]
            break
    end, source = _scan(folded, 0, places)
    return source if end == len(folded) else None


def frame(folded: str, end: int, places: Collection[str] = ()) -> int:
    """Return how many of the first ``end`` characters of a folded text say where what follows is from; 0: they do not.

    A place's name that stands right before the rest belongs to that, unless it is one of ``places``.
    """
    lead = folded[:end]
    if before(lead, places) is None:
        at, source = _scan(folded, 0, places)
        return at if source is not None and at < end and _SAYS.search(folded[:at]) else 0
    for at in range(max(0, end - _LONGEST_PLACE), end):
        name = _place(lead, at, places)
        if name and at + len(name) == end:
            return end if name in places else at
    return end


def behind(folded: str, places: Collection[str] = ()) -> Source | None:
    """Return the source that all of some folded words, with the marks before them, name behind a quotation."""
    return before(folded, places) if _BEHIND.match(folded) else None


def sources(folded: str, places: Collection[str] = ()) -> Iterator[Source]:
    """Yield every source that a folded text names anywhere in it."""
    at = 0
    while at < len(folded):
        end, source = _scan(folded, at, places)
        if source is not None:
            yield source
        at = max(end, at + 1)


def leads_falsely(folded: str, places: Collection[str] = ()) -> bool:
    """Whether a folded clause leads to a quotation, as 报告指出 does, but says more than where it is from."""
    if not _SAYS.search(folded) or before(folded, places) is not None:
        return False
    return any(sources(folded, places))
