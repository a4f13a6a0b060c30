"""A draft against the sample report: what is exact, what was changed and where, what is nowhere."""

from __future__ import annotations

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from reportqa import evaluation
from reportqa.alignment import Text
from reportqa.passages import Likeness
from reportqa.schema import Finding, QuestionError
from reportqa.text import fold
from reportqa.verification import Verifier

if TYPE_CHECKING:
    from reportqa import ReportQA

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def only(qa: ReportQA, text: str) -> Finding:
    [finding] = qa.verify(text)
    return finding


EXACT = [
    "粮食总产超113亿斤,实现“十九连丰”。",
    "粮 食 总 产 超 １１３ 亿 斤 ， 实 现 「十九连丰」",
    "PM2.5年均浓度下降14.8％，优良天数达到242天",
    "連續10屆榮獲全國無償獻血先進市",
    "(三)强力推进改革创新,更多领域跑出领跑",
    "经济总量仍然偏小产业结构不够优化",
    "增长8.4%",
    "新建农村公路750公里（见2022年聊城市政府工作报告）",
    "报告指出，农业生产托管项目面积居全省首位",
    "全年减税降费22.45亿元——2022年聊城市政府工作报告",
    "全年减税降费22.45亿元（2022年《政府工作报告》）",
    "聊城市市长李长萍在作政府工作报告时指出，全市生产总值增长8.4%",
    "李长萍市长在市第十八届人民代表大会第一次会议上说，全市生产总值增长8.4%",
    "从政府工作报告中可以看到，全市生产总值增长8.4%",
    "报告第一部分（一）提出，全市生产总值增长8.4%",
    "1. 全市生产总值增长8.4%；",
]
FAITHFUL = [
    "新建农村公路七百五十公里",
    "全市生产总值增长了百分之八点四",
    "2021年，全市生产总值增长8.4%",
    "聊城市生产总值增长8.4%",
    "粮食总产113亿多斤，实现“十九连丰”。",
    "各级审计为财政增收节支15300万元",
    "市场主体总量翻了一番，达到67万户",
    "农业生产托管项目面积全省第一",
    "新增高新技术企业143家，同比增长120%",
    "5200多名群众被安全转移",
    "同志们：粮食总产超113亿斤",
    "去年给企业和群众减掉的税费总共有22.45亿元。",
    "有25.85万人摆脱了贫困。",
    "我们看到，全市生产总值增长8.4%",
    "规模以上工业增加值同比增长11.7%，高于全省平均2.1个百分点",
    "一般公共预算收入同比增长14%，比全省高3个百分点",
    "实际使用外资翻番，进出口总额增长29.4%",
    "社会消费品零售总额较上年增长14.5%",
    "276个市级以上重点项目累计完成投资792亿元",
    "阳谷县获评省高质量发展进步县",
    "先后举办各类群众性文化活动6900余场",
    "共有4个文化馆获评国家一级馆",
    "各级审计部门为财政增收节支1.53亿元",
    "重大以上事故保持零发生",
    "近二十万户群众的不动产登记老大难问题得到解决。",
]
ALTERED = [
    ("一般公共预算收入增长14%,高于全省5个百分点", "number_changed", "5个百分点", "3个百分点"),
    ("民生支出占比提高2%", "number_changed", "2%", "2个百分点"),
    ("各级审计为财政增收节支15.3亿元", "number_changed", "15.3亿元", "1.53亿元"),
    ("累计投入1700亿元", "number_changed", "1700亿元", "超1700亿元"),
    ("5200名群众被安全转移", "number_changed", "5200名", "5200余名"),
    ("居民消费价格指数涨幅3%以内", "number_changed", "3%以内", "3%左右"),
    ("市场主体总量翻两番，达到67万户", "number_changed", "翻两番", "翻番"),
    ("新增国道一级公路183公里、高速公路102公里", "number_changed", "183公里", "102公里"),
    ("失业保险待遇分别提高50%、38.1%和70%", "number_changed", "50%", "38.1%"),
    ("2020年，新增市场主体10.8万户", "number_changed", "2020年", "2021年"),
    ("高新技术企业数量由97家增加到41家", "number_changed", "41家", "411家"),
    ("培训农村转移劳动力4.4万人", "number_changed", "4.4万人", "4.4万人次"),
    ("生产事故起数和死亡人数实现“双上升”", "word_changed", "上升", "下降"),
    ("农业生产托管项目面积居全省第二位", "word_changed", "第二位", "首位"),
    ("临清入选全国农业社会化服务创新试点县", "word_changed", "临清", "高唐"),
    ("生态基础尚牢固", "word_changed", "牢固", "不牢固"),
    ("欧亚班列暂停开行", "word_changed", "暂停", "恢复"),
    ("援助青海玉树、帮扶重庆彭水成效显著", "word_changed", "玉树", "刚察"),
    ("济宁轴承入选省“十强”产业“雁阵形”集群", "word_changed", "济宁", "临清"),
    ("粮食产量突破了131亿斤,连续第十九年丰收。", "number_changed", "131亿斤", "113亿斤"),
    ("规上工业的用煤量去年增加了4.7%。", "word_changed", "增加", "下降"),
    ("对青海玉树的支援、对重庆彭水的帮扶,成绩都很明显", "word_changed", "玉树", ""),
    ("五年里常住人口城镇化率上升了4.9%。", "number_changed", "4.9%", "4.9个百分点"),
    ("有25.85万户摆脱了贫困。", "number_changed", "25.85万户", "25.85万人"),
    ("聊城的5G基站今年要再建5000个以上。", "number_changed", "5000个", "3000个"),
]
FABRICATED = [
    "去年30亿元减税工作报告提出全年减税降费22.45亿元",
    "居全国首位的政府工作报告指出，全年减税降费22.45亿元",
    "居全国首位的政府工作报告指出，去年给企业和群众减掉的税费总共有22.45亿元",
    "全年减税降费22.45亿元，居全国首位写入工作报告",
    "建成东阿至平阴黄河大桥和济南大桥等工作报告确定的项目",
    "被省里通报批评的政府工作报告提出，全市生产总值增长8.4%",
    "市长李长萍宣布工业利润翻两番并指出，全市生产总值增长8.4%",
    "市长李长萍居全省第一指出，全市生产总值增长8.4%",
    "聊城市政府工作报告（国务院批准）指出，全市生产总值增长8.4%",
    "政府工作报告（国务院批准）指出，——经济运行稳中向好。",
    "报告指出全市生产总值增长8.4%这一数字系虚报",
    "全市生产总值增长8.4%（2022年聊城市政府工作报告，增速全省第一）",
    "工作报告没有提出新建农村公路750公里",
    "全市生产总值增长8.4%，位居榜首",
    "全市生产总值增长8.4%，远超预期",
    "全市生产总值增长8.4%，创历史新高",
    "全市生产总值增长8.4%，得到省委充分肯定",
    "全市生产总值增长8.4%，其中房地产贡献最大",
    "全市生产总值增长8.4%（剔除价格因素）",
    "全市生产总值同比增长8.4%（初步核算数）",
    "全市人均生产总值增长8.4%",
    "全市工业生产总值增长8.4%",
    "全市生产总值年均增长8.4%",
    "全市生产总值仅增长8.4%",
    "全市生产总值近8.4%的增长",
    "全市生产总值未增长8.4%",
    "全省生产总值增长8.4%",
    "今年全市生产总值增长8.4%",
    "全市生产总值增长８.５％",
    "全市生产总值增\u200b长8.\u200b5%",
    "城镇新增就业四点五亿人",
    "城镇新增就业4.5万余人",
    "城镇新增就业4.5万人等指标全面超额完成",
    "——城镇新增就业4.5万人——全省最多",
    "城镇新增就业4.5万人\n发放创业担保贷款15.3亿元",
    "新增省级“专精特新”企业7家、瞪羚企业36家、单项冠军10家",
    "粮食总产超113亿斤，基本实现“十九连丰”",
    "市审计局为财政增收节支1.53亿元",
    "并非57项民生项目全部完成",
    "“57项民生项目全部完成，受到国务院通报表扬”",
    "泉林集团、新源公司司法重整迈出实质性步伐",
    "新增高新技术企业143家，居全省首位",
    "瓜菜菌总量、农林牧渔总产值稳步增长，居全省首位",
]
"""Figures, ranks, praise and subjects put in, in every place of a sentence that an honest source would stand in."""
NOWHERE = [
    "地铁1号线一期工程全线贯通。",
    "全市森林覆盖率达到32.6%,比上年提高1.2个百分点。",
    "在校大学生人数突破12万。",
    "今天天气不错,适合出去走走。",
]

STRANGE = [
    "国家先进制造业集群增至5个（全国第一）",
    "服务贸易规模超过1700亿元",
    "8条高速公路建成通车",
    "新开行航线8条",
    "提升铅、锌、锡等精深加工能力",
    "深入开展建筑垃圾专项治理三年行动",
    "全省上下一月接着一月拼",
    "组建县域养老服务联合体",
    "积极盘活商务楼宇、厂房等闲置资产",
    "建立数字经济评价指标体系",
]
"""What other reports say, with a word or a figure that this one has too."""


@pytest.mark.parametrize("text", EXACT)
def test_exact_but_for_space_width_and_quotation_marks(sample_qa: ReportQA, text: str) -> None:
    finding = only(sample_qa, text)
    assert (finding.verdict, finding.changes) == ("exact", [])
    assert finding.quote is not None
    assert finding.quote.highlights


@pytest.mark.parametrize("text", FAITHFUL)
def test_other_words_for_the_same_facts(sample_qa: ReportQA, text: str) -> None:
    finding = only(sample_qa, text)
    assert finding.verdict == "paraphrase", finding.changes
    assert finding.changes == []


@pytest.mark.parametrize(("text", "verdict", "wrong", "right"), ALTERED)
def test_an_altered_fact_never_passes(sample_qa: ReportQA, text: str, verdict: str, wrong: str, right: str) -> None:
    finding = only(sample_qa, text)
    assert finding.verdict == verdict, finding.changes
    assert any(wrong in said and right in written for said, written in finding.changes), finding.changes


@pytest.mark.parametrize("text", FABRICATED)
def test_what_is_made_up_never_passes(sample_qa: ReportQA, text: str) -> None:
    findings = sample_qa.verify(text)
    assert any(finding.verdict in ("number_changed", "word_changed") for finding in findings), findings


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("新增省级以上创新平台27家，省级制造业创新中心实现突破，增长120%", "新增高新技术企业143家"),
        ("科技“创新券”工作经验全省推广，增长120%", "新增高新技术企业143家"),
        ("全市生产总值增长8.4%，高于全省3个百分点", "一般公共预算收入增长14%"),
    ],
)
def test_a_figure_is_not_passed_on_by_leaving_out_what_it_is_of(sample_qa: ReportQA, text: str, left_out: str) -> None:
    finding = only(sample_qa, text)
    assert finding.verdict == "word_changed"
    assert finding.changes == [("", left_out)]


@pytest.mark.parametrize(
    "text",
    [
        "全市生产总值增长8.4%，实际使用外资翻番，综合实力显著增强",
        "新增省级以上创新平台27家，新增高新技术企业143家，增长120%",
        "粮食总产超113亿斤，实现“十九连丰”，农业生产托管项目面积居全省首位",
    ],
)
def test_whole_clauses_may_be_left_out(sample_qa: ReportQA, text: str) -> None:
    finding = only(sample_qa, text)
    assert (finding.verdict, finding.changes, finding.notes) == ("paraphrase", [], ["elided"])


@pytest.mark.parametrize("text", STRANGE)
def test_what_another_report_says_is_not_taken_for_this_ones(sample_qa: ReportQA, text: str) -> None:
    assert all(finding.verdict not in ("exact", "paraphrase") for finding in sample_qa.verify(text))


@pytest.mark.parametrize("text", NOWHERE)
def test_what_stands_nowhere(sample_qa: ReportQA, text: str) -> None:
    finding = only(sample_qa, text)
    assert (finding.verdict, finding.changes, finding.quote) == ("absent", [], None)


def test_a_finding_points_into_the_draft_and_the_report(sample_qa: ReportQA) -> None:
    draft = "同志们，大家好！\n报告说，全市生产总值增长8.5%。  高唐入选全国农业社会化服务创新试点县。\n谢谢大家！"
    findings = sample_qa.verify(draft)
    assert [finding.verdict for finding in findings] == ["number_changed", "exact"]
    for finding in findings:
        assert draft[finding.start : finding.end] == finding.claim
        quote = finding.quote
        assert quote is not None
        report = sample_qa.report(quote.citation.report_id)
        assert report.text[quote.citation.start : quote.citation.end] == quote.text
    first = findings[0].quote
    assert first is not None
    assert [first.text[start:end] for start, end in first.highlights] == ["8.4%"]
    assert Finding.from_dict(findings[0].to_dict()) == findings[0]


def test_long_words_in_quotation_marks_are_a_claim_of_their_own(sample_qa: ReportQA) -> None:
    draft = "李长萍市长说：“粮食总产超113亿斤，实现‘十八连丰’”，来之不易。"
    finding = only(sample_qa, draft)
    assert finding.claim == "粮食总产超113亿斤，实现‘十八连丰’"
    assert finding.changes == [("十八连丰", "十九连丰")]


def test_quotation_marks_of_the_report_cut_nothing_out(sample_qa: ReportQA) -> None:
    finding = only(sample_qa, "“中国—太平洋岛国应对气候变化合作中心”确定落户他市")
    assert finding.verdict == "word_changed"
    assert finding.claim.startswith("“中国")


def test_words_around_a_quotation_are_checked_too(sample_qa: ReportQA) -> None:
    findings = sample_qa.verify("新增市场主体18万户，而“欧亚班列恢复开行,阳谷获评省外贸高质量发展区”。")
    assert [finding.verdict for finding in findings] == ["number_changed", "exact"]


NOTED = [
    ("粮食总产超113亿斤，新增高新技术企业143家，增长120%。", "paraphrase", "stitched"),
    ("新增国家专精特新“小巨人”企业10家，金帝机械获评国家级工业设计中心。", "paraphrase", "elided"),
    ("2020年政府工作报告提出：新建农村公路750公里。", "exact", "misattributed"),
    ("新建农村公路750公里（摘自2020年政府工作报告）", "exact", "misattributed"),
    ("新建农村公路750公里——2020年聊城市政府工作报告", "exact", "misattributed"),
    ("省长周乃翔指出，新建农村公路750公里", "exact", "misattributed"),
    ("据新华社报道，城镇新增就业4.5万人", "exact", "misattributed"),
    ("报告第三部分提出，新建农村公路750公里", "exact", "misattributed"),
    ("茌平获评全国农村创业创新典型县", "exact", "errata"),
    ("建成东阿至平阴黄河大桥", "exact", "errata"),
]


@pytest.mark.parametrize(("text", "verdict", "note"), NOTED)
def test_notes(sample_qa: ReportQA, text: str, verdict: str, note: str) -> None:
    finding = only(sample_qa, text)
    assert finding.verdict == verdict, finding.changes
    assert note in finding.notes


@pytest.mark.parametrize(
    "text",
    [
        "报告指出，新建农村公路750公里",
        "2022年聊城市政府工作报告指出，新建农村公路750公里",
        "报告指出，聊城市城镇新增就业4.5万人",
        "李长萍市长在2022年政府工作报告第一部分中说，新建农村公路750公里",
    ],
)
def test_words_of_a_quotation_that_are_a_places_name_too_name_no_source(sample_qa: ReportQA, text: str) -> None:
    finding = only(sample_qa, text)
    assert (finding.verdict, finding.changes, finding.notes) == ("exact", [], [])


@pytest.mark.parametrize("lead", ["", "报告指出，", "报告第一部分指出，", "李长萍市长在报告中说，"])
@pytest.mark.parametrize("place", ["临清", "济南", "济南市", "阳谷"])
def test_a_place_put_before_a_copy_is_found_behind_any_lead(sample_qa: ReportQA, lead: str, place: str) -> None:
    finding = only(sample_qa, f"{lead}{place}粮食总产超113亿斤")
    assert finding.verdict == "word_changed"
    assert [wrong for wrong, _ in finding.changes] == [f"{place}粮食"]


def where(finding: Finding) -> tuple[str, int]:
    assert finding.quote is not None
    return finding.quote.citation.place, finding.quote.citation.year


@pytest.mark.parametrize(
    ("text", "verdict", "changes", "notes", "report"),
    [
        ("乙市2024年政府工作报告指出，新建农村公路310公里", "exact", [], [], ("乙市", 2024)),
        ("2023年甲市政府工作报告指出，新建农村公路310公里", "exact", [], [], ("甲市", 2023)),
        ("2023年甲市政府工作报告指出，“新建农村公路310公里，改造老旧小区45个”", "exact", [], [], ("甲市", 2023)),
        ("甲市2024年报告提出，全市生产总值增长6.1%", "number_changed", [("6.1%", "5.4%")], [], ("甲市", 2024)),
        ("乙市粮食总产达到125万吨", "number_changed", [("125万吨", "86万吨")], [], ("乙市", 2024)),
        ("2023年政府工作报告指出，旅游总收入突破90亿元", "exact", [], ["misattributed"], ("乙市", 2024)),
        ("报告第二部分指出，城镇新增就业3.2万人", "exact", [], ["misattributed"], ("甲市", 2023)),
        ("报告第一部分指出，城镇新增就业3.2万人", "exact", [], [], ("甲市", 2023)),
        ("旅游总收入突破90亿元，新增学位9500个", "number_changed", [("9500个", "")], [], ("乙市", 2024)),
        ("失业率降到4.1%，新增学位8000个", "paraphrase", [], ["stitched"], ("甲市", 2023)),
        ("新增学位9500个，开工建设滨河隧道", "paraphrase", [], None, ("甲市", 2024)),
        ("去年接待的游客有1300万人次", "paraphrase", [], [], ("乙市", 2024)),
        ("2024年滨河隧道要动工", "paraphrase", [], [], ("甲市", 2024)),
        ("2023年滨河隧道要动工", "number_changed", [("2023年", "2024年")], [], ("甲市", 2024)),
        ("甲市棚户区改造开工159万套", "word_changed", [("甲市", "全国")], [], ("全国", 2024)),
    ],
)
def test_a_claim_among_several_reports(
    several_qa: ReportQA,
    text: str,
    verdict: str,
    changes: list[tuple[str, str]],
    notes: list[str] | None,
    report: tuple[str, int],
) -> None:
    finding = only(several_qa, text)
    assert (finding.verdict, finding.changes, where(finding)) == (verdict, changes, report)
    assert notes is None or finding.notes == notes


@pytest.mark.parametrize(
    ("text", "changes", "report"),
    [
        ("接待游客1300万人次，引进外资项目22个", [("1300万人次", "")], ("甲市", 2024)),
        ("引进外资项目22个，接待游客1300万人次，旅游总收入突破90亿元", [("22个", "")], ("乙市", 2024)),
        ("城镇新增就业3.2万人，引进外资项目22个，开工建设滨河隧道", [("3.2万人", "3.6万人")], ("甲市", 2024)),
        ("接待游客1300万人次，新增学位8000个，启用中心血站", [("8000个", "")], ("乙市", 2024)),
        ("改造老旧小区54个，新建农村公路310公里", [("54个", "45个")], ("乙市", 2024)),
    ],
)
def test_clauses_of_several_reports_make_no_sentence(
    several_qa: ReportQA, text: str, changes: list[tuple[str, str]], report: tuple[str, int]
) -> None:
    finding = only(several_qa, text)
    assert (finding.verdict, finding.changes, where(finding)) == ("number_changed", changes, report)


def test_clauses_in_another_order_are_the_same_whatever_their_marks(several_qa: ReportQA) -> None:
    finding = only(several_qa, "改造老旧小区45个，新建“农村公路”310公里")
    assert (finding.verdict, finding.changes) == ("paraphrase", [])


def test_of_equal_passages_the_one_of_the_report_that_the_draft_quotes_is_taken(several_qa: ReportQA) -> None:
    for unique, report in (
        ("引进外资项目22个。", ("甲市", 2024)),
        ("旅游总收入突破90亿元。", ("乙市", 2024)),
        ("失业率降到4.1%。", ("甲市", 2023)),
    ):
        findings = several_qa.verify(f"{unique}新建农村公路310公里，改造老旧小区45个。")
        assert [where(finding) for finding in findings] == [report, report]


def test_of_a_very_long_sentence_the_words_that_a_claim_repeats_are_quoted(several_qa: ReportQA) -> None:
    quote = only(several_qa, "安装充电桩1450个，修缮历史建筑27处").quote
    assert quote is not None
    assert quote.text == "安装充电桩1450个，修缮历史建筑27处"
    assert quote.highlights == [(0, len(quote.text))]
    quote = only(several_qa, "安装充电桩1540个，修缮历史建筑27处").quote
    assert quote is not None
    assert [quote.text[start:end] for start, end in quote.highlights] == ["1450个"]
    short = only(several_qa, "失业率降到4.1%").quote
    assert short is not None
    assert short.text == "城镇新增就业3.2万人，失业率降到4.1%。"
    assert [short.text[start:end] for start, end in short.highlights] == ["失业率降到4.1%"]


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("滨河隧道要动工", 0.0),  # names no period
        ("今年滨河隧道要动工", 0.5),
        ("2024年滨河隧道要动工", 0.5),
        ("2021年滨河隧道要动工", -0.5),
    ],
)
def test_a_period_tells_for_or_against_a_sentence(several_qa: ReportQA, text: str, worth: float) -> None:
    passages = several_qa._opened.passages
    [passage] = [p for p in passages.all if "滨河隧道" in p.text.folded and not p.is_heading]
    likeness = Likeness(0, passage.start, 1.0, 1.0)
    verifier = Verifier(passages, several_qa.embedder)
    assert verifier._timely(Text(text, 0, len(text)), passage, likeness) == worth


def test_pieces_of_two_passages_do_not_make_a_true_one(sample_qa: ReportQA) -> None:
    finding = only(sample_qa, "进出口总额增长29.4%，新增有实绩进出口企业508家、跨境电商企业61家")
    assert finding.verdict == "number_changed"
    assert finding.changes == [("29.4%", "43.2%")]


def test_an_invented_clause_in_a_copy_is_found(sample_qa: ReportQA) -> None:
    finding = only(sample_qa, "粮食总产超113亿斤，实现“十九连丰”，建成高标准农田五十万亩。")
    assert (finding.verdict, finding.changes) == ("number_changed", [("五十万亩", "")])


def test_a_text_without_words_cannot_be_checked(sample_qa: ReportQA) -> None:
    for text in ("", "  \n", "。！"):
        with pytest.raises(QuestionError):
            sample_qa.verify(text)


def test_a_very_long_sentence_is_checked_in_pieces(sample_qa: ReportQA) -> None:
    draft = "，".join(["粮食总产超113亿斤"] * 60 + ["新建农村公路570公里"] * 2)
    findings = sample_qa.verify(draft)
    assert {finding.verdict for finding in findings} <= {"paraphrase", "number_changed", "word_changed"}
    assert findings[-1].verdict == "number_changed"
    assert all(draft[finding.start : finding.end] == finding.claim for finding in findings)


def test_progress_is_told(sample_qa: ReportQA) -> None:
    steps: list[tuple[int, int]] = []
    sample_qa.verify("粮食总产超113亿斤。\n新建农村公路750公里。", lambda done, total: steps.append((done, total)))
    assert steps == [(1, 2), (2, 2)]


@pytest.fixture(scope="module")
def mutations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutations", BENCHMARKS / "mutations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutations"] = module
    spec.loader.exec_module(module)
    return module


def test_mutants_of_the_sample_are_caught_and_copies_are_not_accused(
    sample_qa: ReportQA, mutations: ModuleType
) -> None:
    verifier = Verifier(sample_qa._opened.passages, sample_qa.embedder)
    counts, misses = mutations.measure(verifier, each=2, seed=1)
    kinds = {key.partition(":")[0] for key in counts if key.endswith(": caught")}
    altered = sum(counts[f"{kind}: n"] for kind in kinds)
    passed = [miss for miss in misses if miss["change"] != ("", "") and not _accused(miss)]
    assert altered > 500
    assert passed == []
    assert sum(counts[f"{kind}: pinpointed"] for kind in kinds) >= 0.97 * altered
    harmless = [key for key in counts if key.endswith(": fine")]
    n = sum(counts[key.replace("fine", "n")] for key in harmless)
    assert counts["unchanged: fine"] == counts["unchanged: n"] > 200
    assert sum(counts[key] for key in harmless) >= 0.995 * n


def _accused(miss: dict[str, list[tuple[str, object, object]]]) -> bool:
    return any(verdict not in ("exact", "paraphrase") for verdict, _, _ in miss["said"])


def test_every_mutant_differs_in_one_place(sample_qa: ReportQA, mutations: ModuleType) -> None:
    names = {"": ["青岛", "济宁"]}
    chance = random.Random(3)
    for _, sentence in mutations.sentences(sample_qa.index)[:60]:
        for mutant in mutations.altered(sentence, names, 3, chance):
            assert fold(mutant.text) != fold(sentence)
        for mutant in mutations.harmless(sentence, chance):
            assert (mutant.wrong, mutant.right) == ("", "")


def test_gold_quotes(sample_qa: ReportQA, gold_dir: Path) -> None:
    gold = evaluation.read_gold(gold_dir / "quotes.jsonl")
    predicted = {record["id"]: evaluation._predict(sample_qa, "quotes", record) for record in gold}
    measured = evaluation.measure({"quotes": gold}, {"quotes": predicted})["quotes"]
    assert measured["altered_passed_as_true"] == 0
    assert float(measured["verdict_right"] or 0) >= 0.9
    assert float(measured["change_pinpointed"] or 0) >= 0.88
