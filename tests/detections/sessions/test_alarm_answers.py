"""POST /api/detections/sessions/{id}/alarms/{alarm_id}/dismiss/, wrong/ and postpone/"""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from common.telemetry import metrics
from detections.models import Episode, WrongAlarm
from reports.models import Report
from tests.conftest import ApiClient
from tests.detections.frames import NECK, neck_body
from tests.detections.sessions.desk import SESSIONS, Desk, leaning_in, upright

pytestmark = pytest.mark.usefixtures("known_pictures")

ANSWERS = [("post", "dismiss"), ("post", "wrong"), ("delete", "wrong"), ("post", "postpone")]


@pytest.fixture
def alarmed(desk: Desk) -> Desk:
    """A session with a neck alarm on, as its only one."""
    desk.person("put", "accounts/alarms/", {"neck_time": 5, "blink_on": False})
    desk.calibrate().frames(upright(), 2)
    desk.frames(leaning_in(), 10)
    return desk


@pytest.fixture
def resting(desk: Desk) -> Desk:
    """A session whose rest is due in 8 seconds."""
    User.objects.update(rest_time=20, blink_on=False, break_notice_s=10)
    return with_rest_in_8_s(desk.calibrate())


def with_rest_in_8_s(desk: Desk) -> Desk:
    desk.frames(upright(), 12)
    return desk


def alarm_of(desk: Desk) -> int:
    (alarm,) = (alarm for alarm in desk.read()["alarms"] if alarm["ended_at"] is None)
    return int(alarm["id"])


def take_back(desk: Desk, number: int) -> Any:
    response = desk.person("delete", f"{desk.path}alarms/{number}/wrong/")
    assert response.status_code == 200, response.content
    return response.json()


def limit(response: Any, fault: str = "closer") -> float:
    return float(response["posture"]["margins"][fault]["limit"])


def open_kinds(response: Any) -> list[str]:
    return [alarm["kind"] for alarm in response["alarms"] if alarm["ended_at"] is None]


# --- dismiss/ ---


def test_dismissed_alarm_ends_and_stays_away_until_posture_was_good(alarmed: Desk) -> None:
    number = alarm_of(alarmed)
    response = alarmed.call(f"alarms/{number}/dismiss")
    (alarm,) = response["alarms"]
    assert (alarm["id"], alarm["ended_by"], alarm["ended_at"] is None) == (number, "dismissed", False)
    assert Episode.objects.get(number=number).ended_at is not None
    assert alarmed.frames(leaning_in(), 10)["alarms"] == []
    alarmed.frames(upright(), 5)
    assert open_kinds(alarmed.frames(leaning_in(), 10)) == ["neck"]


def test_dismissing_twice_is_harmless(alarmed: Desk) -> None:
    number = alarm_of(alarmed)
    answers = [alarmed.call(f"alarms/{number}/dismiss") for _ in range(2)]
    assert [answer["accepted"] for answer in answers] == [True, False]
    assert answers[1]["alarms"] == []


# --- wrong/ ---


def test_wrong_alarm_is_kept_and_tunes_the_limit_that_raised_it(alarmed: Desk) -> None:
    number = alarm_of(alarmed)
    told = metrics.alarms_wrong["neck"]._value.get()
    response = alarmed.call(f"alarms/{number}/wrong")
    assert [alarm["ended_by"] for alarm in response["alarms"]] == ["wrong"]
    after = alarmed.frame(leaning_in())
    assert (limit(after), limit(after, "lower"), limit(after, "tilted")) == (1.105, 0.15, 10.0)
    row, episode = WrongAlarm.objects.get(), Episode.objects.get(number=number)
    assert (row.user_id, row.kind, row.faults) == (alarmed.person.user.pk, "neck", "closer")
    assert (row.session_id, row.started_at) == (episode.session_id, episode.started_at)
    assert timezone.now() - row.told_at < timedelta(minutes=1)
    assert metrics.alarms_wrong["neck"]._value.get() - told == 1


def test_alarm_told_wrong_twice_counts_once(alarmed: Desk) -> None:
    number = alarm_of(alarmed)
    answers = [alarmed.call(f"alarms/{number}/wrong") for _ in range(3)]
    assert [answer["accepted"] for answer in answers] == [True, False, False]
    assert (WrongAlarm.objects.count(), limit(alarmed.frame(leaning_in()))) == (1, 1.105)


def test_alarm_that_has_ended_can_be_told_wrong(alarmed: Desk) -> None:
    number = alarm_of(alarmed)
    alarmed.frames(upright(), 5)
    assert alarmed.call(f"alarms/{number}/wrong")["accepted"]
    assert WrongAlarm.objects.get().faults == "closer"


def test_wrong_alarm_can_be_taken_back(alarmed: Desk) -> None:
    number = alarm_of(alarmed)
    alarmed.call(f"alarms/{number}/wrong")
    assert [take_back(alarmed, number)["accepted"] for _ in range(2)] == [True, False]
    assert (WrongAlarm.objects.exists(), limit(alarmed.frame(leaning_in()))) == (False, 1.1)


def test_next_session_starts_with_the_tuned_limits(alarmed: Desk) -> None:
    alarmed.call(f"alarms/{alarm_of(alarmed)}/wrong")
    assert limit(Desk(alarmed.person, now=alarmed.now).calibrate().frame(upright())) == 1.105


def test_wrong_alarms_count_for_30_days(alarmed: Desk) -> None:
    alarmed.call(f"alarms/{alarm_of(alarmed)}/wrong")
    WrongAlarm.objects.update(told_at=timezone.now() - timedelta(days=31))
    assert limit(Desk(alarmed.person, now=alarmed.now).calibrate().frame(upright())) == 1.1


def test_wrong_alarms_of_others_tune_nothing(alarmed: Desk, stranger: ApiClient) -> None:
    alarmed.call(f"alarms/{alarm_of(alarmed)}/wrong")
    assert limit(Desk(stranger).calibrate().frame(upright())) == 1.1


def test_wrong_alarms_never_change_version_1(alarmed: Desk) -> None:
    body = neck_body(leaning_in(), cnt=4, face_x_mean=76, face_y_mean=107, nose_mean=19)
    before = alarmed.person("post", NECK, body).json()
    alarmed.call(f"alarms/{alarm_of(alarmed)}/wrong")
    assert alarmed.person("post", NECK, body).json() == before


def test_wrong_alarms_are_gone_with_their_report(alarmed: Desk) -> None:
    alarmed.call(f"alarms/{alarm_of(alarmed)}/wrong")
    report = alarmed.call("stop")["report"]["id"]
    assert alarmed.person("delete", f"reports/{report}/").status_code == 204
    assert not WrongAlarm.objects.exists()


def test_wrong_alarms_are_exported_and_erased_with_their_user(alarmed: Desk) -> None:
    number = alarm_of(alarmed)
    alarmed.call(f"alarms/{number}/wrong")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(alarmed.person("get", "accounts/export/"))))
    (row,) = json.loads(archive.read("account.json"))["wrong_alarms"]
    assert (row["session"], row["id"], row["kind"], row["faults"]) == (alarmed.id, number, "neck", ["closer"])
    assert alarmed.person("delete", "accounts/").status_code == 204
    assert not WrongAlarm.objects.exists()


def test_summary_counts_wrong_alarms_of_the_running_session_and_of_reports(alarmed: Desk) -> None:
    alarmed.call(f"alarms/{alarm_of(alarmed)}/wrong")

    def total() -> Any:
        return alarmed.person("get", "reports/summary/").json()["total"]

    assert (total()["wrong_alarms"], total()["wrong_alarms_per_8_h"]) == (1, None)
    alarmed.call("stop")
    Report.objects.update(active_s=7200.0)
    assert (total()["wrong_alarms"], total()["wrong_alarms_per_8_h"]) == (1, 4.0)


# --- postpone/ ---


def test_rest_is_announced_and_postponed_before_it(resting: Desk) -> None:
    upcoming = resting.read()["upcoming"]
    assert upcoming == {"id": 0, "kind": "rest", "in_s": upcoming["in_s"], "postponements_left": 2}
    assert 6 <= upcoming["in_s"] <= 9
    postponed = resting.call("alarms/0/postpone")
    assert (postponed["accepted"], postponed["upcoming"]) == (True, None)
    assert not resting.call("alarms/0/postpone")["accepted"], "a repeat must not postpone once more"
    assert resting.frames(upright(), 12)["alarms"] == []


def test_rest_is_postponed_twice_at_most(resting: Desk) -> None:
    for left in (True, True, False):
        resting.frames(upright(), 10)
        number = alarm_of(resting)
        response = resting.person("post", f"{resting.path}alarms/{number}/postpone/")
        assert response.status_code == (200 if left else 409)
        if left:
            assert [alarm["ended_by"] for alarm in response.json()["alarms"]] == ["postponed"]
            assert not resting.call(f"alarms/{number}/postpone")["accepted"]
            resting.frames(upright(), 30, every_s=10)


def test_only_a_break_can_be_postponed(alarmed: Desk) -> None:
    assert alarmed.person("post", f"{alarmed.path}alarms/{alarm_of(alarmed)}/postpone/").status_code == 409
    assert not alarmed.call("alarms/0/postpone")["accepted"]
    assert open_kinds(alarmed.frame(leaning_in())) == ["neck"]


# --- All of them ---


@pytest.mark.parametrize(("method", "answer"), ANSWERS)
def test_what_is_no_alarm_is_404(alarmed: Desk, method: str, answer: str) -> None:
    spans = list(Episode.objects.exclude(kind="neck").values_list("number", flat=True))
    assert spans
    unknown = [*spans, 99, 2**31, 2**63, 10**30] + ([] if answer == "postpone" else [0])
    for number in unknown:
        assert alarmed.person(method, f"{alarmed.path}alarms/{number}/{answer}/").status_code == 404, number
    assert (open_kinds(alarmed.read()), WrongAlarm.objects.exists()) == (["neck"], False)


@pytest.mark.parametrize(("method", "answer"), ANSWERS)
def test_strangers_and_anonymous_callers_change_nothing(
    alarmed: Desk, stranger: ApiClient, client: Client, method: str, answer: str
) -> None:
    path = f"{alarmed.path}alarms/{alarm_of(alarmed)}/{answer}/"
    assert stranger(method, path).status_code == 404
    other = Desk(stranger)
    other.start()
    assert stranger(method, f"{SESSIONS}{other.id}/alarms/{alarm_of(alarmed)}/{answer}/").status_code == 404
    assert getattr(client, method)(f"/api/{path}").status_code == 401
    assert (open_kinds(alarmed.read()), WrongAlarm.objects.exists()) == (["neck"], False)


@pytest.mark.parametrize(("method", "answer"), ANSWERS)
def test_alarm_of_an_ended_session_is_answered_no_more(alarmed: Desk, method: str, answer: str) -> None:
    path = f"{alarmed.path}alarms/{alarm_of(alarmed)}/{answer}/"
    alarmed.call("stop")
    assert alarmed.person(method, path).status_code == 409
