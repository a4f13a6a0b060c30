"""Whether words hold what a question asks for: how many yuan, which township, since when, and that of the thing asked."""

from __future__ import annotations

import re
from functools import lru_cache

import jieba.posseg

from reportqa.questions import Asked, Measure, Question, measure_of
from reportqa.text import Figure, figures

_VAGUE_AMOUNT = re.compile(
    r"翻番|翻一番|翻两番|首位|第[一二三四五六七八九十]|\d?倍|持平|同步|全覆盖|过千|过万|过半|大幅|稳定增长|稳步增长|实现突破|创.{0,6}最"
)
_DATE = re.compile(r"\d{4}年|\d{1,2}月|\d{1,2}日|年底|年末|年初|月底|季度|季|上半年|下半年|年前|今年|明年|去年")
_DURATION = re.compile(r"(?:\d+|[一二三四五六七八九十两]+)(?:余|多)?个?(?:多)?(?:年|月|天|日|小时|分钟|周|届)")
_PERSON = re.compile(
    r"(?:市长|省长|县长|区长|州长|旗长|主席|总理|书记|主任)[\u4e00-\u9fff]{2,4}$|[\u4e00-\u9fff]{2,4}(?:同志|先生|女士|书记|主席|总理)"
)
_PLACE = re.compile(
    r"[\u4e00-\u9fff](?:县|市|区|镇|乡|村|省|州|国|郡|岛|街道|园区|新区)|(?:在|于|到)[\u4e00-\u9fff]{2}"
)
_COUNTY = re.compile(r"[\u4e00-\u9fff]{1,2}(?:县|镇|乡|村|郡|岛)(?!域|区|级|村|市|属|乡)")
_RANK = re.compile(
    r"首位|前列|第[一二三四五六七八九十\d]+|前[一二三四五六七八九十\d]+|位次|之首|居全[省国市]|领先|率先"
)
_ARRIVED = re.compile(r"(?:至|到|达|为)(?:约|近|超)?$")
_CHANGE = re.compile(r"增长|增加|提高|提升|上升|下降|降低|降|减少|改善|缩小|压减|涨幅|涨|增速|高于|低于|快于|回落|新增")
_FUNCTION = frozenset("的了和与及等在为是中上下有将对以并也已把被从到年个我们")


def figure_fits(question: Question, figure: Figure) -> float:
    """Return how well a figure's unit suits what is counted: 1 the same measure, 0 another."""
    measure = measure_of(figure.unit)
    wanted = question.measure
    if wanted is Measure.ANY:
        return 0.9 if measure is not Measure.TIME else 0.4
    if wanted is Measure.CHANGE:
        return 1.0 if measure is Measure.PERCENT else 0.7
    if measure is wanted:
        return 1.0
    if {measure, wanted} <= {Measure.COUNT, Measure.PEOPLE, Measure.HOUSEHOLDS}:
        return 0.4
    return 0.1


@lru_cache(maxsize=50_000)
def _figures_in(folded: str) -> tuple[Figure, ...]:
    return tuple(figures(folded))


def holds_asked(question: Question, folded: str) -> float:
    """Return how well a folded clause holds the kind of thing asked for: 1 just that, 0 nothing of the kind."""
    asked = question.asked
    if asked is Asked.NUMBER:
        found = [f for f in _figures_in(folded) if f.number not in question.numbers]
        if found:
            return max(figure_fits(question, figure) for figure in found)
        return (
            0.4
            if _VAGUE_AMOUNT.search(folded) and question.measure in (Measure.ANY, Measure.PERCENT, Measure.CHANGE)
            else 0.0
        )
    patterns = {
        Asked.DATE: _DATE,
        Asked.DURATION: _DURATION,
        Asked.PERSON: _PERSON,
        Asked.RANK: _RANK,
        Asked.PLACE: _PLACE,
    }
    if asked in patterns:
        new = [match for match in patterns[asked].finditer(folded) if match[0] not in question.folded]
        return 1.0 if new else 0.0
    if asked is Asked.LIST:
        return min(1.0, 0.25 * folded.count("、") + 0.5)
    return 0.5


def novelty(question: Question, folded: str) -> float:
    """Return how much, 0 to 1, a folded clause says that the question has not said: 1 is a name of three characters or more."""
    if any(figure.number not in question.numbers for figure in figures(folded)):
        return 1.0
    new = [c for c in folded if c not in question.characters and c not in _FUNCTION and c.isalnum()]
    return min(1.0, len(new) / 3)


def states_level(folded: str) -> bool:
    """Whether a clause's figures say how much there is, not by how much it changed."""
    found = [figure for figure in figures(folded) if not figure.unit.startswith("年")]
    before = [folded[max(0, figure.start - 6) : figure.start] for figure in found]
    return any(not _CHANGE.search(words) or _ARRIVED.search(words) for words in before)


_CONTINUATION = re.compile(
    "达到?(?!标)|增长|增加|增幅|增速|高于|低于|高出|快于|慢于|提高(?!.{0,4}[水能质])|下降|降至|降低|减少|居(?!民)|同比|占(?!地)|比(?:上年|去年|20)|"
    "较(?!好|大|强|高|快)|其中|分别|累计|超(?!级|市|大|声|算|高)|惠及|带动|排名|位[居列]|完成率|总量|总投资|投资增长"
)
"""How a clause begins that has no subject of its own and goes on about the one before it."""


def continues(folded: str) -> bool:
    """Whether a folded clause goes on about the subject of the one before it."""
    return _CONTINUATION.match(folded) is not None


def _names_new_place(question: Question, folded: str) -> float:
    """Return 1 where a folded clause names a place that the question does not, less where it only lists things, else 0."""
    named = [word for word, tag in jieba.posseg.cut(folded) if tag == "ns" and len(word) > 1]
    named += [match[0] for match in _COUNTY.finditer(folded)]
    if any(not question.characters.issuperset(word) for word in named):
        return 1.0
    return 0.5 if "、" in folded else 0.0


def held_beside(question: Question, clauses: list[str]) -> float:
    """Return how well a window's folded clauses hold what is asked for, beside the thing asked about.

    The clause that has most of the question's words is where the answer should be, or in one that continues it; what
    stands elsewhere in the window counts little.
    """
    if not clauses:
        return 0.0
    holds = _names_new_place if question.asked is Asked.PLACE else holds_asked
    held = [holds(question, clause) for clause in clauses]
    if question.asked in (Asked.MEANS, Asked.REASON, Asked.OTHER, Asked.NAME, Asked.LIST):
        return max(held)
    things = [concept for concept in question.concepts if concept.is_thing]
    words = [sum(len(c.word) for c in things if c.stands_in(clause)) for clause in clauses]
    anchor = words.index(max(words))
    best = held[anchor]
    for at, clause in enumerate(clauses):
        if at == anchor + 1:
            best = max(best, (1.0 if continues(clause) else 0.8) * held[at])
        elif words[at] > 0:
            best = max(best, 0.7 * held[at])
        else:
            best = max(best, (0.3 if max(words) else 1.0) * held[at])
    return best
