"""The tools for agents, over HTTP and over standard input and output, with the SDK's own client."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from reportqa import ReportQA
from reportqa.mcp import tools_of
from reportqa.schema import Report
from scripted import GDP, UNANSWERABLE, scripted


def called(server: Any, tool: str, **arguments: Any) -> Any:
    async def call() -> Any:
        async with Client(server) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(call)


def test_passages_come_with_citation_and_link(sample_report: Report) -> None:
    server = tools_of(scripted(sample_report), "https://qa.example/qa/")
    answer = called(server, "ask", question=GDP).structured_content
    assert answer["found"] is True
    first = answer["quotes"][0]
    assert first["quote"] in sample_report.text
    assert first["answer"] == "全市生产总值增长8.4%"
    assert first["citation"] == "《2022年聊城市政府工作报告》一、（一）第1段"
    assert first["link"].startswith("https://qa.example/qa/report/")
    assert (
        called(server, "search", query="高铁", top_k=2).structured_content["quotes"][1]["quote"] in sample_report.text
    )
    assert len(called(server, "locate", citation="p5").structured_content["quotes"]) == 1
    [finding] = called(server, "verify", text="全市生产总值增长8.4%").structured_content["findings"]
    assert (finding["verdict"], finding["source"]["report_id"]) == ("exact", "聊城市-2022")


def test_a_refusal_is_told_as_one_and_a_mistake_in_a_sentence(sample_report: Report) -> None:
    server = tools_of(scripted(sample_report))
    refused = called(server, "ask", question=UNANSWERABLE).structured_content
    assert (refused["found"], refused["quotes"]) == (False, [])
    assert len(refused["nearest"]) == 2
    wrong = called(server, "locate", citation="九（九）第99段")
    assert wrong.is_error
    assert wrong.content[0].text.rstrip().endswith("。")


def test_the_tools_only_read(sample_report: Report) -> None:
    async def list_tools() -> Any:
        async with Client(tools_of(scripted(sample_report))) as client:
            return (await client.list_tools()).tools

    tools = anyio.run(list_tools)
    assert [tool.name for tool in tools] == ["ask", "search", "locate", "verify", "indicators"]
    for tool in tools:
        assert tool.annotations.read_only_hint
        assert tool.description.endswith("。")
        assert all("description" in value for value in tool.input_schema["properties"].values())


def test_a_draft_has_a_limit(sample_qa: ReportQA) -> None:
    told = called(tools_of(sample_qa), "verify", text="字" * 100_001)
    assert told.is_error
    assert "最多核验 100000 字" in told.content[0].text


def test_over_standard_input_and_output(sample_index: Path, sample_qa: ReportQA) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "reportqa", "mcp", "--index", str(sample_index)], env=dict(os.environ)
    )

    async def call() -> Any:
        async with Client(stdio_client(command)) as client:
            return await client.call_tool("ask", {"question": GDP})

    answer = anyio.run(call).structured_content
    assert answer["quotes"][0]["quote"] == sample_qa.ask(GDP).quotes[0].text
    assert json.dumps(answer, ensure_ascii=False).count("全市生产总值增长8.4%") >= 2


@pytest.mark.parametrize("tool", ["ask", "search", "locate", "verify"])
def test_an_empty_argument_is_a_mistake(tool: str, sample_qa: ReportQA) -> None:
    name = {"ask": "question", "search": "query", "locate": "citation", "verify": "text"}[tool]
    assert called(tools_of(sample_qa), tool, **{name: " "}).is_error
