"""Directories of reports as they come: details beside them, copies, files that are no reports, several processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import is_one_chinese_sentence
from reportqa import gathering
from reportqa.gathering import gather, merged, read_report
from reportqa.schema import ReadingError

BODY = "各位代表：\n一、去年工作\n粮食产量达到35万吨。\n新建道路3条。\n新增就业2万人。\n二、今年工作\n修桥两座。\n"


def put(directory: Path, name: str, head: str = "", body: str = BODY) -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + body, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ReadingError) as refused:
        read_report(path)
    assert is_one_chinese_sentence(str(refused.value))
    return str(refused.value)


def test_what_the_text_does_not_say_is_asked_for(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt")
    message = refusal(path)
    assert "哪个地方、哪一年" in message
    assert "--place" in message
    report = read_report(path, "甲市", 2020)
    assert (report.report_id, report.place, report.year) == ("甲市-2020", "甲市", 2020)
    put(tmp_path, "b.txt", "甲市政府工作报告\n")
    assert "哪一年" in refusal(tmp_path / "b.txt")
    assert "哪个地方" not in refusal(tmp_path / "b.txt")


def test_details_beside_the_files(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", "乙市2019年政府工作报告\n")
    (tmp_path / "reports.toml").write_text(
        '["a.txt"]\nplace = "甲市"\nyear = 2020\ndate = "2020-01-02"\nspeaker = "张三"\ntitle = "报告"\nkind = "计划报告"\n',
        encoding="utf-8",
    )
    report = read_report(path)
    assert (report.report_id, report.date, report.speaker) == ("甲市-2020", "2020-01-02", "张三")
    assert (report.title, report.kind) == ("报告", "计划报告")
    assert read_report(path, "丙市").report_id == "丙市-2020"


@pytest.mark.parametrize(
    "text",
    [
        "[",
        '["a.txt"]\nyear = "2020"',
        '["a.txt"]\nplace = 1',
        '["a.txt"]\nplaces = "甲市"',
        'place = "甲市"',
        '["a.txt"]\ndate = "今天"',
    ],
)
def test_details_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    path = put(tmp_path, "a.txt", "甲市2020年政府工作报告\n")
    (tmp_path / "reports.toml").write_text(text, encoding="utf-8")
    assert "reports.toml" in refusal(path)


def test_details_of_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "甲市2020年政府工作报告\n")
    (tmp_path / "reports.toml").write_text('["b.txt"]\nplace = "乙市"\n["a.txt"]\nyear = 2021\n', encoding="utf-8")
    found = gather([tmp_path])
    assert [report.report_id for report in found.reports] == ["甲市-2021"]
    assert len(found.passed_over) == 1
    assert "reports.toml" in found.passed_over[0]
    assert "“b.txt”" in found.passed_over[0]
    assert is_one_chinese_sentence(found.passed_over[0])


def test_directories_are_read_and_what_is_no_report_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "甲市2020年政府工作报告\n")
    put(tmp_path, "2021/b.txt", "甲市2021年政府工作报告\n")
    put(tmp_path, "空.txt", body="")
    put(tmp_path, "a.errata.txt", body="粮食 → 梁食\n")
    steps: list[tuple[int, int]] = []
    found = gather([tmp_path], progress=lambda done, total: steps.append((done, total)))
    assert sorted(report.report_id for report in found.reports) == ["甲市-2020", "甲市-2021"]
    assert [sentence[:5] for sentence in found.passed_over] == ["“空.tx"]
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_corrections_are_read_in_any_encoding_of_chinese(tmp_path: Path) -> None:
    for number, encoding in enumerate(("utf-8-sig", "gb18030", "utf-16")):
        directory = tmp_path / encoding
        directory.mkdir()
        put(directory, "a.txt", f"甲市202{number}年政府工作报告\n")
        (directory / "a.errata.txt").write_bytes("道路 → 公路 # 看不清\n桥 → 桥梁\n".encode(encoding))
        [report] = gather([directory]).reports
        assert [words for _, _, words in report.errata] == ["公路", "桥梁"]
    (directory / "a.errata.txt").write_bytes(bytes(range(128, 256)) * 9)
    put(directory, "b.txt", "乙市2020年政府工作报告\n")
    found = gather([directory])
    assert [report.place for report in found.reports] == ["乙市"]
    assert is_one_chinese_sentence(found.passed_over[0])
    assert "a.errata.txt" in found.passed_over[0]


def test_a_report_under_two_names_is_taken_once_and_the_longer_text_kept(tmp_path: Path) -> None:
    head = "甲市2020年政府工作报告\n"
    put(tmp_path, "a.txt", head)
    put(tmp_path, "b.txt", head)
    put(tmp_path, "c.txt", head, BODY + "种树一万棵。\n")
    put(tmp_path, "d.txt", head, "各位代表：\n一、去年工作\n另一份报告。\n养鱼一万尾。\n")
    found = gather([tmp_path])
    assert [report.source for report in found.reports] == ["c.txt", "d.txt"]
    assert len(found.passed_over) == 2
    assert "内容相同" in found.passed_over[0]
    assert "只收较完整的“c.txt”" in found.passed_over[1]
    assert [report.report_id for report in merged(found.reports, [])[0]] == ["甲市-2020", "甲市-2020-2"]


def test_ids_outlive_a_reading_again_and_copies_of_what_is_there_are_passed_over(tmp_path: Path) -> None:
    head = "甲市2020年政府工作报告\n"
    short = read_report(put(tmp_path, "a.txt", head))
    long = read_report(put(tmp_path, "b.txt", head, BODY + "种树一万棵。\n"))
    copy = read_report(put(tmp_path, "c.txt", head))
    assert merged([copy], [short]) == ([], ["“c.txt”与“a.txt”内容相同，只收一份。"])
    new, said = merged([long], [short])
    assert (new, len(said)) == ([long], 1)
    assert merged([short], [long])[0] == []
    again = read_report(put(tmp_path, "a.txt", head, "各位代表：\n一、去年工作\n都改了。\n"))
    assert merged([again], [short]) == ([again], [])


def test_several_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for year in range(2010, 2016):
        put(tmp_path, f"{year}.txt", f"甲市{year}年政府工作报告\n", BODY.replace("35", str(year)))
    put(tmp_path, "空.txt", body="")
    alone = gather([tmp_path])
    monkeypatch.setattr(gathering, "_ENOUGH", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    steps: list[tuple[int, int]] = []
    assert gather([tmp_path], progress=lambda done, total: steps.append((done, total))) == alone
    assert sorted(steps) == [(n, 7) for n in range(1, 8)]
