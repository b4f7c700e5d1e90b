"""Tables, targets and pages, of made figures."""

from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.__main__ import PARTS
from benchmarks.report import Report, Table, Target, stats


def test_page_has_facts_targets_tables_and_the_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "DOCS", tmp_path)
    made = Report(facts=["Machine: none."], background=["all 26%"])
    rows = [{"way": "ours", "median": 1.0}, {"way": "theirs", "median": float("nan")}]
    made.add(Table("Times, ms", rows, "A note."), Target("faster", 2, 1.5, "×", at_least=True))
    made.write("page", "A page", "Made.", "<svg/>")
    lines = (tmp_path / "page.md").read_text().splitlines()
    assert lines[:6] == ["# A page", "", "Made.", "", "![A page](page.svg)", ""]
    assert lines[6:9] == ["- Machine: none.", "- Other processes used of the cores: all 26%.", ""]
    assert "| faster   |    ≥ 2× |       1.5× | MISSED |" in lines
    assert lines[-6:] == [
        "| way    |   median |",
        "|:-------|---------:|",
        "| ours   |     1.00 |",
        "| theirs |        - |",
        "",
        "A note.",
    ]
    assert (tmp_path / "page.svg").read_text() == "<svg/>"


def test_statistics_of_hand_worked_values() -> None:
    assert stats([1, 2, 3, 10], "median", "mean", "longest") == {"median": 2.5, "mean": 4.0, "longest": 10.0}
    assert stats([], "p95") == pytest.approx({"p95": float("nan")}, nan_ok=True)


def test_every_part_has_a_page() -> None:
    assert {name for name in PARTS if not (report.DOCS / f"{name}.md").exists()} <= {"peers"}  # of webcam frames only
