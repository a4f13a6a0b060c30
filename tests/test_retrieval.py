"""Ranking against an exhaustive search, marks, periods, and narrowing to reports."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from conftest import HashingEmbedder
from reportqa import ReportQA, retrieval
from reportqa.embedding import Embedder
from reportqa.index import PARAGRAPH, Index, open_index
from reportqa.indexing import write_index
from reportqa.lexical import bundled_lexicon
from reportqa.parsing import parse
from reportqa.periods import Period, agreement, asked_periods
from reportqa.questions import Question, understand
from reportqa.reading import Source
from reportqa.retrieval import LONGEST_MARK, SIGNS, Candidates, Hit, candidates, parts, search, weights
from reportqa.schema import Report

OWN = frozenset({"聊城市", "聊城"})
MANY = 1_000_000
QUESTIONS = (
    "去年生产总值涨了多少",
    "今年生产总值打算涨多少",
    "哪个产业集群进了省里的“雁阵形”名单",
    "上云的企业有多少",
    "专项债带动了多少投资",
    "哪家企业是国家级工业设计中心",
    "“无证明城市”免交了多少项证明",
    "友城多了几个",
    "电价给农户便宜了多少",
    "“三品一标”新增几个",
    "农村公路修了几公里",
    "防返贫靠什么平台",
    "过街天桥建在主城区几座",
    "机场的前期工作到哪一步了",
    "雾霾改善了吗",
    "不良贷款率从多少降到多少",
    "龙卷风刮了哪里",
    "汛情持续多久",
    "日间照料中心增加几处",
    "视频资源整合了多少路",
    "委员提案办了几件",
    "疫苗打了多少剂次",
    "五年脱贫多少人",
    "五年来造林多少亩",
    "凤祥股份在哪儿上市",
    "失业保险待遇提高百分之几",
    "聊城还有哪些短板",
    "今后五年的总体要求是什么",
    "5G基站要建多少",
    "瞪羚企业今年要培育几家",
    "誰是市長",
    "How many kindergartens were opened?",
    "核电站装机多少",
    "谢谢",
)
TWO_PERIODS = ("2021年和2022年消费品零售总额各增长多少", "瞪羚企业去年新增几家，今年打算新增几家")
AMBIGUOUS = "项目"


def read(text: str) -> Question:
    return understand(text, bundled_lexicon(), OWN)


def searched(index: Index, embedder: Embedder, text: str, reports: list[int] | None = None) -> list[list[Hit]]:
    """Return the hits of each part of a question."""
    question, vector = read(text), embedder.encode_query(text)
    return [search(question, index, vector, sought) for sought in parts(question, index, reports)]


def gathered(index: Index, embedder: Embedder, text: str, reports: list[int] | None = None) -> list[Candidates]:
    """Return the candidates of each part of a question."""
    question, vector = read(text), embedder.encode_query(text)
    return [candidates(question, index, vector, sought) for sought in parts(question, index, reports)]


def ranked(qa: ReportQA, text: str) -> list[Hit]:
    return searched(qa.index, qa.embedder, text)[0]


def exhaustive(qa: ReportQA, text: str, monkeypatch: pytest.MonkeyPatch) -> Candidates:
    """Return every window of the index with its signs."""
    with monkeypatch.context() as patch:
        for name in ("_DENSE_CANDIDATES", "_LEXICAL_CANDIDATES", "_SHORTLIST"):
            patch.setattr(retrieval, name, MANY)
        return gathered(qa.index, qa.embedder, text)[0]


@pytest.mark.parametrize("text", QUESTIONS)
def test_the_best_sentences_are_those_of_an_exhaustive_search(
    sample_qa: ReportQA, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    index = sample_qa.index
    every = exhaustive(sample_qa, text, monkeypatch)
    assert every.rows.tolist() == np.flatnonzero(index.units[:, 3] != PARAGRAPH).tolist()
    scores = every.signs @ weights()
    sentences = index.units[every.rows, 2]
    best = np.full(len(index.sentence_rows), -np.inf)
    np.maximum.at(best, sentences, scores)
    hits = ranked(sample_qa, text)
    assert hits[0].score == pytest.approx(best.max(), abs=1e-4)
    assert hits[0].sentence in np.flatnonzero(best >= best.max() - 1e-4)
    for hit in hits:
        assert hit.score == pytest.approx(best[hit.sentence], abs=1e-4)
    expected = set(np.argsort(-best, kind="stable")[:3].tolist())
    assert len(expected & {hit.sentence for hit in hits[:10]}) == len(expected)


@pytest.mark.parametrize("text", QUESTIONS)
def test_signs_of_the_candidates_are_those_of_the_exhaustive_search(
    sample_qa: ReportQA, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    found = gathered(sample_qa.index, sample_qa.embedder, text)[0]
    every = exhaustive(sample_qa, text, monkeypatch)
    at = np.searchsorted(every.rows, found.rows)
    assert len(found.rows) == len(set(found.rows.tolist()))
    np.testing.assert_array_equal(every.rows[at], found.rows)
    np.testing.assert_allclose(found.signs, every.signs[at], atol=1e-5)
    assert np.isfinite(found.signs).all()


@pytest.mark.parametrize("text", [*QUESTIONS, *TWO_PERIODS, AMBIGUOUS, "？", "a"])
def test_one_hit_a_sentence_best_first_with_a_short_mark_inside(sample_qa: ReportQA, text: str) -> None:
    index = sample_qa.index
    for hits in searched(index, sample_qa.embedder, text):
        assert hits
        assert len({hit.sentence for hit in hits}) == len(hits)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        for hit in hits:
            row = index.sentence_rows[hit.sentence]
            assert hit.report == row[0]
            assert row[4] <= hit.start < hit.end <= row[5]
            windows = index.units[index.units[:, 2] == hit.sentence][:, 4:6].tolist()
            assert [hit.start, hit.end] in windows
            if any(end - start <= LONGEST_MARK for start, end in windows):
                assert hit.end - hit.start <= LONGEST_MARK


@pytest.mark.parametrize("text", QUESTIONS[:8])
def test_the_score_is_the_weighted_sum_of_the_signs(sample_qa: ReportQA, text: str) -> None:
    for hit in ranked(sample_qa, text):
        assert hit.signs.shape == (len(SIGNS),)
        assert hit.score == pytest.approx(float(hit.signs @ weights()), abs=1e-4)


def test_weights_name_every_sign_and_none_else() -> None:
    data = json.loads(resources.files("reportqa").joinpath("data/weights.json").read_text(encoding="utf-8"))
    assert set(data["ranking"]) == set(SIGNS)
    assert len(set(SIGNS)) == len(SIGNS)
    assert weights().tolist() == pytest.approx([data["ranking"][name] for name in SIGNS])


def test_no_sign_weighs_against_an_answer() -> None:
    assert (weights() >= 0).all()


@pytest.mark.parametrize("text", TWO_PERIODS)
def test_two_periods_give_two_rankings(sample_qa: ReportQA, text: str) -> None:
    first, second = searched(sample_qa.index, sample_qa.embedder, text)
    assert {hit.sentence for hit in first} == {hit.sentence for hit in second}
    assert first[0].sentence != second[0].sentence
    marked = [sample_qa.index.reports[0].text[hits[0].start : hits[0].end] for hits in (first, second)]
    assert marked[0] != marked[1]


@pytest.mark.parametrize("text", QUESTIONS)
def test_one_period_gives_one_ranking(sample_qa: ReportQA, text: str) -> None:
    assert len(parts(read(text), sample_qa.index)) == 1


@pytest.mark.parametrize("text", [*QUESTIONS[:6], *TWO_PERIODS, "2019年的税收", "今后五年建几座桥", "项目"])
def test_period_signs_are_the_agreement_of_the_periods(sample_qa: ReportQA, text: str) -> None:
    index = sample_qa.index
    found = gathered(index, sample_qa.embedder, text)
    asked = asked_periods(read(text).folded, index.reports[0].year)
    assert len(found) == len(asked)
    for part, period in zip(found, asked, strict=True):
        own = [agreement(period, Period(*row)) for row in index.units[part.rows, 6:9].tolist()]
        np.testing.assert_allclose(part.signs[:, SIGNS.index("period")], own, rtol=1e-6)
        conflict = [-1.0 if value <= -1 else 0.0 for value in own]
        np.testing.assert_array_equal(part.signs[:, SIGNS.index("period_conflict")], conflict)


def test_a_year_of_another_period_is_a_conflict(sample_qa: ReportQA) -> None:
    last, this = (ranked(sample_qa, f"{period}瞪羚企业新增几家")[0] for period in ("去年", "今年"))
    assert last.signs[SIGNS.index("period")] == this.signs[SIGNS.index("period")] == 1.0
    assert last.sentence != this.sentence


def small(place: str, *lines: str) -> Report:
    text = "\n".join(("各位代表：", "一、去年工作", *lines))
    return parse(Source(f"{place}.txt", text, place), place=place, year=2022)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, HashingEmbedder]:
    """An index of many reports, of which the last has least in common with the questions below."""
    places = [f"{one}{other}市" for one in "平清广安宁" for other in "川河山水"]
    reports = [
        small(place, *(f"{place}修桥{n}座，修路{n}公里，桥梁通车。{place}的桥梁修了{n}座。" for n in range(5)))
        for place in places
    ]
    reports.append(small("海东市", "建成渡口2处，渔民上岸。", "梨园增产。"))
    embedder = HashingEmbedder()
    directory = tmp_path_factory.mktemp("shelf")
    write_index(directory, reports, embedder)
    return open_index(directory, embedder), embedder


@pytest.mark.parametrize("text", ["桥梁修了几座", "渡口", "去年修了多少公里路"])
@pytest.mark.parametrize("reports", [[20], [0, 20], [3], []])
def test_narrowing_searches_every_sentence_of_the_reports_chosen(
    shelf: tuple[Index, HashingEmbedder], text: str, reports: list[int]
) -> None:
    index, embedder = shelf
    [hits] = searched(index, embedder, text, reports)
    assert {hit.report for hit in hits} <= set(reports)
    assert (len(hits) > 0) == (len(reports) > 0)
    if 20 in reports and len(reports) == 1:
        own = set(np.flatnonzero(index.sentence_rows[:, 0] == 20).tolist())
        assert {hit.sentence for hit in hits} == own


def test_narrowing_to_all_is_not_narrowing(sample_qa: ReportQA) -> None:
    for text in QUESTIONS[:5]:
        [whole] = searched(sample_qa.index, sample_qa.embedder, text)
        [narrow] = searched(sample_qa.index, sample_qa.embedder, text, [0])
        assert [(h.sentence, h.start, h.end) for h in narrow] == [(h.sentence, h.start, h.end) for h in whole]


def test_the_opening_is_searched_where_the_report_is_asked_about(shelf: tuple[Index, HashingEmbedder]) -> None:
    index, embedder = shelf
    text = "谁作的报告"
    [found] = gathered(index, embedder, text, [20])
    openings = {s.start for p in index.reports[20].paragraphs if not p.section for s in p.sentences}
    assert openings
    assert openings <= set(index.units[found.rows, 4].tolist())


def test_an_index_of_one_sentence(tmp_path: Path, embedder: HashingEmbedder) -> None:
    write_index(tmp_path, [small("平川市", "修桥2座。")], embedder)
    index = open_index(tmp_path, embedder)
    for text in ("修桥几座", "a", "？", "市长是谁"):
        [hits] = searched(index, embedder, text)
        assert {hit.sentence for hit in hits} <= set(range(len(index.sentence_rows)))
        assert hits
