"""The engine as its users see it: on the sample report, with the bundled model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import is_one_chinese_sentence
from reportqa import ReportQA
from reportqa.cli import main
from reportqa.schema import Answer, IndexDirectoryError, NotFound, QuestionError, Quote, ReadingError


def assert_faithful(qa: ReportQA, quotes: list[Quote]) -> None:
    for quote in quotes:
        citation = quote.citation
        report = qa.report(citation.report_id)
        assert quote.text == report.text[citation.start : citation.end]
        assert quote.text in quote.context
        assert len(quote.text) <= 240
        assert quote.highlights
        for start, end in quote.highlights:
            assert 0 <= start < end <= len(quote.text)


def test_an_answer_is_a_marked_cited_slice(sample_qa: ReportQA) -> None:
    answer = sample_qa.ask("2021年全市生产总值增长多少?")
    first = answer.quotes[0]
    assert answer.found
    assert "全市生产总值增长8.4%" in first.marked
    assert first.citation.label == "《2022年聊城市政府工作报告》一、（一）第1段"
    assert first.citation.section == ["一、2021年及五年工作回顾", "(一)强力推进争先先进,经济发展提质增效"]
    assert first.citation.topic == "发展速度更快"
    assert first.citation.url == f"/report/聊城市-2022?at={first.citation.start}-{first.citation.end}#p7".replace(
        "聊城市", "%E8%81%8A%E5%9F%8E%E5%B8%82"
    )
    assert "8.4%" in answer.text
    assert first.citation.label in answer.text
    assert answer.searched == ["聊城市-2022"]
    assert len(answer.quotes) == 5
    assert_faithful(sample_qa, answer.quotes)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("去年GDP增速多少", "8.4%"),
        ("今年GDP的目标是多少", "6%左右"),
        ("What is the GDP growth target for this year?", "6%左右"),
        ("社零去年漲了多少", "14.5%"),
        ("建了多少所幼儿园", "142所"),
        ("高速公路五年新增多少公里", "183公里"),
        ("市长是谁", "李长萍"),
    ],
)
def test_periods_aliases_scripts_and_languages(sample_qa: ReportQA, question: str, expected: str) -> None:
    assert expected in sample_qa.ask(question).quotes[0].marked


def test_search_lists_faithful_quotes_best_first(sample_qa: ReportQA) -> None:
    quotes = sample_qa.search("高铁", top_k=12)
    assert len(quotes) == 12
    assert "高铁" in quotes[0].text
    assert [q.score for q in quotes] == sorted((q.score for q in quotes), reverse=True)
    assert_faithful(sample_qa, quotes)


@pytest.mark.parametrize("question", ["", "   \n", "？？！。，", "···"])
def test_a_question_without_words_is_refused_in_one_sentence(sample_qa: ReportQA, question: str) -> None:
    with pytest.raises(QuestionError, match=r"^请输入一个问题.*。$"):
        sample_qa.ask(question)


def test_a_question_too_long_is_refused_in_one_sentence(sample_qa: ReportQA) -> None:
    with pytest.raises(QuestionError, match=r"^问题有 10000 个字，超过 500 字的上限.*。$"):
        sample_qa.ask("问" * 10_000)


def test_an_answer_survives_json(sample_qa: ReportQA) -> None:
    answer = sample_qa.ask("减税降费多少")
    data = answer.to_dict()
    rebuilt = [Quote.from_dict(quote) for quote in data["quotes"]]
    assert rebuilt == answer.quotes
    assert isinstance(answer, Answer)
    assert data["quotes"][0]["citation"]["section"] == answer.quotes[0].citation.section


def test_narrowing(sample_qa: ReportQA) -> None:
    assert sample_qa.ask("生产总值", place="聊城市", year=2022).quotes
    assert not sample_qa.ask("生产总值", place="德州市").found
    with pytest.raises(NotFound, match=r"聊城市-2022"):
        sample_qa.ask("生产总值", reports=["德州市-2022"])


def test_add_replace_and_remove(tmp_path: Path) -> None:
    first = tmp_path / "甲市2020年政府工作报告.txt"
    first.write_text("政府工作报告\n甲市市长 张三\n各位代表：\n一、去年工作\n粮食产量达到35万吨。\n", encoding="utf-8")
    second = tmp_path / "乙县2021年政府工作报告.txt"
    second.write_text("政府工作报告\n乙县县长 李四\n各位代表：\n一、去年工作\n苹果产量达到7万吨。\n", encoding="utf-8")
    qa = ReportQA.build([first], tmp_path / "index")
    assert [r.report_id for r in qa.reports()] == ["甲市-2020"]
    qa.add([second])
    assert {r.report_id for r in ReportQA.open(tmp_path / "index").reports()} == {"甲市-2020", "乙县-2021"}
    assert qa.ask("苹果产量多少").quotes[0].citation.place == "乙县"
    first.write_text(first.read_text(encoding="utf-8").replace("35万吨", "36万吨"), encoding="utf-8")
    qa.add([first])
    assert len(qa.reports()) == 2
    assert "36万吨" in qa.ask("粮食产量多少").quotes[0].marked
    qa.remove("甲市-2020")
    assert [r.report_id for r in qa.reports()] == ["乙县-2021"]
    with pytest.raises(NotFound, match=r"现有：乙县-2021。"):
        qa.report("甲市-2020")


def saved(path: Path, words: str) -> Path:
    path.write_text(f"各位代表：\n现在，我向大会报告工作，请予审议。\n一、去年工作\n{words}\n", encoding="utf-8")
    return path


def test_two_that_write_one_index_keep_each_others_reports(tmp_path: Path) -> None:
    first = saved(tmp_path / "甲市2020年政府工作报告.txt", "粮食产量达到35万吨。")
    one = ReportQA.build([first], tmp_path / "index")
    other = ReportQA.open(tmp_path / "index")
    other.add([saved(tmp_path / "乙市2020年政府工作报告.txt", "苹果产量达到7万吨。")])
    assert [r.report_id for r in one.reports()] == ["甲市-2020"]
    assert one.verify("“苹果产量达到7万吨。”")[0].verdict != "exact"
    one.add([saved(tmp_path / "丙市2020年政府工作报告.txt", "茶叶产量达到2万吨。")])
    assert [r.report_id for r in one.reports()] == ["甲市-2020", "乙市-2020", "丙市-2020"]
    assert one.verify("“苹果产量达到7万吨。”")[0].verdict == "exact"
    other.remove("甲市-2020")
    assert [r.report_id for r in other.reports()] == ["乙市-2020", "丙市-2020"]


def test_a_second_writer_is_turned_away_in_one_sentence(tmp_path: Path) -> None:
    first = saved(tmp_path / "甲市2020年政府工作报告.txt", "粮食产量达到35万吨。")
    second = saved(tmp_path / "乙市2020年政府工作报告.txt", "苹果产量达到7万吨。")
    qa = ReportQA.build([first], tmp_path / "index")
    hold = "import sys; from pathlib import Path; from reportqa.indexing import writing\nwith writing(Path(sys.argv[1])): print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, tmp_path / "index"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "1\n"
        for attempt in (
            lambda: qa.add([second]),
            lambda: qa.remove("甲市-2020"),
            lambda: ReportQA.build([second], tmp_path / "index"),
        ):
            with pytest.raises(IndexDirectoryError, match="正由另一个程序写入") as refused:
                attempt()
            assert is_one_chinese_sentence(str(refused.value))
        assert [r.report_id for r in ReportQA.open(tmp_path / "index").reports()] == ["甲市-2020"]
        holder.communicate("\n")
    qa.add([second])
    assert len(qa.reports()) == 2


def test_annexes_are_searched_on_request_and_never_quoted_as_the_speech(tmp_path: Path) -> None:
    report = saved(
        tmp_path / "甲市2020年政府工作报告.txt",
        "建设口袋公园3个，粮食产量达到35万吨。\n新增就业2万人，城镇登记失业率为3%。\n"
        "附件：名词解释\n1.口袋公园：规模很小的城市开放空间。\n2.双招双引：招商引资、招才引智。",
    )
    qa = ReportQA.build([report], tmp_path / "index")
    first = qa.search("什么是口袋公园", appendices=True)[0]
    assert first.text == "1.口袋公园：规模很小的城市开放空间。"
    assert (first.citation.appendix, first.citation.url) == (1, "/report/%E7%94%B2%E5%B8%82-2020#a1")
    assert first.citation.label == "《2020年甲市政府工作报告》附：名词解释"
    assert first.text == qa.report("甲市-2020").appendices[0].text[first.citation.start : first.citation.end]
    spoken = [*qa.search("什么是口袋公园", top_k=20), *qa.ask("什么是口袋公园").quotes]
    assert not [quote.text for quote in spoken if "开放空间" in quote.context]
    printed = CliRunner().invoke(
        main, ["search", "双招双引", "--appendix", "--index", str(tmp_path / "index"), "-k", "1"]
    )
    assert printed.exit_code == 0
    assert "2.双招双引：招商引资、招才引智。" in printed.output
    assert "附：名词解释" in printed.output


def test_a_failed_build_leaves_the_old_index(tmp_path: Path, sample_qa: ReportQA) -> None:
    report = tmp_path / "丙市2020年政府工作报告.txt"
    report.write_text("各位代表：\n一、去年工作\n粮食产量达到35万吨。\n", encoding="utf-8")
    ReportQA.build([report], tmp_path / "index")
    (tmp_path / "空.txt").write_text("", encoding="utf-8")
    with pytest.raises(ReadingError, match="空文件"):
        ReportQA.build([tmp_path / "空.txt"], tmp_path / "index")
    assert ReportQA.open(tmp_path / "index").ask("粮食").found
