"""An opened index with what is worked out of it: a question takes it once and ends on what it began with."""

from __future__ import annotations

from collections.abc import Sequence

from reportqa.index import Index
from reportqa.indicators import Figures
from reportqa.lexical import Lexicon
from reportqa.passages import Passages
from reportqa.schema import NotFound, Report
from reportqa.shelf import Shelf


class Opened:
    """An index, and by it the places and years of its reports, their figures and their passages."""

    def __init__(self, index: Index, lexicon: Lexicon, before: Opened | None = None) -> None:
        """What ``before`` has read of the same reports is taken over."""
        self.index = index
        self.shelf = Shelf(index.reports)
        self._lexicon = lexicon
        self._figures: Figures | None = None
        self._read_before: Figures | None = before._figures or before._read_before if before else None
        self._passages: Passages | None = None

    @property
    def figures(self) -> Figures:
        """The figures of the reports, read the first time."""
        if self._figures is None:
            self._figures = Figures(self.index.reports, self._read_before)
            self._read_before = None
        return self._figures

    @property
    def passages(self) -> Passages:
        """What verification needs to know of the reports, gathered the first time."""
        if self._passages is None:
            self._passages = Passages(self.index, self._lexicon)
        return self._passages

    def report(self, report_id: str) -> Report:
        """Return one report.

        Raises NotFound, naming the reports that there are.
        """
        for report in self.index.reports:
            if report.report_id == report_id:
                return report
        known = "、".join(report.report_id for report in self.index.reports[:20])
        raise NotFound(f"没有编号为“{report_id}”的报告，现有：{known}。")

    def reports_of(self, numbers: Sequence[int] | None) -> list[Report]:
        """Return the reports of some numbers; None: all."""
        reports = self.index.reports
        return list(reports) if numbers is None else [reports[number] for number in numbers]

    def narrow(self, reports: Sequence[str] | None, place: str | None, year: int | None) -> list[int] | None:
        """Return the numbers of the reports that ids, a place and a year leave; None where nothing narrows.

        Raises NotFound where an id is none.
        """
        if reports is None and place is None and year is None:
            return None
        wanted = None if reports is None else {self.report(report_id).report_id for report_id in reports}
        return [
            number
            for number, report in enumerate(self.index.reports)
            if (wanted is None or report.report_id in wanted)
            and (place is None or place in report.place)
            and (year is None or year == report.year)
        ]
