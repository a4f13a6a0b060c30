"""What stands before the speech: a table of contents, the title, the date and the meeting, who speaks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reportqa.lines import Line, whole
from reportqa.numbering import DIGITS, NUMERAL, number_mark, number_of

ADDRESS = re.compile(r"(?:大会)?(?:主席团?|执行主席)?[、,，]?\s*(?:各位|诸位|尊敬的|同志们)[^。！!]{0,16}?[:：,，!！]")
_REPORTS_TO = re.compile(r"[^。]{0,40}(?:代表|受|根据)[^。，]{0,24}(?:政府|国务院|委托|决定)")
_LONGEST_HEAD_LINE = 120
_HEAD_LINES = 40
_PAGE_NUMBER = re.compile(r"(?<![\s.…·\d])[\s.…·\d]++$")
_LEAST_CONTENTS = 3
WORK_REPORT = "政府工作报告"
_WORK_TITLE = re.compile(r"(?:政府|公署|行署|管委会|管理委员会)工作(?:的)?报告")
_ABOUT = re.compile(r"关于([^。；]{0,60}?(?:计划|规划|纲要|预算|决算)[^。；]{0,60}?)的?报告(?!工作)")
_PLAN_TITLE = re.compile(r"(?=.*(?:预算|决算|计划(?:执行|草案)|发展(?:计划|规划)|规划纲要))[^。；，]{0,80}报告")
_TITLE = re.compile(rf"{_WORK_TITLE.pattern}|^{_ABOUT.pattern}$|^{_PLAN_TITLE.pattern}$")
_LONGEST_PLAN_TITLE = 80
_DATE = re.compile(
    r"((?:19|20)\d\d|[一二][九〇○零][〇○零一二三四五六七八九]{2})\s*年\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*(\d{1,2}|[一二三四五六七八九十]{1,3})\s*日"
)
_MEETING = re.compile(r"在(.{2,40}?(?:大会|会议).{0,12}?(?:会议)?)(?:上|的|[,，]|$)")
_OFFICE = r"(?:代理?|常务副|副)?(?:[省市州盟县区旗镇乡]长|主席|总理|专员|行政长官|(?:委员会|委|办公室)主任|[厅局]长)"
_NAME = r"[\u4e00-\u9fff](?:[\s·•]*[\u4e00-\u9fff]){1,9}?"
_SPEAKER = re.compile(rf"{_OFFICE}\s*[:：]?\s*({_NAME})(?=\s*(?:同志|作|在|[（(]|$))")
_SPEAKER_LAST = re.compile(rf"{_OFFICE}\s*[:：]?\s*{_NAME}\s*$|{_OFFICE}\s*[:：]?\s*$")
_SPEAKER_FIRST = re.compile(rf"(?:日|[—-]{{2}}|^)\s*([\u4e00-\u9fff]{{2,4}}){_OFFICE}(?=在|作|所)")
_OFFICE_ALONE = re.compile(rf"{_OFFICE}\s*[:：]?\s*$")
_NAME_ALONE = re.compile(r"[\u4e00-\u9fff](?:\s*[\u4e00-\u9fff]){1,3}")
_BEFORE_UNIT = re.compile(rf"会议?上|大会上|[\d{NUMERAL}]日|[,，:：—–-]")
_UNIT = re.compile(
    r"([\u4e00-\u9fff]{1,18}?(?:自治区|自治州|自治县|自治旗|特别行政区|省|市|地区|盟(?!市)|县|区|旗)|[\u4e00-\u9fff]{2,18}?州(?![市县区]))"
    r"(?![市县区旗](?:$|人民|政府|委|第|\d|[代副]))"
)
_TOWN = re.compile(r"[\u4e00-\u9fff]{1,8}?(?:镇|乡|街道)(?=$|人民|政府|第|\d|[党镇乡]委|[代副])")
_NO_UNIT = re.compile(r"(?:全|我|本|各|该)?(?:自治[区州县旗]|[省市县区州盟旗])$")
_STATE_COUNCIL = re.compile(r"国务院|全国人民代表大会|中央人民政府|总理|中华人民共和国政府")
_FOR_STATE_COUNCIL = re.compile(r"(?:代表|受|根据)[^。，,]{0,24}(?:国务院|中央人民政府)|^中华人民共和国国务院")
_NATIONAL_FILE = re.compile(r"national[-_ ]?\d{4}|国务院|全国", re.IGNORECASE)
_SHORT_NAME = re.compile(
    r"(?:(?:19|20)\d\d年(?:度)?)?([\u4e00-\u9fff]{2,8}?)(?:(?:19|20)\d\d年)?(?:人民)?政府工作(?:的)?报告"
)
_OWN_GOVERNMENT = re.compile(r"代表([\u4e00-\u9fff]{2,20}?)人民政府")
_GOVERNMENT = re.compile(r"[\u4e00-\u9fff]{2,20}(?:人民政府|行政公署|管理委员会)")
_YEAR = re.compile(r"((?:19|20)\d\d)(?=\s*年)")
_LOOKS_BACK = re.compile("回顾|总结|情况|成效|成绩")


def without_contents(lines: list[Line]) -> list[Line]:
    """Return the lines without a table of contents: headings one after another that all come again."""
    marks = [number_mark(line.plain) for line in lines]
    names = [
        _PAGE_NUMBER.sub("", line.plain[: mark.length]) if mark else "" for line, mark in zip(lines, marks, strict=True)
    ]
    last = {name: number for number, name in enumerate(names)}
    for begin in range(min(len(lines), _HEAD_LINES)):
        end = begin
        while end < len(lines) and names[end] and last[names[end]] > end:
            end += 1
        if end - begin >= _LEAST_CONTENTS:
            title = begin > 0 and re.sub(r"\s", "", lines[begin - 1].plain) == "目录"
            return lines[: begin - title] + lines[end:]
    return lines


def _is_head_line(plain: str) -> bool:
    """Whether a line is of those before the speech: its title, the date and the meeting, who speaks."""
    if len(plain) > _LONGEST_HEAD_LINE:
        return False
    bare = re.sub(r"\s", "", plain)
    return bool(
        (_TITLE.search(bare) and len(bare) <= 40 and "，" not in bare)
        or (_MEETING.search(bare) and _DATE.search(plain))
        or (_SPEAKER_LAST.search(plain) and len(bare) <= 40)
        or (_DATE.search(plain) and len(bare) <= 20)
    )


def opening_line(lines: list[Line]) -> int:
    """Return the number of the line that the speech begins with."""
    for number, line in enumerate(lines[:_HEAD_LINES]):
        mark = number_mark(line.plain)
        if (mark and mark.value == 1) or ADDRESS.match(line.plain):
            return number
        if len(line.text) > _LONGEST_HEAD_LINE:
            break
        if number and not _is_head_line(line.plain) and _REPORTS_TO.match(line.plain):
            return number
    return next((n for n, line in enumerate(lines) if not _is_head_line(line.plain)), 0)


def head_of(lines: Sequence[Line]) -> list[Line]:
    """Return the lines before the speech; a single character, or what closes a bracket, belongs to the line before it."""
    joined: list[Line] = []
    for line in lines:
        open_bracket = (
            joined and re.search(r"[（(][^）)]*$", joined[-1].plain) and re.match(r"[^（(]*[）)]", line.plain)
        )
        if joined and (len(line.text) == 1 or open_bracket):
            joined.append(whole([joined.pop(), line]))
        else:
            joined.append(line)
    return joined


def date_of(lines: list[str]) -> str:
    """Return the date of the meeting, else the first one."""
    for line in sorted(lines, key=lambda line: not re.search("大会|会议", line)):
        if match := _DATE.search(line):
            year, month, day = int(match[1].translate(DIGITS)), number_of(match[2]), number_of(match[3])
            if 1 <= month <= 12 and 1 <= day <= 31:
                return f"{year}-{month:02d}-{day:02d}"
    return ""


def meeting_of(lines: list[str]) -> str:
    """Return the meeting that the report was given at, or ""."""
    for line in lines:
        if match := _MEETING.search(re.sub(r"\s", "", line)):
            return match[1]
    return ""


def speaker_of(lines: list[str]) -> tuple[str, str]:
    """Return who speaks and what stands before the office, e.g. 李长萍 and 聊城市."""
    for number, line in enumerate(lines):
        name = ""
        if (match := _SPEAKER.search(line)) or (match := _SPEAKER_FIRST.search(line)):
            name = match[1]
        elif (match := _OFFICE_ALONE.search(line)) and number + 1 < len(lines):
            name = lines[number + 1] if _NAME_ALONE.fullmatch(lines[number + 1]) else ""
        if match and name:
            before = re.sub(r"\s", "", line[: match.start()])
            return re.sub(r"\s", "", name), _BEFORE_UNIT.split(before)[-1]
    alone = [line for line in lines[1:] if _NAME_ALONE.fullmatch(line)]
    return (re.sub(r"\s", "", alone[-1]), "") if alone else ("", "")


def _unit(words: str) -> str:
    """Return the innermost unit that ``words`` begin with: 海拉尔区 of 呼伦贝尔市海拉尔区人民政府."""
    at, unit = 0, ""
    while match := _UNIT.match(words, at):
        if at and (town := _TOWN.match(words, at)) and not _TOWN.match(words, match.end()):
            return town[0]
        at, unit = match.end(), match[1]
    if town := _TOWN.match(words, at):
        return town[0]
    return "" if _NO_UNIT.fullmatch(unit) else unit


def place_of(head: list[str], speech: list[str], before_office: str, meeting: str, name: str) -> str:
    """Return the unit's own name: from the speaker's office, the meeting, the title, the file's name or the speech."""
    if unit := _unit(before_office):
        in_full = _unit(meeting)
        return in_full if in_full[:2] == unit[:2] and in_full[-1:] == unit[-1:] else unit
    if any(_STATE_COUNCIL.search(line) for line in [*head, meeting]):
        return "全国"
    titles = [line for line in head if _TITLE.search(line)]
    governments = [line for line in head if _GOVERNMENT.fullmatch(re.sub(r"\s", "", line))]
    for candidate in [meeting, *titles, *governments, name]:
        if unit := _unit(re.sub(r"^[^\u4e00-\u9fff]*年?度?", "", candidate)):
            return unit
    if _NATIONAL_FILE.search(name) or any(_FOR_STATE_COUNCIL.search(line) for line in speech):
        return "全国"
    for line in speech:
        if (match := _OWN_GOVERNMENT.search(line)) and (unit := _unit(match[1])):
            return unit
    return next((match[1] for line in [*titles, name] if (match := _SHORT_NAME.match(line))), "")


def year_of(head: list[str], date: str, name: str, headings: list[str], speech: Sequence[Line]) -> int:
    """Return the report's year: of its date, title or file name; after the one looked back on; the first named."""
    if date:
        return int(date[:4])
    for candidate in [*(line for line in head if _TITLE.search(line)), name]:
        if match := re.search(r"(?:19|20)\d\d", candidate):
            return int(match[0])
    for line in [*head, *headings]:
        if years := [int(year) for year in _YEAR.findall(re.sub(r"\s", "", line))]:
            return max(years) + bool(_LOOKS_BACK.search(line))
    return next((int(match[1]) for line in speech if (match := _YEAR.search(line.plain))), 0)


def kind_of(head: list[str], speech: list[str]) -> str:
    """Return the kind of report by its title, else by what the first paragraphs say it is."""
    if any(_WORK_TITLE.search(re.sub(r"\s", "", line)) for line in head):
        return WORK_REPORT
    for line in [*head, *speech]:
        bare = re.sub(r"\s", "", line)
        if match := _ABOUT.search(bare) or (_PLAN_TITLE.fullmatch(bare) if line in head else None):
            return "预算报告" if re.search("[预决]算", match[0]) else "计划报告"
    return WORK_REPORT


def title_of(head: list[str], place: str, year: int, kind: str) -> str:
    """Return the report's title with its place and year."""
    longest = 40 if kind == WORK_REPORT else _LONGEST_PLAN_TITLE
    titles = [re.sub(r"\s", "", line) for line in head if _TITLE.search(re.sub(r"\s", "", line))]
    titles = [t for t in titles if t.endswith("报告") and len(t) <= longest and not _DATE.search(t)]
    title = titles[-1].strip("《》“”") if titles else kind
    if place and place != "全国" and place[:2] not in title:
        title = place + title
    return title if not year or _YEAR.search(title) else f"{year}年{title}"
