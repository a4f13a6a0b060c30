"""Four short reports of two places, two years and the nation, which share a sentence and contradict each other."""

from __future__ import annotations

from pathlib import Path

from reportqa import ReportQA
from reportqa.embedding import Embedder
from reportqa.gathering import gather
from reportqa.index import open_index
from reportqa.indexing import write_index

LONG = (
    "持续改善城乡环境，整治河道36条、清理塘坝210座，栽植各类苗木480万株，完成荒山绿化2.7万亩，"
    "建成城市公园14处、口袋公园52处，新增绿道118公里，铺设雨污管网340公里，改造供热管网96公里，"
    "更换燃气管道75公里，建成污水处理厂3座、垃圾中转站19座，购置新能源公交车260辆、环卫车辆88辆，"
    "新划停车泊位6300个，安装充电桩1450个，修缮历史建筑27处，整修背街小巷133条，"
    "拆除违法建设41万平方米，新建公共厕所65座，打造美丽村居230个，群众满意度达到97.3%。"
)
_TEXT = """{place}人民政府工作报告
——{year}年1月{day}日在{place}第十届人民代表大会第{session}次会议上
{place}长 {mayor}
各位代表：
一、{before}年工作回顾
全市生产总值增长{growth}%，粮食总产达到{grain}万吨。新建农村公路310公里，改造老旧小区45个。
{more}
二、{year}年工作安排
今年生产总值预期增长{aim}%左右。{plan}
"""
_REPORTS = {
    "甲市2023年政府工作报告.txt": _TEXT.format(
        place="甲市", year=2023, day=5, session="二", mayor="王明", before=2022, growth="6.1", grain=120, aim="6.5",
        more="城镇新增就业3.2万人，失业率降到4.1%。" + LONG, plan="建设临港产业园，新增学位8000个。",
    ),
    "甲市2024年政府工作报告.txt": _TEXT.format(
        place="甲市", year=2024, day=6, session="三", mayor="王明", before=2023, growth="5.4", grain=125, aim="5.8",
        more="城镇新增就业3.6万人，引进外资项目22个。", plan="开工建设滨河隧道，新增学位9500个。",
    ),
    "乙市2024年政府工作报告.txt": _TEXT.format(
        place="乙市", year=2024, day=8, session="三", mayor="赵华", before=2023, growth="7.2", grain=86, aim="7.0",
        more="旅游总收入突破90亿元，接待游客1300万人次。", plan="启用中心血站，新增床位1200张。",
    ),
    "2024年国务院政府工作报告.txt": """政府工作报告
——2024年3月5日在第十四届全国人民代表大会第二次会议上
国务院总理 李强
各位代表：
一、2023年工作回顾
国内生产总值增长5.2%，城镇新增就业1244万人。粮食产量达到1.39万亿斤，全国棚户区改造开工159万套。
二、2024年工作安排
国内生产总值预期增长5%左右。
""",
}  # fmt: skip


def several(directory: Path, embedder: Embedder) -> ReportQA:
    """Return an assistant of the four, kept in ``directory``: 全国 2024, 甲市 2023, 甲市 2024, 乙市 2024, in some order."""
    for name, text in _REPORTS.items():
        (directory / name).write_text(text, encoding="utf-8")
    write_index(directory / "index", gather([directory]).reports, embedder)
    return ReportQA(open_index(directory / "index"), embedder)
