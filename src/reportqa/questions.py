"""What a question asks: for which kind of answer, of which period, with which words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import jieba.posseg

from reportqa.lexical import Alias, Lexicon, grams
from reportqa.text import figures, fold, simplified


class Asked(StrEnum):
    """The kind of answer that a question wants."""

    NUMBER = "number"
    """A figure; which, says the question's measure."""
    DATE = "date"
    DURATION = "duration"
    PERSON = "person"
    PLACE = "place"
    RANK = "rank"
    LIST = "list"
    NAME = "name"
    REASON = "reason"
    MEANS = "means"
    OTHER = "other"


class Tone(StrEnum):
    """Whether a question asks the report at all."""

    QUESTION = "question"
    GREETING = "greeting"
    OPINION = "opinion"
    INSTRUCTION = "instruction"


class About(StrEnum):
    """A fact about the report itself, by the field of Report that holds it."""

    SPEAKER = "speaker"
    MEETING = "meeting"
    DATE = "date"


class Measure(StrEnum):
    """What a figure's unit measures."""

    ANY = "any"
    PERCENT = "percent"
    CHANGE = "change"
    """By how much something grew or fell: most often a percentage."""
    MONEY = "money"
    LENGTH = "length"
    AREA = "area"
    WEIGHT = "weight"
    POWER = "power"
    DENSITY = "density"
    TIME = "time"
    PEOPLE = "people"
    HOUSEHOLDS = "households"
    COUNT = "count"


_MEASURES: tuple[tuple[Measure, re.Pattern[str]], ...] = (
    (Measure.PERCENT, re.compile(r"%|个?百分点|成(?!立|效|为|果)|倍|个点")),
    (Measure.MONEY, re.compile(r"[万亿千百]*(?:美元|欧元|元|块钱|钱|资金|投资|经费|补贴)|亿")),
    (Measure.LENGTH, re.compile(r"公里|千米|米(?!\d)")),
    (Measure.AREA, re.compile(r"亩|平方|公顷|平米")),
    (Measure.WEIGHT, re.compile(r"吨|公?斤")),
    (Measure.POWER, re.compile(r"千瓦|瓦|度电")),
    (Measure.DENSITY, re.compile(r"微克|毫克")),
    (Measure.PEOPLE, re.compile(r"(?:个)?人(?!大)|名|位(?!次)|群众|学生|老人|职工|农民")),
    (Measure.HOUSEHOLDS, re.compile(r"户")),
    (Measure.TIME, re.compile(r"个?月|[天日年周]|小时|分钟")),
    (
        Measure.COUNT,
        re.compile(r"[家个项条座处件所场次届套台辆张份种类支只棵株期起批门宗架艘列站间片枚块位层幅盏大剂]"),
    ),
)


@lru_cache(maxsize=10_000)
def measure_of(unit: str) -> Measure:
    """Return what the words behind a number measure; ANY where they are no unit."""
    return next((measure for measure, pattern in _MEASURES if pattern.match(unit)), Measure.ANY)


_ASKED: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    (Asked.REASON, re.compile(r"为什么|为啥|为何|凭什么|什么原因|因为什么|\bwhy\b")),
    (Asked.RANK, re.compile(r"第几|排名|名次|位次|排在?哪|什么位置")),
    (Asked.DURATION, re.compile(r"多久|多长时间|how long")),
    (
        Asked.PLACE,
        re.compile(
            r"哪里|哪儿|哪条(?:街|路)|哪个(?:街道|片区|社区)|在哪(?!一?[年天日月个次])|什么地方|哪个(?:县|区|市|乡|镇|村|省|地方|国家)|"
            r"哪些(?:县|区|市|乡|镇|村|省|地方|地区|国家)|哪几个(?:县|区|市|乡|镇|村|省)|\bwhere\b"
        ),
    ),
    (
        Asked.DATE,
        re.compile(r"哪一?年|哪几年|哪些年|哪一?[天日]|几月|哪个?月|什么时候|啥时候?|何时|什么时间|\bwhen\b|what year"),
    ),
    (Asked.LIST, re.compile(r"哪些|哪几(?!年|天|月)|哪[两三四五六七八九十]|有什么|都有|包括|列举|which ones")),
    (
        Asked.NUMBER,
        re.compile(
            r"多少|(?<![第哪])几(?!乎)|(?:什么|哪个|多大)(?:区间|范围|幅度)|多大|多长|多高|多快|增速|涨幅|增幅|降幅|增长率|占比|比例|how much|how many|"
            r"how fast|what percent|growth rate"
        ),
    ),
    (Asked.NAME, re.compile(r"(?:企业|公司|单位|机构|投资人|投资方|集团).*谁|谁.*(?:企业|公司|单位|机构)")),
    (Asked.PERSON, re.compile(r"谁|哪位|什么人|市长叫|省长叫|\bwho\b")),
    (Asked.MEANS, re.compile(r"怎么|如何|怎样|咋|靠什么|用什么|什么手段|什么办法|什么措施|\bhow\b")),
    (Asked.NAME, re.compile(r"什么|哪|啥|叫|\bwhat\b|\bwhich\b")),
)
_WANTED = re.compile(r"(?:多少|几(?!乎))[余多]?[万亿千百]{0,2}(个?百分点|平方公里|平方米|[\u4e00-\u9fff]{1,3})")
_PERCENT_WANTED = re.compile(
    r"百分之[几多]|占比|比例|比重|增速|涨幅|增幅|降幅|增长率|贡献率|几个(?:百分)?点|how fast|percent|growth|grow\b"
)
_CHANGE_WANTED = re.compile(
    r"(?:增长|增加|(?<!新)增|涨|提高|提升|下降|降低|降|减少|改善|便宜)(?:了|的)?(?:目标|预期|幅度)?(?:是|定在|为)?(?:多少|几成)(?![家个所项条座处名件场户人亿万元钱])"
)
_MONEY_WANTED = re.compile(
    r"多少[万亿]*(?:元|块|钱|资金|投资|经费)|多少亿(?!人|户|斤|吨|千瓦|度|立方)|花了?多少|投了?多少|how much money"
)
_WITHOUT_CONTENT = re.compile(
    r"去年|今年|明年|上年|上一年|前年|五年|近年|目前|现在|如今|一共|总共|累计|请问|多少|什么|哪些|哪个|哪里|哪家|几个|报告|怎么|如何|怎样|为什么|"
    r"多大|多长|多久|百分之几|是不是|有没有|情况|分别|各|吗|呢|全市|全省|全国|我市|市里|咱们?"
)
_CONTENT_TAGS = re.compile(r"^(n|v|a|i|j|l|eng|m|b|z|s|x|g|k|nz)")
_SHORT_TAGS = ("n", "v")
"""Of words of one character, which are looked for where a question has no others: 修几条路."""
_YEAR = re.compile(r"(?:19|20)\d\d年?$")
"""Where a figure is asked for, it is the period's to match: a date holds no figure."""
_EMPTY_WORDS = frozenset(
    "是 有 要 想 能 会 到 去 来 做 搞 用 在 把 给 让 被 达到 实现 进行 叫 说 看 请 年 个 家 项 人 万 亿 元 这个 那个 一下 东西 方面 时候".split()  # noqa: SIM905 - a list of words reads best as one
)
_OFFICE = "(?:市长|省长|县长|区长|州长|旗长|主席|总理|领导人?|mayor|governor|premier)"
_GIVEN = r"(?:报告.{0,12}作|作的?.{0,12}报告|[作做]的(?!工作)|人代会|人大会|人民代表大会)"
_ABOUT_REPORT: tuple[tuple[About, re.Pattern[str]], ...] = (
    (
        About.MEETING,
        re.compile(
            rf"(?:哪[个次届]|什么)(?:人代|人大)?(?:会(?!展|计|员)|大会).{{0,6}}{_GIVEN}|{_GIVEN}.{{0,6}}(?:哪[个次届]|什么)(?:会|大会)|"
            r"哪[个次届](?:人代|人大)会|which (?:congress|session|meeting)"
        ),
    ),
    (
        About.DATE,
        re.compile(
            rf"(?:哪一?[天日]|何时|什么(?:时候|时间)|几月|啥时候?).{{0,8}}{_GIVEN}|{_GIVEN}.{{0,8}}(?:哪一?[天日]|何时|什么(?:时候|时间)|几月)"
        ),
    ),
    (
        About.SPEAKER,
        re.compile(
            rf"谁.{{0,6}}(?:报告|[作做]的)|报告.{{0,8}}谁|{_OFFICE}.{{0,3}}(?:是谁|是哪位|叫|姓|名)|谁.{{0,4}}{_OFFICE}|"
            rf"who.{{0,20}}report|{_OFFICE}.{{0,12}}name|name.{{0,12}}{_OFFICE}|who.{{0,9}}{_OFFICE}"
        ),
    ),
)

_GREETING = r"(?:你好|您好|大家好|嗨|哈喽|早上好|上午好|下午好|晚上好|在吗|在不在|谢谢你?|多谢|再见|拜拜|辛苦了|(?:hi|hello|hey|thanks|thank you)\b)"
_COURTESY = re.compile(
    rf"^(?:{_GREETING}[呀啊哈哦呢]*[,，。!！~、?？\s]*)*"
    r"(?:请问|(?:我|俺)?(?:想|要)(?:请问|请教|问问?|打听|咨询|查查?|了解|知道)(?:一?下)?(?![几多])|"
    r"(?:请教|打听|咨询|问|查|了解)一?下|麻烦(?:您|你)?(?:帮我?)?(?:问|查|看)?一?下|(?:请|能不能|可以)?帮我(?:查|看|找)(?:一?下)?)?[,，:：\s]*",
    re.IGNORECASE,
)


def without_courtesies(text: str) -> str:
    """Return a question without 您好，我想问一下 and the like before it."""
    match = _COURTESY.match(text)
    return text[match.end() :] if match else text


_TONES: tuple[tuple[Tone, re.Pattern[str]], ...] = (
    (
        Tone.INSTRUCTION,
        re.compile(
            r"(?:忽略|无视|忘记|忘掉|不要理会).{0,12}(?:指令|指示|要求|规则|设定|提示|说的|之前|以上|前面)|系统提示|提示词|system prompt|"
            r"ignore .{0,20}(?:instruction|previous|above)|从现在(?:起|开始).{0,20}(?:你|回答|问)|扮演(?:一|成|个)|假装你|你现在是|按.{0,8}回答(?!了)|重复一遍|越狱|开发者模式"
        ),
    ),
    (
        Tone.GREETING,
        re.compile(
            r"吃过?(?:饭|了)[了]?[吗没]|吃饭了|睡得|(?:今天|现在|最近)过得|你.{0,2}心情|忙不忙|你是谁|你叫什么|你会什么|你能做什么|讲个?笑话|陪我|聊聊天|"
            r"who are you|how are you|what can you do"
        ),
    ),
    (
        Tone.OPINION,
        re.compile(
            r"你(?:觉得|认为|怎么看|怎么评价|咋看|支持|喜欢|相信)|打(?:几|多少)分|满分|您(?:觉得|认为|怎么看)|"
            r"(?:干|做|当|表现)得.{0,4}(?:好不好|怎么样|如何)[?？]?$|对不对[?？]?$|靠不靠谱|值不值得|称职|应不应该|该不该|what do you think|your opinion"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Concept:
    """A content word of the question, folded, and what reports may write for it."""

    word: str
    alternatives: tuple[str, ...]
    is_thing: bool = True
    """False for verbs and ways of saying: it helps to find, but says nothing of what a clause is about."""

    def stands_in(self, folded: str) -> bool:
        """Whether a folded text has the word or one of its alternatives."""
        return self.word in folded or any(word in folded for word in self.alternatives)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is understood."""

    text: str
    folded: str
    asked: Asked
    measure: Measure
    """What the number asked for measures; ANY where the question leaves it open."""
    concepts: tuple[Concept, ...]
    tokens: tuple[str, ...]
    """For BM25: the question's grams and those of the report's words for them."""
    aliases: tuple[Alias, ...]
    about_report: About | None
    """Whether it asks who gave the report, when, or at which congress."""
    place: str
    """The first place it names, folded, or ""."""
    numbers: frozenset[str]
    """Numbers that the question itself gives."""
    characters: frozenset[str]
    """All that the question says, with the report's words for it and the names of the shelf's places."""


def asked_kind(folded: str) -> Asked:
    """Return the kind of answer that a lower-cased question wants."""
    return next((asked for asked, pattern in _ASKED if pattern.search(folded)), Asked.OTHER)


def understand(text: str, lexicon: Lexicon, places: frozenset[str] = frozenset()) -> Question:
    """Read a question; ``places``, the names of the reports' own places, are no words to look for."""
    plain = simplified(text).lower()
    folded = fold(text)
    spaced = plain if plain.isascii() else folded
    aliases = lexicon.find(spaced)
    bare = _WITHOUT_CONTENT.sub(" ", folded)
    for place in sorted(places, key=len, reverse=True):
        bare = bare.replace(place, " ")
    tokens = grams(bare)
    for alias in aliases:
        for term in alias.terms:
            tokens += grams(term)
    words = [] if plain.isascii() else _words(folded, aliases)
    concepts = {alias.said: Concept(alias.said, tuple(map(fold, alias.terms)), alias.is_thing) for alias in aliases}
    asked = asked_kind(plain)
    content = [(word, tag) for word, tag in words if _is_content(word, tag) and word not in places]
    if asked is Asked.NUMBER:
        content = [(word, tag) for word, tag in content if not _YEAR.match(word)]
    if not content and not concepts:
        content = [(word, tag) for word, tag in words if tag in _SHORT_TAGS and word not in _EMPTY_WORDS]
    for word, tag in content:
        concepts.setdefault(word, Concept(word, (), not tag.startswith("v")))
    return Question(
        text=text,
        folded=folded,
        asked=asked,
        measure=_wanted_measure(spaced),
        concepts=tuple(concepts.values()),
        tokens=tuple(dict.fromkeys(tokens)),
        aliases=tuple(aliases),
        about_report=next((about for about, pattern in _ABOUT_REPORT if pattern.search(spaced)), None),
        place=next((word for word, tag in words if tag == "ns" and len(word) > 1), ""),
        numbers=frozenset(figure.number for figure in figures(folded)),
        characters=frozenset(folded).union(*places, *(fold(term) for alias in aliases for term in alias.terms)),
    )


def tone_of(text: str) -> Tone:
    """Return whether a text asks the report at all."""
    plain = simplified(text).lower().strip()
    if not any(character.isalnum() for character in without_courtesies(plain)):
        return Tone.GREETING
    return next((tone for tone, pattern in _TONES if pattern.search(plain)), Tone.QUESTION)


def _words(folded: str, aliases: list[Alias]) -> list[tuple[str, str]]:
    """Return the words of the question outside the lexicon's and the common ones, with jieba's part of speech."""
    rest = folded
    for alias in aliases:
        rest = rest.replace(alias.said, " ", 1)
    return [(word, tag) for piece in _WITHOUT_CONTENT.sub(" ", rest).split() for word, tag in jieba.posseg.cut(piece)]


def _is_content(word: str, tag: str) -> bool:
    if len(word) < 2 or word in _EMPTY_WORDS or word.startswith("几"):
        return False
    return _CONTENT_TAGS.match(tag) is not None


_NOUNS_OF_MEASURES: tuple[tuple[Measure, re.Pattern[str]], ...] = (
    (Measure.PERCENT, re.compile(r"率|增速|强度|增长.{0,3}(?:目标|预期)")),
    (Measure.AREA, re.compile(r"面积|占地")),
    (Measure.LENGTH, re.compile(r"多长|里程|长度")),
    (Measure.POWER, re.compile(r"容量|装机|发电")),
    (Measure.WEIGHT, re.compile(r"产量|总产(?!值)|收成")),
    (Measure.PEOPLE, re.compile(r"人口|就业|人数")),
    (
        Measure.MONEY,
        re.compile(
            r"损失|保费|费用|营收|营业收入|产值|总投资|投资额|总额|总量|补贴|补助|价格|成本|经费|预算|花费|募|奖金|造价|"
            r"的钱|挣|贷款|债|资金|收入"
        ),
    ),
)
"""What is measured where the question names no unit, by the nouns that it has; the first that fits."""


_TARGET = re.compile("(?:收入|投资|消费|总额|支出|产值)的?(?:增长)?(?:目标|预期)")
"""Targets of sums are set as growth rates as often as in money."""


def _wanted_measure(folded: str) -> Measure:
    if _MONEY_WANTED.search(folded):
        return Measure.MONEY
    if _PERCENT_WANTED.search(folded):
        return Measure.PERCENT
    if _CHANGE_WANTED.search(folded):
        return Measure.CHANGE
    if (match := _WANTED.search(folded)) and (measure := measure_of(match[1])) is not Measure.ANY:
        return measure
    found = next((measure for measure, pattern in _NOUNS_OF_MEASURES if pattern.search(folded)), Measure.ANY)
    return Measure.ANY if found is Measure.MONEY and _TARGET.search(folded) else found
