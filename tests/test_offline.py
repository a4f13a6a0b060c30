"""Installing without internet: what is pinned, what the package carries, and what deploy/ says."""

from __future__ import annotations

import configparser
import importlib.metadata
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import reportqa
from reportqa import config

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


def test_every_package_that_comes_along_is_pinned() -> None:
    """Else the folder of wheels made tomorrow is not the one that was tested."""
    pins = pinned()
    wanted = [(Requirement(each), frozenset[str]()) for each in PROJECT["dependencies"]]
    seen = set()
    while wanted:
        requirement, extras = wanted.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            continue
        if (name, *sorted(requirement.extras)) in seen:
            continue
        seen.add((name, *sorted(requirement.extras)))
        assert name in pins, f"{requirement.name} is not in constraints.txt"
        assert requirement.specifier.contains(pins[name], prereleases=True), f"{requirement} is not {pins[name]}"
        for each in importlib.metadata.requires(name) or []:
            wanted.append((Requirement(each), frozenset(requirement.extras)))
    assert len(seen) > 50


def test_the_package_carries_what_it_serves() -> None:
    package = Path(reportqa.__file__).parent
    served = [path for folder in ("static", "templates", "data", "widget") for path in (package / folder).iterdir()]
    assert {"embed.js", "frame.js", "portal.html"} <= {path.name for path in served}
    assert 'packages = ["src/reportqa"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    addresses = [
        (path.name, address)
        for path in served
        if path.suffix in (".js", ".css", ".html")
        for address in re.findall(
            r"""(?:src|href)=["']https?://|url\(["']?https?://|@import|//cdn""", path.read_text("utf-8")
        )
    ]
    assert addresses == [], "nothing that is served loads from another host"


def test_the_unit_the_settings_and_the_image() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "reportqa.service", encoding="utf-8")
    assert unit["Service"]["ExecStart"].endswith("reportqa serve")
    assert unit["Service"]["IPAddressDeny"] == "any"
    assert not any(each.endswith("/0") for each in unit["Service"]["IPAddressAllow"].split())
    settings = {f"REPORTQA_{setting.name}" for setting in config.SETTINGS}
    image = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    for text in ((DEPLOY / "reportqa.env").read_text(encoding="utf-8"), image):
        assert set(re.findall(r"REPORTQA_[A-Z_]+", text)) <= settings
    assert re.findall(r"^FROM (\S+)$", image, re.MULTILINE) == ["python:3.11-slim"], (
        "a plain name, of whichever registry"
    )
    assert "--no-index" in image
