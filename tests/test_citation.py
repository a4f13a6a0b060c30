"""Citations as people write them, and the way from a quote's label and address back to it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from conftest import SAMPLE, is_one_chinese_sentence
from reportqa import parsing, reading
from reportqa.citation import cite, locate, section_label
from reportqa.reading import Source
from reportqa.schema import NotFound, QuestionError, Report


def paths(reports: list[Report], citation: str) -> list[str]:
    """Return the section numbers that a citation leads to."""
    return [section_label(quote.citation.section) for quote in locate(reports, citation)]


ONE_PLACE = [
    (
        "一、（五）",
        "第一部分第五节|一(五)|1.5|1-5|1.5.|一·五|一之五|一 / 五|一 > （五）|1、（五）|１．５|一 5|Ⅰ.5|一(⑤)|第1部分第5点",
    ),
    (
        "一、（五）",
        "第一大块第五小节|第一章第五节|一部分五节|Part 1, section 5|part one section five|section 1.5|§1.5|chapter I section v",
    ),
    (
        "一、（五）",
        "第一板块的第五条|报告第一部分的第五小点|聊城第一部分（五）|聊城市2022年政府工作报告第一部分第五节|2022年报告一（五）",
    ),
    (
        "一、（五）",
        "品质提升|(五)强力推进品质提升,人民城市共建共享|一、2021年及五年工作回顾 › (五)强力推进品质提升|讲品质提升的那一节",
    ),
    ("一、（八）", "（八）|第八节|第一部分最后一节|从严治党"),
    ("三、（一）", "三（一）|三、一|3（1）|制造业强市|第三部分关于制造业的内容|the third part, first section"),
    ("二、", "第二部分|二|二、|II|Part 2|今后五年工作的总体要求|总体要求|第二大部分"),
    ("三、", "第三部分|最后一部分|3"),
]


@pytest.mark.parametrize(("expected", "citation"), [(path, c) for path, cs in ONE_PLACE for c in cs.split("|")])
def test_a_section_as_people_write_it(sample_report: Report, expected: str, citation: str) -> None:
    assert paths([sample_report], citation) == [expected]


PARAGRAPHS = [
    ("三（一）第2段", "三、（一）第2段"),
    ("三（一）p2", "三、（一）第2段"),
    ("第三部分第一节第二段", "三、（一）第2段"),
    ("第三部分关于制造业的第二段", "三、（一）第2段"),
    ("part 3 section 1 paragraph 2", "三、（一）第2段"),
    ("三（一）最后一段", "三、（一）第5段"),
    ("三（一）倒数第二段", "三、（一）第4段"),
    ("第二部分第三段", "二、第3段"),
    ("p17", "一、第4段"),
    ("#p17", "一、第4段"),
    ("第17段", "一、第4段"),
    ("着力壮大产业规模", "三、（一）第2段"),
    ("篇首第2段", "篇首第2段"),
]


@pytest.mark.parametrize(("citation", "label"), PARAGRAPHS)
def test_a_paragraph(sample_report: Report, citation: str, label: str) -> None:
    [quote] = locate([sample_report], citation)
    assert quote.citation.label == f"《{sample_report.title}》{label}"
    assert sample_report.text[quote.citation.start : quote.citation.end] == quote.text


def test_a_sentence(sample_report: Report) -> None:
    [quote] = locate([sample_report], "三（一）第2段第1句")
    assert quote.text == "着力壮大产业规模。"
    [last] = locate([sample_report], "三（一）第2段最后一句")
    assert last.text.endswith("早见效。")


def test_sentences_under_a_topic(sample_report: Report) -> None:
    [quote] = locate([sample_report], "一（五）城市空间不断优化")
    assert quote.text.startswith("城市空间不断优化。主城区")
    assert quote.text.endswith("有效提升。")


def test_a_section_comes_with_its_heading_and_all_its_text(sample_report: Report) -> None:
    [quote] = locate([sample_report], "一（五）")
    assert quote.text.startswith("(五)强力推进品质提升,人民城市共建共享\n秉承")
    assert quote.text.endswith("聊城机场前期工作取得重大进展。")
    assert quote.citation.label == f"《{sample_report.title}》一、（五）"


def test_an_ambiguous_citation_gives_the_candidates(sample_report: Report) -> None:
    assert paths([sample_report], "（一）") == ["一、（一）", "三、（一）"]
    assert len(paths([sample_report], "强力推进")) == 8


NOWHERE = [
    ("第四部分", "第四部分", "三、2022年目标任务和重点工作", "三（二）"),
    ("三（三）", "（三）", "（一）（二）", "三（二）"),
    ("三（一）第20段", "5 段", "第20段", ""),
    ("二（一）", "没有小标题", "3 段", ""),
    ("航天", "航天", "一、2021年及五年工作回顾", ""),
    ("第三部分关于航天的段落", "航天", "(一)凝心聚力建设制造业强市", ""),
    ("2019年报告第一部分", "2019年", "聊城市-2022", ""),
    ("上海市第三部分", "上海市", "聊城市-2022", ""),
    ("p999", "35 段", "第999段", ""),
    ("第一部分第0段", "没有第0段", "", ""),
    ("第一部分第0句", "没有第0句", "", ""),
    ("/report/上海市-2025?at=1-9#p1", "上海市-2025", "聊城市-2022", ""),
]


@pytest.mark.parametrize(("citation", "missing", "there", "end"), NOWHERE)
def test_what_does_not_exist_says_what_there_is(
    sample_report: Report, citation: str, missing: str, there: str, end: str
) -> None:
    with pytest.raises(NotFound) as caught:
        locate([sample_report], citation)
    message = str(caught.value)
    assert is_one_chinese_sentence(message)
    for words in (missing, there, end):
        assert words in message


@pytest.mark.parametrize("citation", ["", "  ", "（）", "?"])
def test_a_citation_that_says_nothing(sample_report: Report, citation: str) -> None:
    with pytest.raises(QuestionError):
        locate([sample_report], citation)


def assert_round_trip(reports: list[Report], most_unclear: int = 0) -> None:
    """Check that every paragraph's label and address lead back to it."""
    unclear = 0
    for report in reports:
        for paragraph in report.paragraphs:
            start = paragraph.sentences[0].start if paragraph.sentences else paragraph.start
            citation = cite(report, paragraph, start, paragraph.end)
            for written in (citation.label, citation.url):
                found = [(q.citation.report_id, q.citation.start, q.citation.end) for q in locate(reports, written)]
                unclear += found != [(report.report_id, start, paragraph.end)]
    assert unclear <= most_unclear


def test_labels_and_addresses_lead_back(sample_report: Report) -> None:
    assert_round_trip([sample_report])


def test_labels_of_real_reports_lead_back(reports_dir: Path) -> None:
    files = sorted(reports_dir.glob("provinces-2025/*.docx"))[:12]
    assert files
    assert_round_trip([parsing.parse(reading.read(path)) for path in files])


def test_several_reports(sample_report: Report) -> None:
    other = dataclasses.replace(
        sample_report, report_id="平阴县-2020", place="平阴县", year=2020, title="2020年平阴县报告"
    )
    reports = [sample_report, other]
    assert [q.citation.report_id for q in locate(reports, "二")] == ["聊城市-2022", "平阴县-2020"]
    for citation in (
        "平阴县第二部分",
        "平阴二",
        "2020年政府工作报告第二部分",
        "平阴县-2020 二",
        "《2020年平阴县报告》二、",
    ):
        assert [q.citation.report_id for q in locate(reports, citation)] == ["平阴县-2020"], citation
    with pytest.raises(NotFound):
        locate(reports, "航天")


@pytest.mark.parametrize(
    ("citation", "sections"),
    [
        ("一（一）至（三）", ["（一）", "（二）", "（三）"]),
        ("一（二）-（四）", ["（二）", "（三）", "（四）"]),
        ("第一部分第二、三节", ["（二）", "（三）"]),
        ("part 1, sections 2 to 4", ["（二）", "（三）", "（四）"]),
    ],
)
def test_ranges(sample_report: Report, citation: str, sections: list[str]) -> None:
    labels = [quote.citation.label for quote in locate([sample_report], citation)]
    assert labels == [f"《2022年聊城市政府工作报告》一、{section}" for section in sections]


def test_a_member_that_is_not_there_is_said(sample_report: Report) -> None:
    with pytest.raises(NotFound, match=r"一、没有（九）"):
        locate([sample_report], "一（七）至（九）")


def test_a_link_holds_when_the_report_is_read_again(sample_report: Report) -> None:
    [quote] = locate([sample_report], "一（三）第1段第2句")
    again = parsing.parse(reading.read(SAMPLE))
    [found] = locate([again], quote.citation.url)
    assert (found.text, found.citation.url, again.report_id) == (
        quote.text,
        quote.citation.url,
        sample_report.report_id,
    )


def test_a_report_without_headings() -> None:
    report = parsing.parse(
        Source("甲市2020年政府工作报告.txt", "甲市2020年政府工作报告\n各位代表：\n粮食产量达到35万吨。\n", "")
    )
    assert locate([report], "p3")[0].text == "粮食产量达到35万吨。"
    with pytest.raises(NotFound, match="没有标题"):
        locate([report], "三（一）")


def test_gold_citations(sample_report: Report, gold_dir: Path) -> None:
    lines = (gold_dir / "locate.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    for record in map(json.loads, lines):
        assert [q.citation.section for q in locate([sample_report], record["citation"])] == [record["section"]]
