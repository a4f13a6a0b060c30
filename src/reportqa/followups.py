"""What a follow-up means: 那今年的目标呢？ 社零呢？ 它在高标准农田上呢？ read with the question before it.

A follow-up takes over only what it lacks: the thing asked about, the period, or the way of asking.  A question that is
whole by itself takes over nothing.  The result is an ordinary question, which the user is shown.
"""

from __future__ import annotations

import re
from functools import lru_cache

import jieba.posseg

from reportqa.lexical import Lexicon
from reportqa.periods import mentions
from reportqa.questions import without_courtesies

_NEW_SUBJECT = re.compile(
    r"^(?:好的?[,，。]?|嗯[,，。]?)?(?:换个(?:话题|问题)|不说这个了?|不谈这个了?|说点别的|另外(?:再)?问(?:一?下)?|再问(?:你)?(?:一个|个别的)|问个别的|对了)[,，。:：!！]?\s*"
)
_LEAD_IN = re.compile(r"^(?:好的?|嗯|哦|那么|那(?![年边些个期时段两几])|还有|再问一?下|请问|然后|另外)[,，。]?\s*")
_TAIL = re.compile(r"(?:那边的?|这块的?|方面的?|的话|的)?(?:呢|又如何|怎么样|如何)?[?？。!！]*$")
_ASKS = re.compile(
    r"多少|几(?!年|乎)|什么|啥|哪|谁|怎|如何|为何|吗|多[大长高久快]|是否|有没有|\b(?:what|how|which|who|when|where|why)\b"
)
_PERSON_PRONOUN = re.compile(r"(?:它们?|他们?|她们?|该[市县区厂]?|其)(?![他它])")
_THING_PRONOUN = re.compile(r"(?:这|那)(?:些钱|笔钱|些|个|项|两项|几项|两个|几个|种|批|两|里面|其中)|其中|这里面")
_SEVERAL = re.compile(r"[这那](?:两|几|些)")
_PERIOD_PRONOUN = re.compile(r"那[一]?年|当年|同期|同一年|这期间|那期间|这段时间|那段时间|这[一]?年里")
_THING_TAGS = re.compile(r"n|j|l|i|b|eng|x")
_NO_THING = re.compile(
    "全[市省国]|我市|报告|时候|目标|情况|期间|年|去年|今年|实际|方面|话题|最[高低]|总共|一共|计划|预期|增长|增加|新增|下降|打算|目标是|新[建盖]|建成|获评|花了"
)
_JOINERS = re.compile(r"[、,，和与及跟同省市的\s]")
_ANYWHERE = re.compile(r"(?:哪|各|所有|全部|每)(?:一?个|些|几个)?(?:省|市|县|区|地|城市)|谁")
"""Asks about all places of the shelf."""
_COUNTED = re.compile(r"(?:多少|几)[\u4e00-\u9fff]$")
"""What stands before the thing that is counted: 多少所, 几家."""


def interpret(
    question: str, history: list[str], lexicon: Lexicon, places: frozenset[str], *, several: bool = False
) -> str:
    """Return what ``question`` asks, read after the earlier questions as they were understood, oldest first.

    ``places``: the names of the shelf's places; ``several``: they are more than one, so that a question is about the place
    of the one before unless it names its own.
    """
    question = question.strip()
    question = without_courtesies(question) or question
    if match := _NEW_SUBJECT.match(question):
        return question[match.end() :] or question
    if not history or not question:
        return question
    whole = _completed(question, history, lexicon, places)
    if several and not _named(whole, places) and not _ANYWHERE.search(whole) and (own := _named(history[-1], places)):
        return history[-1][own[0][0] : own[-1][1]] + whole
    return whole


def _completed(question: str, history: list[str], lexicon: Lexicon, places: frozenset[str]) -> str:
    """Return a follow-up with what it takes over from the questions before."""
    before = history[-1]
    bare = _LEAD_IN.sub("", question)
    if (new := _TAIL.sub("", bare)) and not _JOINERS.sub("", _without(new, _named(new, places))):
        old = _named(before, places)
        start, end = (old[0][0], old[-1][1]) if old else (0, 0)
        return before[:start] + new + before[end:]
    period_words = [bare[start:end] for start, end in mentions(bare)]
    things = _things(bare, lexicon, places)
    asks = _ASKS.search(bare) is not None
    if not asks and (things or period_words):
        return _in_the_place_of(bare, things, period_words, before, lexicon, places)
    if _PERSON_PRONOUN.search(bare) and (subject := _subject(before, lexicon, places)):
        return _PERSON_PRONOUN.sub(subject, bare, count=1)
    if match := _PERIOD_PRONOUN.search(bare):
        said = [before[start:end] for start, end in mentions(before)]
        if said:
            bare = bare[: match.start()] + said[-1] + bare[match.end() :]
            return bare if things else _about(before, history, lexicon, places) + "，" + bare
    if _THING_PRONOUN.search(bare) or not things:
        subject = _about(before, history if _SEVERAL.search(bare) else [], lexicon, places)
        kept = "" if period_words else "".join(before[start:end] for start, end in mentions(before)[-1:])
        return "，".join(filter(None, (kept + subject, bare)))
    return bare


def _in_the_place_of(
    bare: str,
    things: list[tuple[int, int]],
    period_words: list[str],
    before: str,
    lexicon: Lexicon,
    places: frozenset[str],
) -> str:
    """Return the question before with the new thing, the new period, or both in the place of its own."""
    asked = before
    new = _TAIL.sub("", bare)
    if period_words:
        old = mentions(asked)
        for start, end in reversed(old):
            asked = asked[:start] + asked[end:]
        asked = re.sub(r"(?:的)?(?:目标|预期|计划)(?=是|定|$)", "", asked) if "目标" in new else asked
        if not things:
            return f"{new}，{asked.lstrip('的，,')}"
        asked = f"{''.join(period_words)}{asked.lstrip('的，,')}"
        new = bare[things[0][0] : things[-1][1]]
    else:
        new = bare[things[0][0] : things[-1][1]]
    old_things = _things(asked, lexicon, places)
    if not old_things:
        return f"{new}，{asked}"
    alike = [(a, b) for a, b in old_things if lexicon.find(new.lower()) and lexicon.find(asked[a:b].lower())]
    counted = [(a, b) for a, b in old_things if _COUNTED.search(asked[:a])]
    start, end = [*alike, *counted, *old_things][0]
    return asked[:start] + new + asked[end:]


def _named(text: str, places: frozenset[str]) -> list[tuple[int, int]]:
    """Return the spans of the first row of names of places on the shelf, or of others that stand first: 山东和河南."""
    spans = [match.span() for match in _names(places).finditer(text)]
    if not spans:
        words = jieba.posseg.cut(_TAIL.sub("", text))
        first = next(words, None)
        return [(0, len(first.word))] if first and first.flag == "ns" and len(first.word) > 1 else []
    row = spans[:1]
    for start, end in spans[1:]:
        if _JOINERS.sub("", text[row[-1][1] : start]):
            break
        row.append((start, end))
    return row


@lru_cache(maxsize=8)
def _names(places: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(places, key=len, reverse=True))) or "(?!)")


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def _things(text: str, lexicon: Lexicon, places: frozenset[str]) -> list[tuple[int, int]]:
    """Return the spans of the runs of words that name something: the lexicon's words, and nouns side by side."""
    covered = [False] * len(text)
    for alias in lexicon.find(text.lower()):
        if alias.is_thing and not _NO_THING.fullmatch(alias.said):
            covered[alias.start : alias.end] = [True] * (alias.end - alias.start)
    timed = {i for start, end in mentions(text) for i in range(start, end)}
    at = 0
    for word, tag in jieba.posseg.cut(text):
        start, end = at, at + len(word)
        at = end
        own = any(word in place for place in places)
        if (
            _THING_TAGS.match(tag)
            and (len(word) > 1 or (tag == "n" and word != "人" and _COUNTED.search(text[:start])))
            and not _NO_THING.fullmatch(word)
            and not own
            and not _ASKS.search(word)
        ):
            covered[start:end] = [True] * len(word)
    runs: list[tuple[int, int]] = []
    for i, is_thing in enumerate(covered):
        if is_thing and i not in timed:
            if runs and runs[-1][1] == i:
                runs[-1] = (runs[-1][0], i + 1)
            else:
                runs.append((i, i + 1))
    return runs


def _subject(text: str, lexicon: Lexicon, places: frozenset[str]) -> str:
    """Return whom the question before is about: its first named place or body, else its first thing."""
    for word, tag in jieba.posseg.cut(text):
        if tag in ("ns", "nt", "nr", "nz") and len(word) > 1 and not any(word in place for place in places):
            return str(word)
    runs = _things(text, lexicon, places)
    return text[runs[0][0] : runs[0][1]] if runs else ""


def _about(before: str, history: list[str], lexicon: Lexicon, places: frozenset[str]) -> str:
    """Return the things of the question before; with a history, the first thing of each of its last two."""
    if len(history) > 1:
        return "和".join(filter(None, (_subject(text, lexicon, places) for text in history[-2:])))
    return "".join(before[start:end] for start, end in _things(before, lexicon, places)[:2])
