"""Quality on gold questions does not slip below the floors in floors.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from reportqa import ReportQA
from reportqa.evaluation import below_floor, evaluate

HERE = Path(__file__).parent


def check(qa: ReportQA, gold: Path, name: str, tmp_path: Path) -> None:
    floor: dict[str, Any] = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))[name]
    path = tmp_path / "floor.json"
    path.write_text(json.dumps(floor), encoding="utf-8")
    assert below_floor(evaluate(qa, gold, tmp_path / "predictions"), path) == []


def test_own_gold(sample_qa: ReportQA, tmp_path: Path) -> None:
    check(sample_qa, HERE / "gold", "own", tmp_path)


def test_development_gold(sample_qa: ReportQA, gold_dir: Path, tmp_path: Path) -> None:
    check(sample_qa, gold_dir, "development", tmp_path)
