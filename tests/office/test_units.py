"""common.units: numbers with their units, in both languages."""

import pytest
from django.utils.translation import override

from common import units


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (0, "0 s", "0초"),
        (45, "45 s", "45초"),
        (720, "12 min", "12분"),
        (725, "12 min 5 s", "12분 5초"),
        (19_200, "5 h 20 min", "5시간 20분"),
        (18_000, "5 h", "5시간"),
        (86_400, "1 day", "1일"),
        (3 * 86_400 + 4 * 3600, "3 days 4 h", "3일 4시간"),
        (30 * 86_400 + 3600, "30 days", "30일"),
    ],
)
def test_duration_has_two_units_at_most(seconds: int, english: str, korean: str) -> None:
    with override("en"):
        assert units.duration(seconds) == english
    with override("ko-kr"):
        assert units.duration(seconds) == korean


@pytest.mark.parametrize(("seconds", "text"), [(5, "just now"), (119, "1 min ago"), (90_000, "1 day ago")])
def test_ago_has_one_unit(seconds: int, text: str) -> None:
    with override("en"):
        assert units.ago(seconds) == text


def test_thousands_are_separated() -> None:
    with override("en"):
        assert (units.people(1), units.people(12_345)) == ("1 person", "12,345 people")
    with override("ko-kr"):
        assert units.pictures(4_161_226) == "사진 4,161,226장"


@pytest.mark.parametrize(("share", "text"), [(0.0, "0 %"), (0.002, "0.2 %"), (0.25, "25 %"), (1.0, "100 %")])
def test_small_shares_keep_a_decimal(share: float, text: str) -> None:
    with override("en"):
        assert units.percent(share) == text
