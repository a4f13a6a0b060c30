"""Quotes are slices with the answering words marked inside, and answers keep the order of what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import HashingEmbedder
from reportqa import ReportQA
from reportqa.answering import LONGEST_QUOTE, Asked, answer, quote_of, refusal
from reportqa.index import PARAGRAPH, Index, open_index
from reportqa.indexing import write_index
from reportqa.lexical import bundled_lexicon
from reportqa.parsing import parse
from reportqa.questions import Question, understand
from reportqa.reading import Source
from reportqa.refusal import Verdict
from reportqa.retrieval import LONGEST_MARK, Hit, weights
from reportqa.schema import Quote, Report
from reportqa.text import clause_spans

NAMES = "桥梁 道路 公园 学校 医院 车站 水库 农场 商场 剧院".split()  # noqa: SIM905 - a list of words reads best as one
LONG = (
    "，".join(f"{name}建设按照既定部署有序推进并取得积极成效新增{number}处" for number, name in enumerate(NAMES, 1))
    + "。"
)
ENDLESS = "全力推进" + "各项重点工作和民生实事" * 30 + "。"
"""A clause longer than a quote."""
LINES = (
    LONG,
    ENDLESS,
    "修桥10座，新通道路33条。",
    "修桥10座，高于全省2座。",
    "税收收入增长5%，保费收入增长7%。",
    "修桥10座，其中大桥3座。",
    "桥梁加快施工，修桥10座。",
    "短句。",
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return index_of(tmp_path_factory.mktemp("answering"), LINES)


def index_of(directory: Path, lines: Sequence[str]) -> Index:
    text = "\n".join(("各位代表：", "一、去年工作", *lines))
    write_index(directory, [parse(Source("平川市.txt", text, "平川市"), place="平川市", year=2022)], HashingEmbedder())
    return open_index(directory)


def read(text: str) -> Question:
    return understand(text, bundled_lexicon(), frozenset())


def hit_of(index: Index, window: str, sentence: str = "") -> Hit:
    """Return the hit that a window is, within the first sentence that begins with ``sentence``."""
    text = index.reports[0].text
    start = text.index(window, text.index(sentence))
    end = start + len(window)
    [number] = [n for n, row in enumerate(index.sentence_rows) if row[4] <= start and end <= row[5]]
    return Hit(0, number, start, end, 1.23456, weights())


def quote(index: Index, question: str, window: str, sentence: str = "") -> Quote:
    found = quote_of(read(question), index, hit_of(index, window, sentence))
    check(index, found)
    return found


def check(index: Index, found: Quote) -> None:
    """Check what holds of every quote."""
    citation = found.citation
    text = index.reports[0].text
    paragraph = index.reports[0].paragraphs[citation.paragraph - 1]
    assert found.text == text[citation.start : citation.end]
    assert found.context == text[paragraph.start : paragraph.end]
    assert paragraph.start <= citation.start < citation.end <= paragraph.end
    assert 0 < len(found.text) <= LONGEST_QUOTE
    [(first, last)] = found.highlights
    assert 0 <= first < last <= len(found.text)
    assert last - first <= LONGEST_MARK
    assert found.marked == found.text[first:last]
    assert f"?at={citation.start}-{citation.end}#p{citation.paragraph}" in citation.url


def sentence_of(index: Index, hit: Hit) -> str:
    start, end = index.sentence_rows[hit.sentence][4:6].tolist()
    return index.reports[0].text[start:end]


@pytest.mark.parametrize("question", ["修了几座", "怎么样", "GDP增长多少", "谁是市长"])
def test_every_sentence_of_the_sample_is_a_faithful_quote(sample_qa: ReportQA, question: str) -> None:
    index = sample_qa.index
    understood = read(question)
    text = index.reports[0].text
    for number, row in enumerate(index.sentence_rows.tolist()):
        start, end = row[4:6]
        windows = index.units[(index.units[:, 2] == number) & (index.units[:, 3] != PARAGRAPH)][:, 4:6].tolist()
        assert [start, end] in windows
        for first, last in windows:
            found = quote_of(understood, index, Hit(0, number, first, last, 1.0, weights()))
            check(index, found)
            assert found.text in text[start:end]
            if end - start <= LONGEST_QUOTE:
                assert found.text == text[start:end]
            mark = found.citation.start + found.highlights[0][0]
            assert first <= mark < last


@given(st.data())
def test_any_run_of_clauses_of_a_long_sentence_is_quoted_around_its_mark(index: Index, data: st.DataObject) -> None:
    whole = hit_of(index, LONG)
    start, end = index.sentence_rows[whole.sentence][4:6].tolist()
    clauses = clause_spans(index.reports[0].text, start, end)
    low = data.draw(st.integers(0, len(clauses) - 1))
    high = data.draw(st.integers(low, min(low + 1, len(clauses) - 1)))
    hit = Hit(0, whole.sentence, clauses[low][0], clauses[high][1], 1.0, weights())
    found = quote_of(read("怎么样"), index, hit)
    check(index, found)
    first, last = found.citation.start, found.citation.end
    assert first <= hit.start < hit.end <= last
    assert first in {a for a, _ in clauses}
    assert last in {b for _, b in clauses}
    before = [a for a, _ in clauses if a < first]
    after = [b for _, b in clauses if b > last]
    assert not before or last - before[-1] > LONGEST_QUOTE
    assert not after or after[0] - first > LONGEST_QUOTE


def test_a_sentence_that_fits_is_quoted_whole(index: Index) -> None:
    assert quote(index, "怎么样", "新通道路33条").text == LINES[2]
    assert quote(index, "怎么样", "短句。").text == "短句。"


def test_a_clause_longer_than_a_quote_is_cut(index: Index) -> None:
    found = quote(index, "怎么样", ENDLESS)
    assert found.text == ENDLESS[:LONGEST_QUOTE]
    assert found.marked == ENDLESS[:LONGEST_MARK]


def test_a_long_window_is_marked_from_its_beginning(index: Index) -> None:
    hit = hit_of(index, LONG)
    found = quote_of(read("怎么样"), index, hit)
    check(index, found)
    assert LONG.startswith(found.marked)
    assert len(found.marked) == LONGEST_MARK


@pytest.mark.parametrize(
    ("question", "window", "sentence", "marked"),
    [
        ("修桥几座", "修桥10座，新通道路33条。", "", "修桥10座"),
        ("修桥几座", "修桥10座，高于全省2座。", "", "修桥10座，高于全省2座。"),
        ("修桥几座", "修桥10座，其中大桥3座。", "", "修桥10座，其中大桥3座。"),
        ("道路通了几条", "修桥10座，新通道路33条。", "", "新通道路33条"),
        ("修桥了吗", "修桥10座，新通道路33条。", "", "修桥10座，新通道路33条。"),
        ("修桥多少亿元", "修桥10座，新通道路33条。", "", "修桥10座，新通道路33条。"),
        ("桥梁修桥几座", "桥梁加快施工，修桥10座。", "", "桥梁加快施工，修桥10座。"),
        ("修桥几座", "新通道路33条", "修桥10座，新通", "新通道路33条"),
    ],
)
def test_the_marks_neighbour(index: Index, question: str, window: str, sentence: str, marked: str) -> None:
    assert quote(index, question, window, sentence).marked == marked


def test_the_marks_neighbour_with_the_same_verb_is_dropped(index: Index) -> None:
    assert quote(index, "税收收入增长多少", "税收收入增长5%，保费收入增长7%。").marked == "税收收入增长5%"


def test_the_mark_of_a_clause_behind_a_long_one_lies_in_the_text(tmp_path: Path) -> None:
    long = "全力推进" + "各项重点工作和民生实事" * 21
    index = index_of(tmp_path, [f"{long}，{'桥头' * 33}修桥10座。"])
    start, end = index.sentence_rows[-1][4:6].tolist()
    hit = Hit(0, len(index.sentence_rows) - 1, start, end, 1.0, weights())
    check(index, quote_of(read("修桥几座"), index, hit))


def test_the_score_and_the_place(index: Index) -> None:
    found = quote(index, "怎么样", "新通道路33条")
    assert found.score == 1.2346
    assert found.citation.section == ["一、去年工作"]
    assert found.citation.report_id == "平川市-2022"


def test_the_topic_that_the_sentence_stands_under_is_named(tmp_path: Path) -> None:
    index = index_of(tmp_path, ["路网更加完善。修桥10座，新通道路33条。", "修渠7条，修堰9处。"])
    assert quote(index, "怎么样", "修桥10座").citation.topic == "路网更加完善"
    assert quote(index, "怎么样", "路网更加完善。").citation.topic == ""
    assert quote(index, "怎么样", "修渠7条").citation.topic == ""


def test_damaged_words_are_named_beside_the_quote_that_has_them(tmp_path: Path) -> None:
    report = report_of("甲市", "甲乔修了5座，保障出行。", "甲路修了6条，保障出行。")
    at = report.text.index("乔")
    write_index(tmp_path, [replace(report, errata=[(at, at + 1, "桥")])], HashingEmbedder())
    index = open_index(tmp_path)
    found = [quote_of(read("怎么样"), index, hit_in(index, 0, words)) for words in ("甲乔修了5座", "甲路修了6条")]
    assert [bool(quote.errata) for quote in found] == [True, False]


# Answers and refusals over a shelf of reports.


def report_of(place: str, *lines: str) -> Report:
    text = "\n".join((f"{place}2022年政府工作报告", "各位代表：", "一、去年工作", *lines))
    return parse(Source(f"{place}.txt", text, place), place=place, year=2022)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Index:
    reports = [report_of(place, *(f"{place[0]}桥修了{n}座，保障出行。" for n in range(3))) for place in PLACES]
    directory = tmp_path_factory.mktemp("shelf")
    write_index(directory, reports, HashingEmbedder())
    return open_index(directory)


PLACES = ("甲市", "乙市", "丙市", "丁市")


def hit_in(index: Index, report: int, words: str) -> Hit:
    start = index.reports[report].text.index(words)
    rows = enumerate(index.sentence_rows.tolist())
    [number] = [n for n, row in rows if row[0] == report and row[4] <= start < row[5]]
    return Hit(report, number, start, start + len(words), 1.0, weights())


def marks(quotes: Sequence[Quote]) -> list[str]:
    return [quote.marked for quote in quotes]


def test_an_answer_has_the_question_its_confidence_and_what_was_searched(shelf: Index) -> None:
    hits = [hit_in(shelf, 0, "甲桥修了0座"), hit_in(shelf, 0, "甲桥修了1座")]
    parts = [Asked("", hits, Verdict(0.75))]
    told = answer("甲桥修了几座", read("甲桥修了几座"), shelf, parts, shelf.reports[:1], top_k=5)
    assert (told.question, told.found, told.confidence) == ("甲桥修了几座", True, 0.75)
    assert told.searched == ["甲市-2022"]
    assert marks(told.quotes) == ["甲桥修了0座", "甲桥修了1座"]
    assert told.text == f"甲桥修了0座\n——{told.quotes[0].citation.label}"
    assert (told.parts, told.nearest, told.reason, told.missing) == ([], [], "", "")


def test_where_several_reports_were_searched_the_place_comes_first(shelf: Index) -> None:
    parts = [Asked("", [hit_in(shelf, 1, "乙桥修了2座")], Verdict(0.75))]
    told = answer("乙桥修了几座", read("乙桥修了几座"), shelf, parts, shelf.reports[:2], top_k=5)
    assert told.searched == ["甲市-2022", "乙市-2022"]
    assert told.text == f"{told.quotes[0].citation.label}：\n乙桥修了2座"


def test_the_best_of_every_report_comes_before_the_second_best_of_any(shelf: Index) -> None:
    words = [(2, "丙桥修了0座"), (2, "丙桥修了1座"), (0, "甲桥修了2座"), (2, "丙桥修了2座"), (0, "甲桥修了0座")]
    parts = [Asked("", [hit_in(shelf, *word) for word in words], Verdict(0.6))]
    told = answer("修了几座", read("修了几座"), shelf, parts, shelf.reports, top_k=4)
    assert marks(told.quotes) == ["丙桥修了0座", "甲桥修了2座", "丙桥修了1座", "甲桥修了0座"]


def test_the_parts_of_an_answer_take_turns_behind_their_firsts(shelf: Index) -> None:
    first = [hit_in(shelf, 0, f"甲桥修了{n}座") for n in range(3)]
    second = [hit_in(shelf, 1, f"乙桥修了{n}座") for n in range(3)]
    parts = [
        Asked("甲市", first, Verdict(0.6)),
        Asked("乙市", second, Verdict(0.8)),
        Asked("", second[1:], Verdict(0.1, "not_found")),
        Asked("丙市", second[2:], Verdict(0.1, "other_period", period="2020年")),
    ]
    told = answer("修了几座", read("修了几座"), shelf, parts, shelf.reports[:2], top_k=4)
    assert (told.question, told.found, told.confidence) == ("修了几座", True, 0.8)
    assert marks(told.quotes) == ["甲桥修了0座", "乙桥修了0座", "乙桥修了1座", "乙桥修了2座"]
    assert [(part.label, part.found, marks(part.quotes)) for part in told.parts] == [
        ("甲市", True, ["甲桥修了0座"]),
        ("乙市", True, ["乙桥修了0座"]),
        ("这一问", False, []),
        ("丙市2020年", False, []),
    ]
    assert told.searched == ["甲市-2022", "乙市-2022"]
    assert told.text.splitlines() == [
        "甲市：甲桥修了0座",
        f"——{told.quotes[0].citation.label}",
        "乙市：乙桥修了0座",
        f"——{told.quotes[1].citation.label}",
        "这一问：所收文本中未见",
        "丙市2020年：所收文本中未见",
    ]


def test_every_part_is_answered_though_fewer_quotes_are_wanted(shelf: Index) -> None:
    hits = [hit_in(shelf, 0, f"甲桥修了{n}座") for n in range(3)]
    parts = [Asked(str(n), [hit], Verdict(0.6)) for n, hit in enumerate(hits)]
    told = answer("修了几座", read("修了几座"), shelf, parts, shelf.reports, top_k=1)
    assert marks(told.quotes) == ["甲桥修了0座", "甲桥修了1座", "甲桥修了2座"]


def test_where_no_part_answers_it_is_refused_for_the_likeliest_part(shelf: Index) -> None:
    hits = [hit_in(shelf, 0, f"甲桥修了{n}座") for n in range(3)]
    parts = [
        Asked("甲市", hits[:1], Verdict(0.2, "not_found")),
        Asked("乙市", hits[1:], Verdict(0.3, "missing_kind", "原因")),
    ]
    told = answer("为何修桥", read("为何修桥"), shelf, parts, shelf.reports[:1], top_k=2)
    assert (told.question, told.found, told.confidence) == ("为何修桥", False, 0.3)
    assert (told.reason, told.missing, told.searched) == ("missing_kind", "原因", ["甲市-2022"])
    assert marks(told.nearest) == ["甲桥修了0座", "甲桥修了1座"]
    assert (told.quotes, told.parts) == ([], [])


SAID = "最接近的原文是“甲桥修了0座”"
ONE = "所收《甲市2022年政府工作报告》"


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (Verdict(0.1, "not_found"), f"{ONE}中未见这个问题的答案；{SAID}。"),
        (Verdict(0.1, "other_place", "乙市"), f"{ONE}中未见乙市的这项内容；{SAID}。"),
        (Verdict(0.1, "other_period", "2019年"), f"{ONE}中未见2019年的这项内容；{SAID}。"),
        (Verdict(0.1, "other_period"), f"{ONE}中未见所问时期的这项内容；{SAID}。"),
        (Verdict(0.1, "missing_figure", "梨产量", "2021年"), f"{ONE}中未见2021年梨产量的这个数字；{SAID}。"),
        (Verdict(0.1, "missing_kind", "地点"), f"报告提到“甲桥修了0座”，但{ONE}中未见地点。"),
        (Verdict(0.1, "not_on_shelf", "戊市的报告"), "没有收入戊市的报告。"),
        (Verdict(0.1, "greeting"), "您好！请就政府工作报告的内容提问，我会用报告原文回答并注明出处。"),
        (Verdict(0.1, "opinion"), "我只引用报告原文，不作评价；请就报告的内容提问。"),
        (Verdict(0.1, "instruction"), "我只用报告原文回答问题，不执行其他指令。"),
    ],
)
def test_a_refusal_says_what_is_missing_and_what_is_nearest(shelf: Index, verdict: Verdict, text: str) -> None:
    nearest = [quote_of(read("甲桥"), shelf, hit_in(shelf, 0, f"甲桥修了{n}座")) for n in range(2)]
    told = refusal("甲桥", verdict, nearest, shelf.reports[:1])
    assert told.text == text
    assert (told.question, told.found, told.confidence) == ("甲桥", False, 0.1)
    assert (told.reason, told.missing, told.nearest) == (verdict.reason, verdict.missing, nearest)
    assert told.searched == ["甲市-2022"]


def test_a_refusal_with_nothing_near_says_what_was_searched(shelf: Index) -> None:
    told = [refusal("甲", Verdict(0.1, "not_found"), [], shelf.reports[:n]).text for n in (0, 1, 3, 4)]
    three = "".join(f"《{place}2022年政府工作报告》" for place in PLACES[:3])
    assert told == [
        "所收 0 份报告中没有找到答案。",
        f"{ONE}中没有找到答案。",
        f"所收{three}中没有找到答案。",
        "所收 4 份报告中没有找到答案。",
    ]


@pytest.mark.parametrize("words", ["推进“四新”改造", "推进“四新", "四新”改造"])
def test_words_with_quotation_marks_are_quoted_in_others(tmp_path: Path, words: str) -> None:
    index = index_of(tmp_path, ["全市推进“四新”改造，成效明显。"])
    found = quote_of(read("怎么样"), index, hit_of(index, words))
    told = refusal("四新", Verdict(0.1, "not_found"), [found], index.reports)
    assert f"最接近的原文是「{words}」。" in told.text


def test_a_refusal_says_where_a_text_breaks_off(sample_report: Report, shelf: Index) -> None:
    told = refusal("甲", Verdict(0.1, "not_found"), [], [sample_report, shelf.reports[0]])
    named = "《2022年聊城市政府工作报告》（文本到三（二）为止）《甲市2022年政府工作报告》"
    assert told.text == f"所收{named}中没有找到答案。"


TWO = (
    ("2021年和2022年消费品零售总额各增长多少", ("2021年", "14.5%"), ("2022年", "7%以上")),
    ("瞪羚企业去年新增几家，今年打算新增几家", ("2021年", "瞪羚企业7家"), ("2022年目标", "瞪羚企业5家")),
    ("今年社零打算增长多少，去年实际增长多少", ("2022年目标", "7%以上"), ("2021年", "14.5%")),
)


@pytest.mark.parametrize(("question", "first", "second"), TWO)
def test_parts_come_in_the_order_of_the_question(
    sample_qa: ReportQA, question: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    answer = sample_qa.ask(question)
    assert answer.found
    assert [part.label for part in answer.parts] == [first[0], second[0]]
    assert all(part.found for part in answer.parts)
    lines = answer.text.splitlines()
    for part, (label, words) in zip(answer.parts, (first, second), strict=True):
        [found] = part.quotes
        check(sample_qa.index, found)
        assert words in found.text
        line = lines.index(f"{label}：{found.marked}")
        assert lines[line + 1] == f"——{found.citation.label}"
    assert [q.citation.start for q in answer.quotes[:2]] == [part.quotes[0].citation.start for part in answer.parts]
    assert len({q.citation.start for q in answer.quotes}) == len(answer.quotes)


@pytest.mark.parametrize("question", [question for question, _, _ in TWO])
def test_the_first_quotes_are_those_of_the_parts(sample_qa: ReportQA, question: str) -> None:
    answer = sample_qa.ask(question)
    assert answer.quotes[:2] == [part.quotes[0] for part in answer.parts]


@pytest.mark.parametrize(
    ("question", "marked"),
    [
        ("今年社零的目标是多少", "社会消费品零售总额增长7%以上"),
        ("今年进出口的目标是多少", "外贸进出口总额稳步增长"),
        ("今年财政收入的目标是多少", "一般公共预算收入增长5.5%左右"),
        ("今年老百姓收入的目标是多少", "居民人均可支配收入增长7%以上"),
    ],
)
def test_the_target_of_the_thing_asked_is_marked(sample_qa: ReportQA, question: str, marked: str) -> None:
    answer = sample_qa.ask(question)
    assert answer.found
    assert marked in answer.quotes[0].marked


@pytest.mark.parametrize(
    ("question", "marked"),
    [("今年生产总值的目标是多少", "生产总值增长6%左右"), ("今年物价涨幅的目标是多少", "居民消费价格指数涨幅3%左右")],
)
def test_the_target_is_marked(sample_qa: ReportQA, question: str, marked: str) -> None:
    answer = sample_qa.ask(question)
    assert answer.found
    assert marked in answer.quotes[0].marked


def test_a_figure_asked_for_in_english(sample_qa: ReportQA) -> None:
    assert "8.4%" in sample_qa.ask("What was GDP growth in 2021?").quotes[0].marked


def test_a_part_without_an_answer_says_so(sample_qa: ReportQA) -> None:
    answer = sample_qa.ask("去年和今年新建幼儿园各多少所")
    assert answer.found
    assert [(part.label, part.found) for part in answer.parts] == [("2021年", True), ("2022年", False)]
    assert answer.parts[1].quotes == []
    assert answer.text.splitlines()[-1] == "2022年：所收文本中未见"
    assert "142所" in answer.quotes[0].marked


def test_parts_without_any_answer_are_a_refusal(sample_qa: ReportQA) -> None:
    answer = sample_qa.ask("2018年和2019年新建幼儿园各多少所")
    assert not answer.found
    assert answer.parts == []
    assert answer.quotes == []
    assert answer.reason == "other_period"


@pytest.mark.parametrize("top_k", [1, 2, 7])
def test_top_k(sample_qa: ReportQA, top_k: int) -> None:
    one = sample_qa.ask("去年减税降费多少亿元", top_k=top_k)
    assert len(one.quotes) == top_k
    assert one.text == f"{one.quotes[0].marked}\n——{one.quotes[0].citation.label}"
    assert one.parts == []
    two = sample_qa.ask(TWO[0][0], top_k=top_k)
    assert len(two.quotes) == max(top_k, 2)
    assert all(part.found for part in two.parts)


def test_a_refusal_lists_top_k_nearest(sample_qa: ReportQA) -> None:
    answer = sample_qa.ask("东阿至平黄河大桥花了多少钱", top_k=3)
    assert not answer.found
    assert len(answer.nearest) == 3
    for found in answer.nearest:
        check(sample_qa.index, found)


@pytest.mark.parametrize(
    "question",
    ["麻婆豆腐怎么做才正宗", "怎么给孩子退烧", "怎么用Python读取Excel文件", "推荐一部好看的电影", "今天天气怎么样"],
)
def test_what_has_nothing_to_do_with_reports_is_refused(sample_qa: ReportQA, question: str) -> None:
    answer = sample_qa.ask(question)
    assert (answer.found, answer.reason) == (False, "not_found")
