"""Small reports in the shapes that government web sites and offices give them, each made up for one of them."""

from __future__ import annotations

import pytest

from reportqa.parsing import parse
from reportqa.reading import Source
from reportqa.schema import Report

WEB_SITE = """平川市政府工作报告
索 引 号：000014349/2025-00012 　　主题分类：综合政务
发文机关：平川市人民政府
成文日期：2025年01月08日
发布时间：2025-01-20 09:12 来源：平川市人民政府办公室 作者： 浏览：1024次
【字体：大 中 小】 打印 关闭
分享到：微信 微博
——2025年1月8日在平川市第五届人民代表大会第四次会议上
平川市人民政府市长  王小明
目　　录
一、2024年工作回顾................1
二、2025年工作安排................6
三、加强政府自身建设..............12
各位代表：
现在，我代表市人民政府向大会报告工作，请予审议，并请市政协委员和列席人员提出意见。
一、2024年工作回顾
过去一年，全市地区生产总值增长5.6%，规模以上工业增加值增长7.2%。
（一）产业提质增效。规模以上工业增加值增长7%。新增企业120家，培育专精特新企业12家。
（二）民生持续改善。城镇新增就业1.2万人，新建学校3所。
- 3 -
1.稳就业。新增就业岗位2万个，就业形势总体稳定。
2.强保障。低保标准提高5%，惠及群众3万人。
① 养老服务。新建养老机构5家。
各位代表！过去一年的成绩来之不易，是全市人民团结奋斗的结果。
二、2025年工作安排
今年的主要预期目标是：地区生产总值增长6%左右，重点抓好以下工作：
（一）扩大内需
着力促消费。社会消费品零售总额增长8%。
（二）深化改革
推进国企改革，完成改制企业5家。
三、加强政府自身建设
我们要坚持依法行政，自觉接受监督。
各位代表！让我们团结一心，为建设美好平川而努力奋斗！
扫一扫在手机打开当前页
上一篇：平川市2024年政府工作报告
下一篇：没有了
责任编辑：李四
【打印本页】 【关闭窗口】
主办：平川市人民政府办公室 承办：平川市大数据局
Copyright 2025 版权所有 京ICP备10000000号-1 京公网安备11010000000号
网站标识码：3700000001
"""
CHAPTERS = """2024年海东区人民政府工作报告

区长 李 大 江
（2024年1月3日）

各位代表：

　　我代表区人民政府，向大会报告工作。

第一部分　2023年工作回顾

　　一年来，地区生产总值完成120.5亿元。

　　工业经济稳中有进　　规上工业增加值增长9.1%，新增规上企业12户。

第二部分　2024年重点工作

　　1、聚焦产业强区。实施重点项目50个，完成投资100亿元。

　　2、聚焦城市更新。改造棚户区3个，惠及居民2000户。

　　谢谢大家！

附件：

名词解释

　　1.规上工业：年主营业务收入2000万元及以上的工业企业。
　　2.专精特新：专业化、精细化、特色化、新颖化。
"""
PLAN = """关于平川市2024年国民经济和社会发展计划执行情况与2025年计划草案的报告
——2025年1月8日在平川市第五届人民代表大会第四次会议上
平川市发展和改革委员会主任 赵小六
各位代表：
受市人民政府委托，现将平川市2024年国民经济和社会发展计划执行情况与2025年计划草案提请大会审查。
一、2024年计划执行情况
全市经济运行总体平稳，地区生产总值增长5.6%。
二、2025年计划安排
地区生产总值增长6%左右。
"""
TITLES = """平川县2025年人民政府工作报告
县长 孙小七
各位代表：
现在，我代表县人民政府向大会作政府工作报告，请予审议。
2024年工作回顾
过去一年，我们攻坚克难，主要做了以下工作。
项目建设蹄疾步稳
实施重点项目85个，完成投资60亿元。
乡村振兴成效显著
粮食总产达到30万吨，建成高标准农田5万亩。
2025年工作打算
今年，我们将重点抓好三个方面。
坚定不移抓项目
谋划项目100个，总投资200亿元。
坚持不懈惠民生
新建学校2所，新增学位1500个。
各位代表，让我们携手并进，共创美好未来！
注释：
①“双招双引”：招商引资、招才引智。
②“两山”：绿水青山就是金山银山。
相关链接
平川县2024年政府工作报告
"""
BROKEN = """白泉县人民政府
工作报告
（2022年1月20日在县第十九届人民代表大会
第二次会议上）
县长  赵大海
各位代表：
　　我代表县人民政府向大会作工作报告，请予审议，
并请各位政协委员和列席会议的同志提出意见。
　　一、2021年工作回顾
　　过去的一年，我们坚持稳中求进工作总基调，统筹推
进疫情防控和经济社会发展，完成地区生产总值80.5亿元，
增长7.2%，城乡居民人均可支配收入分别增长8%和10%，
主要经济指标增速居全市前列，实现了“十四五”良好开
局，为全面建设社会主义现代化白泉奠定了坚实的基础。
　　（一）产业发展提质增效。苹果产业产值突破30亿
元，新建标准园5000亩，改造老果园1万亩，培育龙头企
业12家，农民专业合作社达到320家，带动群众2万户。
　　（二）城乡面貌焕然一新。实施市政项目20个，完成
投资5亿元，改造老旧小区12个，新建公园3个，城市绿
化覆盖率达到40%，创建省级文明县城顺利通过验收。
　　二、2022年主要任务
　　（一）突出项目带动，加快产业转型升级，推动县域
经济高质量发展
　　坚持项目为王，实施重点项目60个，完成投资50亿元，
同比增长10%。坚持招商引资一号工程，签约项目50个，
到位资金80亿元，全年实现工业总产值增长12%以上。
　　（二）突出民生改善
　　新建学校2所，改造老旧小区5个，让群众得到更多实
惠。
　　各位代表，让我们同心同德、砥砺奋进，为建设幸福
白泉而努力奋斗！
"""
NOTES = """首页 > 政务公开 > 政府工作报告
2025年临河市人民政府工作报告
（2025年2月18日）
临河市人民政府代市长　欧阳小国
打印
收藏
各位代表：
　　现在，我代表市人民政府向大会报告工作，请予审议。

　　一、过去一年工作回顾

　　2024年，实现地区生产总值320亿元，增长5.8%。
　　——城乡面貌显著变化。新建口袋公园3个。

　　二、今年重点任务，概括起来就是坚持一个中心、突出两个重点、办好三件实事，推动经济社会发展再上新的台阶，让全市人民的日子越过越好

　　（一）抓好项目建设。
　　坚持项目为王，实施亿元以上项目50个。
　　（二）在全市范围内持续开展基础设施补短板行动，统筹推进城市更新和乡村建设，让城乡居民共享改革发展的成果，不断增强获得感幸福感安全感。建设和美乡村10个。
　　（三）抓好民生实事。新建学校2所。
　　各位代表！让我们共同创造临河更加美好的明天！
　　注：1.口袋公园：规模很小的城市开放空间。
　　2.和美乡村：宜居宜业的乡村。
扫码听报告
图解：2025年临河市政府工作报告
2025年临河市人民政府工作报告.pdf
临河市第五届人民代表大会第四次会议秘书处  2025年2月18日印发
Contact Us | Site Map | About Us
"""
BUDGET = """云岭市2023年财政预算执行情况和2024年财政预算草案的报告
——2024年1月15日在云岭市第七届人民代表大会第三次会议上
云岭市财政局局长 周小平
各位代表：
受市人民政府委托，向大会报告我市2023年财政预算执行情况和2024年财政预算草案，请予审议。
第一部分  2023年财政预算执行情况
一、收入情况。全市一般公共预算收入完成50亿元，增长5%。
二、支出情况。全市一般公共预算支出完成90亿元，增长6%。
第二部分  2024年财政预算草案
1．增收。全市一般公共预算收入预期增长5%。
一要抓税源。二要抓征管。
"""
SHAPES = {
    "a web site": WEB_SITE,
    "chapters": CHAPTERS,
    "a plan": PLAN,
    "titles without numbers": TITLES,
    "lines broken at a width": BROKEN,
    "notes": NOTES,
    "a budget": BUDGET,
}
HEADINGS = {
    "a web site": [
        "一、2024年工作回顾",
        "　（一）产业提质增效",
        "　（二）民生持续改善",
        "二、2025年工作安排",
        "　（一）扩大内需",
        "　（二）深化改革",
        "三、加强政府自身建设",
    ],
    "chapters": ["第一部分　2023年工作回顾", "第二部分　2024年重点工作"],
    "a plan": ["一、2024年计划执行情况", "二、2025年计划安排"],
    "titles without numbers": [
        "2024年工作回顾",
        "　项目建设蹄疾步稳",
        "　乡村振兴成效显著",
        "2025年工作打算",
        "　坚定不移抓项目",
        "　坚持不懈惠民生",
    ],
    "lines broken at a width": [
        "一、2021年工作回顾",
        "　（一）产业发展提质增效",
        "　（二）城乡面貌焕然一新",
        "二、2022年主要任务",
        "　（一）突出项目带动，加快产业转型升级，推动县域经济高质量发展",
        "　（二）突出民生改善",
    ],
    "notes": [
        "一、过去一年工作回顾",
        "二、今年重点任务，概括起来就是坚持一个中心、突出两个重点、办好三件实事，推动经济社会发展再上新的台阶，让全市人民的日子越过越好",
        "　（一）抓好项目建设",
        "　（二）在全市范围内持续开展基础设施补短板行动，统筹推进城市更新和乡村建设，让城乡居民共享改革发展的成果，不断增强获得感幸福感安全感",
        "　（三）抓好民生实事",
    ],
    "a budget": [
        "第一部分  2023年财政预算执行情况",
        "　一、收入情况",
        "　二、支出情况",
        "第二部分  2024年财政预算草案",
    ],
}
SAID = {
    "a web site": ("平川市", 2025, "王小明", "政府工作报告"),
    "chapters": ("海东区", 2024, "李大江", "政府工作报告"),
    "a plan": ("平川市", 2025, "赵小六", "计划报告"),
    "titles without numbers": ("平川县", 2025, "孙小七", "政府工作报告"),
    "lines broken at a width": ("白泉县", 2022, "赵大海", "政府工作报告"),
    "notes": ("临河市", 2025, "欧阳小国", "政府工作报告"),
    "a budget": ("云岭市", 2024, "周小平", "预算报告"),
}
LAST = {
    "a web site": "为建设美好平川而努力奋斗！",
    "chapters": "谢谢大家！",
    "a plan": "增长6%左右。",
    "titles without numbers": "共创美好未来！",
    "lines broken at a width": "为建设幸福白泉而努力奋斗！",
    "notes": "让我们共同创造临河更加美好的明天！",
    "a budget": "二要抓征管。",
}
NEVER = (
    "索 引 号", "发文机关", "成文日期", "发布时间", "字体", "分享到", "目　　录", "....", "- 3 -", "扫一扫", "上一篇", "下一篇",
    "责任编辑", "打印", "主办", "版权所有", "标识码", "名词解释", "双招双引", "专精特新：", "相关链接",
    "首页", "收藏", "口袋公园：", "和美乡村：", "扫码", "图解", ".pdf", "印发", "Contact",
)  # fmt: skip


def report_in(shape: str) -> Report:
    return parse(Source("报告.txt", SHAPES[shape], "0" * 64))


@pytest.mark.parametrize("shape", SHAPES)
def test_headings_in_their_order(shape: str) -> None:
    found = report_in(shape).sections
    assert ["　" * (section.level - 1) + section.heading for section in found] == HEADINGS[shape]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_the_opening_says(shape: str) -> None:
    report = report_in(shape)
    assert (report.place, report.year, report.speaker, report.kind) == SAID[shape]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_speech_and_nothing_around_it(shape: str) -> None:
    report = report_in(shape)
    assert report.text.endswith(LAST[shape])
    assert [words for words in NEVER if words in report.text] == []
    assert report.breaks_off == ""


def test_lines_broken_at_a_width_are_whole() -> None:
    report = report_in("lines broken at a width")
    assert "元，新建标准园5000亩，改造老果园1万亩，培育龙头企业12家，农民专业合作社达到320家" in report.text
    assert report.meeting == "县第十九届人民代表大会第二次会议"
    assert all(p.section for p in report.paragraphs[6:])


def test_numbers_of_sections() -> None:
    numbers = [section.number for shape in SHAPES for section in report_in(shape).sections]
    assert numbers[:4] == ["一", "（一）", "（二）", "二"]
    assert numbers[7:9] == ["一", "二"]
    assert numbers[16] == ""


def test_glossaries_are_kept_apart() -> None:
    kept = {shape: report_in(shape).appendices for shape in SHAPES}
    assert {shape: [appendix.heading for appendix in found] for shape, found in kept.items()} == {
        "a web site": [],
        "chapters": ["名词解释"],
        "a plan": [],
        "titles without numbers": ["注释"],
        "lines broken at a width": [],
        "notes": ["名词解释"],
        "a budget": [],
    }
    for found in kept.values():
        for appendix in found:
            assert [appendix.text[start:end] for start, end in appendix.paragraphs] == appendix.text.split("\n")
            assert len(appendix.paragraphs) == 2


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("作关于第一个五年计划的报告", "计划报告"),
        ("提出关于2023年决算和2024年预算的报告", "预算报告"),
        ("作政府工作报告", "政府工作报告"),
    ],
)
def test_the_kind_is_told_by_the_first_words_where_there_is_no_title(said: str, kind: str) -> None:
    report = parse(
        Source("报告.txt", f"各位代表：\n我代表市人民政府{said}。\n一、去年\n增长5%。\n", "0" * 64), "甲市", 2024
    )
    assert (report.kind, report.title) == (kind, f"2024年甲市{kind}")
