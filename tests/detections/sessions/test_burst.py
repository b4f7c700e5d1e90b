"""POST /api/detections/sessions/{id}/frames/ with a burst of frames."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ai_models.vision.engine import FastEngine
from detections.models import Session
from tests import pictures
from tests.detections.sessions.desk import BOUNDARY, FORM, Desk, eyes_closed, form, leaning_in, nobody, upright

BLINKING = [upright()] * 20 + [eyes_closed()] * 3 + [upright()] * 22


def capture_times(count: int, every_s: float = 0.066) -> list[datetime | str]:
    now = datetime.now(UTC)
    return [now + timedelta(seconds=every_s * number) for number in range(1, count + 1)]


def calls_of(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Any]:
    """The calls of an engine's method from now on."""
    calls: list[Any] = []
    function = getattr(FastEngine, name)

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(args)
        return function(*args, **options)

    monkeypatch.setattr(FastEngine, name, counted)
    return calls


def assert_refused(desk: Desk, response: Any, field: str) -> str:
    """Assert that the burst was refused and changed nothing; gives the error message."""
    assert (response.status_code, set(response.json())) == (400, {field})
    session = Session.objects.get()
    assert (session.last_frame, session.clock_shift_s) == (None, None)
    return str(response.json()[field])


# --- Results ---


def test_burst_gives_blinks_and_rate(desk: Desk) -> None:
    started_at = desk.calibrate().now
    eyes = desk.burst(BLINKING)["eyes"]
    [blink] = eyes["blinks"]
    start_s = (datetime.fromisoformat(blink["started_at"]) - in_session_time(desk, started_at)).total_seconds()
    assert start_s == pytest.approx(20 / 15, abs=0.15)
    assert blink["started_at"] < blink["ended_at"]
    assert (eyes["reliable"], eyes["reason"], eyes["state"]) == (True, None, "open")
    rate = eyes["rate"]
    assert rate["watched_s"] == pytest.approx(44 / 15 - 0.37, abs=0.1)
    assert rate["low"] < rate["per_minute"] < rate["high"]
    assert rate["per_minute"] == pytest.approx(60 / rate["watched_s"], abs=0.5)
    assert desk.read()["counts"]["blinks"] == 1


def in_session_time(desk: Desk, time: datetime) -> datetime:
    """A time of the client's clock by the session's clock."""
    return time + timedelta(seconds=Session.objects.get(pk=desk.id).clock_shift_s or 0)


def test_blink_in_burst_ends_the_alarm(desk: Desk) -> None:
    desk.calibrate()
    assert [alarm["kind"] for alarm in desk.frames(upright(), 22)["alarms"]] == ["blink"]
    [alarm] = desk.burst(BLINKING)["alarms"]
    assert (alarm["kind"], alarm["ended_at"] is None) == ("blink", False)


def test_slow_burst_gives_no_blinks(desk: Desk) -> None:
    eyes = desk.calibrate().burst(BLINKING[:20], every_s=0.25)["eyes"]
    assert (eyes["reliable"], eyes["reason"], eyes["blinks"], eyes["rate"]) == (False, "frame_rate_too_low", [], None)


def test_posture_is_judged_in_bursts(desk: Desk) -> None:
    desk.calibrate()
    for _ in range(3):
        response = desk.burst([leaning_in()] * 15)
    assert response["posture"]["faults"] == ["closer"]
    assert response["face"]["box"]["right"] - response["face"]["box"]["left"] > 160


def test_burst_can_calibrate(desk: Desk) -> None:
    desk.start()
    response = desk.burst([upright()] * 10)
    assert (response["state"], response["accepted"]) == ("monitoring", True)


def test_face_is_that_of_last_frame(desk: Desk) -> None:
    desk.calibrate()
    assert desk.burst([upright()] * 5 + [nobody()])["face"] is None


# --- Cost ---


def test_burst_identifies_and_counts_faces_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.calibrate()
    desk.now += timedelta(seconds=9)
    described, counted = calls_of(monkeypatch, "describe"), calls_of(monkeypatch, "beside")
    found = calls_of(monkeypatch, "find")
    desk.burst([upright()] * 30)
    assert (len(found), len(described), len(counted)) == (30, 1, 1)


def test_burst_without_face_searches_few_frames(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.calibrate()
    found = calls_of(monkeypatch, "find")
    response = desk.burst([nobody()] * 45)
    assert len(found) <= 10
    assert (response["eyes"]["reliable"], response["eyes"]["reason"]) == (False, "no_face")


def test_frames_after_a_faceless_one_are_searched(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.calibrate()
    found = calls_of(monkeypatch, "find")
    desk.burst(([upright()] * 4 + [nobody()]) * 5)
    assert len(found) == 25


def test_burst_is_never_written_to_disk(desk: Desk, settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = "/nonexistent"
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    desk.calibrate()
    large = pictures.png(pictures.framed(150, (320, 220), noise=8))
    assert len(large) > 300_000
    assert desk.burst([large] * 12)["accepted"] is True


# --- Refused bursts ---


@pytest.mark.parametrize("count", [1, 76, 100, 101, 300])
def test_burst_outside_2_to_75_frames_is_refused(desk: Desk, count: int) -> None:
    desk.start()
    data = pictures.jpeg(pictures.small(), 30)
    response = desk.send_burst([data] * count, capture_times(count, 0.01))
    assert response.status_code == 400
    assert "frames" in response.json()
    assert Session.objects.get().last_frame is None


@pytest.mark.parametrize("count", [2, 75])
def test_burst_of_2_or_75_frames_is_accepted(desk: Desk, count: int) -> None:
    desk.start()
    response = desk.send_burst([pictures.jpeg(pictures.small(), 30)] * count, capture_times(count))
    assert (response.status_code, response.json()["accepted"]) == (200, True)


@pytest.mark.parametrize("count", [0, 2, 4, 50])
def test_each_frame_needs_its_time(desk: Desk, count: int) -> None:
    desk.start()
    assert_refused(desk, desk.send_burst([upright()] * 3, capture_times(count)), "captured_at")


@pytest.mark.parametrize(
    ("second", "message"),
    [("2026-11-26T09:00:00Z", "after the one before"), ("2026-11-26T08:59:59.999Z", "after the one before")]
    + [("2026-11-26T09:00:15.001Z", "at most 15 seconds"), ("9998-01-01T00:00:00Z", "at most 15 seconds")]
    + [
        ("2026-11-26T09:00:01", "time zone"),
        ("0001-01-01T00:00:00Z", "not a valid time"),
        ("NaN", "not a valid time"),
        ("", "blank"),
    ]
    + [("🙂", "not a valid time"), ("\0", "not a valid time")],
)
def test_times_must_increase_within_fifteen_seconds(desk: Desk, second: str, message: str) -> None:
    desk.start()
    response = desk.send_burst([upright()] * 2, ["2026-11-26T09:00:00Z", second])
    assert message in assert_refused(desk, response, "captured_at")


@pytest.mark.parametrize(
    "broken",
    [b"", b"hello", upright()[:-2000], pictures.png_announcing(5000, 10), pictures.png_announcing(1921, 10)],
)
def test_invalid_picture_is_named_by_its_number(desk: Desk, broken: bytes) -> None:
    desk.start()
    response = desk.send_burst([upright(), upright(), broken, upright()], capture_times(4))
    assert "Frame 3:" in assert_refused(desk, response, "frames")


def test_undecodable_frame_refuses_the_whole_burst(desk: Desk) -> None:
    desk.start()
    data = pictures.png(pictures.small())
    response = desk.send_burst([upright(), data[:60] + b"\0" * 20 + data[80:]], capture_times(2))
    assert_refused(desk, response, "frames")


def test_text_frames_are_refused(desk: Desk) -> None:
    desk.start()
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="frames"\r\n\r\n'.encode()
    body = (head + b"hello\r\n") * 2 + form([], capture_times(2))
    assert_refused(desk, desk.post(body, FORM), "frames")


def test_files_with_other_names_are_refused(desk: Desk) -> None:
    desk.start()
    body = form([upright()] * 2, capture_times(2)).replace(b'name="frames"', b'name="pictures"')
    assert_refused(desk, desk.post(body, FORM), "frames")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"no form at all", FORM),
        (form([upright()] * 2, capture_times(2)), "multipart/form-data"),
        (form([upright()] * 2, capture_times(2)), "multipart/form-data; boundary=another"),
        (form([upright()] * 2, capture_times(2)), f"multipart/form-data; boundary={'b' * 300}"),
        (form([upright()] * 2, capture_times(2)).partition(b"\r\n\r\n")[0], FORM),
        (form([upright()] * 2, capture_times(2))[:-5000], FORM),
        (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="frames"; filename="a"\r\n'.encode() * 2000, FORM),
        (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="x"\r\n\r\nx\r\n'.encode() * 3000, FORM),
    ],
)
def test_broken_form_is_400_and_changes_nothing(desk: Desk, body: bytes, content_type: str) -> None:
    desk.start()
    response = desk.post(body, content_type)
    assert response.status_code == 400
    assert set(response.json()) <= {"detail", "frames", "captured_at"}
    assert Session.objects.get().last_frame is None
