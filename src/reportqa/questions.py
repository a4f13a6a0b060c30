"""What a question asks: for which kind of answer, of which period, with which words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import jieba.posseg

from reportqa.lexical import Alias, Lexicon, grams
from reportqa.text import figures, fold, simplified


class Asked(StrEnum):
    """The kind of answer that a question wants."""

    PERCENT = "percent"
    MONEY = "money"
    COUNT = "count"
    NUMBER = "number"
    DATE = "date"
    DURATION = "duration"
    PERSON = "person"
    PLACE = "place"
    LIST = "list"
    NAME = "name"
    REASON = "reason"
    MEANS = "means"
    OTHER = "other"


_CLASSIFIERS = "家个所项条座处名件场次位届户人天年月批台套公里亩吨斤千瓦平方米万人辆张分种类支针只棵株"
_ASKED: tuple[tuple[Asked, re.Pattern[str]], ...] = (
    (Asked.REASON, re.compile(r"为什么|为啥|为何|凭什么|什么原因|因为什么|\bwhy\b")),
    (Asked.DURATION, re.compile(r"多久|多长时间|how long")),
    (
        Asked.DATE,
        re.compile(r"哪一?年|哪一?[天日]|几月几|哪个?月|什么时候|啥时候?|何时|什么时间|哪年|\bwhen\b|what year"),
    ),
    (
        Asked.PERCENT,
        re.compile(
            r"百分之几|百分之多少|几个(?:百分)?点|多少个?百分点|增速|涨幅|增幅|降幅|增长率|占比|比例|比重|"
            r"(?:增长|增加|增|涨|提高|提升|下降|降|降低|减少|改善|便宜)了?(?:多少|几成)(?![家个所项条座处名件场户人亿万元钱])|what percent|how fast|growth rate"
        ),
    ),
    (
        Asked.MONEY,
        re.compile(
            r"多少(?:亿|万|个亿)?(?:元|块|钱|资金|投资|经费)|多少亿|花了?多少|投了多少|how much (?:money|funding|investment)|yuan"
        ),
    ),
    (Asked.PERSON, re.compile(r"谁|哪位|什么人|市长叫|省长叫|\bwho\b")),
    (Asked.COUNT, re.compile(rf"(?:多少|几)(?:个)?[{_CLASSIFIERS}]|how many")),
    (
        Asked.PLACE,
        re.compile(
            r"哪里|哪儿|在哪|什么地方|哪个(?:县|区|市|乡|镇|村|省|地方|国家)|哪些(?:县|区|市|地方|地区)|\bwhere\b"
        ),
    ),
    (Asked.NUMBER, re.compile(r"多少|几(?!乎)|多大|多长|多高|多快|how much")),
    (Asked.LIST, re.compile(r"哪些|哪几|有什么|分别是|都有|包括|列举|\bwhich ones\b")),
    (Asked.MEANS, re.compile(r"怎么|如何|怎样|咋|靠什么|用什么|什么手段|什么办法|什么措施|\bhow\b")),
    (Asked.NAME, re.compile(r"什么|哪|啥|叫|\bwhat\b|\bwhich\b")),
)
_COUNTED = re.compile(rf"(?:多少|几)(个百分点|[{_CLASSIFIERS}]+?)(?![{_CLASSIFIERS}])")
NUMERIC = frozenset({Asked.PERCENT, Asked.MONEY, Asked.COUNT, Asked.NUMBER})

_WITHOUT_CONTENT = re.compile(
    r"(?:19|20)\d\d年?|去年|今年|明年|上年|上一年|前年|五年|近年|目前|现在|如今|一共|总共|累计|请问|多少|什么|哪些|哪个|哪里|哪家|几个|报告|怎么|如何|怎样|为什么|"
    r"多大|多长|多久|百分之几|是不是|有没有|情况|分别|各|吗|呢|聊城|全市|全省|全国|我市|市里|咱们?"
)
_CONTENT_TAGS = re.compile(r"^(n|v|a|i|j|l|eng|m|b|z|s|x|g|k|nz)")
_EMPTY_WORDS = frozenset(
    [
        "是",
        "有",
        "要",
        "想",
        "能",
        "会",
        "到",
        "去",
        "来",
        "做",
        "搞",
        "用",
        "在",
        "把",
        "给",
        "让",
        "被",
        "达到",
        "实现",
        "进行",
        "叫",
        "说",
        "看",
        "请",
        "年",
        "个",
        "家",
        "项",
        "人",
        "万",
        "亿",
        "元",
        "这个",
        "那个",
        "一下",
        "东西",
        "方面",
        "时候",
    ]
)


@dataclass(frozen=True, slots=True)
class Concept:
    """A content word of the question, folded, and what reports may write for it."""

    word: str
    alternatives: tuple[str, ...]

    def stands_in(self, folded: str) -> bool:
        """Whether a folded text has the word or one of its alternatives."""
        return self.word in folded or any(word in folded for word in self.alternatives)


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is understood."""

    text: str
    folded: str
    asked: Asked
    counted: str
    """The classifier of what is counted (家, 项), or ""."""
    concepts: tuple[Concept, ...]
    tokens: tuple[str, ...]
    """For BM25: the question's grams and those of the report's words for them."""
    aliases: tuple[Alias, ...]


def asked_kind(folded: str) -> Asked:
    """Return the kind of answer that a lower-cased question wants."""
    return next((asked for asked, pattern in _ASKED if pattern.search(folded)), Asked.OTHER)


def understand(text: str, lexicon: Lexicon) -> Question:
    """Read a question."""
    plain = simplified(text).lower()
    folded = fold(text)
    aliases = lexicon.find(folded if not plain.isascii() else plain)
    counted = _COUNTED.search(folded)
    tokens = grams(text)
    for alias in aliases:
        for term in alias.terms:
            tokens += grams(term)
    return Question(
        text=text,
        folded=folded,
        asked=asked_kind(plain),
        counted=counted[1] if counted else "",
        concepts=_concepts(folded, aliases),
        tokens=tuple(dict.fromkeys(tokens)),
        aliases=tuple(aliases),
    )


def _concepts(folded: str, aliases: list[Alias]) -> tuple[Concept, ...]:
    """Return the content words: the lexicon's first, then jieba's words of the rest."""
    found: dict[str, tuple[str, ...]] = {}
    rest = folded
    for alias in aliases:
        found[alias.said] = tuple(fold(term) for term in alias.terms)
        rest = rest.replace(alias.said, " ", 1)
    for piece in _WITHOUT_CONTENT.sub(" ", rest).split():
        for word, tag in jieba.posseg.cut(piece):
            if len(word) > 1 and _CONTENT_TAGS.match(tag) and word not in _EMPTY_WORDS:
                found.setdefault(word, ())
    return tuple(Concept(word, others) for word, others in found.items())


def holds_asked(question: Question, folded: str) -> float:
    """Return how well a folded clause holds the kind of thing asked for: 1 just that, 0 nothing of the kind."""
    asked = question.asked
    if asked in NUMERIC:
        return _holds_number(question, folded)
    if asked is Asked.DATE:
        return 1.0 if re.search(r"\d{4}年|\d月|\d日|年底|季|年前|月底|上半年|下半年", folded) else 0.0
    if asked is Asked.DURATION:
        return (
            1.0
            if re.search(
                r"\d+(?:个多?|多个)?(?:年|月|天|小时|分钟)|[一二三四五六七八九十两]+个?多?(?:年|月|天)", folded
            )
            else 0.0
        )
    if asked is Asked.PERSON:
        return 1.0 if re.search(r"(?:市长|省长|主席|总理|书记|同志)", folded) else 0.0
    if asked is Asked.LIST:
        return min(1.0, 0.5 * folded.count("、") + 0.25)
    return 0.5


def _holds_number(question: Question, folded: str) -> float:
    found = figures(folded)
    if not found:
        return (
            0.4
            if re.search(r"翻番|翻一番|首位|第[一二三四五六七八九十]|倍|持平|同步|全覆盖|过千|过万", folded)
            else 0.0
        )
    units = [figure.unit for figure in found]
    if question.asked is Asked.PERCENT:
        return 1.0 if any("%" in unit or "百分点" in unit or "倍" in unit for unit in units) else 0.3
    if question.asked is Asked.MONEY:
        return 1.0 if any("元" in unit for unit in units) else 0.2
    if question.counted:
        return 1.0 if any(question.counted[0] in unit for unit in units) else 0.5
    return 0.9
