"""A question across the places of the shelf is answered by the figures that their reports state."""

from __future__ import annotations

import pytest

from reportqa import ReportQA

SAID = {
    "平川省": "地区生产总值增长5.5%左右，城镇新增就业30万人以上",
    "清河省": "地区生产总值增长6%以上，城镇新增就业12万人",
    "安山省": "地区生产总值增长4.5%—5%，城镇新增就业8万人左右",
    "宁水省": "农业农村现代化迈出坚实步伐",
}
DONE = {"平川省": "3.1万亿元", "清河省": "9800亿元", "安山省": "1.2万亿元", "宁水省": "6100亿元"}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> ReportQA:
    directory = tmp_path_factory.mktemp("across")
    for place, words in SAID.items():
        text = (
            f"2025年{place}政府工作报告\n\n各位代表：\n\n一、2024年工作回顾\n\n全省地区生产总值达到{DONE[place]}。\n\n"
            f"二、2025年工作安排\n\n今年的主要预期目标是：{words}。\n"
        )
        (directory / f"2025年{place}政府工作报告.txt").write_text(text, encoding="utf-8")
    return ReportQA.build([directory], directory / "index")


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("哪些省今年GDP目标在5.5%以上", ["清河省", "平川省"]),
        ("哪些省今年GDP增长目标低于5%", ["安山省"]),
        ("哪些省2024年GDP超过1万亿元", ["平川省", "安山省"]),
        ("哪些省今年GDP目标不高于5%", ["安山省"]),
        ("哪些省今年GDP目标不超过5.5%", ["平川省", "安山省"]),
        ("哪些省今年GDP目标不小于5.5%", ["清河省", "平川省"]),
        ("哪些省今年GDP目标不低于百分之五点五", ["清河省", "平川省"]),
        ("哪些省今年GDP目标在百分之六以上", ["清河省"]),
        ("哪些省2024年GDP超过一万亿元", ["平川省", "安山省"]),
        ("哪些省2024年GDP不到1.2万亿元", ["清河省", "宁水省"]),
        ("哪些省2024年GDP不大于1.2万亿元", ["安山省", "清河省", "宁水省"]),
        ("哪些省2024年GDP没超过1.2万亿元", ["安山省", "清河省", "宁水省"]),
        ("今年各省城镇新增就业目标是多少", ["平川省", "清河省", "安山省"]),
        ("哪个省今年城镇新增就业目标最低", ["安山省", "清河省", "平川省"]),
    ],
)
def test_the_places_that_suit_in_order(qa: ReportQA, question: str, places: list[str]) -> None:
    answer = qa.ask(question)
    assert answer.found
    assert [part.label for part in answer.parts] == places
    for part in answer.parts:
        [quote] = part.quotes
        report = qa.report(quote.citation.report_id)
        assert report.place == part.label
        assert quote.text == report.text[quote.citation.start : quote.citation.end]


def test_the_highest_is_named_and_so_are_the_places_that_say_nothing(qa: ReportQA) -> None:
    answer = qa.ask("哪个省今年GDP增长目标最高")
    assert "其中最高的是清河省（6%以上）" in answer.text
    assert "另有 1 个地方的报告没有读到这个数字，不在其中：宁水省" in answer.text


def test_none_suits(qa: ReportQA) -> None:
    answer = qa.ask("哪些省今年GDP目标超过9%")
    assert not answer.found
    assert "没有符合条件的" in answer.text


@pytest.mark.parametrize("question", ["哪个省的大熊猫最多", "平川省今年GDP目标是多少", "哪些省提到了农业现代化"])
def test_other_questions_go_the_usual_way(qa: ReportQA, question: str) -> None:
    assert len(qa.ask(question).parts) == 0
