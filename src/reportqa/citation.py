"""How a place in a report is written: labels as people cite them, addresses that open the page there, and back again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from urllib.parse import quote as percent_encode
from urllib.parse import unquote

import jieba

from reportqa.addresses import (
    ADDRESS,
    BARE,
    NUMBER,
    OPENING,
    PAGE,
    PARAGRAPH,
    PART,
    REPORT,
    SECTION,
    SENTENCE,
    Step,
    content_of,
    members,
    steps_of,
    value_of,
)
from reportqa.errata import within
from reportqa.numbering import numeral, section_number
from reportqa.schema import Citation, NotFound, Paragraph, QuestionError, Quote, Report, Section
from reportqa.text import fold
from reportqa.wording import short_names

_LONGEST = 300
"""Characters of a citation."""


def section_label(path: list[str]) -> str:
    """Return 一、（一） for a heading path, 一、 for a part, “工作回顾” for one without a number, 篇首 for the opening lines."""
    if not path:
        return section_number(path)
    part, within = section_number(path[:1]), section_number(path)
    return (f"“{part}”" if part == path[0] else f"{part}、") + within.removeprefix(part)


def cite(report: Report, paragraph: Paragraph, start: int, end: int, topic: str = "") -> Citation:
    """Return the citation of ``report.text[start:end]``, which lies in ``paragraph``."""
    address = f"/report/{percent_encode(report.report_id)}?at={start}-{end}#p{paragraph.number}"
    label = f"《{report.title}》{section_label(paragraph.section)}第{paragraph.ordinal}段"
    return Citation(
        report_id=report.report_id,
        title=report.title,
        place=report.place,
        year=report.year,
        section=list(paragraph.section),
        topic=topic,
        paragraph=paragraph.number,
        start=start,
        end=end,
        url=address,
        label=label,
    )


# Where it leads.


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of a report: a section, a paragraph, a sentence."""

    report: Report
    path: tuple[Section, ...]
    start: int
    end: int
    paragraphs: tuple[Paragraph, ...]
    detail: str = ""
    """What the label says behind the section: 第2段."""


def locate(reports: Sequence[Report], citation: str, most: int | None = None) -> list[Quote]:
    """Return what a citation means, as people write it: 三（一）第2段, Part 3 section 2, 一之八, p17, words of a heading.

    Several quotes are the candidates of an ambiguous citation, in the order of the reports, or the members of a range.
    In more than ``most`` reports it is not looked for: then it has to say of which it is.
    Raises QuestionError where it says nothing, NotFound, saying what there is, where nothing is meant by it.
    """
    if not any(character.isalnum() for character in citation):
        raise QuestionError("请写出要查的位置，例如“三（一）第2段”、“第一部分第五节”或标题里的几个字。")
    if len(citation) > _LONGEST:
        raise QuestionError(f"要查的位置有 {len(citation)} 个字，超过 {_LONGEST} 字的上限，请只写出处。")
    if (address := ADDRESS.search(unquote(citation))) is not None:
        return [_of_address(reports, address)]
    return [quote for one in members(citation) for quote in _located(reports, one, most)]


def _located(reports: Sequence[Report], citation: str, most: int | None) -> list[Quote]:
    """Return what a citation means that stands for no others."""
    spaced = re.sub(
        r"(?<=[\d一二三四五六七八九十])\s+(?=[\d一二三四五六七八九十])|(?<=[A-Za-z\d])\s+(?=[A-Za-z\d])", ".", citation
    )
    chosen, rest = _reports(reports, fold(spaced))
    if most is not None and len(chosen) > most:
        raise NotFound(f"有 {len(chosen)} 份报告可能有这个位置，请写明是哪一份，例如“{_example(chosen)}”。")
    found: list[Quote] = []
    problems: list[str] = []
    for report in chosen:
        places, problem = _resolve(report, rest)
        found += [_quote(place) for place in places]
        problems += [problem] if problem else []
    if found:
        return found
    if len(chosen) == 1 and problems:
        raise NotFound(problems[0])
    raise NotFound(
        f"所收 {len(chosen)} 份报告里都找不到“{citation.strip()}”，请写明报告和位置，例如“{_example(chosen)}”。"
    )


def _example(reports: Sequence[Report]) -> str:
    return f"{reports[0].place}{reports[0].year}年报告 一（一）第1段" if reports else "三（一）第2段"


def _of_address(reports: Sequence[Report], address: re.Match[str]) -> Quote:
    start, end = int(address["start"]), int(address["end"])
    wanted = [report for report in reports if address["report"] in (None, report.report_id)]
    for report in wanted:
        if start < end <= len(report.text) and report.paragraphs:
            paragraph = next((p for p in report.paragraphs if p.end > start), report.paragraphs[-1])
            context = report.text[paragraph.start : paragraph.end]
            citation = cite(report, paragraph, start, end)
            return Quote(report.text[start:end], context, [], citation, errata=within(report, start, end))
    if not wanted:
        raise NotFound(f"没有编号为“{address['report']}”的报告，现有：{_known(reports)}。")
    raise NotFound(f"{wanted[0].report_id} 的正文里没有 {start}-{end} 这一段，正文共 {len(wanted[0].text)} 个字符。")


def _known(reports: Sequence[Report]) -> str:
    named = "、".join(report.report_id for report in reports[:20])
    return named + (f" 等 {len(reports)} 份" if len(reports) > 20 else "")


def _short(place: str) -> str:
    return next(iter(short_names(place)), place)


def _reports(reports: Sequence[Report], folded: str) -> tuple[list[Report], str]:
    """Return the reports that a folded citation names (all where it names none) and the citation without their names."""
    chosen, rest = list(reports), folded
    for report in reports:
        if (name := fold(report.report_id)) in rest:
            return [report], rest.replace(name, " ", 1)
    title = re.search(r"《([^《》]*)》", rest)
    if title and (same := [report for report in reports if fold(report.title) == title[1]]):
        return same, rest.replace(title[0], " ", 1)
    rest = rest.replace("《", "").replace("》", " ")
    named = REPORT.search(rest)
    said = named.groupdict() if named else {}
    if named and (named.start() == 0 or said.get("year") or said.get("place")):
        rest = rest[: named.start()] + " " + rest[named.end() :]
    else:
        said = {}
    place = said.get("place") or ""
    if nation := re.match("(?:国务院|全国|国家|中央政府?)的?(?!级)", rest):
        rest, place = rest[nation.end() :], place or "全国"
    year = said.get("year") or said.get("only")
    if not place and (
        found := next(
            (name for r in reports for name in (r.place, _short(r.place)) if len(name) > 1 and rest.startswith(name)),
            "",
        )
    ):
        following = rest[len(found) :]
        if not following or re.match(r"[的省市,:、 ]|第|[(（]|(?:19|20)\d\d|报告|\d|p\d|" + NUMBER, following):
            place, rest = found, re.sub("^[的省市,: ]*(?:报告)?(?:中|里|的)*", "", following)
            if dated := re.match(r"((?:19|20)\d\d)年?(?:的?报告)?(?:中|里|的)*", rest):
                year, rest = dated[1], rest[dated.end() :]
    if not year and (dated := re.match(rf"((?:19|20)\d\d)年?的?(?=第|[(（]|{NUMBER}[、.（(])", rest)):
        year, rest = dated[1], rest[dated.end() :]
    if not place and (
        unknown := re.match(r"([\u4e00-\u9fff]{2,8}?[省市县州])的?(?=第|[(（]|(?:19|20)\d\d|报告)", rest)
    ):
        place, rest = unknown[1], rest[unknown.end() :]
    if place and place not in ("政府", "国务院"):
        chosen = [report for report in chosen if _short(report.place) in place or place in report.place]
    if year:
        chosen = [report for report in chosen if report.year == int(year)]
    if not chosen:
        raise NotFound(f"没有{year + '年' if year else ''}{place}的报告，现有：{_known(reports)}。")
    return chosen, rest


def _resolve(report: Report, rest: str) -> tuple[list[_Place], str]:
    """Return the places in one report that the rest of a citation may mean; where there is none, why not."""
    steps, left = steps_of(rest)
    words = content_of(left)
    if OPENING.search(left) and not any(step.kind in (PART, SECTION) for step in steps):
        opening = [p for p in report.paragraphs if not p.section] or report.paragraphs[:1]
        places, words = [_stretch(report, (), opening)], ""
    else:
        outer = [step for step in steps if step.kind in (PART, SECTION, BARE)]
        if outer:
            steps = [replace(step, kind=PARAGRAPH) if step.kind == PAGE else step for step in steps]
        paths, problem = _paths(report, outer)
        if problem:
            return [], problem
        places = [_section(report, path) for path in paths] if outer else [_stretch(report, (), report.paragraphs)]
    if words:
        places, problem = _by_words(report, places, words, bool(places) and bool(places[0].path))
        if problem:
            return [], problem
    elif not steps and not places[0].paragraphs:
        return [], f"《{report.title}》里找不到这个位置。"
    for step in steps:
        if step.kind in (PARAGRAPH, PAGE, SENTENCE):
            narrow = _sentence if step.kind == SENTENCE else _paragraph
            tried = [narrow(place, step) for place in places]
            places = [place for place, _ in tried if place is not None]
            if not places:
                return [], next(why for _, why in tried if why)
    if not steps and not words:
        return (
            ([], _what_there_is(report))
            if not places[0].path and places[0].paragraphs != tuple(p for p in report.paragraphs if not p.section)
            else (places, "")
        )
    return places, ""


def stretches(report: Report, address: str) -> list[tuple[int, int]]:
    """Return the spans of a report's text that a folded address in it may mean, 第三部分(二); empty where there is none."""
    return [(place.start, place.end) for place in _resolve(report, address)[0]]


# Sections.


def _parts(report: Report) -> list[Section]:
    top = min((section.level for section in report.sections), default=1)
    return [section for section in report.sections if section.level == top]


def _children(report: Report, part: Section) -> list[Section]:
    """Return the sections directly under a part."""
    after = report.sections[report.sections.index(part) + 1 :]
    inside = []
    for section in after:
        if section.level <= part.level:
            break
        inside.append(section)
    top = min((section.level for section in inside), default=0)
    return [section for section in inside if section.level == top]


def _pick(siblings: Sequence[Section], number: int) -> list[Section]:
    """Return the sections of a number: their own, or where none of them has one their place among their siblings."""
    if number < 0:
        return [siblings[number]] if -number <= len(siblings) else []
    own = {section.start: section_number([section.heading]) for section in siblings}
    numbered = [section for section in siblings if own[section.start] != section.heading]
    if numbered:
        return [section for section in numbered if value_of(own[section.start]) == number]
    return list(siblings[number - 1 : number])


def _paths(report: Report, steps: Sequence[Step]) -> tuple[list[tuple[Section, ...]], str]:
    """Return the heading paths that part and section numbers may mean; where there is none, what there is instead."""
    if not steps:
        return [], ""
    parts = _parts(report)
    first, *others = steps
    paths: list[tuple[Section, ...]] = []
    if first.kind == SECTION and not others:
        paths = [(part, child) for part in parts for child in _pick(_children(report, part), first.number)]
    paths = paths or [(part,) for part in _pick(parts, first.number)]
    if not paths:
        return [], _what_there_is(report, _shown(first))
    for step in others:
        deeper = [(*path, child) for path in paths for child in _pick(_children(report, path[-1]), step.number)]
        if not deeper:
            return _as_paragraphs(report, paths, step)
        paths = deeper
    return paths, ""


def _as_paragraphs(
    report: Report, paths: Sequence[tuple[Section, ...]], step: Step
) -> tuple[list[tuple[Section, ...]], str]:
    [path, *_] = paths
    children = _children(report, path[-1])
    label = section_label([section.heading for section in path])
    if not children:
        return [], f"《{report.title}》{label}下面没有小标题，共 {len(_under(report, path))} 段{_ending(report)}。"
    numbers = "".join(f"（{section_number([c.heading])}）" for c in children)
    return (
        [],
        f"《{report.title}》{label}没有{_shown(replace(step, kind=SECTION))}，所收文本有{numbers}{_ending(report)}。",
    )


def _shown(step: Step) -> str:
    count = numeral(abs(step.number))
    if step.number < 0:
        return f"倒数第{count}{'部分' if step.kind != SECTION else '节'}"
    return f"（{count}）" if step.kind == SECTION else f"第{count}部分"


def _ending(report: Report) -> str:
    return f"，文本到{report.breaks_off}为止" if report.breaks_off else ""


def _what_there_is(report: Report, missing: str = "这个位置") -> str:
    headings = "；".join(section.heading for section in _parts(report))
    if not headings:
        return f"《{report.title}》没有标题，共 {len(report.paragraphs)} 段，没有{missing}。"
    return f"《{report.title}》没有{missing}，所收文本有：{headings}{_ending(report)}。"


def _under(report: Report, path: tuple[Section, ...]) -> list[Paragraph]:
    """Return the paragraphs under a heading path and its subsections."""
    after = report.sections[report.sections.index(path[-1]) + 1 :]
    end = next((section.start for section in after if section.level <= path[-1].level), len(report.text))
    headings = [section.heading for section in path]
    inside = [p for p in report.paragraphs if path[-1].start < p.end and p.start < end]
    return [p for p in inside if p.section[: len(headings)] == headings]


def _section(report: Report, path: tuple[Section, ...]) -> _Place:
    paragraphs = _under(report, path)
    end = paragraphs[-1].end if paragraphs else path[-1].end
    return _Place(report, path, path[-1].start, end, tuple(paragraphs))


def _stretch(report: Report, path: tuple[Section, ...], paragraphs: Sequence[Paragraph]) -> _Place:
    return _Place(report, path, paragraphs[0].start, paragraphs[-1].end, tuple(paragraphs))


# Paragraphs and sentences.


def _of_paragraph(place: _Place, paragraph: Paragraph) -> _Place:
    start = paragraph.sentences[0].start if paragraph.sentences else paragraph.start
    return replace(place, start=start, end=paragraph.end, paragraphs=(paragraph,), detail="段")


def _of_topic(place: _Place, paragraph: Paragraph, topic: str) -> _Place:
    """Return the sentences of a paragraph that stand under a topic sentence, and that sentence."""
    under = [number for number, sentence in enumerate(paragraph.sentences) if sentence.topic == topic]
    first = paragraph.sentences[max(0, under[0] - 1)]
    last = paragraph.sentences[under[-1]]
    return replace(place, start=first.start, end=last.end, paragraphs=(paragraph,), detail="段")


def _paragraph(place: _Place, step: Step) -> tuple[_Place | None, str]:
    report = place.report
    if step.kind == PAGE or not place.path:
        whole = report.paragraphs if step.kind == PAGE else list(place.paragraphs)
        among = whole
    else:
        headings = [section.heading for section in place.path]
        among = [p for p in place.paragraphs if p.section == headings]
        if abs(step.number) > len(among) or step.number < 0:
            among = list(place.paragraphs)
    if 0 < step.number <= len(among):
        return _of_paragraph(place, among[step.number - 1]), ""
    if 0 < -step.number <= len(among):
        return _of_paragraph(place, among[step.number]), ""
    where = section_label([section.heading for section in place.path]) if place.path else ""
    number = f"倒数第{-step.number}段" if step.number < 0 else f"第{step.number}段"
    return None, f"《{report.title}》{where}共 {len(among)} 段，没有{number}{_ending(report)}。"


def _sentence(place: _Place, step: Step) -> tuple[_Place | None, str]:
    sentences = [sentence for paragraph in place.paragraphs for sentence in paragraph.sentences]
    number = step.number - 1 if step.number > 0 else step.number
    if step.number and -len(sentences) <= number < len(sentences):
        sentence = sentences[number]
        [own] = [p for p in place.paragraphs if sentence in p.sentences and p.start <= sentence.start < p.end]
        return replace(place, start=sentence.start, end=sentence.end, paragraphs=(own,), detail="句"), ""
    return None, f"《{place.report.title}》的这个位置共 {len(sentences)} 句，没有第{abs(step.number)}句。"


# Words of a heading.


def _likeness(words: str, heading: str) -> float:
    """Return how much of some words a heading has: 1 and more where it holds them as they are."""
    plain = re.sub(r"[\W_]", "", fold(heading))
    wanted = re.sub(r"[\W_]", "", words)
    if wanted in plain:
        return 1 + len(wanted) / len(plain)
    pieces = [re.sub(r"[\W_]", "", piece) for piece in words.split()]
    if len(pieces) > 1 and all(piece in plain for piece in pieces):
        return 1.0
    pairs = {a + b for a, b in pairwise(wanted)}
    shared = len([pair for pair in pairs if pair in plain]) / max(1, len(pairs))
    terms = [term for term in jieba.lcut(wanted) if len(term) > 1]
    held = sum(len(term) for term in terms if term in plain) / max(1, sum(map(len, terms)))
    return max(shared, 0.9 * held)


_ALIKE = 0.5
_AS_GOOD = 0.1


def _by_words(report: Report, places: Sequence[_Place], words: str, given: bool) -> tuple[list[_Place], str]:
    """Narrow places to those that some words are about: their own heading, a subsection's, a topic sentence's."""
    own = [_likeness(words, " ".join(section.heading for section in place.path)) for place in places if place.path]
    if own and max(own) >= _ALIKE:
        return [place for place, score in zip(places, own, strict=True) if score >= max(own) - _AS_GOOD], ""
    scored: list[tuple[float, _Place]] = []
    for place in places:
        inside = _headings(report, place)
        scored += [(_likeness(words, inner.path[-1].heading), inner) for inner in inside]
    best = max((score for score, _ in scored), default=0.0)
    if best < 1:
        topics = [
            (_likeness(words, topic), _of_topic(place, paragraph, topic))
            for place in places
            for paragraph in place.paragraphs
            for topic in dict.fromkeys(sentence.topic for sentence in paragraph.sentences if sentence.topic)
        ]
        first = max((score for score, _ in topics), default=0.0)
        if first > best:
            scored, best = topics, first
    if best >= _ALIKE:
        chosen = [place for score, place in scored if score >= best - (_AS_GOOD if best < 1 else 0.5)]
        return list({(place.start, place.end): place for place in chosen}.values()), ""
    if given:
        return [], _no_such_words(report, words, [inner for place in places for inner in _headings(report, place)])
    return [], _no_such_words(report, words, [])


def _headings(report: Report, place: _Place) -> list[_Place]:
    """Return the sections within a place."""
    if place.path:
        return [_section(report, (*place.path, child)) for child in _children(report, place.path[-1])]
    parts = _parts(report)
    return [
        _section(report, path) for part in parts for path in [(part,), *((part, c) for c in _children(report, part))]
    ]


def _no_such_words(report: Report, words: str, inside: Sequence[_Place]) -> str:
    headings = [place.path[-1].heading for place in inside] or [section.heading for section in _parts(report)]
    listed = "；".join(headings) or f"没有标题，共 {len(report.paragraphs)} 段"
    return f"《{report.title}》的标题里没有“{words}”，所收文本有：{listed}{_ending(report)}。"


def _quote(place: _Place) -> Quote:
    """Return a place as a quote: a section with its heading, a paragraph, or a sentence."""
    report = place.report
    if not place.paragraphs:
        following = next((p for p in report.paragraphs if p.start >= place.start), report.paragraphs[-1])
    else:
        following = place.paragraphs[0]
    citation = cite(report, following, place.start, place.end)
    context = report.text[following.start : following.end]
    if not place.detail:
        headings = [section.heading for section in place.path]
        citation = replace(citation, section=headings, label=f"《{report.title}》{section_label(headings)}")
        context = report.text[place.start : place.end]
    return Quote(
        report.text[place.start : place.end], context, [], citation, errata=within(report, place.start, place.end)
    )
