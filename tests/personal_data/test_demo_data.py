"""`manage.py demo_data`"""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from detections.models import Episode, Session, WrongAlarm
from personal_data.demo import services
from reports.models import Goal, Quarter, Report
from tests.conftest import PASSWORD, ApiClient

pytestmark = pytest.mark.django_db
PEOPLE, WEEKS = 9, 2
MODELS = (User, Session, Episode, WrongAlarm, Report, Quarter, Goal)


def demo_data(*arguments: str) -> str:
    out = StringIO()
    call_command("demo_data", *arguments, stdout=out)
    return out.getvalue()


def counts() -> list[int]:
    return [model.objects.count() for model in MODELS]


def test_made_people_have_weeks_that_agree_with_themselves() -> None:
    demo_data(f"--people={PEOPLE}", f"--weeks={WEEKS}")
    assert User.objects.count() == PEOPLE
    first_names = "".join(User.objects.values_list("first_name", flat=True))
    assert re.search("[가-힣]", first_names)
    assert re.search("[A-Z]", first_names)
    for report in Report.objects.all():
        quarters = list(Quarter.objects.filter(session__report=report))
        assert report.ended_at - report.started_at < timedelta(hours=6)
        for column in ("good_s", "bad_s", "watched_s"):
            assert sum(getattr(row, column) for row in quarters) == pytest.approx(getattr(report, column), abs=0.1)
        assert report.neck_cnt == sum(row.neck for row in quarters)
        assert report.neck_cnt >= Episode.objects.filter(session__report=report, kind="neck").count()
        assert all(row.desk_s <= 900 and row.good_s + row.bad_s <= row.desk_s for row in quarters)
        assert all(row.starts_at.minute % 15 == 0 for row in quarters)


def test_some_of_them_stopped() -> None:
    demo_data(f"--people={PEOPLE}", f"--weeks={WEEKS}")
    last = Report.objects.latest("started_at").started_at
    stopped = [user for user in User.objects.all() if not user.reports.filter(started_at__gt=last - timedelta(days=4))]
    assert 1 <= len(stopped) < PEOPLE / 2


def test_one_password_opens_all(db: None) -> None:
    printed = demo_data("--people=2", "--weeks=1")
    password = printed.split()[-1]
    for user in User.objects.all():
        body = {"username": user.username, "password": password}
        answer: Any = Client().post("/api/accounts/login/", body, content_type="application/json")
        assert answer.status_code == 200
        headers = {"Authorization": f"Bearer {answer.json()['access']}"}
        week = Client().get("/api/reports/summary/?bucket=week", headers=headers).json()
        assert week["total"]["sessions"] == user.reports.count() > 0


def test_other_users_are_left_alone(owner: ApiClient) -> None:
    with pytest.raises(CommandError, match="other users"):
        demo_data("--people=2", "--weeks=1")
    before = counts()
    demo_data("--people=2", "--weeks=1", "--force")
    with pytest.raises(CommandError, match="already"):
        demo_data("--people=2", "--weeks=1", "--force")
    assert demo_data("--delete") == "2 made people were removed with everything of theirs.\n"
    assert counts() == before
    assert demo_data("--delete").startswith("0 ")


def test_same_seed_makes_the_same_days() -> None:
    found = []
    for _ in range(2):
        services.demo_create(people=2, weeks=1, password=PASSWORD, now=datetime(2026, 11, 27, tzinfo=UTC))
        found.append(list(Report.objects.order_by("started_at", "user__username").values_list("started_at", "good_s")))
        services.demo_delete()
    assert found[0] == found[1] != []


@pytest.mark.parametrize("arguments", [("--people=0",), ("--weeks=0",), ("--people=100000",)])
def test_amounts_without_sense_are_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="people and 1 to"):
        demo_data(*arguments)
