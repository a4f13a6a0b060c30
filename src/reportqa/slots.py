"""Whether words hold what a question asks for: how many yuan, which township, since when, and that of the thing asked."""

from __future__ import annotations

import re

from reportqa.questions import Asked, Measure, Question, measure_of
from reportqa.text import Figure, figures

_VAGUE_AMOUNT = re.compile(
    r"翻番|翻一番|翻两番|首位|第[一二三四五六七八九十]|\d?倍|持平|同步|全覆盖|过千|过万|过半|大幅|稳定增长|稳步增长|实现突破|创.{0,6}最"
)
_DATE = re.compile(r"\d{4}年|\d{1,2}月|\d{1,2}日|年底|年末|年初|月底|季度|季|上半年|下半年|年前|今年|明年|去年")
_DURATION = re.compile(r"(?:\d+|[一二三四五六七八九十两]+)(?:余|多)?个?(?:多)?(?:年|月|天|日|小时|分钟|周|届)")
_PERSON = re.compile(r"(?:市长|省长|县长|区长|州长|主席|总理|书记|主任|同志|先生|女士)")
_PLACE = re.compile(
    r"[\u4e00-\u9fff](?:县|市|区|镇|乡|村|省|州|国|郡|岛|街道|园区|新区)|(?:在|于|到)[\u4e00-\u9fff]{2}"
)
_RANK = re.compile(
    r"首位|前列|第[一二三四五六七八九十\d]+|前[一二三四五六七八九十\d]+|位次|之首|居全[省国市]|领先|率先"
)
_QUOTED = re.compile(r"[“\"《][^”\"》]{2,}[”\"》]")
_CHANGE = re.compile(r"增长|增加|提高|提升|上升|下降|降低|降|减少|改善|缩小|压减|涨幅|涨|增速|高于|低于|快于|回落|新增")
_FUNCTION = frozenset("的了和与及等在为是中上下有将对以并也已把被从到年月日个我们")


def figure_fits(question: Question, figure: Figure) -> float:
    """Return how well a figure's unit suits what is counted: 1 the same measure, 0 another."""
    measure = measure_of(figure.unit)
    wanted = question.measure
    if wanted is Measure.ANY:
        return 0.9 if measure is not Measure.TIME else 0.4
    if measure is wanted:
        return 1.0
    if {measure, wanted} <= {Measure.COUNT, Measure.PEOPLE, Measure.HOUSEHOLDS}:
        return 0.4
    return 0.1


def holds_asked(question: Question, folded: str) -> float:
    """Return how well a folded clause holds the kind of thing asked for: 1 just that, 0 nothing of the kind."""
    asked = question.asked
    if asked is Asked.NUMBER:
        found = [f for f in figures(folded) if f.number not in question.numbers]
        if found:
            return max(figure_fits(question, figure) for figure in found)
        return 0.4 if _VAGUE_AMOUNT.search(folded) and question.measure in (Measure.ANY, Measure.PERCENT) else 0.0
    patterns = {
        Asked.DATE: _DATE,
        Asked.DURATION: _DURATION,
        Asked.PERSON: _PERSON,
        Asked.RANK: _RANK,
        Asked.PLACE: _PLACE,
    }
    if asked in patterns:
        return 1.0 if patterns[asked].search(folded) else 0.0
    if asked is Asked.LIST:
        return min(1.0, 0.5 * folded.count("、") + 0.25)
    return 0.5


def novelty(question: Question, folded: str) -> float:
    """Return how much, 0 to 1, a folded clause says that the question has not said: 1 is six characters or more."""
    new = [c for c in folded if c not in question.characters and c not in _FUNCTION and c.isalnum()]
    return min(1.0, len(new) / 6)


def states_level(folded: str) -> bool:
    """Whether a clause's figures say how much there is, not by how much it changed."""
    found = figures(folded)
    return any(not _CHANGE.search(folded[max(0, figure.start - 6) : figure.start]) for figure in found)
