"""Which of the shelf's reports a question means: 山东, 鲁, 东北三省; 2024年报告中; and places that are not on the shelf."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from reportqa.schema import Report
from reportqa.text import fold
from reportqa.wording import short_names

_JOINERS = "、和与及跟同,，/"
_MOST_NAMED = 8
_AFTER_SHORT = _JOINERS + "省市区的两三四五六二年去今明上gG0123456789"
_OF_REPORT = re.compile(
    r"(?:在|据|根据)?((?:19|20)\d\d)年?(?:度)?的?(?:政府)?(?:工作)?报告(?:中|里|上|里面)?(?:提到|提出|说|写|显示)?[,，:：]?"
)
_SEVERAL = re.compile(
    r"分别|各(?:自|是|有|为|省|地)|对比|相比|比较|哪个(?:更|大|高|多|省|市|地)|谁(?:更|高|大|多)|都|差(?:多少|距)|respectively"
)
_ASKING = re.compile(r"多少|几(?!乎)|什么|哪|怎么|如何|谁|呢$|多[大高长]")
_RELATIVE = re.compile(r"今年|去年|明年|上年|前年|本年|this year|last year")
_NAMED_YEAR = re.compile(r"(?:19|20)\d\d")
_WEAK = frozenset({"全国", "国家", "我国", "中国", "全中国"})
"""Names of the whole country that also stand for other things (国家级, 全国首个): they count where no other place does."""
_ADDRESS = re.compile(r"^[的省市在]*(?:政府)?(?:工作)?报告(?:中|里|上|里面)?[,，:：]")


@dataclass(frozen=True, slots=True)
class Meant:
    """The places and the report's year that a question names, and the rest of it."""

    text: str
    """The question without 聊城市2022年报告中: to be embedded."""
    rest: str
    """The same without the names of places on the shelf: to be searched for its words."""
    places: tuple[str, ...]
    """Places on the shelf, as their reports name them, in the order of the question."""
    elsewhere: tuple[str, ...]
    """Places it names that are known and not on the shelf."""
    year: int
    """Of the report it names, or 0."""


@cache
def _gazetteer() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return the place of every name, and the places of every group."""
    text = resources.files("reportqa").joinpath("data/places.txt").read_text(encoding="utf-8")
    names: dict[str, str] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        entry = line.partition("#")[0].strip()
        if "<-" in entry:
            place, _, others = (part.strip() for part in entry.partition("<-"))
            names |= {name.strip(): place for name in (place, *others.split(",")) if name.strip()}
        elif "=" in entry:
            group, _, members = entry.partition("=")
            groups[group.strip()] = tuple(member.strip() for member in members.split(","))
    return names, groups


@dataclass(frozen=True, slots=True)
class Group:
    """Reports that one answer is looked for in; None means all of them."""

    place: str
    """The place that the question names, or ""."""
    reports: tuple[int, ...] | None


class Shelf:
    """The places and years of an index's reports, by all the names people use for them."""

    def __init__(self, reports: Iterable[Report]) -> None:
        self._reports = list(reports)
        known, self._groups = _gazetteer()
        places = list(dict.fromkeys(report.place for report in self._reports if report.place))
        own = {_canonical(place): place for place in places}
        self._on_shelf = {name: own[place] for name, place in known.items() if place in own}
        self._on_shelf |= {place: place for place in places}
        self._on_shelf |= {name: place for place in places for name in short_names(place)}
        self._own = own
        self._elsewhere = {name: place for name, place in known.items() if name not in self._on_shelf and len(name) > 1}
        names = sorted({*self._on_shelf, *self._elsewhere, *self._groups}, key=len, reverse=True)
        self._pattern = re.compile(
            "|".join(re.escape(name) for name in names if len(name) > 1) or r"(?!)", re.IGNORECASE
        )
        self._short_names = {name for name in known if len(name) == 1}
        self.names = frozenset(fold(name) for name in self._on_shelf if len(name) > 1)
        """Every name of the shelf's places of two characters or more, folded."""
        self.several = len(places) > 1

    def read(self, question: str) -> Meant:
        """Find the places and the report's year that a question names."""
        found: list[tuple[int, int, str]] = [(m.start(), m.end(), m[0]) for m in self._pattern.finditer(question)]
        taken = {i for start, end, _ in found for i in range(start, end)}
        found += [(i, i + 1, question[i]) for i in self._short_places(question, taken)]
        found = self._without_asides(question, sorted(found))
        places: list[str] = []
        elsewhere: list[str] = []
        spans = []
        for start, end, name in found:
            if name in self._groups:
                members = self._groups[name]
                places += [self._own[member] for member in members if member in self._own]
                elsewhere += [member for member in members if member not in self._own]
            elif place := self._on_shelf.get(name) or self._on_shelf.get(name.lower()):
                places.append(place)
            else:
                elsewhere += [name] if name not in _WEAK else []
                continue
            spans.append((start, end))
        rest = _without(question, spans)
        year = 0
        text = question
        if match := _OF_REPORT.search(rest):
            year = int(match[1])
            rest = rest[: match.start()] + rest[match.end() :]
            text = rest
        rest = _ADDRESS.sub("", rest).strip(" ,，、的") or question
        return Meant(text or question, rest, tuple(dict.fromkeys(places)), tuple(dict.fromkeys(elsewhere)), year)

    def _without_asides(self, question: str, found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
        """Leave out names that do not say whose report is meant.

        These are 国家 and the like beside another place, a group that only sums up the places before it (京、沪、津三个直辖市),
        and, unless several places are asked for, those after the first and its row.
        """
        if len(asking := _asking_clauses(question, found)) > 1:
            return [entry for clause in asking for entry in self._without_asides(question, clause)]
        strong = [entry for entry in found if entry[2] not in _WEAK]
        found = strong or [e for e in found if question[e[1] : e[1] + 1] not in ("级", "队", "标")][:1]
        singles = [entry for entry in found if entry[2] not in self._groups]
        if singles and len(singles) > 1:
            found = [e for e in found if e[2] not in self._groups or e[0] < singles[0][0]]
        if not _SEVERAL.search(question):
            row = found[:1]
            for entry in found[1:]:
                if question[row[-1][1] : entry[0]].strip("省市") not in ("", *_JOINERS):
                    break
                row.append(entry)
            found = row
        return found

    def narrowed(self, meant: Meant, chosen: list[int] | None, *, keep_place: bool, keep_year: bool) -> list[Group]:
        """Return the reports to look in, a group for every place named; ``chosen`` narrows them beforehand.

        去年 and 今年 without a year are those of the latest report of a place.
        """
        numbers = range(len(self._reports)) if chosen is None else chosen
        if meant.year and not keep_year:
            numbers = [n for n in numbers if self._reports[n].year == meant.year]
        places = () if keep_place else meant.places
        if not places and not meant.year:
            return [Group("", None if chosen is None else tuple(chosen))]
        relative = not meant.year and _RELATIVE.search(meant.rest) and not _NAMED_YEAR.search(meant.rest)
        groups = []
        for place in places or ("",):
            of_place = [n for n in numbers if not place or self._reports[n].place == place]
            if relative and of_place and not keep_year:
                latest = max(self._reports[n].year for n in of_place)
                of_place = [n for n in of_place if self._reports[n].year == latest]
            groups.append(Group(place, tuple(of_place)))
        return groups

    def holdings(self) -> str:
        """Say what is on the shelf, for a refusal: places and their years."""
        years: dict[str, list[int]] = {}
        for report in self._reports:
            years.setdefault(report.place, []).append(report.year)
        said = [f"{place}{_spans_of(sorted(found))}" for place, found in list(years.items())[:_MOST_NAMED]]
        more = f"等 {len(years)} 个地方" if len(years) > _MOST_NAMED else ""
        return "、".join(said) + more

    def _short_places(self, question: str, taken: set[int]) -> list[int]:
        """Return where one-character names stand as names: in a row of them, joined to another, or alone."""
        chosen = []
        standing = [i for i, c in enumerate(question) if c in self._short_names and i not in taken]
        for i in standing:
            before, after = question[i - 1 : i], question[i + 1 : i + 2]
            in_row = (i - 1 in standing and i - 1 not in taken) or i + 1 in standing
            starts = not before or before in _JOINERS
            ends = not after or after in _AFTER_SHORT
            if (starts or i - 1 in chosen) and (ends or (in_row and i + 1 in standing)):
                chosen.append(i)
        return chosen


def _asking_clauses(question: str, found: list[tuple[int, int, str]]) -> list[list[tuple[int, int, str]]]:
    """Return the names in each clause that asks something of its own place: 全国的目标是多少，西藏定的又是多少."""
    clauses = []
    for clause in re.finditer(r"[^,，;；。?？]+", question):
        own = [entry for entry in found if clause.start() <= entry[0] < clause.end()]
        if own and _ASKING.search(clause[0]):
            clauses.append(own)
    return clauses


def _spans_of(years: list[int]) -> str:
    """Write years as people do: 2015—2019、2021—2025年."""
    runs: list[list[int]] = []
    for year in dict.fromkeys(years):
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return "、".join(str(run[0]) if len(run) == 1 else f"{run[0]}—{run[-1]}" for run in runs) + "年"


def _canonical(place: str) -> str:
    """Return the gazetteer's name of a place: 广西 and 广西壮族自治区 are one."""
    names, _ = _gazetteer()
    return next((names[name] for name in (place, *short_names(place)) if name in names), place)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """Cut the names of places, with 省 or 市 after them and what joins them, out of a question."""
    kept = []
    at = 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
        bare = text[end - 1] not in "省市"
        if bare and text[at : at + 1] in ("省", "市") and text[at + 1 : at + 2] not in tuple("长委直场民"):
            at += 1
    kept.append(text[at:])
    joined = "".join(kept)
    return re.sub(rf"^[{_JOINERS}]+|(?<=[{_JOINERS}])[{_JOINERS}]+", "", joined)
