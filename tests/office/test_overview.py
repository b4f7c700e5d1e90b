"""/api/admin/: is it well, who uses it, how full is it."""

import json
import re
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
import yaml
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import outbox
from accounts.models import Erasure, User
from common.db.breaker import Breaker
from common.telemetry import metrics
from mongos import guard
from office import charts, figures, history, limits
from office.cards import Level
from office.models import Day, Sample
from office.rates import SLOT
from tests.gunicorn_server import ROOT
from tests.office.conftest import DAY, OVERVIEW, USERS, client_of, person, run_session, store


def card(client: Client, label: str) -> Any:
    cards = [card for group in client.get(OVERVIEW).context["groups"] for card in group.cards]
    return next(card for card in cards if str(card.label) == label)


def sample(ago: timedelta, *, now: datetime | None = None, **values: Any) -> Sample:
    counts = dict.fromkeys(("frames", "unusable", "shed", "dropped", "requests", "errors", "watching"), 0)
    stored = dict.fromkeys(("stored_bytes", "stored_frames", "intake_bytes"), 0)
    fields = {**counts, **stored, "free_bytes": 10**12, "histograms": "{}", **values}
    return Sample.objects.create(machine="one", at=(now or timezone.now()) - ago, **fields)


def test_new_service_is_well(boss: Client) -> None:
    response = boss.get(OVERVIEW)
    assert response.context["level"] is Level.GOOD
    page = response.content.decode()
    assert "All is well" in page
    assert "not known yet" in page


def test_only_those_who_may_see_users_have_the_overview(with_permissions: Callable[..., Client]) -> None:
    assert b"office-verdict" not in with_permissions("delete_user").get(OVERVIEW).content


def test_view_permission_is_enough(with_permissions: Callable[..., Client]) -> None:
    assert b"office-verdict" in with_permissions("view_user").get(OVERVIEW).content


def test_archive_that_is_down_is_told_and_needs_somebody(
    boss: Client, mongodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "breaker", Breaker(3600.0))
    guard.breaker.failed()
    response = boss.get(OVERVIEW)
    assert (response.status_code, response.context["level"]) == (200, Level.ACT)
    assert (card(boss, "Archive of pictures").value, card(boss, "Archive of pictures").word) == (
        "cannot be reached",
        "Act now",
    )


def refuse() -> None:
    raise SMTPRecipientsRefused({})


def test_mail_that_fails_is_told(boss: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def post(*addresses: str) -> None:
        mails = [EmailMessage("Subject", "text", "desk@example.com", [to]) for to in addresses]
        outbox.post(mails, what="a test")
        outbox.sender.submit(lambda: None).result(timeout=30)  # one thread: the mail before it is done

    for gauge in (metrics.mail_last_sent, metrics.mail_last_failed):
        gauge.set(0)
    cards = [card.label for group in boss.get(OVERVIEW).context["groups"] for card in group.cards]
    assert "Mail" not in map(str, cards)  # the service sends none
    settings.EMAIL_URL = {"EMAIL_BACKEND": settings.EMAIL_BACKEND}
    assert (card(boss, "Mail").value, card(boss, "Mail").level) == ("none sent yet", Level.NONE)
    post("mina@example.com")
    assert (card(boss, "Mail").value, card(boss, "Mail").level) == ("is sent", Level.GOOD)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
    post("mina@example.com")
    assert (card(boss, "Mail").value, card(boss, "Mail").level) == ("the last failed", Level.LOOK)
    assert "copied instead" in str(card(boss, "Mail").note)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(EmailMessage, "send", lambda mail: refuse() if mail.to == ["nobody"] else 1)
    post("nobody", "mina@example.com")  # one address that is refused is no fault of the server
    assert card(boss, "Mail").level is Level.GOOD


def test_spool_that_cannot_be_read_is_told(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise OSError

    monkeypatch.setattr("mongos.spool.Spool.state", fail)
    assert card(boss, "Waiting on disk").level is Level.LOOK


@pytest.mark.django_db(transaction=True)  # the overview asks by a connection of its own
def test_late_erasure_is_worth_a_look(boss: Client) -> None:
    Erasure.objects.create(user_id=5, requested_at=timezone.now() - timedelta(minutes=61))
    assert (card(boss, "Erasures under way").value, card(boss, "Erasures under way").level) == ("1", Level.LOOK)


def test_load_is_that_of_the_last_five_minutes(boss: Client) -> None:
    now = timezone.now()
    times = {"calls": {"0.1": 0, "0.25": 0, "+Inf": 0}, "find": {"0.1": 0, "0.25": 0, "+Inf": 0}}
    sample(2 * SLOT, now=now, histograms=json.dumps(times))
    times = {"calls": {"0.1": 0, "0.25": 600, "+Inf": 600}, "find": {"0.1": 0, "0.25": 600, "+Inf": 600}}
    counts = {"frames": 600, "unusable": 180, "shed": 2, "requests": 1000, "errors": 20}
    sample(SLOT, now=now, histograms=json.dumps(times), **counts)
    assert card(boss, "Pictures a second").value == "2.0"
    assert card(boss, "Time to answer").value == "242 ms"
    assert (card(boss, "Slowest step").level, card(boss, "Slowest step").limit) == (Level.LOOK, "100 ms")
    assert (card(boss, "Not usable as pictures").value, card(boss, "Not usable as pictures").level) == (
        "30 %",
        Level.LOOK,
    )
    assert (card(boss, "Failed requests").value, card(boss, "Failed requests").level) == ("2.0 %", Level.ACT)
    assert card(boss, "Refused: waited too long").level is Level.ACT


def test_old_samples_are_not_told_as_news(boss: Client) -> None:
    sample(timedelta(hours=3))
    sample(timedelta(hours=2))
    assert card(boss, "Pictures a second").value == "not known yet"
    assert "no sample in the last quarter of an hour" in boss.get(OVERVIEW).content.decode()


@pytest.mark.parametrize(("days", "level"), [(3, Level.ACT), (20, Level.LOOK), (90, Level.GOOD)])
def test_disk_that_will_be_full_is_told_ahead(boss: Client, days: int, level: Level) -> None:
    sample(timedelta(minutes=1), full_on=timezone.localdate() + timedelta(days=days))
    assert card(boss, "Disk full").level is level


def test_people_are_counted_by_when_they_were_seen(boss: Client, mina: User) -> None:
    run_session(mina)
    run_session(person("silent"), silent_for=timedelta(minutes=20))
    person("away", last_login=timezone.now() - 3 * DAY)
    person("gone", last_login=timezone.now() - 9 * DAY, is_active=False)
    figures.seen_refresh()
    assert card(boss, "Sessions running now").value == "1"
    assert "1 more" in card(boss, "Sessions running now").note
    assert card(boss, "Active this week").value == "4 people"  # with the boss, who has just logged in
    assert (card(boss, "Accounts").value, card(boss, "Accounts").note) == ("5 people", "1 deactivated")


@pytest.mark.parametrize(("people", "value"), [(5, "2.00"), (4, "not told")])
def test_wrong_alarms_are_told_of_five_people_or_more(boss: Client, people: int, value: str) -> None:
    Day.objects.create(day=timezone.localdate(), people=people, desk_s=8 * 3600.0, wrong_alarms=2)
    assert card(boss, "Wrong alarms in 8 hours").value == value
    [chart] = [chart for chart in boss.get(OVERVIEW).context["weeks_charts"] if "Wrong" in str(chart.title)]
    assert chart.is_empty == (people < 5)


def test_those_with_the_most_stored_come_first(boss: Client) -> None:
    for n in range(7):
        store(person(f"user{n}"), n * 10**6, n)
    figures.storage_refresh()
    top = boss.get(OVERVIEW).context["top_users"]
    assert [user.username for user, _size, _pictures in top] == ["user6", "user5", "user4", "user3", "user2"]


def test_limits_are_those_of_the_alerts() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "monitoring" / "prometheus-alerts.yml").read_text())["groups"][0]["rules"]
    limit = {
        rule["alert"].removeprefix("PoseSmart"): float(re.findall(r"[<>] ([\d.e]+)(?! \*)", rule["expr"])[0])
        for rule in rules
        if re.search(r"[<>] [\d.e]+(?! \*)", rule["expr"])
    }
    assert limit["SpoolFilling"] == limits.SPOOL_SHARE
    assert limit["ErasuresLate"] == limits.ERASURE_LATE_S
    assert limit["SlowStage"] * 1000 == limits.STAGE_P99_MS
    assert limit["FramesRefused"] == limits.UNUSABLE_SHARE
    assert limit["Errors"] == limits.ERROR_SHARE
    assert limit["WorkerMemory"] == limits.WORKER_BYTES
    assert limit["WrongAlarms"] == limits.WRONG_SHARE
    [filling] = [rule["expr"] for rule in rules if rule["alert"] == "PoseSmartDiskFilling"]
    assert f"< {limits.DISK_MARKS} * posesmart_disk_mark_bytes" in filling


def test_queries_do_not_grow_with_people_sessions_and_samples(boss: Client) -> None:
    counts = []
    for users in (range(2), range(2, 12)):
        for n in users:
            run_session(person(f"user{n}"))
            sample(timedelta(minutes=5 * n + 1))
        figures.seen_refresh()
        history.days_fill()
        with CaptureQueriesContext(connection) as queries:
            assert boss.get(OVERVIEW).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


@pytest.mark.parametrize("path", [OVERVIEW, USERS, "/api/admin/login/"])
def test_policy_is_strict_on_every_page_of_the_admin(boss: Client, path: str) -> None:
    response = boss.get(path) if path != "/api/admin/login/" else Client().get(path)
    directives = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
    assert directives["default-src"] == directives["script-src"] == directives["style-src"] == "'self'"
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    page = response.content.decode()
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*json)", page) == []
    assert re.findall(r"<style|\bstyle=|\son\w+=|javascript:", page) == []


def test_times_are_those_of_the_reader(db: None) -> None:
    pages = [
        client_of(User.objects.create_superuser(name, time_zone=zone)).get(OVERVIEW).content.decode()
        for name, zone in (("a", "Europe/London"), ("b", ""))
    ]
    assert "Times are those of Europe/London." in pages[0]
    assert "Times are those of Asia/Seoul." in pages[1]


def test_overview_speaks_korean(boss: Client) -> None:
    page = boss.get(OVERVIEW, headers={"Accept-Language": "ko"}).content.decode()
    assert "모두 정상이에요" in page
    words = re.sub(r"<[^>]+>|\{[^}]*\}", " ", page[page.index("<main") :])
    english = (
        set(re.findall(r"[A-Za-z]{4,}", words)) - {"SQLite", "Python", "Asia", "Seoul", "Pose", "Smart"} - {"MySQL"}
    )
    assert english <= {"find", "calls"}


def test_line_is_interrupted_where_samples_are_missing() -> None:
    now = timezone.now()
    times = [now - n * SLOT for n in (1, 2, 3, 40, 41)]
    chart = charts._line("t", [(at, 1.0) for at in times], now - DAY, now, str)
    assert [len(line.split()) for line in chart.lines] == [2, 3]
