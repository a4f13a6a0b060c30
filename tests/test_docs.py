"""The documents tell the truth: both READMEs in step, short, with commands and settings that exist."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import draw
from click.testing import CliRunner

from reportqa import config
from reportqa.cli import main

ROOT = Path(__file__).parent.parent
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    return re.findall(r"```\w+\n.*?```", text, re.DOTALL)


def test_the_two_readmes_are_in_step() -> None:
    assert blocks(ENGLISH) == blocks(CHINESE)
    assert len(re.findall(r"^#+ ", ENGLISH, re.MULTILINE)) == len(re.findall(r"^#+ ", CHINESE, re.MULTILINE))
    tables = [re.findall(r"^\|.*\d.*\|$", text, re.MULTILINE) for text in (ENGLISH, CHINESE)]
    numbers = [[re.findall(r"\d[\d.]*", line) for line in lines] for lines in tables]
    assert numbers[0] == numbers[1]


def test_the_readme_is_short_and_starts_with_its_commands() -> None:
    lines = ENGLISH.splitlines()
    assert len(lines) < 140
    commands = [i for i, line in enumerate(lines) if line.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert max(commands) < 35


def test_every_command_shown_exists() -> None:
    shown = set(re.findall(r"^reportqa (\w+)", ENGLISH, re.MULTILINE))
    assert shown
    for command in shown:
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


def test_every_setting_is_documented() -> None:
    for setting in config.SETTINGS:
        assert f"REPORTQA_{setting.name}" in ENGLISH


def test_the_architecture_is_drawn_from_the_imports() -> None:
    page = draw.PAGE.read_text(encoding="utf-8")
    assert draw.redrawn(page) == page, "out of step: run python docs/draw.py (make docs)"


def test_every_direct_dependency_is_in_the_notice_with_its_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needed = [*project["dependencies"], *extras["reader"], *extras["milvus"]]
    notice = " ".join((ROOT / "NOTICE").read_text(encoding="utf-8").split())
    for name in (re.split(r"[^\w-]", need)[0] for need in needed):
        noted = re.search(rf"(?<![\w-]){name}(?: with [\w.]+)? \(([^)]+)\)", notice, re.IGNORECASE)
        assert noted, f"{name} and its licence belong into NOTICE"
        told = metadata(name)
        fields = ("License-Expression", "License", "Classifier")
        stated = " ".join(value for field in fields for value in told.get_all(field) or [])
        family = noted[1].split("-")[0]
        assert family.lower() in stated.lower(), f"{name} itself says {stated[:200]}"


def test_every_package_that_is_installed_with_it_is_free() -> None:
    told = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "licences.py"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, "\n".join(line for line in told.stdout.splitlines() if line.startswith("NOT"))


def test_every_file_and_address_that_the_documents_link_to_is_there() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "training" / "README.md"]
    links = [(page, to) for page in pages for to in re.findall(r"\]\(([^)#:\s]+)\)", page.read_text(encoding="utf-8"))]
    assert links
    assert [f"{page.name} links to {to}" for page, to in links if not (page.parent / to).exists()] == []


def test_the_makefile_has_what_people_expect_and_its_help_lists_it() -> None:
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^(\w+):", made, re.MULTILINE))
    assert {"help", "install", "test", "lint", "format", "serve", "eval", "screenshots", "clean"} <= targets
    assert targets == set(re.findall(r"^(\w+):.*## \S", made, re.MULTILINE))


def test_the_scripts_and_targets_that_the_documents_name_exist() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = "\n".join(page.read_text(encoding="utf-8") for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
    scripts = re.findall(r"python ((?:benchmarks|docs)/\w+\.py)", text)
    assert scripts
    assert [script for script in scripts if not (ROOT / script).is_file()] == []
    assert set() < set(re.findall(r"`make (\w+)", text)) <= targets
