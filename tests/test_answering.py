"""Quotes are slices with the answering words marked inside, and answers keep the order of what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import HashingEmbedder
from reportqa import ReportQA
from reportqa.answering import LONGEST_QUOTE, quote_of
from reportqa.index import PARAGRAPH, Index, open_index
from reportqa.indexing import write_index
from reportqa.lexical import bundled_lexicon
from reportqa.parsing import parse
from reportqa.questions import Question, understand
from reportqa.reading import Source
from reportqa.retrieval import LONGEST_MARK, Hit, weights
from reportqa.schema import Quote
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
