"""Another embedding model than the bundled one: its own prompts, or those that its name tells."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer, models, pre_tokenizers

from conftest import is_one_chinese_sentence
from reportqa import embedding
from reportqa.assistant import ReportQA
from reportqa.embedding import prompts_of
from reportqa.fitted import fitted
from reportqa.schema import IndexDirectoryError, ReportQAError

BGE = "为这个句子生成表示以用于检索相关文章："
REPORT = (
    "平川市2022年政府工作报告\n各位代表：\n一、过去一年\n去年，全市生产总值增长5%，税收收入增长3%。新增就业1万人。\n"
)


def saved(directory: Path, prompts: dict[str, str] | None = None) -> str:
    """Save a model of a vector for each of some characters; return its path."""
    characters = sorted({*REPORT, *BGE, *"query: passage", "全"})
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0} | {c: i for i, c in enumerate(characters, 1)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    torch.manual_seed(0)
    module = StaticEmbedding(tokenizer, embedding_dim=16)
    SentenceTransformer(modules=[module], prompts=prompts, device="cpu").save(str(directory))
    return str(directory)


@pytest.mark.parametrize(
    ("name", "query", "document"),
    [
        ("BAAI/bge-small-zh-v1.5", BGE, ""),
        ("/models/bge-base-en-v1.5", "Represent this sentence for searching relevant passages: ", ""),
        ("intfloat/multilingual-e5-base", "query: ", "passage: "),
        ("BAAI/bge-m3", "", ""),
        ("somebody/else", "", ""),
    ],
)
def test_prompts_by_name(name: str, query: str, document: str) -> None:
    assert prompts_of(name, {"query": None, "document": None}) == {"query": query, "document": document}


def test_instructions_by_name() -> None:
    for name in ("Qwen/Qwen3-Embedding-0.6B", "intfloat/multilingual-e5-large-instruct"):
        prompts = prompts_of(name, {})
        assert prompts["query"].startswith("Instruct: ")
        assert prompts["query"].rstrip().endswith("Query:")
        assert prompts["document"] == ""


def test_a_models_own_prompts_go_before_its_name() -> None:
    assert prompts_of("bge-small-zh", {"query": "问：", "document": ""}) == {"query": "问：", "document": ""}
    assert prompts_of("e5-x", {"query": "问：", "passage": "文："}) == {"query": "问：", "document": "文："}


def test_a_model_is_asked_with_its_prompt(tmp_path: Path) -> None:
    path = saved(tmp_path / "bge-tiny-zh-v1.5")
    bare = SentenceTransformer(path, device="cpu")
    embedder = embedding.load(path)
    for text, got in (
        (BGE + "就业", embedder.encode_query("就业")),
        ("全市生产总值", embedder.encode_document(["全市生产总值"])[0]),
    ):
        wanted = bare.encode(text, prompt="", normalize_embeddings=True)
        np.testing.assert_allclose(got, wanted, atol=1e-6)
    assert np.abs(embedder.encode_query("就业") - embedder.encode_document(["就业"])[0]).max() > 0.01


def test_an_index_says_which_model_it_needs(tmp_path: Path) -> None:
    (tmp_path / "平川市.txt").write_text(REPORT, encoding="utf-8")
    one, other = saved(tmp_path / "one", {"query": "问：", "document": ""}), saved(tmp_path / "other")
    qa = ReportQA.build([tmp_path / "平川市.txt"], tmp_path / "index", model=one, place="平川市", year=2022)
    assert qa.index.manifest["model"] == one
    assert all(quote.text in REPORT for quote in qa.search("新增就业", 3))
    with pytest.raises(IndexDirectoryError) as caught:
        ReportQA.open(tmp_path / "index", model=other)
    assert is_one_chinese_sentence(str(caught.value))
    assert all(word in str(caught.value) for word in (one, other, "--fresh"))


def test_a_backend_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_BACKEND", "abacus")
    with pytest.raises(ReportQAError) as caught:
        embedding.load(str(tmp_path))
    assert "abacus" in str(caught.value)
    assert is_one_chinese_sentence(str(caught.value))


def test_a_backend_that_cannot_load_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORTQA_BACKEND", "openvino")
    with pytest.raises(ReportQAError, match=r"sentence-transformers\[openvino\]"):
        embedding.load(str(tmp_path / "nowhere"))


def test_weights_of_another_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = fitted()
    path = tmp_path / "weights.json"
    path.write_text('{"ranking": {"dense_window": 9}, "refusal": {}}', encoding="utf-8")
    monkeypatch.setenv("REPORTQA_WEIGHTS", str(path))
    assert fitted()["ranking"] == {"dense_window": 9}
    monkeypatch.setenv("REPORTQA_WEIGHTS", str(tmp_path / "none.json"))
    with pytest.raises(ReportQAError, match="REPORTQA_WEIGHTS"):
        fitted()
    monkeypatch.delenv("REPORTQA_WEIGHTS")
    assert fitted() == bundled


def test_a_forked_process_embeds_too(sample_qa: ReportQA) -> None:
    texts = [f"第{number}条" for number in range(9)]
    here = sample_qa.embedder.encode_document(texts)
    fork = multiprocessing.get_context("fork")
    told, tell = fork.Pipe(duplex=False)
    child = fork.Process(target=lambda: tell.send(sample_qa.embedder.encode_document(texts)))
    child.start()
    try:
        assert told.poll(60)
        np.testing.assert_array_equal(here, told.recv())
    finally:
        child.kill()
