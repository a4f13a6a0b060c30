"""Findings in words: what each verdict and note is called, and what is said of a claim beside its text."""

from __future__ import annotations

from reportqa.schema import Finding

VERDICTS = {
    "exact": "一字不差",
    "paraphrase": "意思相符",
    "number_changed": "数字有异",
    "word_changed": "文字有异",
    "absent": "未见出处",
}
NOTES = {
    "elided": "省略了原文的一部分",
    "errata": "原文此处疑有误字，引文为更正后的写法",
    "misattributed": "原文在别处：引文所说的出处不符",
    "stitched": "由不在一处的几句拼成",
}
SOUND = ("exact", "paraphrase")
"""Verdicts that nothing is said against."""


def questionable(finding: Finding) -> bool:
    """Whether something is said against a claim: its words, its figures or the source that it names."""
    return finding.verdict not in SOUND or "misattributed" in finding.notes


def corrections(finding: Finding) -> list[str]:
    """Return what is wrong with a claim, change by change: “8.5%”应为“8.4%”."""
    return [
        f"“{wrong}”应为“{right}”" if right and wrong else f"缺“{right}”" if right else f"“{wrong}”原文没有"
        for wrong, right in finding.changes
    ]


def comment(finding: Finding) -> str:
    """Return what is said of a claim beside its text, a line for each thing."""
    lines = [f"【{VERDICTS[finding.verdict]}】", *corrections(finding)]
    lines += [NOTES[note] for note in finding.notes if note in NOTES]
    if finding.quote is not None:
        lines += [f"原文：{finding.quote.text}", f"——{finding.quote.citation.label}"]
    return "\n".join(lines)
