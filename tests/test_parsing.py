"""The structure of the sample, of small made-up reports in other layouts, and of real reports."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from conftest import is_one_chinese_sentence
from reportqa.parsing import parse, section_number
from reportqa.reading import Source, read
from reportqa.schema import Paragraph, ReadingError, Report

PART_1 = "一、2021年及五年工作回顾"
PART_2 = "二、今后五年工作的总体要求"
PART_3 = "三、2022年目标任务和重点工作"
HEADINGS = [
    (1, PART_1),
    (2, "(一)强力推进争先先进,经济发展提质增效"),
    (2, "(二)强力推进动能转换,发展活力释放绽放"),
    (2, "(三)强力推进改革创新,更多领域跑出领跑"),
    (2, "(四)强力推进乡村振兴,农业农村增质增效"),
    (2, "(五)强力推进品质提升,人民城市共建共享"),
    (2, "(六)强力推进风险防控,发展底板牢固稳固"),
    (2, "(七)强力推进民生改善,群众生活向美好"),
    (2, "(八)强力推进从严治党,自身建设走深走实"),
    (1, PART_2),
    (1, PART_3),
    (2, "(一)凝心聚力建设制造业强市,筑牢高质量发展产业根基"),
    (2, "(二)凝心聚力实施创新驱动,打造高质量发展动力引擎"),
]
TOPICS = [
    ("发展速度更快", "全市生产总值增长8.4%"),
    ("发展结构更优", "制造业增加值增速快于生产2.4个百分点"),
    ("项目建设支撑有力", "276个市级以上重点项目完成投资792亿元"),
    ("产业转型升级扎实推进", "新增省级数字经济园区2家"),
    ("优质企业加速成长", "金帝机械获评国家级工业设计中心"),
    ("重点领域改革纵深推进", "全年减税降费22.45亿元"),
    ("开放合作持续深化", "欧亚班列恢复开行"),
    ("脱贫攻坚同乡村振兴有效衔接", "用好乡村振兴衔接资金7.7亿元"),
    ("生态环境明显改善", "冠县获评全国防沙治沙综合示范区"),
    ("金融风险有效化解", "全市不良贷款率由2019年最高位的9.9%降至2.7%"),
    ("社会事业繁荣发展", "市工人文化宫开工建设"),
    ("着力壮大产业规模", "培育特色集群"),
    ("提升要素保障能力", "加快“标准化”供应"),
    ("加快建设数字政府", "推广水城一码通"),
    ("", "全面统筹疫情防控和经济社会发展"),
    ("", "民生支出保持在77%以上"),
    ("", "生产总值增长6%左右"),
]
MADE_UP = """平川市政府工作报告

——2023年1月5日在平川市第五届人民代表大会第二次会议上

平川市人民政府市长 王小明

各位代表：
　　现在，我代表市人民政府向大会报告工作，请予审议。
一、2022年工作回顾
　　过去一年，全市生产总值增长5.1%。
（一）产业发展
　　规模以上工业增加值增长7%。新增企业120家。
　　项目建设有力推进。开工项目35个，完成投资98亿元。
（二）民生改善
　　城镇新增就业1.2万人。
　　各位代表！成绩来之不易。
二、2023年工作安排
　　今年的主要预期目标是：生产总值增长6%左右。
（一）扩大内需。社会消费品零售总额增长8%。
（二）深化改革。
　　推进国企改革。
　　各位代表，让我们一起努力！
"""


def source(text: str, name: str = "报告.txt") -> Source:
    return Source(name, text, "0" * 64)


def texts(report: Report) -> list[str]:
    return [report.text[paragraph.start : paragraph.end] for paragraph in report.paragraphs]


def sentences(report: Report, paragraph: Paragraph) -> list[str]:
    return [report.text[sentence.start : sentence.end] for sentence in paragraph.sentences]


def paragraph_with(report: Report, words: str) -> Paragraph:
    at = report.text.index(words)
    return next(p for p in report.paragraphs if p.start <= at < p.end)


def check_layout(report: Report, decoded: str) -> None:
    """Check what holds of any report: spans nested and in order, numbers, headings, and the way back to the file."""
    at = 0
    ordinals: dict[tuple[str, ...], int] = {}
    headings = [section.heading for section in report.sections]
    for section in report.sections:
        assert report.text[section.start : section.end] == section.heading
        assert section.level in (1, 2)
    for number, paragraph in enumerate(report.paragraphs, 1):
        assert paragraph.number == number
        path = tuple(paragraph.section)
        ordinals[path] = ordinals.get(path, 0) + 1
        assert paragraph.ordinal == ordinals[path]
        assert set(path) <= set(headings)
        assert at <= paragraph.start < paragraph.end <= len(report.text)
        at = paragraph.start
        for sentence in paragraph.sentences:
            assert at <= sentence.start < sentence.end <= paragraph.end
            assert report.text[sentence.start : sentence.end].strip()
            at = sentence.end
        at = paragraph.end
    for offset, character in enumerate(report.text):
        if character != "\n":
            assert decoded[report.source_offset(offset)] == character
    runs = [there for _, there in report.offset_map]
    assert runs == sorted(runs)
    assert "\n\n" not in report.text


def test_what_the_sample_says_of_itself(sample_report: Report, sample_source: Source) -> None:
    assert sample_report.report_id == "聊城市-2022"
    assert re.fullmatch(r"(2022年)?聊城市(2022年)?政府工作报告", sample_report.title)
    assert sample_report.place == "聊城市"
    assert sample_report.year == 2022
    assert sample_report.date == "2022-02-24"
    assert sample_report.meeting == "聊城市第十八届人民代表大会第一次会议"
    assert sample_report.speaker == "李长萍"
    assert sample_report.source == "liaocheng-2022.txt"
    assert sample_report.sha256 == sample_source.sha256


def test_the_headings_of_the_sample(sample_report: Report) -> None:
    assert [(section.level, section.heading) for section in sample_report.sections] == HEADINGS


def test_the_layout_of_the_sample(sample_report: Report, sample_source: Source) -> None:
    check_layout(sample_report, sample_source.text)


def test_every_character_of_the_speech_is_kept_but_white_space_and_furniture(
    sample_report: Report, sample_source: Source
) -> None:
    assert "".join(sample_report.text.split()) == "".join(sample_source.text.replace("(下转4版)", "").split())


@pytest.mark.parametrize(("topic", "words"), TOPICS)
def test_topics_of_the_sample(sample_report: Report, topic: str, words: str) -> None:
    at = sample_report.text.index(words)
    paragraph = paragraph_with(sample_report, words)
    assert [s.topic for s in paragraph.sentences if s.start <= at < s.end] == [topic]


def test_a_topic_sentence_is_a_sentence_and_no_heading(sample_report: Report) -> None:
    for topic in {topic for topic, _ in TOPICS if topic}:
        assert not any(topic in section.heading for section in sample_report.sections)
        paragraph = paragraph_with(sample_report, f"{topic}。")
        assert f"{topic}。" in sentences(sample_report, paragraph)
        [own] = [s for s in paragraph.sentences if sample_report.text[s.start : s.end] == f"{topic}。"]
        assert own.topic == ""


@pytest.mark.parametrize(
    "words",
    [
        "欧亚班列恢复开行,阳谷获评省外贸高质量发展区。",
        "2021年是本届政府收官之年。",
        "重拳整治非法金融活动,全市不良贷款率",
        "有力监督、鼎力支持,凝聚着全市广大干部群众",
    ],
)
def test_lines_broken_at_page_ends_are_whole(sample_report: Report, words: str) -> None:
    at = sample_report.text.index(words)
    paragraph = paragraph_with(sample_report, words)
    assert any(s.start <= at and at + len(words) <= s.end for s in paragraph.sentences)


def test_what_follows_the_last_subsection_belongs_to_the_part(sample_report: Report) -> None:
    last = paragraph_with(sample_report, "各级审计为财政增收节支1.53亿元。")
    assert last.section == [PART_1, HEADINGS[8][1]]
    after = [p for p in sample_report.paragraphs if p.start > last.start]
    until = next(p for p in after if p.section[0] == PART_2)
    between = [p for p in after if p.number < until.number]
    assert sample_report.text[between[0].start :].startswith("各位代表,在经济长足进步")
    assert len(between) == 9
    assert {tuple(p.section) for p in between} == {(PART_1,)}
    assert [p.ordinal for p in between] == list(range(2, 11))


def test_delegates_addressed_within_a_subsection_do_not_end_it(sample_report: Report) -> None:
    assert paragraph_with(sample_report, "各位代表!实践证明").section == [PART_3, HEADINGS[11][1]]


def test_run_in_headings_are_part_of_no_sentence(sample_report: Report) -> None:
    for section in sample_report.sections[-2:]:
        paragraph = next(p for p in sample_report.paragraphs if p.start == section.start)
        assert section.end < paragraph.sentences[0].start
        assert sentences(sample_report, paragraph)[0][:2] in ("始终", "坚持")
    for section in sample_report.sections:
        assert not any(
            s.start < section.end and section.start < s.end for p in sample_report.paragraphs for s in p.sentences
        )


def test_where_the_sample_breaks_off(sample_report: Report) -> None:
    assert sample_report.breaks_off == "三（二）"
    assert "下转" not in sample_report.text
    assert sample_report.text.endswith("加快发展数字经济。")


def test_json_round_trip(sample_report: Report) -> None:
    assert Report.from_dict(json.loads(json.dumps(sample_report.to_dict()))) == sample_report


def test_every_gold_passage_stands_in_its_section(sample_report: Report, gold_dir: Path) -> None:
    lines = (gold_dir / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    for record in map(json.loads, lines):
        accepted = [record["section"], *record.get("also_sections", [])]
        for words in record["evidence"]:
            found = [p.section for p in sample_report.paragraphs if words in sample_report.text[p.start : p.end]]
            assert any(section in accepted for section in found), record["id"]


def test_a_made_up_report_in_full_width() -> None:
    report = parse(source(MADE_UP))
    assert (report.report_id, report.place, report.year) == ("平川市-2023", "平川市", 2023)
    assert report.title == "2023年平川市政府工作报告"
    assert report.date == "2023-01-05"
    assert report.meeting == "平川市第五届人民代表大会第二次会议"
    assert report.speaker == "王小明"
    assert report.breaks_off == ""
    assert [(section.level, section.heading) for section in report.sections] == [
        (1, "一、2022年工作回顾"),
        (2, "（一）产业发展"),
        (2, "（二）民生改善"),
        (1, "二、2023年工作安排"),
        (2, "（一）扩大内需"),
        (2, "（二）深化改革"),
    ]
    check_layout(report, MADE_UP)
    found = {text: paragraph.section for text, paragraph in zip(texts(report), report.paragraphs, strict=True)}
    assert found["现在，我代表市人民政府向大会报告工作，请予审议。"] == []
    assert found["过去一年，全市生产总值增长5.1%。"] == ["一、2022年工作回顾"]
    assert found["城镇新增就业1.2万人。"] == ["一、2022年工作回顾", "（二）民生改善"]
    assert found["各位代表！成绩来之不易。"] == ["一、2022年工作回顾"]
    assert found["（一）扩大内需。社会消费品零售总额增长8%。"] == ["二、2023年工作安排", "（一）扩大内需"]
    assert found["推进国企改革。"] == ["二、2023年工作安排", "（二）深化改革"]
    assert found["各位代表，让我们一起努力！"] == ["二、2023年工作安排"]
    topic = paragraph_with(report, "项目建设有力推进。")
    assert [sentence.topic for sentence in topic.sentences] == ["", "项目建设有力推进"]


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n\n", "\u2028"])
def test_other_line_ends_give_the_same_text(line_end: str) -> None:
    text = MADE_UP.replace("\n", line_end)
    report = parse(source(text))
    assert report.text == parse(source(MADE_UP)).text
    check_layout(report, text)


def test_place_and_year_given_override_the_text() -> None:
    report = parse(source(MADE_UP), place="海东市", year=2024)
    assert (report.report_id, report.place, report.year) == ("海东市-2024", "海东市", 2024)


BYLINES = {
    "mayor": ("平川市市长 王小明", "平川市", "王小明"),
    "acting mayor": ("平川市代市长　王小明", "平川市", "王小明"),
    "colon": ("平川市人民政府市长：王　明", "平川市", "王明"),
    "name spaced out": ("平川市市长　王　　明", "平川市", "王明"),
    "government of an autonomous region": ("广西壮族自治区人民政府主席 蓝天", "广西壮族自治区", "蓝天"),
    "autonomous region": ("广西壮族自治区主席 蓝天", "广西壮族自治区", "蓝天"),
    "district": ("海拉尔区人民政府区长 王小明", "海拉尔区", "王小明"),
    "district of a city": ("呼伦贝尔市海拉尔区区长 王小明", "海拉尔区", "王小明"),
    "autonomous banner": ("鄂伦春自治旗旗长 王小明", "鄂伦春自治旗", "王小明"),
    "government of a county of one character": ("莘县人民政府县长 王小明", "莘县", "王小明"),
    "county of one character": ("莘县县长 王小明", "莘县", "王小明"),
    "city named after a prefecture": ("杭州市人民政府市长 王小明", "杭州市", "王小明"),
    "district named after a prefecture": ("通州区区长 王小明", "通州区", "王小明"),
    "city named after a market": ("津市市市长 王小明", "津市市", "王小明"),
    "district that was a city": ("沙市区区长 王小明", "沙市区", "王小明"),
    "district that was a county": ("沙县区人民政府区长 王小明", "沙县区", "王小明"),
    "long name": ("积石山保安族东乡族撒拉族自治县县长 马明", "积石山保安族东乡族撒拉族自治县", "马明"),
}


@pytest.mark.parametrize(("byline", "place", "speaker"), BYLINES.values(), ids=BYLINES.keys())
def test_place_and_speaker_of_a_byline(byline: str, place: str, speaker: str) -> None:
    head = "政府工作报告\n——2023年1月5日在第五届人民代表大会第二次会议上\n"
    report = parse(source(f"{head}{byline}\n各位代表：\n现在报告工作。\n"))
    assert (report.place, report.speaker) == (place, speaker)


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("2022年2月24日", "2022-02-24"),
        ("2022 年 12 月 3 日", "2022-12-03"),
        ("二〇二二年二月二十四日", "2022-02-24"),
        ("二○一九年十月十日", "2019-10-10"),
        ("一九九五年三月五日", "1995-03-05"),
        ("二〇二二年一月三十日", "2022-01-30"),
    ],
)
def test_dates(said: str, date: str) -> None:
    report = parse(source(f"政府工作报告\n——{said}在平川市人民代表大会第二次会议上\n各位代表：\n现在报告工作。\n"))
    assert report.date == date
    assert report.year == int(date[:4])


def test_text_without_any_heading_keeps_its_paragraphs() -> None:
    lines = ["各位代表：", "现在，我报告工作。", "去年，生产总值增长5%。税收增长3%。", "今年，我们要继续努力。"]
    report = parse(source("\n".join(lines)))
    assert texts(report) == lines
    assert report.sections == []
    assert [p.section for p in report.paragraphs] == [[], [], [], []]
    assert [p.ordinal for p in report.paragraphs] == [1, 2, 3, 4]
    assert sentences(report, report.paragraphs[2]) == ["去年，生产总值增长5%。", "税收增长3%。"]
    check_layout(report, "\n".join(lines))


def test_a_title_is_not_run_into_a_text_without_address_or_heading() -> None:
    lines = ["2022年平川市人民政府工作报告", "过去一年，全市生产总值增长5%。", "今年，我们要继续努力。"]
    report = parse(source("\n\n".join(lines)))
    assert texts(report)[-2:] == lines[1:]
    assert (report.place, report.year) == ("平川市", 2022)


def test_an_unnumbered_title_of_a_part_is_not_run_into_its_first_sentence() -> None:
    text = "各位代表：\n过去一年工作回顾和取得的主要成效\n全市生产总值增长5%。\n"
    report = parse(source(text))
    assert "全市生产总值增长5%。" in sentences(report, report.paragraphs[-1])


def test_a_single_line() -> None:
    report = parse(source("平川市去年生产总值增长5%", "平川市2022.txt"))
    assert texts(report) == ["平川市去年生产总值增长5%"]
    assert sentences(report, report.paragraphs[0]) == ["平川市去年生产总值增长5%"]
    assert (report.place, report.year) == ("平川市", 2022)


def test_a_line_that_begins_with_a_closing_mark_goes_on_with_the_line_before() -> None:
    text = "各位代表：\n一、立法\n我国第一部《\n国防法\n》开始实施，国防建设取得了新进展。\n"
    report = parse(source(text))
    assert "我国第一部《国防法》开始实施，国防建设取得了新进展。" in report.text
    check_layout(report, text)


def test_a_page_turn_within_the_file_is_taken_out() -> None:
    text = "各位代表：\n一、回顾\n经济建设取得了显著成效，发展质（下转第2版）\n（上接第1版）量稳步提高。\n人民生活持续改善。\n"
    report = parse(source(text))
    assert texts(report)[1:] == ["经济建设取得了显著成效，发展质量稳步提高。", "人民生活持续改善。"]
    assert report.breaks_off == ""
    check_layout(report, text)


def test_a_page_turn_between_paragraphs_joins_nothing() -> None:
    text = "各位代表：\n一、回顾\n经济建设取得了显著成效。 （下转第2版）\n（上接第1版） 人民生活持续改善。\n"
    assert texts(parse(source(text)))[1:] == ["经济建设取得了显著成效。", "人民生活持续改善。"]


@pytest.mark.parametrize("mark", ["（下转第4版）", "( 下转4版 )", "（下转四版）"])
def test_a_text_that_breaks_off(mark: str) -> None:
    report = parse(source(f"{MADE_UP.partition('（二）深化')[0]}{mark}\n"))
    assert report.breaks_off == "二（一）"
    assert "下转" not in report.text


@pytest.mark.parametrize("text", ["", "\n \n", "一、工作回顾\n（一）经济\n二、工作安排\n", "（下转4版）"])
def test_a_text_without_a_paragraph_is_refused(text: str) -> None:
    with pytest.raises(ReadingError, match="空的") as caught:
        parse(source(text, "空的.txt"))
    assert is_one_chinese_sentence(str(caught.value))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([], "篇首"),
        ([PART_3], "三"),
        ([PART_3, "(二)凝心聚力"], "三（二）"),
        (["十二、工作", "（ 十一 ）安排"], "十二（十一）"),
    ],
)
def test_section_number(path: list[str], expected: str) -> None:
    assert section_number(path) == expected


def test_real_reports_keep_the_layout(reports_dir: Path) -> None:
    paths = sorted(reports_dir.rglob("*.txt"))
    assert paths
    for path in paths:
        decoded = read(path)
        report = parse(decoded)
        check_layout(report, decoded.text)
        assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_reports_of_the_state_council_are_of_the_whole_country(reports_dir: Path) -> None:
    found = {path.name: parse(read(path)) for path in sorted((reports_dir / "national").glob("national-*.txt"))}
    assert {name for name, report in found.items() if report.year != int(name[9:13])} == set()
    assert {name for name, report in found.items() if report.place != "全国"} == set()
