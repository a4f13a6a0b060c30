"""Topic sentences: short ones that only name what the sentences behind them are about."""

from __future__ import annotations

import re

from reportqa.numbering import NUMERAL
from reportqa.text import TERMINALS, simplified

_FIGURE_OR_NEWS = re.compile(
    r"[0-9０-９“”\"《》]|获评|获批|荣获|入选|列入|开工|竣工|启用|挂牌|通车|完成|成立|举办|首[个家次]|上线"
)
_QUOTED = re.compile(r"“[^”]{0,12}”|\"[^\"]{0,12}\"")
_LONGEST_TOPIC = 16
_LONGEST_FIRST_TOPIC = 26
_LONGEST_ITEM_TOPIC = 45
_PAUSE = re.compile(r"[，,；;：:]")
_ITEM_BEGINS = re.compile(rf"[—–-]{{2,}}\s*|[{NUMERAL}]{{1,3}}[是要]|第[{NUMERAL}]{{1,3}}[,，、]")
_PLAN_TOPIC = re.compile(
    r"(着力|全力|奋力|大力|合力|聚力|加快|加强|加大|推动|推进|深化|扩大|提升|提高|促进|构建|建设|打造|做[强优大好实]|培育|突出|优化|完善|健全|"
    r"坚持|强化|实施|统筹|全面|持续|积极|扎实|深入|切实|严格|高效|明确|增强|保障|壮大|激发|拓展|守[牢住]|筑牢|抓好|发展|巩固|稳定|创新|引导|支持|鼓励|有效|落实|转变)"
)
_STATE_TOPIC = re.compile(
    r"(更[快优强高好足实大新美广深稳]|[有得]力|有[进效为序]|见效|加[快速]|[显持不日全稳扎纵加快优蓄健增].{1,3}|深[入化].{0,2}|"
    r"巩固|提升|增强|改善|化解|优化|健全|发展|推进|成长|衔接|稳固|彰显|突破|提高|向好|焕发.{0,2}|提速|提质|落实|凸显|释放|活跃|加强)[。！]$"
)
_TELLS = re.compile(
    r"[是我这]|今年|去年|明年|当前|目前|过去|刚刚|一年来|五年来|各位|同时|此外|现在|面对|根据|按照|工作[。！]|必须|需要|代表|以下|下面"
)


def _announces(sentence: str, first: bool) -> bool:
    """Whether a sentence only names what the sentences behind it are about; ``first`` of its paragraph, it may be longer."""
    plain = simplified(sentence)
    item = _ITEM_BEGINS.match(plain)
    if first and item:
        return len(plain) <= _LONGEST_ITEM_TOPIC and not re.search(r"\d", _QUOTED.sub("", plain))
    if _PAUSE.search(plain):
        return False
    if first and len(plain) <= _LONGEST_FIRST_TOPIC and not _TELLS.search(plain):
        return not _FIGURE_OR_NEWS.search(_QUOTED.sub("", plain))
    return (
        len(plain) <= _LONGEST_TOPIC
        and "、" not in plain
        and not _FIGURE_OR_NEWS.search(plain)
        and bool(_STATE_TOPIC.search(plain) or _PLAN_TOPIC.match(plain))
    )


def topics_of(text: str, spans: list[tuple[int, int]], after_heading: bool, topic: str) -> tuple[list[str], str]:
    """Return for each sentence of a paragraph the topic sentence it stands under, or "".

    ``topic`` is a topic sentence that the paragraph before consists of; one that this consists of comes back with them.
    """
    topics = []
    for number, (start, end) in enumerate(spans):
        sentence = text[start:end]
        behind = text[slice(*spans[number + 1])] if number + 1 < len(spans) else ""
        if _announces(sentence, number == 0 and not after_heading) and (not number or _tells_more(behind, sentence)):
            named = sentence.rstrip(TERMINALS).lstrip("—–- ")
            if behind:
                topic = named
                topics.append("")
                continue
            if not number:
                return [""], named
        topics.append(topic)
    return topics, ""


def _tells_more(behind: str, sentence: str) -> bool:
    """Whether the sentence behind a short one goes into what it names, and is not the next of a list."""
    return bool(_PAUSE.search(behind) or "、" in behind or len(behind) > 2 * len(sentence))
