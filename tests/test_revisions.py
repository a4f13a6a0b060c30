"""What changed from one report to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from reportqa import parsing, reading
from reportqa.revisions import revisions
from reportqa.schema import NotFound, Report

SOURCE = Path(__file__).parent / "figures" / "2024年海川市政府工作报告.txt"
LAST = "完成上述目标"


@pytest.fixture
def new() -> Report:
    return parsing.parse(reading.read(SOURCE))


@pytest.fixture
def old(tmp_path: Path) -> Report:
    text = SOURCE.read_text(encoding="utf-8").replace("2024年", "2023年").replace("2023年工作回顾", "2022年工作回顾")
    text = text.replace("增长6%左右", "增长5.5%左右").replace("新建农村公路260公里，", "")
    text = text.replace("产业支撑更加有力。", "启动龙舟竞渡和海岛灯塔修缮。\n\n产业支撑更加有力。")
    path = tmp_path / "2023年海川市政府工作报告.txt"
    path.write_text(text, encoding="utf-8")
    return parsing.parse(reading.read(path))


def test_words_that_differ_are_marked(old: Report, new: Report) -> None:
    found = revisions(old, new, "二")
    assert [(r.before is not None, r.after is not None) for r in found] == [(True, True)] * 2
    targets = found[0]
    assert targets.before is not None
    assert targets.after is not None
    assert (targets.before.marked, targets.after.marked) == ("5.5%", "6%")
    assert not found[1].changed


def test_paragraphs_that_came_or_went(old: Report, new: Report) -> None:
    forth, back = revisions(old, new, "一"), revisions(new, old, "一")
    assert [r.before.text for r in forth if r.before and not r.after] == ["启动龙舟竞渡和海岛灯塔修缮。"]
    assert [r.after.text for r in back if r.after and not r.before] == ["启动龙舟竞渡和海岛灯塔修缮。"]
    assert any("新建农村公路260公里" in r.after.marked for r in forth if r.after)


def test_quotes_are_slices(old: Report, new: Report) -> None:
    found = revisions(old, new)
    before = [(old, revision.before) for revision in found if revision.before]
    after = [(new, revision.after) for revision in found if revision.after]
    assert len(after) == sum(bool(paragraph.section) for paragraph in new.paragraphs)
    assert len(before) == sum(bool(paragraph.section) for paragraph in old.paragraphs)
    for report, quote in before + after:
        assert report.text[quote.citation.start : quote.citation.end] == quote.text


def test_a_section_that_is_not_there(old: Report, new: Report) -> None:
    with pytest.raises(NotFound):
        revisions(old, new, "九（九）")


def test_a_report_is_unchanged_against_itself(new: Report) -> None:
    found = revisions(new, new)
    assert [(r.before, r.after) for r in found if r.changed or r.before is None or r.after is None] == []
    assert len(found) == sum(bool(paragraph.section) for paragraph in new.paragraphs)
