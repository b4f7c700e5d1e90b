"""The benchmark of reports measures what it says, on real databases."""

from pathlib import Path

from accounts.models import User
from benchmarks import history
from benchmarks.history import DAYS, HOURS, MARIADB, PROMISED, SQLITE, Amount, TimedResponse
from reports.models import Report
from tests import mariadb

OF_ONE = DAYS * len(HOURS)


def test_every_call_is_timed_on_each_database(tmp_path: Path) -> None:
    answered = history.measure(Amount(others=1, rounds=2, warm_up=0), tmp_path)
    assert [each.database for each in answered] == ([SQLITE] if mariadb.missing() else [SQLITE, MARIADB])
    for each in answered:
        assert {*PROMISED} < each.ms.keys()
        assert {len(ms) for ms in each.ms.values()} == {2}
        assert min(min(ms) for ms in each.ms.values()) > 0
    assert "2 920" in history.table(answered).text()
    assert len(history.bars(answered)) == len(PROMISED) * len(answered)


def test_somebody_has_a_year_among_others(db: None) -> None:
    asked = history.filled("here", Amount(others=2, rounds=1))
    assert [Report.objects.filter(user=person).count() for person in User.objects.all()] == [OF_ONE] * 3
    keys = list(Report.objects.filter(user=asked).values_list("pk", flat=True))
    assert max(keys) - min(keys) > 2 * OF_ONE  # not side by side: each day was everybody's


def test_a_bar_holds_where_95_of_100_are_soon_enough() -> None:
    soon = [1.0] * 96
    slow = {call: soon + [1000.0] * (4 if call != PROMISED[1] else 10) for call in PROMISED}
    held = [bar.holds for bar in history.bars([TimedResponse(SQLITE, OF_ONE, slow)])]
    assert held == [True, False, True, True]
