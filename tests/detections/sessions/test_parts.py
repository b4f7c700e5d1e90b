"""A session that is left open: each day has its own report, and so has what was before a long absence or silence."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from detections.models import Episode, Session, WrongAlarm
from detections.sessions import finish
from reports.models import Report
from tests.detections.sessions.desk import Desk, at, leaning_in, nobody, upright

pytestmark = [
    pytest.mark.usefixtures("known_pictures"),
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor == "mysql", reason="sessions go by MySQL's clock, which no test can set"),
]
HOUR_S = 3600.0


def buckets(desk: Desk) -> dict[str, float]:
    """Active minutes by day."""
    day = desk.now.astimezone(ZoneInfo(desk.person("get", "accounts/time-zone/").json()["time_zone"])).date()
    query = f"from={day - timedelta(days=2)}&to={day}"
    found = desk.person("get", f"reports/summary/?{query}").json()["buckets"]
    return {bucket["first_day"]: bucket["active_s"] / 60 for bucket in found if bucket["sessions"]}


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York"])
def test_work_over_midnight_belongs_to_two_days(office: Desk, zone: str) -> None:
    at(office, zone, 23, 58)
    first = office.now.astimezone(ZoneInfo(zone)).date()
    office.calibrate().frames(upright(), 30, every_s=3)
    office.frames(upright(), 40, every_s=3)
    response = office.call("stop")
    assert response["session"]["active_s"] == pytest.approx(90, abs=6)
    assert buckets(office) == {
        str(first): pytest.approx(2, abs=0.15),
        str(first + timedelta(days=1)): pytest.approx(1.5, abs=0.15),
    }
    for report in Report.objects.all():
        started, ended = (moment.astimezone(ZoneInfo(zone)) for moment in (report.started_at, report.ended_at))
        assert started.date() == ended.date() or ended - started < timedelta(minutes=3)


@pytest.mark.parametrize("frames_between", [0, 30])
def test_tab_left_open_over_night(office: Desk, frames_between: int) -> None:
    at(office, "Asia/Seoul", 22)
    office.calibrate().frames(leaning_in(), 60, every_s=3)
    left_at = office.now
    office.frames(nobody(), 20)
    if frames_between:
        office.frames(nobody(), frames_between, every_s=11 * HOUR_S / frames_between)
    else:
        office.now += timedelta(hours=11)
    came_at = office.now
    answer = office.frames(upright(), 120, every_s=3)
    assert (answer["state"], answer["counts"]["neck"]) == ("monitoring", 0)
    assert answer["active_s"] == pytest.approx(360, abs=10)
    evening, morning = Report.objects.order_by("pk")[0], office.call("stop")["report"]
    assert (evening.neck_cnt, evening.rests, morning["neck_cnt"], morning["rests"]) == (1, 0, 0, 0)
    assert evening.active_s == pytest.approx(180, abs=10)
    assert abs(evening.ended_at - left_at) < timedelta(seconds=5)
    assert abs(datetime.fromisoformat(morning["start_time"]) - came_at) < timedelta(seconds=30)
    timeline = office.person("get", f"reports/{evening.pk}/timeline/").json()
    assert "neck" in {episode["kind"] for episode in timeline["episodes"]}
    assert all(episode["ended_at"] for episode in timeline["episodes"])


def test_lunch_does_not_divide(office: Desk) -> None:
    at(office, "Asia/Seoul", 12)
    office.calibrate().frames(upright(), 10, every_s=3)
    office.frames(nobody(), 20)
    office.now += timedelta(hours=1)
    office.frames(upright(), 10, every_s=3)
    report = office.call("stop")["report"]
    assert (Report.objects.count(), report["rests"]) == (1, 1)


def test_closed_tab_is_reported_within_minutes_and_may_come_back(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at(office, "Asia/Seoul", 9)
    office.calibrate().frames(upright(), 60, every_s=3)
    monkeypatch.setattr("detections.sessions.finish.timezone.now", lambda: office.now)
    office.now += timedelta(minutes=9)
    assert finish.report_silent() == 0
    office.now += timedelta(minutes=2)
    assert finish.report_silent() == 1
    assert finish.report_silent() == 0
    [report] = Report.objects.all()
    assert report.active_s == pytest.approx(180, abs=6)
    assert report.ended_at - report.started_at < timedelta(minutes=4)
    office.now += timedelta(minutes=30)
    came_at = office.now
    answer = office.frames(upright(), 30, every_s=3)
    assert (answer["state"], answer["posture"]["state"]) == ("monitoring", "good")  # nothing to calibrate again
    later = office.call("stop")["report"]
    assert later["active_s"] == pytest.approx(90, abs=6)
    assert abs(datetime.fromisoformat(later["start_time"]) - came_at) < timedelta(seconds=10)


def test_nothing_is_reported_of_a_silent_session_without_results(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    office.calibrate()
    monkeypatch.setattr("detections.sessions.finish.timezone.now", lambda: office.now)
    office.now += timedelta(hours=13)
    finish.report_silent()
    assert finish.end_abandoned() in (0, 1)
    office.now += timedelta(hours=13)
    finish.end_abandoned()
    assert (Report.objects.count(), Session.objects.filter(running=True).count()) == (0, 0)


def test_running_session_counts_in_the_summary(office: Desk) -> None:
    at(office, "Asia/Seoul", 10)
    office.calibrate()
    assert buckets(office) == {}
    office.frames(upright(), 40, every_s=3)
    [running] = buckets(office).values()
    office.call("stop")
    assert list(buckets(office).values()) == [pytest.approx(running, abs=0.1)] == [pytest.approx(2, abs=0.1)]


def test_parts_keep_their_episodes_to_themselves(office: Desk) -> None:
    at(office, "Asia/Seoul", 20)
    office.calibrate().frames(leaning_in(), 40, every_s=1)
    office.now += timedelta(hours=3)
    office.frames(leaning_in(), 40, every_s=1)
    office.call("stop")
    assert Session.objects.count() == Report.objects.count() == 2
    for session in Session.objects.all():
        kinds = [episode.kind for episode in Episode.objects.filter(session=session)]
        assert {"bad_posture", "neck"} <= set(kinds)
        assert len(kinds) == len(set(kinds))


def test_wrong_alarms_stay_with_the_part_that_they_were_in(office: Desk) -> None:
    at(office, "Asia/Seoul", 10)
    office.person("put", "accounts/alarms/", {"neck_time": 5, "blink_on": False})
    office.calibrate().frames(upright(), 2)
    (alarm,) = office.frames(leaning_in(), 10)["alarms"]
    office.call(f"alarms/{alarm['id']}/wrong")
    office.frame(upright(), after_s=3 * HOUR_S)
    margins = office.frames(upright(), 3)["posture"]["margins"]
    part = Session.objects.exclude(pk=office.id).get()
    assert WrongAlarm.objects.get().session_id == part.pk
    assert (Report.objects.get().wrong_alarms, office.state()["totals"]["wrong_alarms"]) == (1, 0)
    assert margins["closer"]["limit"] == 1.105


def test_snooze_and_meeting_last_over_midnight(office: Desk) -> None:
    at(office, "Asia/Seoul", 23, 58)
    office.calibrate().frames(upright(), 3)
    office.call("snooze", {"kind": "rest", "seconds": 3600})
    office.call("snooze", {"meeting": True})
    snoozed = office.frames(upright(), 60, every_s=3)["snoozed"]
    assert Session.objects.count() == 2
    assert [(silenced["kind"], silenced["reason"]) for silenced in snoozed] == [("rest", "snooze"), (None, "meeting")]
