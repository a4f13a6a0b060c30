"""Words against words: what may stand for what without changing what is said, and which words are facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from importlib import resources

import jieba
import jieba.posseg

from reportqa.periods import mentions, period_of
from reportqa.schema import Report

_FUNCTION_WORDS = (
    "的 了 着 地 得 之 也 还 就 均 都 并 且 而 又 其 该 这 那 等 是 为 有 于 在 以 对 把 将对 所 个 即 则 被 里 中 上 居 位居 位列 排名 其中 此外 同时 另外 目前 现在 "
    "大力 积极 着力 切实 扎实 进一步 全力 深入 有效 稳步 有力 有序 顺利 成功 持续 不断 更 更加 共 总共 共计 一共 合计 全年 实现 和 与 及 以及 同 跟 "
    "分别 可以 能够 这个 这些 我们 了的 一个 一 着的 过 做好 通过 达到 达 先后 陆续 相继 双双 共有 累计 保持 稳居 得到 得以 予以 已经 部门 达到了 同比 较上年 比上年 比去年 较去年 上年"
)
_FUNCTION = frozenset(_FUNCTION_WORDS.split())
"""What may be left out or put in without changing what is said."""
_UP_WORDS = (
    "增长 增加 提高 提升 上升 上涨 增 升 涨 增至 升至 攀升 扩大 高于 快于 新增 多 高 快 增幅 增速 涨幅 回升 走高 好于"
)
_UP = frozenset(_UP_WORDS.split())
_DOWN_WORDS = "下降 降低 减少 下滑 降 减 降至 缩小 缩减 压减 削减 回落 下跌 跌 低于 慢于 收窄 缩 少 放缓 降幅 减至 走低 压降 慢 低 压"
_DOWN = frozenset(_DOWN_WORDS.split())
_BARE = {
    "高": "(?=了|出|\\d)",
    "快": "(?=了|出|\\d)",
    "多": "(?=了|出|\\d)",
    "低": "(?=了|出|\\d)",
    "慢": "(?=了|出|\\d)",
}
_BARE |= {"少": "(?=了|\\d)", "压": "(?=到|了|至)"}
_DIRECTION = re.compile(
    "|".join(re.escape(word) + _BARE.get(word, "") for word in sorted(_UP | _DOWN | set(_BARE), key=len, reverse=True))
)
_NOT_A_DIRECTION = re.compile(
    "减税|降费|减负|增收节支|减排|增值|降碳|减污|增效|降本|多年|不少|至少|很多|许多|大多|多数|少数|少年|多元|多种|减免|增量|快递|加快"
)
SCOPES = re.compile("全世界|世界|全球|国际|亚洲|全国|国内|全省|全市|全区|全县|全盟|全州|全旗")
LEVELS = re.compile("世界级|国家级|省级|市级|区级|县级|自治区级|省部级")
RANKS = re.compile(
    "首位|榜首|第一(?!产业|时间|书记|手|线|资源|要务|批|次|季度|位的)|第[二三四五六七八九十]+(?!产业|次|季度|批|届)|第\\d+(?!产业|次|季度|批|届)|末位|倒数"
)
NEGATION = re.compile("不|未|没有|没|无|非|杜绝|严禁|禁止")
DEPENDENT = re.compile(
    "(?:均|都|也|并|且|还|同比|环比|比|较|居|位居|位列|位于|排|名列|跻身|创|达|增|上升|下降|降|减|提高|高于|低于|快于|慢于|高出|超|突破|占|获得?|荣获|被|受|得到|得以|实现|"
    "保持|首|第一|第\\d|连续|连年|全部|基本|全面|圆满|如期|提前|远|其中|再次|有力|有效|成为|列|入选|领先|领跑|为)"
)
"""How a clause begins that has no subject of its own: it says something of the one before."""
LEANING = re.compile(
    r"同比|环比|(?:较|比)(?:上年|去年|年初|全|\d)|位?居(?:全|首|第|前|世界)|位列|名列|排名|排在|(?:高于|低于|快于|慢于|高出)全"
    r"|(?:增长|上升|下降|提高|降低|减少)(?:了|约|超|近)?\d"
)
"""How a clause begins that gives a change or a rank of what the one before names, and cannot stand without it."""
_IDLE_CLAUSE_WORDS = (
    "同志们 朋友们 各位代表 各位委员 各位领导 各位来宾 各位同事 女士们 先生们 大家好 你们好 谢谢大家 谢谢 众所周知 大家知道 我们知道 我们看到 可以看到 可以说 应该说 总的来说 总的看 "
    "总体来看 总体而言 具体来说 具体来看 具体而言 换句话说 换言之 也就是说 简单地说 不难看出 事实证明 实践证明 事实上 实际上 其实 毫无疑问 值得一提的是 值得注意的是 特别是 尤其是 例如 比如 "
    "如 即 此外 另外 同时 其中 目前 当前 如今 一年来 过去一年 这一年 截至目前 第一 第二 第三 第四 第五 首先 其次 再次 最后 一方面 另一方面 与此同时 除此之外 不仅如此 由此可见 因此 所以 但是 然而 不过"
)
_IDLE_CLAUSES = frozenset(_IDLE_CLAUSE_WORDS.split())
_PROPER = frozenset(("nr", "nt", "nrt", "nrfg"))
_RARE = 40
"""Nouns that the dictionary saw less often, or not at all, are taken for names."""
_GENERIC = re.compile(
    "(?:居民|公司|企业|院|人|员|户|区|业|性|化|力|量|率|额|费|群众|干部|项目|工程|平台|资金|收入|部门)$"
)
_LATIN = re.compile(r"[a-z]{2,}\d*")
_FULL_NAMES = {"自治区": "区", "自治州": "州", "自治县": "县", "自治旗": "旗"}


@cache
def _synonyms() -> dict[str, str]:
    text = resources.files("reportqa").joinpath("data/synonyms.txt").read_text(encoding="utf-8")
    groups = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return {word: group[0] for group in groups for word in group}


@lru_cache(maxsize=10_000)
def segmented(folded: str) -> tuple[str, ...]:
    """Return the words of a folded text."""
    return tuple(jieba.lcut(folded))


def word_ends(folded: str) -> frozenset[int]:
    """Return the offsets of a folded text where a word ends or begins."""
    ends, at = {0}, 0
    for word in segmented(folded):
        at += len(word)
        ends.add(at)
    return frozenset(ends)


@lru_cache(maxsize=1_000)
def own_words(place: str) -> frozenset[str]:
    """Return what a report of ``place`` calls the place itself: 聊城市, 聊城, 全市, 我市."""
    if place == "全国":
        return frozenset(("全国", "我国", "中国", "国家"))
    full = next((name for name in _FULL_NAMES if place.endswith(name)), place[-1:])
    kind = _FULL_NAMES.get(full, full)
    names = {place, f"全{kind}", f"我{kind}", full if len(full) > 1 else ""}
    names |= {f"本{kind}"} | short_names(place)
    return frozenset(name for name in names if len(name) > 1)


@lru_cache(maxsize=1_000)
def short_names(place: str) -> frozenset[str]:
    """Return the short names of a place: 聊城 of 聊城市, 广西 of 广西壮族自治区."""
    stem = re.sub(
        r"(?<=..)(?:特别行政区|(?:维吾尔|(?:[\u4e00-\u9fff]{1,3}族)+)?自治[区州县旗])$|[省市县区旗州盟]$", "", place
    )
    return frozenset((stem,)) if len(stem) > 1 else frozenset()


def is_idle(clause: str) -> bool:
    """Whether a folded clause says nothing of its own: 同志们, 众所周知, 与此同时."""
    return re.sub(r"\W", "", clause) in _IDLE_CLAUSES


def residue(piece: str, place: str) -> list[str]:
    """Return the words of a folded piece that matter: in their group's first form, without function and own words."""
    own = own_words(place)
    groups = _synonyms()
    bare = re.sub(r"(?!(?<=\d)\.\d)[^\w%]", " ", piece)
    bare = _AVERAGE.sub("", _SAME_TIME.sub(" ", bare))
    bare = _RISEN_TO.sub("升至", _FALLEN_TO.sub("降至", bare))
    for name in sorted(own, key=len, reverse=True):
        bare = bare.replace(name, " ")
    whole = bare.strip()
    if whole in groups:
        return [] if whole in _FUNCTION else [groups[whole]]
    words = (word for part in bare.split() for word in segmented(part))
    return [groups.get(word, word) for word in words if word not in _FUNCTION]


_SAME_TIME = re.compile("[较比同](?:上一?年|去年|前一年)(?:同期)?(?:相比)?")
_AVERAGE = re.compile("(?<=全[国省市区县])平均(?:水平)?")
_RISEN_TO = re.compile("(?:增长|增加|提高|提升|上升|增|升|涨)(?:到|至)了?")
_FALLEN_TO = re.compile("(?:下降|降低|减少|压减|压降|降|减|缩|压)(?:到|至)了?")


def names_own(piece: str, place: str) -> bool:
    """Whether a folded piece names the report's own place."""
    return any(name in piece for name in own_words(place))


def same_words(one: str, other: str, report: Report) -> bool:
    """Whether two folded pieces, without numbers, say the same: the same words, synonyms or the same period."""
    said, written = residue(one, report.place), residue(other, report.place)
    if "".join(said) == "".join(written) or sorted(said) == sorted(written):
        return True
    words = (sorted(said), sorted(written))
    if any(_less_kinds(a) == b for a, b in (words, words[::-1])):
        return True
    return same_period(one, other, report)


def _less_kinds(words: Sequence[str]) -> list[str]:
    """Return words with the places among them less what kind of place they are: 阳谷 of 阳谷县."""
    tags = jieba.posseg.dt.word_tag_tab
    return sorted(
        word[:-1] if len(word) > 2 and word[-1] in "省市县区" and tags.get(word) == "ns" else word for word in words
    )


def same_period(one: str, other: str, report: Report) -> bool:
    """Whether two folded pieces are both words for the same years: 去年 and 2021年."""
    if not one or not other or not all(is_period(piece) for piece in (one, other)):
        return False
    first, second = period_of(one, report.year), period_of(other, report.year)
    return first.known and (first.first, first.last) == (second.first, second.last)


def is_period(piece: str) -> bool:
    """Whether a folded piece is nothing but the name of a period."""
    bare = re.sub(r"[^\w]|(?:以来|[间里来中的])$", "", piece)
    return any(start == 0 and end >= len(bare) for start, end in mentions(bare))


_SUM = re.compile("累计|合计|总共|总共加起来")


def said_periods(folded: str) -> list[tuple[int, int]]:
    """Return the spans of the words that name years; 累计 names none."""
    return [(start, end) for start, end in mentions(folded) if not _SUM.fullmatch(folded[start:end])]


def directions(folded: str) -> set[int]:
    """Return all the ways that a folded text says things went."""
    hidden = _NOT_A_DIRECTION.sub(lambda found: "□" * len(found[0]), folded)
    return {1 if match[0] in _UP else -1 for match in _DIRECTION.finditer(hidden)}


def names(folded: str, known: Callable[[str], bool] = bool) -> list[str]:
    """Return the names in a folded text: of places, people, organisations, and Latin ones.

    A rare noun is taken for a name where it is ``known`` to stand in the reports.
    """
    proper = [word for word, tag in jieba.posseg.cut(folded) if len(word) > 1 and _is_name(word, tag, known)]
    groups = _synonyms()
    return [word for word in [*proper, *_LATIN.findall(folded)] if word not in groups]


SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文施"
)


def _is_name(word: str, tag: str, known: Callable[[str], bool]) -> bool:
    if word in _NO_NAMES:
        return False
    if tag == "ns" or (_BODY.search(word) and not _COMMON_BODY.search(word)):
        return True
    if not tag.startswith("n") or not _is_rare(word):
        return False
    person = tag in _PROPER and (bool(jieba.get_FREQ(word)) or (len(word) == 3 and word[0] in SURNAMES))
    return person or known(word)


_NO_NAMES = frozenset(("上市", "城市", "河湖", "深度", "新建"))
_BODY = re.compile("..(?:区|集团|学院|大学|医院|机场|高铁|高速|铁路|大桥|水库|银行)$|.[县镇旗]$")
_COMMON_BODY = re.compile(
    "(?:地|城|小|园|景|社|辖|市|县|片|山|灾|库|校|街|郊|农|牧|(?<!高)新|老|矿|港|湖|海|示范|试验|先行|聚集|集聚|开发|安置|保护|自治|功能|核心|城镇|乡村|生活|工业|产业|拓展|协作|合作)区$"
    "|^(?:全|各|本|我|市|区|乡|村|城|强|重|古|小|名|特色)[县镇]$|市县$|区县$|乡镇$|城镇$|村镇$|中心镇$|特色小镇$"
)


def stands_for(name: str, text: str) -> bool:
    """Whether a text has a name, or the longer one that it shortens: 经开区 for 经济技术开发区."""
    return name in text or (
        len(name) > 2 and re.search("[\u4e00-\u9fff]{0,4}?".join(map(re.escape, name)), text) is not None
    )


def _is_rare(word: str) -> bool:
    return (jieba.get_FREQ(word) or 0) <= _RARE and not _GENERIC.search(word)


def is_function(word: str) -> bool:
    """Whether a word may be left out or put in without changing what is said."""
    return word in _FUNCTION


def direction_word(words: str) -> re.Match[str] | None:
    """Return the last word that says which way something went."""
    hidden = _NOT_A_DIRECTION.sub(lambda found: "□" * len(found[0]), words)
    return max(_DIRECTION.finditer(hidden), key=lambda match: match.start(), default=None)


def way(word: str) -> int:
    """Return 1 for a word of rising, -1 for one of falling."""
    return 1 if word in _UP else -1


_DIGIT = re.compile(r"\d")
_HEDGES = re.compile(
    "预计|预期|力争|拟|计划|基本|初步|部分|大部分|全部|主要|有望|即将|首[个家次座条]|唯一|规模以上|规上|农村|城镇"
)


def states_facts(words: str) -> bool:
    """Whether words state what a faithful text must keep: a negation, a scope, a rank, a hedge, a figure."""
    return any(pattern.search(words) for pattern in (NEGATION, SCOPES, LEVELS, RANKS, _HEDGES, _DIGIT))


def names_things(words: str) -> bool:
    """Whether there is a noun among folded words, verbal ones and abbreviations too."""
    return any(
        tag[0] in "nbsftxjl" or tag in ("vn", "an") for word, tag in jieba.posseg.cut(words) if word not in _FUNCTION
    )
