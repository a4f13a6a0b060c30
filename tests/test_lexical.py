"""Grams, BM25 against its formula, and the alias lexicon."""

from __future__ import annotations

import math
from collections import Counter
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from conftest import is_one_chinese_sentence
from reportqa.lexical import BM25, Alias, Lexicon, bundled_lexicon, grams
from reportqa.schema import Report, ReportQAError
from reportqa.text import fold

CORPUS = [
    "全市生产总值增长8.4%，税收收入增长5%。",
    "全市税收收入增长较快，税收占比提高。",
    "新增就业4.5万人。",
    "新建高速公路183公里，高速公路全面建成。",
    "……",
    "GDP能耗下降近20%，生产总值能耗下降。",
]
QUERIES = ["税收增长多少", "高速公路", "生产总值增长8.4%", "新增就业", "gdp能耗", "未见之词鱖鳜"]
BUNDLED = resources.files("reportqa").joinpath("data", "lexicon.txt").read_text(encoding="utf-8")
ENTRIES = [line for line in BUNDLED.splitlines() if line.partition("#")[0].strip()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("税收增长", ["税", "收", "增", "长", "税收", "收增", "增长"]),
        ("增长 8.4％", ["增", "长", "8.4%", "增长", "长8.4%"]),
        ("增長", ["增", "长", "增长"]),
        ("ＧＤＰ多少", ["gdp", "gdp多", "多少"]),
        ("PM_{2.5}", ["pm", "2.5", "pm2.5"]),
        ("5G", ["5", "g", "5g"]),
        ("，。", []),
        ("", []),
    ],
)
def test_grams(text: str, expected: list[str]) -> None:
    assert grams(text) == expected


def idf(documents: list[list[str]], token: str) -> float:
    having = sum(token in document for document in documents)
    return math.log(1 + (len(documents) - having + 0.5) / (having + 0.5))


def lucene_scores(documents: list[list[str]], query: list[str], k1: float = 1.2, b: float = 0.5) -> list[float]:
    """Return BM25 as Lucene has it, a query's token counted once."""
    average = sum(map(len, documents)) / len(documents)
    scores = []
    for document in documents:
        counts = Counter(document)
        norm = k1 * (1 - b + b * len(document) / average)
        scores.append(sum(idf(documents, token) * counts[token] / (counts[token] + norm) for token in set(query)))
    return scores


@pytest.mark.parametrize("query", QUERIES)
def test_scores_are_those_of_the_formula(query: str) -> None:
    tokens = grams(query) * 2
    scores = BM25.build(CORPUS).scores(tokens)
    assert scores.shape == (len(CORPUS),)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, lucene_scores([grams(text) for text in CORPUS], tokens), rtol=1e-5)


def test_scores_on_the_sample_are_those_of_the_formula(sample_report: Report) -> None:
    texts = [sample_report.text[s.start : s.end] for p in sample_report.paragraphs for s in p.sentences]
    tokens = grams("2021年新增高新技术企业多少家")
    expected = lucene_scores([grams(text) for text in texts], tokens)
    np.testing.assert_allclose(BM25.build(texts).scores(tokens), expected, rtol=1e-4, atol=1e-6)


def test_scores_of_words_that_no_text_has_are_zero() -> None:
    assert not BM25.build(CORPUS).scores(["鱖", "鳜"]).any()
    assert not BM25.build(CORPUS).scores([]).any()


def test_save_and_load(tmp_path: Path) -> None:
    built = BM25.build(CORPUS)
    built.save(tmp_path / "bm25")
    loaded = BM25.load(tmp_path / "bm25")
    for query in QUERIES:
        np.testing.assert_array_equal(loaded.scores(grams(query)), built.scores(grams(query)))
        assert loaded.ideal(grams(query)) == built.ideal(grams(query))
        assert loaded.rarity(query) == built.rarity(query)


def test_rarity_and_ideal_are_sums_and_maxima_of_the_idf() -> None:
    documents = [grams(text) for text in CORPUS]
    built = BM25.build(CORPUS)
    assert built.rarity("税收") == pytest.approx(max(idf(documents, token) for token in ("税", "收", "税收")))
    assert built.rarity("鳜") == pytest.approx(idf(documents, "鳜"))
    assert built.rarity("") == 0.0
    tokens = grams("税收增长鳜")
    known = {token for token in tokens if any(token in document for document in documents)}
    assert built.ideal(tokens) == pytest.approx(sum(idf(documents, token) for token in known))


GOOD = """# what people say
生产总值 | 地区生产总值 <- gdp, 经济总量, gross domestic product
人均生产总值 <- 人均GDP  # a comment

进出口 <- 外贸
贸易 <- 外贸
"""


def test_lexicon_finds_what_users_say() -> None:
    lexicon = Lexicon.read(GOOD)
    assert lexicon.find("全市gdp多少") == [Alias(2, 5, "gdp", ("生产总值", "地区生产总值"))]
    assert lexicon.find("the gross domestic product of") == [
        Alias(4, 26, "gross domestic product", ("生产总值", "地区生产总值"))
    ]
    assert lexicon.find("粮食产量") == []


def test_lexicon_knows_the_other_spellings_of_a_report_term() -> None:
    assert Lexicon.read(GOOD).find("地区生产总值") == [Alias(0, 6, "地区生产总值", ("生产总值",))]


def test_lexicon_takes_the_longest_match_and_goes_on_behind_it() -> None:
    found = Lexicon.read(GOOD).find("人均gdp和gdp")
    assert [(alias.start, alias.end, alias.said) for alias in found] == [(0, 5, "人均gdp"), (6, 9, "gdp")]
    assert found[0].terms == ("人均生产总值",)


@pytest.mark.parametrize("question", ["gdps", "agdp", "bigdpx"])
def test_lexicon_matches_latin_words_whole(question: str) -> None:
    assert Lexicon.read(GOOD).find(question) == []


def test_lexicon_joins_entries_of_the_same_word() -> None:
    [alias] = Lexicon.read(GOOD).find("外贸")
    assert alias.terms == ("进出口", "贸易")


def test_lexicon_of_several_texts() -> None:
    lexicon = Lexicon.read("粮食 <- 口粮", "耕地 <- 田")
    assert [alias.terms for alias in lexicon.find("口粮和田")] == [("粮食",), ("耕地",)]


def test_an_empty_lexicon() -> None:
    assert Lexicon.read("", "# nothing\n").find("gdp") == []


@pytest.mark.parametrize("line", ["生产总值 gdp", "生产总值", "<- gdp", " | <- gdp", "生产总值 -> gdp"])
def test_a_malformed_line_is_named(line: str) -> None:
    with pytest.raises(ReportQAError, match="第 3 行") as caught:
        Lexicon.read(f"# first\n粮食 <- 口粮\n{line}\n")
    assert line.strip() in str(caught.value)
    assert is_one_chinese_sentence(str(caught.value))


def test_full_width_commas_separate_words() -> None:
    lexicon = Lexicon.read("生产总值 <- 经济总量，经济规模")
    assert [alias.terms for alias in lexicon.find("经济规模")] == [("生产总值",)]


def test_every_line_of_the_bundled_lexicon_is_found_by_every_word_it_names() -> None:
    assert ENTRIES
    for entry in ENTRIES:
        terms, _, words = entry.partition("#")[0].lstrip("~ ").partition("<-")
        assert Lexicon.read(entry)
        assert "，" not in words, entry
        for word in map(str.strip, words.split(",")):
            written = word.lower() if word.isascii() else fold(word)
            [alias] = bundled_lexicon().find(written)
            assert (alias.start, alias.end) == (0, len(written)), entry
            others = {term.strip() for term in terms.split("|") if fold(term) != fold(word)}
            assert others <= set(alias.terms), entry


def test_a_word_belongs_to_one_entry_of_the_bundled_lexicon() -> None:
    terms, words = Counter[str](), Counter[str]()
    for entry in ENTRIES:
        left, _, right = entry.partition("#")[0].partition("<-")
        terms.update({fold(term) for term in left.split("|")})
        words.update({fold(word) for word in right.split(",")})
    assert [term for term, count in terms.items() if count > 1] == []
    assert [word for word, count in words.items() if count > 1] == []


def test_within_some_texts_words_are_as_rare_as_in_these_alone() -> None:
    texts = ["粮食产量增长", "粮食生产平稳", "高铁通车", "新建高铁两条", "粮食收购", "桥梁开工"]
    chosen = np.array([True, True, False, False, True, False])
    within = BM25.build(texts).within(chosen)
    alone = BM25.build([text for text, kept in zip(texts, chosen, strict=True) if kept])
    for word in ("粮食", "产量", "高铁"):
        assert within.rarity(word) == pytest.approx(alone.rarity(word))
    query = grams("粮食产量")
    assert within.ideal(query) == pytest.approx(alone.ideal(query))
    found = within.scores(query)
    assert np.argmax(found[chosen]) == np.argmax(alone.scores(query))
    assert found[2] == 0


def test_several_indexes_as_one_have_the_words_as_rare_as_they_are_in_all() -> None:
    texts = ["全市生产总值增长8%", "粮食总产113亿斤", "财政收入增长14%", "粮食产量再获丰收", "城镇新增就业4万人"]
    whole = BM25.build(texts)
    joined = BM25.joined([BM25.build(texts[:2]), BM25.build(texts[2:3]), BM25.build(texts[3:])])
    query = [*grams("粮食产量增长多少"), "没有的词"]
    assert joined.ideal(query) == pytest.approx(whole.ideal(query))
    assert joined.rarity("粮食") == pytest.approx(whole.rarity("粮食"))
    assert joined.scores(query) == pytest.approx(whole.scores(query), abs=0.2)  # lengths count among their own
    chosen = np.array([True, False, True, True, False])
    assert joined.within(chosen).rarity("增长") == pytest.approx(whole.within(chosen).rarity("增长"))
    assert joined.scores(["没有的词"]).tolist() == [0.0] * 5
