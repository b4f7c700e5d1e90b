"""The quarter hours and outlines that a session leaves behind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ai_models.outlines import unpack_outline
from detections.models import Episode, Session
from reports.models import Quarter
from tests.conftest import ApiClient
from tests.detections.sessions.desk import Desk, at, leaning_in, nobody, upright

pytestmark = [
    pytest.mark.usefixtures("known_pictures"),
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor == "mysql", reason="sessions go by MySQL's clock, which no test can set"),
]


def starts() -> list[str]:
    return [f"{quarter.starts_at.astimezone(UTC):%M}" for quarter in Quarter.objects.all()]


def writes(desk: Desk, frame: bytes) -> list[str]:
    """The tables that a frame writes to."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        desk.frame(frame)
    statements = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    return [sql.split('"')[1] for sql in statements if "archive" not in sql and "mongos" not in sql]


def test_quarter_is_written_with_the_first_frame_of_the_next(office: Desk) -> None:
    at(office, "Asia/Kathmandu", 9, 14)  # in UTC 45 minutes off the hour
    office.calibrate().frames(upright(), 5)
    assert Quarter.objects.count() == 0
    assert "reports_quarter" not in writes(office, upright())
    before = len(queries_of(office))
    office.now = office.now.replace(second=59) + timedelta(seconds=1)
    tables = writes(office, upright())
    assert tables.count("reports_quarter") == 1
    assert "reports_quarter" not in writes(office, upright())
    assert len(queries_of(office)) == before
    [quarter] = Quarter.objects.all()
    assert (quarter.starts_at.minute % 15, str(quarter.session_id)) == (0, office.id)
    assert quarter.good_s == quarter.desk_s == pytest.approx(7, abs=1)


def queries_of(desk: Desk) -> list[Any]:
    with CaptureQueriesContext(connection) as queries:
        desk.frame(upright())
    return list(queries)


def test_quarters_of_a_session_add_up_to_its_report(office: Desk) -> None:
    at(office, "Asia/Seoul", 9, 14)
    office.calibrate().frames(upright(), 15, every_s=3)
    office.frames(leaning_in(), 20, every_s=3)
    office.frames(nobody(), 20)
    office.now += timedelta(minutes=20)
    office.frames(upright(), 5, every_s=3)
    report = office.call("stop")["report"]
    quarters = list(Quarter.objects.all())
    assert starts() == ["00", "15", "30"]
    for column in ("good_s", "bad_s", "rests", "watched_s"):
        assert sum(getattr(quarter, column) for quarter in quarters) == pytest.approx(report[column], abs=0.01)
    assert sum(quarter.desk_s for quarter in quarters) == pytest.approx(report["active_s"], abs=0.01)
    assert sum(quarter.neck for quarter in quarters) == report["neck_cnt"] == 1
    assert [quarter.rests for quarter in quarters] == [0, 0, 1]
    assert quarters[1].closer_s == quarters[1].bad_s > 10
    assert quarters[1].worst_closer > 1.5


def test_part_of_a_divided_session_keeps_its_quarters(office: Desk) -> None:
    at(office, "Asia/Seoul", 23, 59)
    office.calibrate().frames(upright(), 30, every_s=3)
    office.call("stop")
    first, second = Session.objects.order_by("started_at")
    assert [quarter.session_id for quarter in Quarter.objects.all()] == [first.pk, second.pk]
    assert [quarter.desk_s > 10 for quarter in Quarter.objects.all()] == [True, True]


def test_command_after_a_quarter_writes_it_once(office: Desk) -> None:
    at(office, "Asia/Seoul", 9, 14)
    office.calibrate().frames(upright(), 5)
    office.now += timedelta(minutes=1)
    office.call("pause")
    office.now += timedelta(minutes=20)
    office.call("resume")
    office.frames(upright(), 5)
    office.call("stop")
    assert starts() == ["00", "30"]


def test_deleting_a_report_deletes_its_quarters(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 3)
    report = desk.call("stop")["report"]
    assert Quarter.objects.count() >= 1
    assert desk.person("delete", f"reports/{report['id']}/").status_code == 204
    assert Quarter.objects.count() == 0


def test_attempt_without_anybody_leaves_none(desk: Desk) -> None:
    desk.start()
    desk.frames(nobody(), 3)
    desk.call("stop")
    assert Quarter.objects.count() == 0


# --- Outlines ---


def test_answer_has_the_outline_now_and_at_best(desk: Desk) -> None:
    desk.start()
    assert desk.frame(nobody())["outlines"] == {"now": None, "best": None}
    desk.frames(upright(), 8)
    answer = desk.frame(leaning_in())
    now, best = answer["outlines"]["now"], answer["outlines"]["best"]
    assert (now["width"], now["height"], len(now["points"])) == (640, 480, 36)
    assert _width(now) == pytest.approx(1.2 * _width(best), rel=0.1)
    assert now["points"][:17] == answer["face"]["outline"]


def test_bad_posture_keeps_the_outline_of_its_start(desk: Desk) -> None:
    desk.calibrate().frames(leaning_in(), 10)
    [episode] = Episode.objects.filter(kind="bad_posture")
    best = desk.read()["outlines"]["best"]
    report = desk.call("stop")["report"]["id"]
    timeline = desk.person("get", f"reports/{report}/timeline/").json()
    outlines = {shown["kind"]: shown["outline"] for shown in timeline["episodes"]}
    assert outlines["bad_posture"] == unpack_outline(bytes(episode.outline or b""))
    assert _width(outlines["bad_posture"]) > 1.1 * _width(best)
    assert timeline["best_outline"] == best


def test_day_has_the_outlines_of_its_quarters(desk: Desk) -> None:
    desk.calibrate().frames(upright(), 5)
    best = desk.read()["outlines"]["best"]
    desk.call("stop")
    day = datetime.now(UTC).date()
    days = [desk.person("get", f"reports/outlines/?date={day + timedelta(days=back)}").json() for back in (-1, 0, 1)]
    found = [outline for answer in days for outline in answer["outlines"]]
    assert {(shown["session"], shown["good_share"]) for shown in found} == {(desk.id, 1.0)}
    assert {"session": desk.id, "outline": best} in [shown for answer in days for shown in answer["best"]]
    assert _width(found[0]["outline"]) == pytest.approx(_width(best), rel=0.05)


def test_stranger_sees_no_outlines(desk: Desk, stranger: ApiClient) -> None:
    desk.calibrate().frames(upright(), 5)
    desk.call("stop")
    assert stranger("get", "reports/outlines/").json()["outlines"] == []


def _width(outline: Any) -> float:
    right, left = outline["points"][0], outline["points"][16]
    return float(left[0] - right[0])
