"""The structure of the sample, of small made-up reports in other layouts, and of real reports."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import is_one_chinese_sentence
from reportqa.numbering import section_number
from reportqa.parsing import parse
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
    "prefecture": ("红河哈尼族彝族自治州州长 罗萍", "红河哈尼族彝族自治州", "罗萍"),
    "prefecture for short": ("凉山州人民政府州长 王小明", "凉山州", "王小明"),
    "league": ("阿拉善盟盟长 王小明", "阿拉善盟", "王小明"),
    "city whose name means city": ("乌兰察布市市长 王小明", "乌兰察布市", "王小明"),
    "city named after a prefecture, its district": ("广州市天河区区长 王小明", "天河区", "王小明"),
    "city named after a town": ("景德镇市市长 王小明", "景德镇市", "王小明"),
    "district in the middle of the city": ("济南市市中区区长 王小明", "市中区", "王小明"),
    "city named after a market, of a city": ("常德市津市市人民政府市长 王小明", "津市市", "王小明"),
    "banner": ("巴彦淖尔市乌拉特前旗旗长 王小明", "乌拉特前旗", "王小明"),
    "town": ("江门市新会区双水镇镇长 王小明", "双水镇", "王小明"),
    "region administered for a province": ("大兴安岭地区行政公署专员 王小明", "大兴安岭地区", "王小明"),
    "second office": ("平川县委副书记、县长 王小明", "平川县", "王小明"),
    "name of a minority": ("新疆维吾尔自治区主席 艾尔肯·吐尼亚孜", "新疆维吾尔自治区", "艾尔肯·吐尼亚孜"),
    "acting chairman": ("西藏自治区代理主席 嘎玛泽登", "西藏自治区", "嘎玛泽登"),
    "comrade": ("平川市市长 王小明同志", "平川市", "王小明"),
    "a name that begins like a place in a sentence": ("上海市市长 王小明", "上海市", "王小明"),
    "a name that begins like a date's end": ("日照市岚山区人民政府区长 王小明", "岚山区", "王小明"),
    "no place": ("市长 王小明", "", "王小明"),
    "name on a line of its own": ("国务院总理\n　李　强", "全国", "李强"),
}


@pytest.mark.parametrize(("byline", "place", "speaker"), BYLINES.values(), ids=BYLINES.keys())
def test_place_and_speaker_of_a_byline(byline: str, place: str, speaker: str) -> None:
    head = "政府工作报告\n——2023年1月5日在第五届人民代表大会第二次会议上\n"
    report = parse(source(f"{head}{byline}\n各位代表：\n现在报告工作。\n"))
    assert (report.place, report.speaker) == (place, speaker)


HEADS = {
    "all in one line": (
        "——2025年1月14日平川市人民政府市长王莉霞在平川市第十四届人民代表大会第三次会议上的讲话",
        ("平川市", "2025-01-14", "平川市第十四届人民代表大会第三次会议", "王莉霞"),
    ),
    "the office behind the name": (
        "----2025年1月15日龚正市长在平川市第十六届人民代表大会第三次会议的政府工作报告",
        ("平川市", "2025-01-15", "平川市第十六届人民代表大会第三次会议", "龚正"),
    ),
    "who gave the report": (
        "2025年1月20日在平川市海东区第十四届人民代表大会第三次会议上海东区区长 王清作政府工作报告",
        ("海东区", "2025-01-20", "平川市海东区第十四届人民代表大会第三次会议", "王清"),
    ),
    "the place only in the meeting": (
        "——2025年1月13日在广西壮族自治区第十四届人民代表大会第三次会议上\n来源：日报\n自治区主席 蓝天立",
        ("广西壮族自治区", "2025-01-13", "广西壮族自治区第十四届人民代表大会第三次会议", "蓝天立"),
    ),
    "the day of publication first": (
        "日报网 2025年2月1日\n（2025年1月13日在平川市第九届 人民代表大会第三次会议上）\n市长：王　明",
        ("平川市", "2025-01-13", "平川市第九届人民代表大会第三次会议", "王明"),
    ),
}


@pytest.mark.parametrize(("head", "expected"), HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("address", ["各位代表：\n现在报告工作。", "过去一年，生产总值增长5%。"])
def test_the_lines_before_the_speech(head: str, expected: tuple[str, ...], address: str) -> None:
    text = f"2025年政府工作报告\n{head}\n{address}\n今年，我们要继续努力。\n"
    report = parse(source(text))
    assert (report.place, report.date, report.meeting, report.speaker) == expected
    assert report.title == f"{report.place}2025年政府工作报告"
    assert texts(report)[-1] == "今年，我们要继续努力。"
    check_layout(report, text)


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("各位代表：\n现在，我代表国务院，向大会报告政府工作。\n", "a.txt", "全国"),
        ("各位代表：\n我受国务院的委托，报告计划安排。\n", "a.txt", "全国"),
        ("各位代表：\n現在，我代表中央人民政府作工作報告。\n", "a.txt", "全国"),
        ("五年来，我国各族人民团结奋斗。\n", "national-1964.txt", "全国"),
        ("各位代表：\n现在，我代表上海市人民政府，向大会报告工作。\n", "a.txt", "上海市"),
        ("2025年广西政府工作报告\n各位代表：\n现在报告工作。\n", "a.txt", "广西"),
        ("各位代表：\n现在报告工作。\n", "2025年平川市政府工作报告.docx", "平川市"),
        ("各位代表：\n我代表省人民政府报告工作，感谢党中央、国务院的关怀。\n", "a.txt", ""),
    ],
)
def test_the_place_without_a_byline(text: str, name: str, place: str) -> None:
    assert parse(source(text, name)).place == place


@pytest.mark.parametrize(
    ("head", "name", "place"),
    [
        ("2024年苏州市政府工作报告\n", "a.txt", "苏州市"),
        ("政府工作报告\n——2024年1月10日在海拉尔区第五届人民代表大会第三次会议上\n区长 李明\n", "a.txt", "海拉尔区"),
        (
            "政府工作报告\n——2024年1月10日在科尔沁右翼前旗第十八届人民代表大会第三次会议上\n旗长 包青\n",
            "a.txt",
            "科尔沁右翼前旗",
        ),
        ("锡林郭勒盟行政公署\n政府工作报告\n", "a.txt", "锡林郭勒盟"),
        ("2024年兴安盟行政公署工作报告\n", "a.txt", "兴安盟"),
        (
            "政府工作报告\n2024年2月1日在凉山彝族自治州第十二届人民代表大会第三次会议上\n州长 阿石\n",
            "a.txt",
            "凉山彝族自治州",
        ),
        (
            "政府工作报告\n——在延边朝鲜族自治州第十六届人民代表大会第三次会议上\n延边州州长 洪庆\n",
            "a.txt",
            "延边朝鲜族自治州",
        ),
        ("恩施土家族苗族自治州2024年政府工作报告\n", "a.txt", "恩施土家族苗族自治州"),
        ("2024年长阳土家族自治县人民政府工作报告\n", "a.txt", "长阳土家族自治县"),
        ("政府工作报告\n2024年1月5日在鄂伦春自治旗第十五届人民代表大会第三次会议上\n", "a.txt", "鄂伦春自治旗"),
        ("2024年苏州工业园区管委会工作报告\n", "a.txt", "苏州工业园区"),
        ("郑州航空港经济综合实验区2024年政府工作报告\n", "a.txt", "郑州航空港经济综合实验区"),
        ("西安高新技术产业开发区2024年政府工作报告\n", "a.txt", "西安高新技术产业开发区"),
        ("2024年浦东新区政府工作报告\n", "a.txt", "浦东新区"),
        ("政府工作报告\n——2024年1月9日在天津市滨海新区第四届人民代表大会第四次会议上\n", "a.txt", "滨海新区"),
        ("两江新区2024年政府工作报告\n", "a.txt", "两江新区"),
        ("周庄镇2024年政府工作报告\n", "a.txt", "周庄镇"),
        ("2024年昆山市周市镇人民政府工作报告\n", "a.txt", "周市镇"),
        ("政府工作报告\n2024年1月2日在石桥乡第十九届人民代表大会第五次会议上\n乡长 田伟\n", "a.txt", "石桥乡"),
        ("龙山苗族乡2024年政府工作报告\n", "a.txt", "龙山苗族乡"),
        ("政府工作报告\n2024年3月5日在第十四届全国人民代表大会第二次会议上\n国务院总理 李强\n", "a.txt", "全国"),
        ("2024年国务院政府工作报告\n", "a.txt", "全国"),
        ("政府工作报告\n", "2024年湖州市吴兴区政府工作报告.txt", "吴兴区"),
        ("政府工作报告\n", "乐清2024年政府工作报告.txt", "乐清"),
        ("政府工作报告\n——2024年1月10日在莱州市第十九届人民代表大会第三次会议上\n莱州市市长 王\n", "a.txt", "莱州市"),
        ("沧州市新华区2024年政府工作报告\n", "a.txt", "新华区"),
        ("广州市番禺区石楼镇2024年政府工作报告\n", "a.txt", "石楼镇"),
        ("市中区2024年政府工作报告\n", "a.txt", "市中区"),
        ("乐山市市中区2024年政府工作报告\n", "a.txt", "市中区"),
        ("城区2024年政府工作报告\n——2024年1月3日在晋城市城区第八届人民代表大会第四次会议上\n", "a.txt", "城区"),
        ("2024年大兴安岭地区行政公署工作报告\n", "a.txt", "大兴安岭地区"),
        ("阿拉善左旗2024年政府工作报告\n", "a.txt", "阿拉善左旗"),
        ("玉州区2024年政府工作报告\n", "a.txt", "玉州区"),
        ("达州市达川区2024年政府工作报告\n", "a.txt", "达川区"),
        ("杞县2024年政府工作报告\n", "a.txt", "杞县"),
        (
            "政府工作报告\n——2024年2月8日在忠县第十九届人民代表大会第三次会议上\n忠县人民政府县长 范忠\n",
            "a.txt",
            "忠县",
        ),
        ("神农架林区2024年政府工作报告\n", "a.txt", "神农架林区"),
        ("六枝特区2024年政府工作报告\n", "a.txt", "六枝特区"),
        ("双湖县2024年政府工作报告\n", "a.txt", "双湖县"),
    ],
)
def test_the_place_is_the_unit_s_own_name(head: str, name: str, place: str) -> None:
    speech = "各位代表：\n现在，我代表人民政府，向大会报告工作，请予审议。\n一、2023年工作回顾\n地区生产总值增长5%。\n"
    assert parse(source(head + speech, name)).place == place


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("各位代表：\n一、2024年工作回顾\n2019年以来，稳步增长。\n二、今年工作安排\n稳中求进。\n", 2025),
        ("各位代表：\n一、过去五年的回顾\n稳步增长。\n二、２０２５年工作安排\n稳中求进。\n", 2025),
        ("各位代表：\n回顾 1 9 9 7 年，1997年很不平凡。\n", 1997),
        ("各位代表：\n稳步增长。\n", 0),
    ],
)
def test_the_year_of_a_text_without_a_date(text: str, year: int) -> None:
    assert parse(source(text)).year == year


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("2022年13月24日", ""),
        ("2022年十十月四十日", ""),
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
    assert report.year == int(date[:4] or 2022)


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


def headings(report: Report) -> list[tuple[int, str]]:
    return [(section.level, section.heading) for section in report.sections]


def speech(*lines: str) -> str:
    return "\n".join(["各位代表：", "现在，我报告工作，请予审议。", *lines, ""])


GROWTH = "全市生产总值增长5%，财政收入稳步提高，居民收入持续增长。"
SHAPES = {
    "parts without numbers": (
        [
            "2024年工作回顾",
            GROWTH,
            "（一）产业。" + GROWTH,
            "2025年工作安排",
            GROWTH,
            "（一）内需。" + GROWTH,
            "加强自身建设",
            GROWTH,
        ],
        [(1, "2024年工作回顾"), (2, "（一）产业"), (1, "2025年工作安排"), (2, "（一）内需"), (1, "加强自身建设")],
    ),
    "parts without numbers around numbered sections": (
        [
            "计划的基本任务",
            GROWTH,
            "一、关于速度",
            GROWTH,
            "二、关于建设",
            GROWTH,
            "实现计划的主要措施",
            GROWTH,
            "一、关于投资",
            GROWTH,
        ],
        [
            (1, "计划的基本任务"),
            (2, "一、关于速度"),
            (2, "二、关于建设"),
            (1, "实现计划的主要措施"),
            (2, "一、关于投资"),
        ],
    ),
    "sections without numbers in numbered parts": (
        ["一、关于人民生活", GROWTH, "关于就业问题", GROWTH, "关于工资问题", GROWTH, "二、关于团结", GROWTH],
        [(1, "一、关于人民生活"), (2, "关于就业问题"), (2, "关于工资问题"), (1, "二、关于团结")],
    ),
    "closing words": (
        ["一、回顾", GROWTH, "二、安排", GROWTH, "结束语", GROWTH],
        [(1, "一、回顾"), (1, "二、安排"), (1, "结束语")],
    ),
    "bracketed numbers only": (["（一）回顾", GROWTH, "（二）安排", GROWTH], [(1, "（一）回顾"), (1, "（二）安排")]),
    "a page that begins with a later section": (
        ["（三）民生", GROWTH, "（四）安全", GROWTH],
        [(1, "（三）民生"), (1, "（四）安全")],
    ),
    "brackets around plain numbers": (
        ["（一）形势", GROWTH, "（二）方针", "一、加快发展", GROWTH, "二、提高效益", GROWTH, "（三）前景", GROWTH],
        [(1, "（一）形势"), (1, "（二）方针"), (2, "一、加快发展"), (2, "二、提高效益"), (1, "（三）前景")],
    ),
    "bare numbers": (["一", GROWTH, "二", GROWTH, "三", GROWTH], [(1, "一"), (1, "二"), (1, "三")]),
    "named parts": (
        [
            "第一部分　2024年工作回顾",
            GROWTH,
            "一、产业",
            GROWTH,
            "二、民生",
            GROWTH,
            "第二部分　2025年工作安排",
            GROWTH,
        ],
        [(1, "第一部分　2024年工作回顾"), (2, "一、产业"), (2, "二、民生"), (1, "第二部分　2025年工作安排")],
    ),
    "items that are text": (
        [
            "一、回顾",
            "一是经济稳步增长。" + GROWTH,
            "二是民生持续改善。" + GROWTH,
            "——产业升级。" + GROWTH,
            "第一，改革。" + GROWTH,
        ],
        [(1, "一、回顾")],
    ),
    "items on lines of their own": (
        ["一、回顾", GROWTH, "二、安排", "一是扩大内需", GROWTH, "二是深化改革，扩大开放", GROWTH],
        [(1, "一、回顾"), (1, "二、安排"), (2, "一是扩大内需"), (2, "二是深化改革，扩大开放")],
    ),
    "points on lines of their own": (
        ["一、安排", "第一，发展农业", GROWTH, "第二，发展工业", GROWTH, "（一）钢铁。增长。", "二、外交", GROWTH],
        [(1, "一、安排"), (2, "第一，发展农业"), (2, "第二，发展工业"), (1, "二、外交")],
    ),
    "a list in the text": (
        [
            "一、回顾",
            GROWTH,
            "二、安排",
            "分三步：",
            "一、确定目标；",
            "二、分解任务。各负其责。",
            "三、检查落实。年底完成。",
            "三、外交",
            GROWTH,
        ],
        [(1, "一、回顾"), (1, "二、安排"), (1, "三、外交")],
    ),
    "a list whose numbers are those of the parts": (
        [
            "一、任务",
            GROWTH,
            "二、方针",
            "一、确定增长率",
            "要求：",
            "一、积极。稳妥。",
            "二、可靠。留有余地。",
            "二、调整投资",
            GROWTH,
            "三、发展科技",
            GROWTH,
            "三、改革",
            GROWTH,
        ],
        [
            *[(1, "一、任务"), (1, "二、方针")],
            *[(2, "一、确定增长率"), (2, "二、调整投资"), (2, "三、发展科技")],
            (1, "三、改革"),
        ],
    ),
    "a list in brackets": (
        ["一、任务", GROWTH, "（一）增加生产；", "（二）厉行节约；", "（三）改善生活。共同富裕。", "二、方针", GROWTH],
        [(1, "一、任务"), (1, "二、方针")],
    ),
    "a number that was left out": (["一、回顾", GROWTH, "三、安排", GROWTH], [(1, "一、回顾"), (1, "三、安排")]),
    "a number given twice": (
        ["一、回顾", GROWTH, "二、安排", GROWTH, "二、自身建设", GROWTH],
        [(1, "一、回顾"), (1, "二、安排"), (1, "二、自身建设")],
    ),
    "a heading on two lines": (
        ["一、回顾", GROWTH, "二、持续提升政府", "治理效能和服务水平", GROWTH, "（一）法治。" + GROWTH],
        [(1, "一、回顾"), (1, "二、持续提升政府治理效能和服务水平"), (2, "（一）法治")],
    ),
    "a heading broken at a title": (
        [
            "一、回顾",
            GROWTH,
            "二、关于《",
            "规划纲要（草案）",
            "》的说明",
            "党中央提出的《",
            "建议",
            "》是重要依据，要认真落实。",
        ],
        [(1, "一、回顾"), (1, "二、关于《规划纲要（草案）》的说明")],
    ),
    "a table of contents": (
        ["一、回顾", GROWTH, "二、安排", GROWTH, "三、自身建设", GROWTH],
        [(1, "一、回顾"), (1, "二、安排"), (1, "三、自身建设")],
    ),
    "subjects numbered as the parts are": (
        [
            *(
                "一、去年",
                GROWTH,
                "二、今年",
                "重点抓好两项工作：",
                "一、坚持产业强市",
                GROWTH,
                "二、坚持创新驱动",
                GROWTH,
            ),
            *("三、加强政府自身建设", GROWTH),
        ],
        [
            *[(1, "一、去年"), (1, "二、今年"), (2, "一、坚持产业强市"), (2, "二、坚持创新驱动")],
            (1, "三、加强政府自身建设"),
        ],
    ),
    "a number on a line of its own": (
        [
            "一、去年",
            GROWTH,
            "（一）",
            "聚焦稳增长，推动经济平稳运行",
            GROWTH,
            "（二）聚焦惠民生，",
            "增进民生福祉",
            GROWTH,
        ],
        [(1, "一、去年"), (2, "（一）聚焦稳增长，推动经济平稳运行"), (2, "（二）聚焦惠民生，增进民生福祉")],
    ),
    "subjects that are statements": (
        [
            *("过去五年的总结", GROWTH, "五年来，经济持续发展", GROWTH, "五年来，改革不断深化", GROWTH),
            *("今后五年的任务", GROWTH),
        ],
        [
            *[(1, "过去五年的总结"), (2, "五年来，经济持续发展"), (2, "五年来，改革不断深化")],
            (1, "今后五年的任务"),
        ],
    ),
    "marked up": (["# 一、回顾", GROWTH, "## （一）产业", GROWTH], [(1, "一、回顾"), (2, "（一）产业")]),
}


@pytest.mark.parametrize(("lines", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_headings_of_many_shapes(lines: list[str], expected: list[tuple[int, str]]) -> None:
    text = speech(*lines)
    report = parse(source(text))
    assert headings(report) == expected
    check_layout(report, text)


def test_a_table_of_contents_is_left_out() -> None:
    parts = ["一、回顾", "二、安排", "三、自身建设"]
    contents = ["目　录", *(f"{part}……{page}" for page, part in enumerate(parts, 1))]
    lines = ["平川市政府工作报告", *contents, "各位代表：", "现在报告工作。"]
    text = "\n".join([*lines, *(line for part in parts for line in (part, GROWTH))])
    report = parse(source(text))
    assert headings(report) == [(1, part) for part in parts]
    assert "……" not in report.text
    assert "目" not in report.text


def test_a_paragraph_that_lost_its_mark_is_no_heading() -> None:
    lines = [
        "现在，我代表市人民政府报告工作，请各位代表审议",
        "一、回顾",
        GROWTH,
        "下面，着重讲一讲农业和农村工作问题",
        GROWTH,
    ]
    assert headings(parse(source("\n".join(["各位代表：", *lines])))) == [(1, "一、回顾")]


def test_links_that_stand_on_lines_of_their_own_go_on() -> None:
    lines = [
        "　　我们贯彻",
        "民族区域自治法",
        "，支持民族地区发展。",
        "　　在",
        "工资制度和价格改革",
        "上迈出重要的步子，是今年的任务。",
        *["　　" + GROWTH] * 3,
    ]
    text = speech("一、回顾", *lines)
    report = parse(source(text))
    assert "我们贯彻民族区域自治法，支持民族地区发展。" in texts(report)
    assert "在工资制度和价格改革上迈出重要的步子，是今年的任务。" in texts(report)
    check_layout(report, text)


def test_a_sign_that_is_not_seen_marks_a_page_turn() -> None:
    text = speech("一、回顾", GROWTH, "经济增速是综合性指标，今年预期目标设定", "\u200b", "为6%以上。" + GROWTH)
    assert ("经济增速是综合性指标，今年预期目标设定为6%以上。" + GROWTH) in texts(parse(source(text)))


def wrapped(text: str, indent: str, width: int = 30) -> str:
    """Break the lines of a text at a width, and number its pages."""
    lines = []
    for line in filter(None, map(str.strip, text.splitlines())):
        whole = indent + line
        lines += [whole[at : at + width] for at in range(0, len(whole), width)]
    return "\n".join(line + f"\n— {n // 15} —" * (n % 15 == 14) for n, line in enumerate(lines))


@pytest.mark.parametrize("indent", ["　　", "    ", ""])
def test_lines_broken_at_a_width(indent: str) -> None:
    lines = [f"{n}月，{GROWTH}投资增长{n}%，外贸增长{n}.5%，形势总体平稳" for n in range(1, 9)]
    text = speech(
        "一、2024年工作回顾",
        *(f"{line}。" for line in lines[:4]),
        "二、2025年工作安排",
        *(f"{line}。" for line in lines[4:]),
    )
    report = parse(source(wrapped(text, indent)))
    assert headings(report) == [(1, "一、2024年工作回顾"), (1, "二、2025年工作安排")]
    assert texts(report)[2:] == [f"{line}。" for line in lines]


AFTER = {
    "licence": [
        "本作品是中华人民共和国的",
        "法律",
        "、",
        "法规",
        "，根据《",
        "中华人民共和国著作权法",
        "》第五条，属于",
        "公有领域",
        "。",
        "false",
    ],
    "glossary": ["名词解释", "1.“两重”：国家重大战略实施。", "2.“两新”：设备更新和以旧换新。"],
    "glossary with a long title": ["《政府工作报告》有关内容名词注释", "1.“两重”：国家重大战略实施。"],
    "annexes": [
        "附件1",
        "2025年十件民生实事",
        "一、稳定就业",
        "年度目标：转移就业1500万人以上。",
        "附件2.名词解释",
        "1.两重：国家重大战略。",
    ],
    "untitled glossary": [f"[{n}] 名词{n}：解释若干。" for n in range(1, 7)],
    "notes": ["注释：", "＠①原字石右加安"],
}


@pytest.mark.parametrize("after", AFTER.values(), ids=AFTER.keys())
def test_what_stands_behind_the_speech_is_left_out(after: list[str]) -> None:
    lines = ["一、回顾", GROWTH, GROWTH + "一年来，成绩来之不易。", "二、安排", GROWTH, "让我们团结起来，继续努力！"]
    text = speech(*lines, *after)
    report = parse(source(text))
    assert headings(report) == [(1, "一、回顾"), (1, "二、安排")]
    assert texts(report)[-1] == "让我们团结起来，继续努力！"
    check_layout(report, text)


def test_numbered_paragraphs_at_the_end_are_no_glossary() -> None:
    works = [f"{n}.民生方面。新增学位{n}万个：其中公办{n}万个。" for n in range(1, 7)]
    report = parse(source(speech("一、安排", GROWTH, *works)))
    assert texts(report)[-6:] == works


PAGE = """<!--
     navigation -->
当前位置： 首页>> 中国概况
1995年国务院政府工作报告
中央政府门户网站　www.gov.cn　　 2006年02月16日　　 来源：新华社
【字体：大 中 小】
<U+00A0><U+00A0>新华社北京１９９５年３月１７日电
1995年政府工作报告
——1995年3月5日在第八届全国人民代表大会第三次会议上
<U+00A0><U+00A0>国务院总理李鹏
3月5日，大会在北京开幕。国务院总理作政府工作报告。新华社记者 姚大伟摄
　　各位代表：
　　现在，我代表国务院向大会作政府工作报告，请予审议，并请各位委员提出意见。
　　一、１９９４年国内工作的回顾
　　过去的一年，国内生产总值增长１１．８％，国民经济<U+00A0>持续快速增长，人民生活改善。
　　二、今年的工作
　　今年，要保持稳定，促进发展，深化改革，扩大开放，实现国民经济和社会发展的目标。
{pager}
（责任编辑： 郭桢
 ）
【E-mail推荐
】
"""


def test_the_speech_is_told_from_the_web_page_around_it() -> None:
    text = PAGE.format(pager="")
    report = parse(source(text))
    assert (report.place, report.year, report.date, report.speaker) == ("全国", 1995, "1995-03-05", "李鹏")
    assert report.title == "1995年政府工作报告"
    assert headings(report) == [(1, "一、１９９４年国内工作的回顾"), (1, "二、今年的工作")]
    for chrome in ("位置", "门户", "字体", "电\n", "摄", "编辑", "推荐", "navigation", "U+", "】", "）"):
        assert chrome not in report.text
    assert report.breaks_off == ""
    check_layout(report, text)


@pytest.mark.parametrize("times", [2, 6])
def test_a_text_given_several_times_is_parsed_once(times: int) -> None:
    text = PAGE.format(pager="") * times
    report = parse(source(text))
    assert report.text == parse(source(PAGE.format(pager=""))).text
    check_layout(report, text)


@pytest.mark.parametrize("pager", ["上一页  1  2  3 下一页  >>|", "<U+00A0>上一页<U+00A0>1<U+00A0>2<U+00A0>下一页"])
def test_one_page_of_several_breaks_off(pager: str) -> None:
    report = parse(source(PAGE.format(pager=pager)))
    assert report.breaks_off == "二"
    assert "页" not in report.text


def test_a_text_that_ends_in_mid_sentence_breaks_off() -> None:
    text = speech("一、回顾", GROWTH, "二、安排", GROWTH, "（一）内需。" + GROWTH * 3 + "我们要")
    assert parse(source(text)).breaks_off == "二（一）"
    assert parse(source(speech("一、回顾", GROWTH, "谢谢大家"))).breaks_off == ""


CLOSING = {
    "addressed": "各位代表！成绩来之不易，根本在于坚强领导，在于团结奋斗。",
    "the year": "过去一年，国防动员、双拥共建等工作有力推进。",
    "the government itself": "一年来，我们加强政府自身建设，主动接受监督。",
    "the difficulties": "我们也清醒地认识到，发展还面临不少困难。",
    "the difficulties, too": "在看到成绩的同时，我们也看到差距。",
}


@pytest.mark.parametrize("closing", CLOSING.values(), ids=CLOSING.keys())
def test_what_sums_up_a_part_belongs_to_the_part(closing: str) -> None:
    lines = [
        "一、回顾",
        "（一）产业。" + GROWTH,
        GROWTH,
        "（二）民生。" + GROWTH,
        GROWTH,
        closing,
        GROWTH,
        "二、安排",
        GROWTH,
    ]
    report = parse(source(speech(*lines)))
    found = [paragraph.section for paragraph in report.paragraphs][3:]
    assert found == [["一、回顾", "（一）产业"]] + [["一、回顾", "（二）民生"]] * 2 + [["一、回顾"]] * 2 + [
        ["二、安排"]
    ]


def test_sections_of_one_paragraph_each_are_followed_by_the_part() -> None:
    lines = [
        "一、回顾",
        *(f"（{n}）产业{n}。{GROWTH}" for n in "一二三四"),
        "围绕民生，还着重抓了以下工作：",
        "一是就业。" + GROWTH,
        "二、安排",
        GROWTH,
    ]
    report = parse(source(speech(*lines)))
    assert [p.section for p in report.paragraphs if "就业" in report.text[p.start : p.end]] == [["一、回顾"]]


def test_a_summary_within_the_sections_does_not_end_them() -> None:
    lines = [
        "一、安排",
        "（一）产业。" + GROWTH,
        "各位代表！产业是立市之本。",
        "一年来，我们打下了基础。",
        "（二）民生。" + GROWTH,
    ]
    report = parse(source(speech(*lines)))
    assert [p.section for p in report.paragraphs][2:] == [["一、安排", "（一）产业"]] * 3 + [["一、安排", "（二）民生"]]


@pytest.mark.parametrize(
    ("lines", "topic"),
    [
        (["构建“金字塔”型企业结构。实施引领行动，扶持骨干企业。"], "构建“金字塔”型企业结构"),
        (["一体化推进城市数字化转型。加快接入，新建基站。"], "一体化推进城市数字化转型"),
        (["畅通教育、科技、人才良性循环。落实任务，深化改革。"], "畅通教育、科技、人才良性循环"),
        (["——经济运行稳中向好、进中提质，韧性增强。投资增长，消费回升。"], "经济运行稳中向好、进中提质，韧性增强"),
        (["一是实施重点工程，产业加快升级。投资增长，消费回升。"], "一是实施重点工程，产业加快升级"),
        (["加强农业的基础地位。", "农业是基础，要十分重视。"], "加强农业的基础地位"),
        (["二是深化改革，扩大开放。", "改革是动力，要坚定不移。"], "二是深化改革，扩大开放"),
        (["企业是发展的主体。投资增长，消费回升。"], ""),
        (["今年的工作十分繁重。投资增长，消费回升。"], ""),
        (["全年新增企业120家。投资增长，消费回升。"], ""),
        (["投资增长，消费回升。落实各项改革。促进全面发展。"], ""),
        (["加强农业的基础地位。", "——农业是基础，要十分重视。"], ""),
    ],
)
def test_topics(lines: list[str], topic: str) -> None:
    report = parse(source(speech("一、安排", *lines)))
    assert report.paragraphs[-1].sentences[-1].topic == topic


@pytest.mark.parametrize(
    "text",
    [
        "一年来全市增长" * 40_000,
        "增长\n" * 60_000,
        "一、增长\n" * 20_000 + "三、增长\n" * 20_000,
        "各位代表：\n" + "（一）增长；\n" * 30_000,
        "-->" + "<!--" * 60_000 + "增长。",
        "各位代表：\n" + ("（" + " " * 50) * 8_000,
        "各位代表：\n" + "".join(f"本作品{n}\n" for n in range(20_000)),
        "平川市市长" * 40_000,
        "".join(f"　　{n}月，{GROWTH}\n" for n in range(10_000)),
    ],
    ids=["one line", "short lines", "numbers", "brackets", "comments", "spaces", "licences", "places", "paragraphs"],
)
def test_time_grows_with_the_length_only(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(ReadingError):
        parse(source(text))
    assert time.process_time() - began < 60


FRAGMENTS = st.sampled_from(
    [
        *"一二三《》，。！”“：；\n\r\t \x00\u2028\u200b　",
        *(
            "各位代表：",
            "一、",
            "二、回顾",
            "（一）",
            "（二）民生。",
            "一是",
            "第一，",
            "——",
            "十百",
            "百二十、",
            "12",
            "\n\n",
            "　　",
        ),
        *(
            "（下转4版）",
            "（上接1版）",
            "名词解释",
            "附件",
            "本作品",
            "公有领域",
            "目录",
            "结束语",
            "<!--",
            "-->",
            "<U+00A0>",
        ),
        *(
            "工作回顾",
            "增长5%",
            "平川市市长",
            "王明",
            "2023年1月5日",
            "上一页 下一页",
            "來源：日報",
            "臺灣",
            "政府工作报告",
            GROWTH,
        ),
    ]
)


@given(st.lists(FRAGMENTS, max_size=60).map("".join))
def test_whatever_the_text_the_layout_holds(text: str) -> None:
    try:
        report = parse(source(text))
    except ReadingError as error:
        assert is_one_chinese_sentence(str(error))  # noqa: PT017
    else:
        check_layout(report, text)
        assert Report.from_dict(report.to_dict()) == report


Laid = list[tuple[list[str], list[tuple[str, str]]]]
"""Of each paragraph its headings, and its sentences with their topics."""


def laid(*lines: str) -> Laid:
    """Return the paragraphs of a small report from its first heading on."""
    report = parse(source("\n".join(("平川市2023年政府工作报告", "", "各位代表：", *lines, ""))))
    return [
        (p.section, [(report.text[s.start : s.end], s.topic) for s in p.sentences])
        for p in report.paragraphs
        if p.section
    ]


@pytest.mark.parametrize("mark", ["。", "。 ", "！", "。\u3000\u3000"])
def test_what_follows_a_run_in_heading_begins_behind_its_mark(mark: str) -> None:
    one, two = laid(
        "一、去年工作", f"（一）扩大内需{mark}零售总额增长8%，好于预期。", f"（二）深化改革{mark}", "　　推进国企改革。"
    )
    assert one == (["一、去年工作", "（一）扩大内需"], [("零售总额增长8%，好于预期。", "")])
    assert two == (["一、去年工作", "（二）深化改革"], [("推进国企改革。", "")])


def test_the_sentence_behind_a_run_in_heading_is_no_topic_unless_it_reads_like_one() -> None:
    behind = [("零售总额增长8%，好于预期。", "社会消费活力迸发")]
    first = laid("一、去年工作", "（一）扩大内需", "　　社会消费活力迸发。零售总额增长8%，好于预期。")
    assert first[0][1] == [("社会消费活力迸发。", ""), *behind]
    run_in = laid("一、去年工作", "（一）扩大内需。社会消费活力迸发。零售总额增长8%，好于预期。")
    assert run_in[0][1] == [("社会消费活力迸发。", ""), ("零售总额增长8%，好于预期。", "")]


def test_a_topic_is_carried_to_the_next_paragraph_but_not_over_an_address() -> None:
    found = laid(
        "一、去年工作",
        "（一）产业",
        "　　路网更加完善。",
        "　　修桥10座，新通道路33条。",
        "　　社会更加稳定。",
        "各位代表！成绩来之不易，全市上下团结奋斗。",
    )
    topics = [[topic for _, topic in sentences] for _, sentences in found]
    assert topics == [[""], ["路网更加完善"], [""], ["", ""]]


def test_no_line_before_the_speech_is_a_topic_of_it() -> None:
    report = parse(
        source("政府工作报告\n\n路网更加完善，今年修桥3座。\n　　修渠3条，修堰2座。\n一、去年工作\n　　修桥10座。\n")
    )
    assert {s.topic for p in report.paragraphs for s in p.sentences} == {""}
    assert report.text.startswith("政府工作报告\n路网更加完善")


ONE_EACH = [line for n in "一二三四" for line in (f"（{n}）第{n}项", "　　新建园区3个，入驻企业20家。")]
LAST = ("　　修路30公里，惠及村庄20个。", "二、今年工作", "　　修渠3条。")


@pytest.mark.parametrize(
    ("lines", "section"),
    [
        (ONE_EACH, ["一、去年工作"]),
        (ONE_EACH[:6], ["一、去年工作", "（三）第三项"]),
        (ONE_EACH[:4], ["一、去年工作", "（二）第二项"]),
        (ONE_EACH[:2], ["一、去年工作", "（一）第一项"]),
        ([*ONE_EACH[:2], "　　修桥3座，方便群众往来。", *ONE_EACH[2:]], ["一、去年工作", "（四）第四项"]),
    ],
    ids=["four of one", "three of one", "two of one", "one of one", "one of two among four"],
)
def test_a_second_paragraph_leaves_the_last_subsection_where_each_of_many_has_one(
    lines: list[str], section: list[str]
) -> None:
    found = laid("一、去年工作", *lines, *LAST)
    assert [path for path, sentences in found if sentences[0][0].startswith("修路")] == [section]
    assert found[-1][0] == ["二、今年工作"]


def test_sections_have_their_number() -> None:
    numbers = {section.heading: section.number for section in parse(source(MADE_UP)).sections}
    assert numbers["二、2023年工作安排"] == "二"
    assert numbers["（一）产业发展"] == "（一）"
    assert numbers["（二）深化改革"] == "（二）"


# Real reports.

KNOWN = json.loads((Path(__file__).parent / "real_reports.json").read_text(encoding="utf-8"))
ENDS = re.compile(r"名词解释|附件1?|字库未存字注释：|本作品是中华人民共和国的|（责任编辑.*|.*上一页.*")
CHROME = re.compile(
    r"公有领域|维基文库|责任编辑|上一页|U\+00A0|^(?:来源|当前位置|主办单位|【字体)[：:]|^名词解释$", re.MULTILINE
)
UNSEEN = re.compile(r"\s|[\u200b-\u200d\ufeff]|<U\+00A0>|^[『』']$")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each real report its own test; without REPORTQA_REPORTS pytest shows them skipped."""
    if "real" in metafunc.fixturenames:
        directory = Path(os.environ.get("REPORTQA_REPORTS") or "/nowhere")
        found = sorted(path for path in directory.rglob("*") if path.suffix in (".txt", ".docx"))
        absent = pytest.mark.skip("REPORTQA_REPORTS names no directory: real reports not tested")
        metafunc.parametrize("real", found or [pytest.param(directory, marks=absent)], ids=lambda path: path.name)


def spoken(text: str) -> tuple[int, int]:
    """Return where the speech of a real report begins and ends, found without the parser."""
    address = re.search(r"^\s*(?:<U\+00A0>)*各位代表", text, re.MULTILINE)
    begin = address.start() if address else 0
    at = begin
    for line in text[begin:].splitlines(keepends=True):
        if at > begin + 0.1 * (len(text) - begin) and ENDS.fullmatch(line.strip().replace("<U+00A0>", "")):
            return begin, at
        at += len(line)
    return begin, len(text)


def test_a_real_report_keeps_its_layout_and_every_word_of_the_speech(real: Path) -> None:
    decoded = read(real)
    report = parse(decoded)
    check_layout(report, decoded.text)
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report
    begin, end = spoken(decoded.text)
    spans = [(p.start, p.end) for p in report.paragraphs] + [(s.start, s.end) for s in report.sections]
    kept = {report.source_offset(at) for start, stop in spans for at in range(start, stop)}
    words = [at for at, character in enumerate(decoded.text[begin:end], begin) if not UNSEEN.match(character)]
    unwanted = len("<U+00A0>") * decoded.text[begin:end].count("<U+00A0>")
    assert sum(at in kept for at in words) >= 0.99 * (len(words) - unwanted)
    assert max(kept) < end
    assert CHROME.findall(report.text) == []
    assert report.place != ""
    assert report.year > 1950


def test_paragraphs_of_a_real_report_are_whole(real: Path) -> None:
    report = parse(read(real))
    body = [text for paragraph, text in zip(report.paragraphs, texts(report), strict=True) if paragraph.section]
    whole = [text for text in body if re.search(r"[。！？!?…：:；;][”’」』）)》]*$", text)]
    assert len(whole) >= 0.85 * len(body)
    assert not [text for text in body if text[0] in "，。、》；：）”"]


def test_headings_of_real_reports(reports_dir: Path) -> None:
    for name, expected in KNOWN["headings"].items():
        found = ["　" * (level - 1) + heading for level, heading in headings(parse(read(reports_dir / name)))]
        assert found == expected, name


def test_the_speech_of_real_reports_and_nothing_around_it(reports_dir: Path) -> None:
    for name, (first, last, never) in KNOWN["ends"].items():
        report = parse(read(reports_dir / name))
        assert f"\n{first}" in "\n" + report.text[:200], name
        assert report.text.endswith(last), name
        assert [words for words in never if words in report.text] == [], name


def test_places_dates_and_speakers_of_the_provinces(reports_dir: Path) -> None:
    paths = sorted((reports_dir / "provinces-2025").glob("*.docx"))
    reports = {path.name: parse(read(path)) for path in paths}
    found = {name: [report.place, report.date, report.speaker] for name, report in reports.items()}
    assert found == KNOWN["speakers"]
    assert {report.year for report in reports.values()} == {2025}
    assert {report.breaks_off for report in reports.values()} == {""}
    assert all(report.place[:2] in report.title and "2025年" in report.title for report in reports.values())


def test_numbered_headings_of_the_provinces_are_those_that_a_plain_search_finds(reports_dir: Path) -> None:
    paths = sorted((reports_dir / "provinces-2025").glob("*.docx"))
    assert paths
    for path in paths:
        decoded = read(path)
        begin, end = spoken(decoded.text)
        lines = [line.strip() for line in decoded.text[begin:end].splitlines()]
        numbered = [
            line for line in lines if re.match(r"[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]", line)
        ]
        found = [section.heading for section in parse(decoded).sections]
        for line in numbered:
            assert any(heading.startswith(re.split("[。！？]", line)[0]) for heading in found), (path.name, line)
        assert len([heading for heading in found if re.match(r"[一二三四五六七八九十]+、|[（(]", heading)]) == len(
            numbered
        )


def test_reports_of_the_state_council_are_of_the_whole_country(reports_dir: Path) -> None:
    found = {path.name: parse(read(path)) for path in sorted((reports_dir / "national").glob("national-*.txt"))}
    assert found
    assert {name for name, report in found.items() if report.year != int(name[9:13])} == set()
    assert {name for name, report in found.items() if report.place != "全国"} == set()


def test_damaged_reports(reports_dir: Path) -> None:
    six, page = (parse(read(path)) for path in sorted((reports_dir / "damaged").glob("*.txt")))
    once = parse(read(reports_dir / "national" / "national-1995.txt"))
    assert (six.title, six.year, six.date, six.speaker) == ("1995年政府工作报告", 1995, "1995-03-05", "李鹏")
    assert 0.9 < len(six.text) / len(once.text) < 1.1
    assert (page.year, page.date, page.speaker, page.breaks_off) == (2007, "2007-03-05", "温家宝", "一")
