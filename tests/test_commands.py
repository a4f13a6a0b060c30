"""Every command that a document shows is run as it stands there, in a directory with the files that it names."""

from __future__ import annotations

import ast
import re
import runpy
import shlex
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import docx
import pytest
import uvicorn
from click.testing import CliRunner
from markdown_it import MarkdownIt

from conftest import SAMPLE
from reportqa.cli import main

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/*.md", "training/README.md")
ELSEWHERE = re.compile(
    r"make (?!eval)|python3 -m (?:venv|pip)|git |\S*pip install|curl |sha256sum|export |systemctl |docker |podman "
)
"""What makes environments, or needs another machine: CI's own set-up is the README's two commands."""
SLOW = re.compile(r"python (?:-m training\.|benchmarks/|docs/)")
"""What runs for minutes: that it exists and knows the options it is given is tested."""
MODEL = re.compile(r"--model \S+|REPORTQA_MODEL=\S+|REPORTQA_WEIGHTS=\S+")
"""Models that no package carries; tests/test_embedding.py loads one of its own making."""

CLUSTER = re.compile(r"http://10\.0\.0\.5:19530")
"""A cluster that is not there: a file of milvus-lite takes its place."""


class Command(NamedTuple):
    page: str
    line: str


def commands() -> Iterator[Command]:
    for pattern in PAGES:
        for page in sorted(ROOT.glob(pattern)):
            text = page.read_text(encoding="utf-8")
            for token in MarkdownIt().parse(text):
                if token.type != "fence" or token.info not in ("bash", ""):
                    continue
                for line in re.sub(r"\\\n\s*", "", token.content).splitlines():
                    bare = re.split(r"\s+#\s", line)[0].strip()
                    yield from (Command(page.name, part.strip()) for part in bare.split(" && ") if part.strip())


COMMANDS = list(dict.fromkeys(commands()))
OURS = [c for c in COMMANDS if re.search(r"(?:^|[\s/])reportqa ", c.line) and not ELSEWHERE.match(c.line)]
SCRIPTS = [c for c in COMMANDS if SLOW.search(c.line)]


def test_every_command_is_of_a_known_kind() -> None:
    known = {*OURS, *SCRIPTS}
    strange = [c for c in COMMANDS if c not in known and not ELSEWHERE.match(c.line) and c.line != "make eval"]
    assert not [c for c in strange if not re.match(r"\.venv/bin/(?:ruff|mypy|pytest)\b", c.line)]
    assert len(OURS) > 15
    assert len(SCRIPTS) > 5


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sample_index: Path) -> Path:
    """A directory with an index and every file that the documents name."""
    desk = tmp_path_factory.mktemp("desk")
    shutil.copytree(sample_index, desk / "index")
    text = "2023年甲县政府工作报告\n各位代表：\n一、2022年工作回顾\n全县生产总值增长6.5%。\n二、2023年工作安排\n生产总值增长6%左右。\n"
    for name in ("报告.txt", "reports/甲.txt", "reports/乙.txt", "报告/丙.txt"):
        path = desk / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace("甲县", f"{path.stem}县"), encoding="utf-8")
    (desk / "a.txt").write_text(text, encoding="utf-8")
    for year in (2024, 2025):
        words = f"{year}年国务院政府工作报告\n各位代表：\n一、{year - 1}年工作回顾\n国内生产总值增长5.{year % 10}%。\n"
        (desk / f"{year}.txt").write_text(words, encoding="utf-8")
    shutil.copy(SAMPLE, desk / "report.txt")
    for name in ("draft.docx", "讲话稿.docx"):
        document = docx.Document()
        document.add_paragraph("全市生产总值增长8.4%，规模以上工业增加值增长17.1%。")
        document.save(str(desk / name))
    shutil.copytree(ROOT / "tests" / "gold", desk / "tests" / "gold")
    return desk


@pytest.mark.parametrize("command", OURS, ids=lambda c: f"{c.page}: {c.line}")
def test_a_command_of_ours_runs(
    command: Command, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_index: Path
) -> None:
    here = tmp_path / "desk"
    shutil.copytree(desk, here)
    monkeypatch.chdir(here)
    if "compare" in command.line:
        added = CliRunner().invoke(main, ["index", "2024.txt", "2025.txt"])
        assert added.exit_code == 0, added.output
    line = CLUSTER.sub("reports.db", MODEL.sub("", command.line))
    if line != command.line and "reports.db" in line:
        pytest.importorskip("pymilvus")
        if " index " not in line:
            added = CliRunner().invoke(main, ["index", "报告.txt", "--store", "milvus", "--uri", "reports.db"])
            assert added.exit_code == 0, added.output
    words = shlex.split(line)
    while words and re.match(r"\w+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        monkeypatch.setenv(name, value)
    assert Path(words[0]).name == "reportqa"
    served: list[object] = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self, **_: served.append(self.config.app))
    if words[1] == "token":
        monkeypatch.setenv("REPORTQA_KEYS", str(here / "keys.txt"))
    if words[1] == "serve" and "--port" not in words:
        words += ["--port", "0"]
    done = CliRunner().invoke(main, words[1:], input="")
    assert done.exit_code == 0, done.output
    assert bool(served) == (words[1] == "serve")


@pytest.mark.parametrize("command", SCRIPTS, ids=lambda c: f"{c.page}: {c.line}")
def test_a_script_exists_and_knows_its_options(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if "benchmarks/fuzz.py" in command.line:
        pytest.importorskip("atheris", reason="benchmarks/requirements-fuzz.txt is not installed: the fuzzer not tried")
    words = shlex.split(command.line)
    words = words[next(n for n, word in enumerate(words) if Path(word).name == "python") + 1 :]
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setattr(sys, "argv", ["script", "--help"])
    run = partial(runpy.run_module, words[1]) if words[0] == "-m" else partial(runpy.run_path, words[0])
    with pytest.raises(SystemExit) as done:
        run(run_name="__main__")
    assert done.value.code in (0, None)
    told = capsys.readouterr().out
    for word in words:
        if word.startswith("--"):
            assert word in told, f"{words} has no {word}"


def test_the_python_of_the_readme_gives_what_it_says(
    sample_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index").symlink_to(sample_index)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}
    checked = 0
    for block in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            code, _, said = line.partition("  # '")
            if said:
                assert eval(code, names) == ast.literal_eval("'" + said)  # noqa: S307 - the README's own words
                checked += 1
            elif line.strip():
                exec(line, names)  # noqa: S102
    assert checked >= 3


def test_the_output_that_the_readme_shows_is_the_real_one(sample_index: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    question = re.search(r"reportqa ask \"([^\"]+)\"\n```\n+```text\n(.*?)```", text, re.DOTALL)
    assert question
    done = CliRunner().invoke(main, ["ask", question[1], "--index", str(sample_index)])
    assert done.output.startswith(question[2].rstrip())
