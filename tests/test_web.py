"""Web pages: the article alone, whatever stands around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import is_one_chinese_sentence
from reportqa import web
from reportqa.parsing import parse
from reportqa.reading import read
from reportqa.schema import ReadingError

PAGE = """<!DOCTYPE html><html><head><meta charset="gb2312"><title>平川市政府工作报告_平川市人民政府门户网站</title>
<script>var a = "<p>脚本里的字，不是正文。</p>";</script><style>p { color: red }</style></head><body>
<div class="header"><ul class="nav"><li><a href=/>首页</a></li><li><a href=/a>政务公开</a></li></ul></div>
<div class="position">您现在的位置：<a href=/>首页</a> &gt; <a href=/z>政府工作报告</a></div>
<form><table width=1000><tr><td>
<h1>平川市政府工作报告</h1>
<div class="info">发布时间：2025-01-20 09:30 来源：市政府办公室 浏览次数：1203 字体：【<a>大</a> <a>中</a> <a>小</a>】</div>
<div class="TRS_Editor"><p align=center>——2025年1月8日在平川市第五届人民代表大会第四次会议上</p>
<p align=center>平川市人民政府市长&nbsp;&nbsp;王小明</p>
<p>各位代表：</p><p>　　现在，我代表市人民政府，向大会报告工作，请予审议，并请各位政协
委员和其他列席人员提出意见。</p>
<p><strong>一、2024年工作回顾</strong></p><p>　　过去一年，全市地区生产总值增长5.6%，规模以上工业增加值增长7.2%<sup>[1]</sup>，
PM<sub>2.5</sub>平均浓度下降，造林3万m<sup>2</sup>。</p>
<!-- <p>注释掉的一段，不是正文。</p> -->
<table border=1><tr><td>指标</td><td>增长</td></tr><tr><td><p>地区生产总值</p></td><td>5.6%</td></tr></table>
<ol start=3><li>建成道路三条，长二十公里，全部通车。</li><li>新建学校两所，增加学位三千个。</li></ol>
<p style="display:none">这一段是看不见的，不应当读出来。</p>
<p>二、2025年工作安排</p><p>今年的主要预期目标是：地区生产总值增长6%左右。<br>　　各位代表，让我们一起努力！</p></div>
<div class="editor">（责任编辑：李四）</div><div class="bdsharebuttonbox"><a>分享到微信</a></div>
<div class="pages">上一页 1 <a href=2>2</a> 下一页</div>
<div class="xgbd"><h3>相关报道</h3><ul><li><a href=1>平川市2024年政府工作报告，全文发布</a></li>
<li><a href=2>平川市召开人民代表大会，听取报告</a></li><li><a href=3>图解报告</a></li></ul></div>
</td></tr></table></form>
<div class="footer">主办：平川市人民政府办公室　承办：平川市大数据中心，网站标识码3700000001　京ICP备10000000号</div>
</body></html>"""
SPEECH = [
    "各位代表：",
    "现在，我代表市人民政府，向大会报告工作，请予审议，并请各位政协委员和其他列席人员提出意见。",
    "一、2024年工作回顾",
    "过去一年，全市地区生产总值增长5.6%，规模以上工业增加值增长7.2%，PM2.5平均浓度下降，造林3万m2。",
    "指标\t增长",
    "地区生产总值\t5.6%",
    "3. 建成道路三条，长二十公里，全部通车。",
    "4. 新建学校两所，增加学位三千个。",
    "二、2025年工作安排",
    "今年的主要预期目标是：地区生产总值增长6%左右。",
    "各位代表，让我们一起努力！",
]


def lines(page: str) -> list[str]:
    return [line.strip() for line in web.text_of(page).splitlines()]


def test_the_article_is_read_and_nothing_around_it() -> None:
    found = lines(PAGE)
    assert found[found.index(SPEECH[0]) :][: len(SPEECH)] == SPEECH
    text = "\n".join(found)
    for chrome in ("脚本", "color", "首页", "注释掉", "看不见", "分享到", "上一页", "相关报道", "图解", "主办"):
        assert chrome not in text


def test_a_page_becomes_a_report(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE.encode("gb18030"))
    report = parse(read(tmp_path / "a.html"))
    assert (report.place, report.year, report.date, report.speaker) == ("平川市", 2025, "2025-01-08", "王小明")
    assert [section.heading for section in report.sections] == ["一、2024年工作回顾", "二、2025年工作安排"]
    assert report.text.endswith("让我们一起努力！")
    assert "编辑" not in report.text
    assert "发布时间" not in report.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_bytes_say_the_encoding_whatever_the_page_says(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.htm").write_bytes(PAGE.encode(encoding))
    assert SPEECH[1] in read(tmp_path / "a.htm").text


def test_a_title_outside_the_article_comes_first() -> None:
    apart = "<div><h1>平川市政府工作报告</h1><div>时间</div></div>"
    page = f"<body>{apart}<div>{'<p>全市生产总值增长百分之五，形势很好。</p>' * 5}</div></body>"
    assert lines(page)[0] == "平川市政府工作报告"
    head = "<head><title>平川市政府工作报告 - 平川在线</title></head>"
    assert lines(head + page.replace(apart, ""))[0] == "平川市政府工作报告"


def test_an_article_in_several_boxes_is_read_whole() -> None:
    boxes = "".join(f"<div><p>第{n}段，全市生产总值增长百分之五，形势很好。</p></div>" for n in range(6))
    assert len(lines(f"<body><div>{boxes}</div><div><a>甲</a><a>乙</a><a>丙</a></div></body>")) == 6


def test_deeply_nested_elements_are_no_trouble() -> None:
    assert "增长" in web.text_of("<div>" * 1000 + "全市生产总值增长百分之五，形势很好。")


@pytest.mark.parametrize(
    "page",
    [
        "",
        " \n ",
        "<!-- 什么也没有 -->",
        "<html></html>",
        "<script>全市生产总值增长百分之五，很好。</script>",
        "<a>首页</a>",
    ],
)
def test_a_page_without_an_article(tmp_path: Path, page: str) -> None:
    (tmp_path / "a.html").write_text(page, encoding="utf-8")
    with pytest.raises(ReadingError) as refused:
        read(tmp_path / "a.html")
    assert is_one_chinese_sentence(str(refused.value))
