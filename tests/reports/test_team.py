"""GET /api/reports/team/, its page in the admin site, and what nobody can tell from the sums"""

from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts import roles
from accounts.models import Sharing, User
from accounts.services import user_create
from reports.models import Report, TeamWeek
from reports.team import services
from reports.team.sums import CAPS, HOUR_S, MIN_DESK_S, MIN_PEOPLE, PEOPLE_STEP, PersonWeek, TeamSums, team_sums
from reports.team.views import STEPS
from tests.conftest import PASSWORD, ApiClient

TEAM = "reports/team/"
MONDAY = date(2026, 11, 16)
WEEK = PersonWeek(desk_s=30 * HOUR_S, good_s=20 * HOUR_S, known_s=28 * HOUR_S, breaks=30, wrong_alarms=2)

# --- What nobody can tell ---

person_weeks = st.builds(
    PersonWeek,
    desk_s=st.integers(0, 2 * CAPS.desk_s),
    good_s=st.integers(0, 2 * CAPS.good_s),
    known_s=st.integers(0, 2 * CAPS.known_s),
    breaks=st.integers(0, 2 * CAPS.breaks),
    wrong_alarms=st.integers(0, 2 * CAPS.wrong_alarms),
)
weeks_of_others = st.lists(st.lists(person_weeks, max_size=12), min_size=1, max_size=6)
STEP_OF = {"people": PEOPLE_STEP, "breaks": CAPS.breaks, "wrong_alarms": CAPS.wrong_alarms}
STEP_OF |= dict.fromkeys(["desk_hours", "good_hours", "known_hours"], CAPS.desk_s // HOUR_S)


def views(others: list[list[PersonWeek]], one: list[PersonWeek | None]) -> list[TeamSums | None]:
    """All that is ever published, if one person does that in those weeks; None: they are not there."""
    return [team_sums([*week, *([own] if own else [])]) for week, own in zip(others, one, strict=True)]


@given(st.data(), weeks_of_others)
def test_two_worlds_that_differ_in_one_person_are_neighbours(data: Any, others: list[list[PersonWeek]]) -> None:
    """Somebody who has all published weeks, and knows all of everybody else's, sees figures one step apart at most."""
    lives = st.lists(st.none() | person_weeks, min_size=len(others), max_size=len(others))
    one, other = views(others, data.draw(lives)), views(others, data.draw(lives))
    for first, second in zip(one, other, strict=True):
        if first is None or second is None:
            continue  # fewer than five with or without them: withheld, the next test
        for name, step in STEP_OF.items():
            assert abs(getattr(first, name) - getattr(second, name)) in (0, step), name


@given(st.lists(person_weeks, max_size=12), person_weeks)
def test_week_is_withheld_or_not_by_the_number_of_people_alone(others: list[PersonWeek], own: PersonWeek) -> None:
    there = sum(person.desk_s >= MIN_DESK_S for person in [*others, own])
    assert (team_sums([*others, own]) is None) == (there < MIN_PEOPLE)


@given(st.lists(st.builds(replace, person_weeks, desk_s=st.integers(MIN_DESK_S)), min_size=5), person_weeks)
def test_differences_of_weeks_are_neighbours_too(week: list[PersonWeek], own: PersonWeek) -> None:
    """Of two weeks with the same others, between which somebody left: the difference is a step or none."""
    with_them, without = views([week, week], [own, None])
    assert with_them
    assert without
    for name, step in STEP_OF.items():
        assert abs(getattr(with_them, name) - getattr(without, name)) in (0, step), name


def test_unrounded_sums_would_fail_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.team.sums._rounded_sum", lambda values, cap: sum(values))
    one, other = views([[WEEK] * 5], [WEEK]), views([[WEEK] * 5], [None])
    assert one[0]
    assert other[0]
    assert one[0].desk_hours - other[0].desk_hours == 30


def test_figures_are_sums_rounded_to_what_one_person_adds() -> None:
    assert team_sums([WEEK] * 12) == TeamSums(
        people=10, desk_hours=360, good_hours=240, known_hours=320, breaks=350, wrong_alarms=20
    )


def test_nobody_adds_more_than_a_full_week() -> None:
    tireless = replace(WEEK, **{field.name: 10 * getattr(CAPS, field.name) for field in fields(CAPS)})
    sums = team_sums([WEEK] * 4 + [tireless])
    assert sums
    assert (sums.desk_hours, sums.breaks) == (160, 150)


@pytest.mark.parametrize(("desk_s", "published"), [(MIN_DESK_S, True), (MIN_DESK_S - 1, False)])
def test_who_was_there_for_a_moment_is_not_one_of_the_five(desk_s: int, published: bool) -> None:
    assert (team_sums([WEEK] * 4 + [replace(WEEK, desk_s=desk_s)]) is not None) is published


# --- Publishing ---


@pytest.fixture
def team(db: None) -> list[User]:
    people = [user_create(username=f"person-{number}", password=PASSWORD) for number in range(6)]
    for person in people:
        work(person, MONDAY)
    return people


def work(person: User, day: date) -> None:
    """A week in one report."""
    moment = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    Report.objects.create(
        user=person,
        blink_cnt=1,
        neck_cnt=1,
        stretching_cnt=1,
        start_time="x",
        end_time="x",
        started_at=moment,
        ended_at=moment,
        day=day,
        active_s=WEEK.desk_s,
        good_s=WEEK.good_s,
        bad_s=WEEK.known_s - WEEK.good_s,
        rests=WEEK.breaks,
        wrong_alarms=WEEK.wrong_alarms,
    )


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_day(day: date) -> None:
        monkeypatch.setattr("reports.team.services.timezone.localdate", lambda: day)

    set_day(MONDAY + timedelta(days=9))
    return set_day


def published(day: date = MONDAY) -> dict[str, Any]:
    names = [field.name for field in fields(TeamSums)]
    return dict(TeamWeek.objects.values(*names).get(first_day=day))


@pytest.mark.usefixtures("at")
def test_week_is_published_as_its_sums(team: list[User]) -> None:
    services.weeks_publish()
    expected = team_sums([WEEK] * 6)
    assert expected
    assert published() == asdict(expected)
    assert published(MONDAY - timedelta(weeks=1))["people"] is None


def test_week_is_published_two_days_after_its_end(team: list[User], at: Any) -> None:
    at(MONDAY + timedelta(days=8))
    services.weeks_publish()
    assert not TeamWeek.objects.filter(first_day__gte=MONDAY).exists()
    at(MONDAY + timedelta(days=9))
    services.weeks_publish()
    assert TeamWeek.objects.filter(first_day__gte=MONDAY).count() == 1


@pytest.mark.usefixtures("at")
def test_published_week_stays_as_it_is(team: list[User]) -> None:
    """Whoever leaves, opts out or signs up later: a second version would be a difference to look at."""
    services.weeks_publish()
    before = published()
    team[0].delete()
    Sharing.objects.create(user=team[1], in_team_sums=False)
    work(user_create(username="late", password=PASSWORD), MONDAY)
    assert services.weeks_publish() == 0
    assert published() == before


@pytest.mark.usefixtures("at")
def test_withheld_week_stays_withheld(team: list[User]) -> None:
    for person in team[4:]:
        person.delete()
    services.weeks_publish()
    for number in range(3):
        work(user_create(username=f"made-up-{number}", password=PASSWORD), MONDAY)
    services.weeks_publish()
    assert set(published().values()) == {None}


@pytest.mark.usefixtures("at")
def test_who_opted_out_is_in_no_later_week(team: list[User]) -> None:
    for person in team[4:]:
        Sharing.objects.create(user=person, in_team_sums=False)
    services.weeks_publish()
    assert published()["people"] is None


@pytest.mark.usefixtures("at")
def test_version_1s_reports_are_not_in_it(team: list[User]) -> None:
    """Nobody knows for how long those were at the desk; anybody could send them, too."""
    Report.objects.filter(user__in=team[4:]).update(active_s=None)
    services.weeks_publish()
    assert published()["people"] is None


# --- Who sees it ---


def client_of(role: str) -> ApiClient:
    user = user_create(username=role, password=PASSWORD)
    if role == "owner":
        User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
    elif role != "user":
        roles.appoint(user=user, role=role)
    user.refresh_from_db()
    return ApiClient(user)


@pytest.mark.usefixtures("at")
@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("operator", 200), ("auditor", 404), ("user", 404)])
def test_sums_are_for_those_who_run_the_service(team: list[User], role: str, status: int) -> None:
    services.weeks_publish()
    client = client_of(role)
    response = client("get", TEAM)
    assert response.status_code == status
    admin = Client()
    admin.force_login(client.user)
    page = admin.get("/api/admin/reports/teamweek/")
    assert page.status_code == {200: 200, 404: 302 if role == "user" else 403}[status]
    if status == 200:
        newest, older, *_ = response.json()["weeks"]
        assert newest["first_day"] == "2026-11-16"
        assert (newest["withheld"], newest["people"], newest["good_share"]) == (False, 5, 120 / 160)
        assert older == dict.fromkeys(newest) | {"first_day": "2026-11-09", "withheld": True}
        assert response.json()["steps"] == STEPS
        text = page.content.decode()
        assert "75%" in text
        assert "withheld: fewer than five people" in text


def test_operator_whose_role_ended_sees_nothing_more(db: None) -> None:
    client = client_of("operator")
    roles.appoint(user=client.user, role=roles.NOBODY)
    assert client("get", TEAM).status_code == 404


def test_there_are_no_filters(db: None) -> None:
    client = client_of("operator")
    admin = Client()
    admin.force_login(client.user)
    assert admin.get("/api/admin/reports/teamweek/add/").status_code == 403
    assert not admin.get("/api/admin/reports/teamweek/").context["cl"].has_filters


def test_sums_need_a_login(client: Client, db: None) -> None:
    assert client.get(f"/api/{TEAM}").status_code == 401
