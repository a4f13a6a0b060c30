"""The commands as a user types them; some in a process of its own, most in this one, which is quicker."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

from reportqa.cli import main


@dataclass(frozen=True)
class Done:
    """What a command ended with."""

    code: int
    stdout: str
    stderr: str


def run(*arguments: str, cwd: Path) -> Done:
    """Run a command in this process, which has the libraries loaded."""
    with contextlib.chdir(cwd):
        done = CliRunner().invoke(main, arguments, prog_name="reportqa", env={"COLUMNS": "100"})
    return Done(done.exit_code, done.stdout, done.stderr)


def run_apart(*arguments: str, cwd: Path) -> Done:
    """Run a command in a process of its own, as people do."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "100"}
    command = [sys.executable, "-m", "reportqa", *arguments]
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", env=environment, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def assert_one_sentence(done: Done, code: int, *words: str) -> None:
    assert done.code == code, done.stderr
    assert done.stdout == ""
    lines = [
        line for line in done.stderr.splitlines() if line.strip() and line[:4] not in ("读取文件", "建立索引", "核验 ━")
    ]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("错误：")
    assert lines[0].endswith(("。", "？”。"))
    for word in words:
        assert word in lines[0]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, sample_index: Path) -> Path:
    return sample_index


def test_ask_for_people(index: Path, tmp_path: Path) -> None:
    done = run_apart("ask", "去年减税降费多少？", "--index", str(index), cwd=tmp_path)
    assert done.code == 0
    assert done.stdout.splitlines()[0] == "全年减税降费22.45亿元"
    assert "《2022年聊城市政府工作报告》一、（三）第1段" in done.stdout
    assert "所在段落：" in done.stdout


def test_ask_for_programs(index: Path, tmp_path: Path) -> None:
    done = run("ask", "去年减税降费多少？", "--index", str(index), "--json", "-k", "2", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert answer["found"] is True
    assert len(answer["quotes"]) == 2
    assert answer["quotes"][0]["citation"]["report_id"] == "聊城市-2022"


def test_search(index: Path, tmp_path: Path) -> None:
    done = run("search", "高铁", "--index", str(index), "-k", "3", cwd=tmp_path)
    assert done.code == 0
    assert done.stdout.count("《2022年聊城市政府工作报告》") == 3


def test_locate(index: Path, tmp_path: Path) -> None:
    done = run("locate", "三（一）第2段", "--index", str(index), cwd=tmp_path)
    assert done.code == 0
    assert done.stdout.startswith("《2022年聊城市政府工作报告》三、（一）第2段")
    assert "着力壮大产业规模。" in done.stdout
    done = run("locate", "（一）", "--index", str(index), "--json", cwd=tmp_path)
    assert [quote["citation"]["label"][-5:] for quote in json.loads(done.stdout)] == ["一、（一）", "三、（一）"]
    assert_one_sentence(run("locate", "第九部分", "--index", str(index), cwd=tmp_path), 2, "第九部分", "三（二）为止")


def test_verify(index: Path, tmp_path: Path) -> None:
    (tmp_path / "draft.txt").write_text("全市生产总值增长8.5%。\n粮食总产超113亿斤。\n", encoding="utf-8")
    done = run("verify", "draft.txt", "--index", str(index), cwd=tmp_path)
    assert done.code == 0
    assert "【数字有异】全市生产总值增长8.5%" in done.stdout
    assert "“8.5%”应为“8.4%”" in done.stdout
    assert "【一字不差】粮食总产超113亿斤" in done.stdout
    assert run("verify", "draft.txt", "--index", str(index), "--check", cwd=tmp_path).code == 1
    done = run("verify", "draft.txt", "--index", str(index), "--json", cwd=tmp_path)
    assert [finding["verdict"] for finding in json.loads(done.stdout)] == ["number_changed", "exact"]


def test_verify_says_where_it_cannot_write(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "draft.txt").write_text("全市生产总值增长8.5%。\n", encoding="utf-8")
    done = run("verify", "draft.txt", "--index", str(index), "--out", "没有/核验.docx", cwd=tmp_path)
    assert_one_sentence(done, 2, "核验.docx", "没有这个文件或目录")
    docx.Document().save(str(tmp_path / "大.docx"))
    monkeypatch.setenv("REPORTQA_MAX_FILE_MB", "0")
    assert_one_sentence(run("verify", "大.docx", "--index", str(index), cwd=tmp_path), 2, "大.docx", "上限")


def test_verify_a_word_draft(index: Path, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("全市生产总值").add_run("增长8.5%。").bold = True
    document.save(str(tmp_path / "稿.docx"))
    done = run("verify", "稿.docx", "--index", str(index), "--out", "核验.docx", cwd=tmp_path)
    assert "“8.5%”应为“8.4%”" in done.stdout
    checked = docx.Document(str(tmp_path / "核验.docx"))
    assert ["“8.5%”应为“8.4%”" in comment.text for comment in checked.comments] == [True]
    assert [run.bold for run in checked.paragraphs[0].runs if run.text == "增长8.5%。"] == [True]
    assert_one_sentence(run("verify", "稿.docx", "--index", str(index), "--out", "a.txt", cwd=tmp_path), 2, "a.txt")


def test_colours_are_for_people(index: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("全市生产总值增长8.5%。", encoding="utf-8")
    asked = ["verify", str(tmp_path / "a.txt"), "--index", str(index)]
    runner = CliRunner()
    assert "\x1b[" in runner.invoke(main, asked, color=True).stdout
    assert "\x1b[" not in runner.invoke(main, asked, color=True, env={"NO_COLOR": "1"}).stdout


def test_citations_to_be_copied(index: Path, tmp_path: Path) -> None:
    done = run("locate", "一（一）第1段第3句", "--index", str(index), "--format", "gbt7714", cwd=tmp_path)
    assert done.stdout.startswith(
        "李长萍. 2022年聊城市政府工作报告[R]. [出版地不详]: [出版者不详], 2022-02-24: 一、（一）第1段"
    )
    done = run("ask", "去年减税降费多少？", "--index", str(index), "--format", "official", "-k", "1", cwd=tmp_path)
    assert done.stdout.startswith("《2022年聊城市政府工作报告》（2022年2月24日）指出：“")


def test_eval_fails_below_its_floor(index: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold"
    gold.mkdir()
    record = {
        "id": "1",
        "question": "去年减税降费多少？",
        "kind": "x",
        "answers": ["22.45亿元"],
        "evidence": ["减税降费22.45亿元"],
        "section": [],
    }
    (gold / "questions.jsonl").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    floor = tmp_path / "floor.json"
    floor.write_text('{"questions": {"hit@1": 1.0, "section_right": 0.5}}', encoding="utf-8")
    done = run("eval", str(gold), "--index", str(index), "--floor", str(floor), "--json", cwd=tmp_path)
    assert done.code == 1
    assert json.loads(done.stdout)["questions"]["hit@1"] == 1.0
    assert "section_right" in done.stderr
    assert "hit@1" not in done.stderr


def test_index_adds_and_starts_over(tmp_path: Path) -> None:
    for name, place in (("a", "甲市"), ("b", "乙市")):
        text = f"{place}2020年政府工作报告\n{place}市长 张三\n各位代表：\n一、去年工作\n粮食产量达到35万吨。\n"
        (tmp_path / f"{name}.txt").write_text(text, encoding="gb18030")
    assert run("index", "a.txt", cwd=tmp_path).code == 0
    done = run("index", "b.txt", cwd=tmp_path)
    assert "2 份报告" in done.stdout
    assert "乙市-2020" in done.stdout
    assert "b.txt" in done.stdout
    done = run("remove", "乙市-2020", cwd=tmp_path)
    assert "1 份报告" in done.stdout
    assert_one_sentence(run("remove", "乙市-2020", cwd=tmp_path), 2, "乙市-2020", "甲市-2020")
    done = run("index", "b.txt", "--fresh", cwd=tmp_path)
    assert "1 份报告" in done.stdout


def test_bad_input_is_one_sentence_and_keeps_the_index(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("各位代表：\n一、去年工作\n粮食产量达到35万吨。\n", encoding="utf-16")
    assert_one_sentence(run("index", "a.txt", cwd=tmp_path), 2, "a.txt", "--place", "--year")
    assert run("index", "a.txt", "--place", "甲市", "--year", "2020", cwd=tmp_path).code == 0
    before = (tmp_path / "index" / "manifest.json").read_bytes()
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "folder").mkdir()
    assert_one_sentence(run_apart("index", "missing.txt", cwd=tmp_path), 2, "missing.txt")
    assert_one_sentence(run("index", "empty.txt", "--fresh", cwd=tmp_path), 2, "empty.txt", "空文件")
    assert_one_sentence(run("index", "binary.txt", cwd=tmp_path), 2, "binary.txt")
    assert_one_sentence(run("index", "folder", cwd=tmp_path), 2, "folder")
    assert_one_sentence(run("ask", "", cwd=tmp_path), 2, "请输入一个问题")
    assert_one_sentence(run("ask", "粮" * 10_000, cwd=tmp_path), 2, "10000")
    assert_one_sentence(run("ask", "粮食", "--index", "nowhere", cwd=tmp_path), 2, "nowhere")
    assert (tmp_path / "index" / "manifest.json").read_bytes() == before
    (tmp_path / "index" / "manifest.json").write_text("{", encoding="utf-8")
    assert_one_sentence(run("ask", "粮食", cwd=tmp_path), 2, "已损坏", "--fresh")


def test_a_usage_mistake_exits_with_2(tmp_path: Path) -> None:
    assert run("ask", cwd=tmp_path).code == 2
    assert run_apart("frobnicate", cwd=tmp_path).code == 2


def test_help_and_version(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.code == 0
    for command in ("index", "ask", "search", "eval", "serve"):
        assert f"\n  {command}" in done.stdout
        assert "Example:" in run(command, "--help", cwd=tmp_path).stdout
