"""Questions made by rule from reports, for what the genre confuses: periods, targets, totals, and things not said.

A clause with a figure, a name in quotation marks, a rank or a list becomes a question for just that; the same clause
becomes questions that nothing near it answers: what it cost, where, who, which ones, another year, the target, the total.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jieba

from reportqa import parsing, periods, reading
from reportqa.lexical import bundled_lexicon
from reportqa.periods import ACTUAL, TARGET, Period
from reportqa.reader import context_of
from reportqa.text import clause_spans, fold
from training.examples import GROUP, Candidate, Example, grams, likeness, pieces_of, run_around

HELD_OUT = re.compile("liaocheng|浙江|四川|广东|河南|陕西|内蒙古|damaged")
"""Reports that no question is made from, so that something unseen is left to measure on."""
FIRST_YEAR = 1992

_COUNTED = "家|个|项|条|座|所|处|件|台|套|辆|名|户|人次|人|次|种|支"
_UNIT = f"%|个百分点|元|平方公里|平方米|立方米|公里|千瓦时|千瓦|亩|公顷|吨|公斤|斤|{_COUNTED}|倍|天|岁|小时|微克/立方米|张|床"
_FIGURE = re.compile(
    rf"(?P<bound>超过|突破|达到|不低于|不少于|约|近|超|逾|过)?(?P<number>(?<![\d.])\d+(?:\.\d+)?)"
    rf"(?P<scale>[余多]?[万亿千百]{{0,2}}[余多]?)(?P<unit>{_UNIT})(?P<after>以上|左右|以内|以下)?"
)
_CHANGES = re.compile(
    "(?:同比|年均|分别)?(增长|增加|提高|提升|上升|下降|降低|减少|增幅|回落|压减|扩大)(?:了|至|到|为)?$"
)
_TRAILING = re.compile(
    r"(?:总数|总量|数量)?(?:已|将|均|都)?(?:达到|达|为|至|到|是|有|实现|完成|超|约|近|增至|降至|共|了|的|，|,|:|在)+$"
)
_DOING = re.compile(
    "^(?:(?:全年|全市|全省|全区|累计|共|已|再|又|将|要|力争|预计|计划|年内|今年|去年|我市|我省|我们)*"
    "(新增|新建改建|新改建|新建|新认定|新培育|新开工|新签约|新引进|新发行|改造|建成|引进|培育|完成|实施|打造|建设|认定|发放|发行|修复|整治|签约|开工|投产|落地"
    "|新开通|开通|争取|处置|化解|招引|创建|清退|淘汰|治理|开展|举办|组织|推广|种植|流转|入选|获批|获评|推出|办理|解决|安排))"
)
_QUOTED = re.compile(r'["《]([^"》]{2,16})["》]')
_RANK = re.compile(
    r"(?:居|列|排|位居|位列|排名|排名全[国省市区])(?P<span>(?:全[国省市区])?第?[一二三四五六七八九十\d]+位?|前列|首位)"
)
_LIST = re.compile(r"(?P<span>[^、,;:。()]{2,12}(?:、[^、,;:。()]{2,12}){2,})(?P<tail>等[^,;:。]{0,8})?$")
_COUNTY = re.compile("[\u4e00-\u9fff]{2}(?:县|市|区|镇|州)(?![场级域民内区])")
_WHERE = re.compile(
    "(?:在|落户|落地|到|于)(?P<span>[\u4e00-\u9fff]{2,8}?(?:县|市|区|镇|乡|州|国|省|港|园|京|海|津|庆))(?![场级域民内区际家化外])"
)
_MEANS = re.compile("^(?:通过|依托|借助|以(?!上|下|来|及|内|外|习)|依靠|凭借|利用)")
_REASON = re.compile("^(?:由于|受|因(?!地|势|时|此)|鉴于|针对(?!性))")
_DATE = re.compile(r"(?P<span>\d{1,2}月(?:\d{1,2}日)?|(?:19|20)\d\d年(?:底|初)?|年底前?|上半年|下半年)")

_LACKING: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        r"元|资金|投资|经费",
        ("投资了多少钱", "花了多少钱", "总投资是多少", "投入多少亿元", "补贴多少钱", "造价多少", "成本是多少"),
    ),
    (r"公里|千米|\d米", ("全长多少公里", "有多长", "总里程是多少")),
    (r"亩|公顷|平方", ("占地多少亩", "面积有多大", "占地面积是多少")),
    (r"\d人|万人|户|人次|群众", ("惠及多少人", "有多少人参加", "涉及多少户", "招了多少人", "安排了多少人就业")),
    (r"%|百分", ("占比是多少", "占百分之几", "完成率是多少", "比例是多少", "增速是多少")),
    (
        r"月|日|季度|年底|年初|年前|\d{4}年",
        ("什么时候完成", "是哪一天", "几月份开始的", "什么时候投入使用", "哪一年开工", "具体时间是什么时候"),
    ),
    (r"[县市区镇乡村州省路街]|在", ("在哪个县", "具体位置在哪里", "建在哪里", "地址是什么", "在什么地方举行")),
    (
        r"[\u4e00-\u9fff](?:同志|主席|总理|省长|市长|主任)|领导",
        ("由谁负责", "负责人是谁", "是谁提出的", "谁来牵头", "带头人叫什么"),
    ),
    (r'["《]|、', ("叫什么名字", "名称是什么", "分别叫什么", "包括哪几个", "分别是哪些", "具体有哪些", "名单是什么")),
    (r"公司|集团|企业|院|厂|银行", ("由哪家公司承建", "是哪家企业做的", "合作方是谁", "哪家银行提供贷款")),
    (r"因|由于|受|为了", ("的原因是什么", "为什么")),
    (r"第[一二三四五六七八九十\d]|位|前列|首", ("居全国第几位", "排名第几", "在全国排多少名")),
    (r"电话|网址|网站|平台", ("联系电话是多少", "网址是什么", "在哪里报名")),
    (r"条件|标准|符合", ("申请条件是什么", "标准是什么", "怎么申请")),
)
_CONCRETE = re.compile(
    "项目|工程|中心|公司|企业|学校|大学|医院|高速|铁路|高铁|公路|机场|大桥|隧道|平台|园区?|基地|协议|大会|论坛|博览会|奖|资金|贷款|补贴|券|基金|港|站|试点|行动|活动"
    "|条例|规划|方案|政策|名单|称号|村|小区|电站|水库|保险|养老金|专利|实验室|口岸|航线|班列|农田|电厂|博物馆|景区|赛|节"
)
"""What a thing of its own has in its name, of which a cost, a place or a date may be asked."""
_ASKING = re.compile("多少|几|什么|哪|谁|何")
_OPEN = (
    "怎么样",
    "情况如何",
    "有什么进展",
    "做了哪些工作",
    "怎么做",
    "有什么安排",
    "有哪些举措",
    "取得了什么成效",
    "怎么说",
    "的成绩",
    "方面要干什么",
)
_MOST = {
    "figure": 0.4,
    "lacking": 0.2,
    "open": 0.08,
    "name": 0.12,
    "rank": 0.1,
    "list": 0.1,
    "date": 0.1,
    "place": 0.1,
    "means": 0.1,
    "reason": 0.1,
}
_MOST |= {"other year": 0.1, "other aim": 0.07, "level": 0.08, "total": 0.08, "which ones": 0.08, "other place": 0.06}
"""The largest share of a report's questions that each kind may have."""
_LEADS = ("", "", "", "", "", "请问", "报告里", "我想知道", "报告中提到的", "想问一下")
_COLLOQUIAL = (
    ("增长", "涨了"), ("下降", "降了"), ("提高", "提升了"), ("新增", "增加了"), ("新建", "建了"), ("建成", "建好了"), ("引进", "引来了"),
    ("改造", "改了"), ("发放", "发了"), ("完成", "做了"), ("企业", "公司"), ("城镇", "城里"), ("农村", "乡下"), ("居民", "老百姓"),
    ("儿童", "孩子"), ("老年人", "老人"), ("开工", "动工"), ("投产", "开始生产"), ("实施", "搞了"), ("总额", "总共"), ("高等学校", "大学"),
)  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """A folded clause, where it stands in its folded sentence, and what it stands under."""

    words: str
    start: int
    sentence: str
    period: Period
    context: str


@dataclass
class Source:
    """A report's clauses and candidates."""

    year: int
    clauses: list[Clause]
    pieces: list[Candidate]
    spoken: list[Period]
    bags: list[set[str]]


@dataclass(frozen=True)
class Made:
    """A question made from a clause; ``span`` is the answer in it, None where nothing answers."""

    question: str
    clause: Clause
    span: tuple[int, int] | None
    name: str
    thing: str
    may_answer: Callable[[Candidate, Period], bool] = lambda _candidate, _spoken: False
    """Of a question without an answer: whether a candidate might answer it after all."""


def source_of(path: Path, chance: random.Random) -> Source:
    """Read a report."""
    report = parsing.parse(reading.read(path))
    spoken = periods.clause_periods(report)
    clauses: list[Clause] = []
    pieces: list[Candidate] = []
    of_piece: list[Period] = []
    for paragraph in report.paragraphs:
        heading = paragraph.section[-1] if paragraph.section else ""
        for sentence in paragraph.sentences:
            whole = fold(report.text[sentence.start : sentence.end]).rstrip("。;")
            if len(whole) < 6:
                continue
            at = 0
            for start, end in clause_spans(report.text, sentence.start, sentence.end):
                words = fold(report.text[start:end])
                at = whole.find(words, at)
                if at < 0:
                    break
                period = spoken.get(start, Period())
                clauses.append(Clause(words, at, whole, period, context_of(period, heading, sentence.topic)))
                at += len(words)
            mine = [clause for clause in clauses[-40:] if clause.sentence == whole]
            for piece in pieces_of(whole, chance):
                where = whole.find(piece)
                first = next((c for c in mine if c.start + len(c.words) > where), mine[0] if mine else None)
                if first:
                    pieces.append(Candidate(first.context, piece))
                    of_piece.append(first.period)
    return Source(report.year, clauses, pieces, of_piece, [grams(piece.words) for piece in pieces])


def said(period: Period, year: int, chance: random.Random) -> str:
    """Return a period as people say it, or ""."""
    if not period.known:
        return ""
    if period.first != period.last:
        return chance.choice(("", "五年来" if period.aim != TARGET else "今后五年", f"{period.first}至{period.last}年"))
    if period.aim == TARGET:
        return chance.choice(
            (f"{period.first}年", "今年", f"{period.first}年计划", "今年目标是", "今年打算", "今年预期")
        )
    known = {year - 1: ("去年", "上年", "过去一年"), year: ("今年",)}
    return chance.choice(("", f"{period.first}年", f"{period.first}年", *known.get(period.first, ())))


class Maker:
    """Makes questions from clauses."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        lexicon = bundled_lexicon()
        self._users: dict[str, list[str]] = {}
        for word, terms in lexicon._terms_of.items():
            if not word.isascii() or word in ("gdp", "cpi"):
                for term in terms:
                    self._users.setdefault(fold(term), []).append(word)

    def reworded(self, words: str) -> str:
        """Return words as a user might put them: by an alias, in everyday words, one word left out."""
        if self.chance.random() < 0.4:
            for term in sorted(self._users, key=len, reverse=True):
                if len(term) > 2 and term in words:
                    words = words.replace(term, self.chance.choice(self._users[term]), 1)
                    break
        for formal, plain in _COLLOQUIAL:
            if formal in words and self.chance.random() < 0.3:
                words = words.replace(formal, plain, 1)
        if self.chance.random() < 0.25:
            parts = list(jieba.cut(words))
            spare = [i for i, part in enumerate(parts) if not _ASKING.search(part)]
            if len(spare) > 3:
                del parts[self.chance.choice(spare)]
                words = "".join(parts)
        return words

    def asked(self, period: str, words: str) -> str:
        """Return a finished question."""
        lead = self.chance.choice(_LEADS)
        return lead + period + self.reworded(words) + self.chance.choice(("?", "?", "", "呢?"))

    def of(self, clause: Clause, year: int) -> Iterator[Made]:
        """Yield questions that a clause answers and questions that nothing near it does."""
        if len(clause.words) < 5 or len(clause.words) > 45:
            return
        figures = [m for m in _FIGURE.finditer(clause.words) if not clause.words.startswith("年", m.end("number"))]
        for figure in figures[:2] * 2:
            yield from self._figure(clause, figure, year)
        if match := _WHERE.search(clause.words):
            a, b = match.span("span")
            rest = clause.words[: match.start()] + clause.words[b:]
            if len(rest) > 5:
                put = self.chance.choice(
                    (f"{clause.words[:a]}哪里{clause.words[b:]}", f"{rest}在哪里", f"{rest}在什么地方")
                )
                yield Made(self.asked("", put), clause, (a, b), "place", "")
        for pattern, words in (
            (_QUOTED, ("什么", "什么名称", "哪个")),
            (_RANK, ("第几位", "多少名", "第几", "什么位次")),
        ):
            if match := pattern.search(clause.words):
                a, b = match.span("span") if pattern is _RANK else match.span()
                if b - a < len(clause.words) - 3:
                    put = clause.words[:a] + self.chance.choice(words) + clause.words[b:]
                    yield Made(self.asked(said(clause.period, year, self.chance), put), clause, (a, b), "name", "")
        following = clause.sentence[clause.start + len(clause.words) + 1 :]
        result = re.split("[,;:。]", following)[0]
        if 5 <= len(result) <= 24 and not _FIGURE.search(result):
            if _MEANS.search(clause.words):
                put = self.chance.choice((f"如何{result}", f"怎么{result}", f"{result}靠什么", f"{result}用了什么办法"))
                yield Made(self.asked("", put), clause, (0, len(clause.words)), "means", "")
            elif _REASON.search(clause.words):
                put = self.chance.choice((f"为什么{result}", f"{result}的原因是什么", f"{result}是因为什么"))
                yield Made(self.asked("", put), clause, (0, len(clause.words)), "reason", "")
        if (match := _LIST.search(clause.words)) and match.start() >= 2:
            a, b = match.span("span")
            tail = (match["tail"] or "")[1:]
            before = clause.words[:a]
            put = self.chance.choice((f"{before}哪些{tail}", f"{before}的{tail}有哪些", f"{tail or before}包括哪些"))
            yield Made(self.asked(said(clause.period, year, self.chance), put), clause, (a, b), "list", "")
        if (match := _DATE.search(clause.words)) and len(clause.words) - len(match["span"]) > 6:
            a, b = match.span("span")
            rest = (clause.words[:a] + clause.words[b:]).strip("前,")
            put = self.chance.choice((f"{rest}是什么时候", f"什么时候{rest}", f"{rest}的时间"))
            yield Made(self.asked("", put), clause, (a, b), "date", "")
        yield from self._lacking(clause, figures, year)

    def _figure(self, clause: Clause, match: re.Match[str], year: int) -> Iterator[Made]:
        chance, words = self.chance, clause.words
        unit, span = match["unit"], match.span()
        left, right = words[: match.start()], words[match.end() :]
        change = _CHANGES.search(left)
        subject = _TRAILING.sub("", left[: change.start()] if change else left).strip("，,的")
        doing = _DOING.search(left)
        forms = [f"{left}多少{unit if unit != '%' else ''}{right}"]
        if change and subject:
            verb = change[1]
            forms = [
                f"{subject}{verb}多少",
                f"{subject}{verb}了百分之几",
                f"{subject}的{verb}幅度是多少",
                f"{subject}{verb}多少",
            ]
            forms += [f"{subject}增速是多少", f"{subject}增速"] if verb == "增长" else []
        elif subject and len(subject) > 2:
            forms += [f"{subject}是多少", f"{subject}有多少{unit if unit != '%' else ''}", f"{subject}多少"]
            if unit == "元":
                forms += [f"{subject}多少亿", f"{subject}多少钱"]
            if unit == "%":
                forms += [f"{subject}达到百分之几", f"{subject}百分之多少"]
            if doing and left[doing.end() :]:
                forms += [f"{doing[1]}多少{unit}{left[doing.end() :]}", f"{doing[1]}了几{unit}{left[doing.end() :]}"]
        form = chance.choice(forms)
        yield Made(self.asked(said(clause.period, year, chance), form), clause, span, "figure", subject)
        thing = subject or words[:10]
        if len(thing) < 3:
            return

        period = clause.period
        if period.known and chance.random() < 0.8:
            other = period.first + chance.choice((-4, -3, -2, -1, 1, 2, 3))
            named = f"{other}年"

            def same_year(candidate: Candidate, spoken: Period) -> bool:
                return spoken.first <= other <= spoken.last or named[:4] in candidate.words

            yield Made(self.asked(named, form), clause, None, "other year", "", same_year)
        if period.known and period.first == period.last:
            aim = TARGET if period.aim == ACTUAL else ACTUAL
            lead = (
                ("今年目标是", f"{year}年计划", "今年预期", "今年打算")
                if aim == TARGET
                else ("去年", f"{year - 1}年", "上年实际")
            )

            def same_aim(_candidate: Candidate, spoken: Period) -> bool:
                return not spoken.aim or spoken.aim == aim

            yield Made(self.asked(chance.choice(lead), form), clause, None, "other aim", thing, same_aim)
        if change and unit in ("%", "个百分点"):
            put = chance.choice(
                (f"{subject}总量是多少", f"{subject}是多少亿元", f"{subject}达到多少", f"{subject}总额有多少")
            )

            def levels(candidate: Candidate, _spoken: Period) -> bool:
                return bool(re.search(r"元|达到?\d|总[量额]|[万亿]吨|占", candidate.words))

            yield Made(self.asked(said(period, year, chance), put), clause, None, "level", subject, levels)
        elif (
            doing
            and doing[1].startswith(("新", "改造", "引进", "培育", "认定"))
            and (rest := left[doing.end() :] or right)
        ):
            put = chance.choice(
                (
                    f"{rest}总数达到多少{unit}",
                    f"现在一共有多少{unit}{rest}",
                    f"{rest}累计有多少",
                    f"全部{rest}有多少{unit}",
                )
            )

            def totals(candidate: Candidate, _spoken: Period) -> bool:
                return bool(re.search("总数|总量|累计|达到|共|拥有|现有|增至|超过", candidate.words))

            yield Made(self.asked("", put), clause, None, "total", rest, totals)
        if unit in _COUNTED.split("|") and (rest := (right or (left[doing.end() :] if doing else "")))[:1]:
            number = match["number"] + match["scale"]
            tail = chance.choice(
                ("叫什么名字", "分别是哪些", "都是谁", "分别在哪里", "名单", "是哪几" + unit, "具体是什么")
            )
            put = f"{chance.choice(('这', '那', ''))}{number}{unit}{rest}{tail}"

            def named_ones(candidate: Candidate, _spoken: Period) -> bool:
                return candidate.words.count("、") > 1 or '"' in candidate.words or "《" in candidate.words

            yield Made(self.asked("", put), clause, None, "which ones", rest, named_ones)

    def _lacking(self, clause: Clause, figures: Sequence[re.Match[str]], year: int) -> Iterator[Made]:
        chance = self.chance
        left = clause.words[: figures[0].start()] if figures else clause.words
        thing = _TRAILING.sub("", _CHANGES.sub("", left)).strip("，,的")
        if chance.random() < 0.6 and (doing := _DOING.search(thing)):
            thing = thing[doing.end() :]
        if not 4 <= len(thing) <= 18:
            return
        if not figures and len(clause.words) - len(thing) < 12 and chance.random() < 0.3:
            put = thing + chance.choice(_OPEN)
            yield Made(self.asked(said(clause.period, year, chance), put), clause, (0, len(clause.words)), "open", "")
        if not _CONCRETE.search(thing):
            return
        pattern, tails = chance.choice(_LACKING)

        def holds(candidate: Candidate, _spoken: Period) -> bool:
            return bool(re.search(pattern, candidate.words.replace(thing, "")))

        yield Made(
            self.asked(chance.choice(("", said(clause.period, year, chance))), thing + chance.choice(tails)),
            clause,
            None,
            "lacking",
            thing,
            holds,
        )
        counties = _COUNTY.findall(clause.words)
        if counties and figures:
            old = counties[0]
            new = (
                chance.choice(("茌平", "临清", "宁海", "长丰", "灵宝", "石泉", "昌乐", "定州", "凤台", "永川"))
                + old[-1]
            )
            put = clause.words.replace(old, new)[: figures[0].start()] + "多少" + figures[0]["unit"]

            def there(candidate: Candidate, _spoken: Period) -> bool:
                return new[:2] in candidate.words

            yield Made(self.asked("", put), clause, None, "other place", "", there)


def example_of(made: Made, source: Source, chance: random.Random) -> Example | None:
    """Return the example of a question, with candidates of its report; None where it may not be right."""
    question = made.question[:60]
    asked = grams(question)
    clause = made.clause
    answer = "" if made.span is None else clause.words[slice(*made.span)]
    order = sorted(range(len(source.pieces)), key=lambda i: -likeness(asked, source.bags[i]))[:14]
    if made.span is None:
        thing = grams(made.thing)
        kept = []
        for i in order:
            near = not thing or len(thing & source.bags[i]) >= 0.6 * len(thing)
            if near and made.may_answer(source.pieces[i], source.spoken[i]):
                return None
            kept.append(source.pieces[i])
        first, last = run_around(
            clause.sentence, clause.start, clause.start + len(clause.words), chance.randint(32, 96)
        )
        own = Candidate(clause.context, clause.sentence[first:last])
        if made.may_answer(own, clause.period):
            return None
        others = [piece for piece in kept if clause.words not in piece.words]
        chosen = [own, *others[:1], *chance.sample(others[1:9], min(2, len(others[1:9])))][:GROUP]
        chance.shuffle(chosen)
        return Example(question, tuple(chosen), source=made.name)
    at = clause.start + made.span[0]
    first, last = run_around(clause.sentence, at, at + len(answer), chance.randint(32, 96))
    if first > at or last < at + len(answer):
        return None
    right = Candidate(clause.context, clause.sentence[first:last])
    wrong = [
        source.pieces[i]
        for i in order
        if answer not in source.pieces[i].words and clause.words not in source.pieces[i].words
    ]
    wrong = [*wrong[:1], *chance.sample(wrong[1:9], min(2, len(wrong[1:9])))]
    place = chance.randint(0, len(wrong))
    return Example(
        question, (*wrong[:place], right, *wrong[place:]), place, at - first, at - first + len(answer), made.name
    )


def made(folder: Path, density: int, chance: random.Random) -> list[Example]:
    """Return the examples made from the reports under ``folder``, about ``density`` for a thousand characters."""
    maker = Maker(chance)
    found: list[Example] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".txt", ".docx") or HELD_OUT.search(str(path)):
            continue
        if (year := re.search(r"(?:19|20)\d\d", path.name)) and int(year[0]) < FIRST_YEAR:
            continue
        source = source_of(path, chance)
        asked = [question for clause in source.clauses for question in maker.of(clause, source.year)]
        chance.shuffle(asked)
        wanted = density * sum(len(piece.words) for piece in source.pieces) // 1000
        seen: dict[str, int] = {}
        mine = []
        for question in asked:
            share = seen.get(question.name, 0)
            if share > _MOST[question.name] * wanted + 2:
                continue
            if (example := example_of(question, source, chance)) is not None:
                seen[question.name] = share + 1
                mine.append(example)
            if len(mine) >= wanted:
                break
        found += mine
    return found
