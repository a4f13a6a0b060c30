"""What is put together from other vectors, and that it is near to what embedding would have given."""

from __future__ import annotations

import numpy as np

from reportqa import ReportQA
from reportqa.composing import compose, composed
from reportqa.index import PARAGRAPH, SENTENCE, WINDOW


def test_pairs_consist_of_their_clauses_and_paragraphs_of_their_sentences(sample_qa: ReportQA) -> None:
    units = sample_qa.index.units
    plan = composed(units)
    assert set(plan.paragraphs.tolist()) == set(np.flatnonzero(units[:, 3] == PARAGRAPH).tolist())
    for row, first, last, sentence in plan.pairs.tolist():
        assert units[[row, first, last], 3].tolist() == [WINDOW] * 3
        assert units[sentence, 3] == SENTENCE
        assert len(set(units[[row, first, last, sentence], 2].tolist())) == 1
        assert units[row, 4] == units[first, 4] < units[first, 5] <= units[last, 4] < units[last, 5] == units[row, 5]
    for place, row in plan.sentences.tolist():
        assert units[row, 1] == units[plan.paragraphs[place], 1]
    assert len(plan.rows) == len(set(plan.rows.tolist()))
    assert not set(plan.rows.tolist()) & set(plan.pairs[:, 1:].ravel().tolist())


def test_composed_vectors_are_near_the_embedded_ones(sample_qa: ReportQA) -> None:
    index = sample_qa.index
    [report] = index.reports
    plan = composed(index.units)
    for rows, least in ((plan.pairs[::20, 0], 0.98), (plan.paragraphs[::5], 0.95)):
        texts = [report.text[start:end] for start, end in index.units[rows, 4:6].tolist()]
        real = sample_qa.embedder.encode_document(texts)
        there = index.matrix[rows]
        assert (np.sum(real * there, axis=1) / np.linalg.norm(there, axis=1)).mean() > least


def test_composing_needs_the_embedded_rows_alone(sample_qa: ReportQA) -> None:
    index = sample_qa.index
    plan = composed(index.units)
    vectors = np.array(index.matrix)
    vectors[plan.rows] = 0
    compose(vectors, index.units, plan)
    np.testing.assert_allclose(vectors, index.matrix, atol=1e-5)


def test_nothing_to_compose() -> None:
    units = np.array([[0, 1, 0, SENTENCE, 0, 9, 0, 0, 0]], dtype=np.int32)
    vectors = np.ones((1, 4), dtype=np.float32)
    compose(vectors, units, composed(units))
    assert vectors.tolist() == [[1, 1, 1, 1]]
