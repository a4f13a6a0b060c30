"""The documents tell the truth: both READMEs in step, short, with commands and settings that exist."""

from __future__ import annotations

import re
from pathlib import Path

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
    for command in set(re.findall(r"^reportqa (\w+)", ENGLISH, re.MULTILINE)):
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


def test_every_setting_is_documented() -> None:
    for setting in config.SETTINGS:
        assert f"REPORTQA_{setting.name}" in ENGLISH
