"""The list of people: what it shows, its filters, and its cost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.sharing.services import sharing_set
from detections.models import Session
from office import figures
from tests.office.conftest import DAY, USERS, names, person, run_session, store

GB = 2**30


def row(client: Client, username: str) -> dict[str, str]:
    """The texts of a user's row, by column."""
    from office.columns import mark_running
    from office.people import PeopleAdmin

    response = client.get(USERS)
    admin: PeopleAdmin = response.context["cl"].model_admin
    user = User.objects.select_related("figures").get(username=username)
    mark_running([user])
    columns = ("full_name", "running", "state", "choice", "storage", "pictures")
    return {name: str(getattr(admin, name)(user)) for name in columns} | {"seen": str(admin.seen(user))}


@pytest.fixture
def people(boss: Client) -> dict[str, User]:
    """Somebody at the desk, one who stopped ten days ago, one who never came, and one who is deactivated."""
    now = timezone.now()
    made = {
        "here": person("here", first_name="Mina", last_name="Kim", privacy="kept", keep_days=7),
        "stopped": person("stopped", last_login=now - 10 * DAY, privacy="browser", archive_frames=False),
        "never": person("never"),
        "off": person("off", last_login=now - 40 * DAY, is_active=False),
    }
    run_session(made["here"])
    store(made["here"], 6 * GB, 200_000)
    figures.storage_refresh()
    figures.seen_recount()
    return made


def test_row_tells_use_choice_and_storage(boss: Client, people: dict[str, User]) -> None:
    here = row(boss, "here")
    assert (here["full_name"], here["running"], here["state"]) == ("Mina Kim", "running", "active")
    assert (here["choice"], here["storage"], here["pictures"]) == (
        "kept for some days (7 days)",
        "6.0\xa0GB",
        "200,000",
    )
    assert ">just now</time>" in here["seen"]
    assert row(boss, "never")["seen"] == "never"
    assert row(boss, "boss")["state"] == "active, all rights"
    assert row(boss, "off")["state"] == "deactivated"


def test_session_that_nobody_feeds_is_silent(boss: Client, mina: User) -> None:
    run_session(mina, silent_for=timedelta(minutes=11))
    assert row(boss, "mina")["running"] == "open, silent"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("seen=7", ["never", "off", "stopped"]),
        ("seen=30", ["never", "off"]),
        ("seen=never", ["never"]),
        ("seen=nonsense", ["boss", "here", "never", "off", "stopped"]),
        ("running=yes", ["here"]),
        ("running=no", ["boss", "never", "off", "stopped"]),
        ("storage=5120", ["here"]),
        ("storage=10240", []),
        ("storage=none", ["boss", "never", "off", "stopped"]),
        ("state=off", ["off"]),
        ("role=superuser", ["boss"]),
        ("role=user", ["here", "never", "off", "stopped"]),
        ("privacy__exact=browser", ["stopped"]),
        ("q=Mina", ["here"]),
    ],
)
def test_list_can_be_narrowed(boss: Client, people: dict[str, User], query: str, expected: list[str]) -> None:
    assert names(boss.get(f"{USERS}?{query}")) == expected


def test_new_account_has_not_stopped(boss: Client) -> None:
    User.objects.create(username="newcomer")
    assert "newcomer" not in names(boss.get(f"{USERS}?seen=7"))
    assert "newcomer" in names(boss.get(f"{USERS}?seen=never"))


def test_list_can_be_ordered_by_last_sight_and_storage(boss: Client, people: dict[str, User]) -> None:
    assert names(boss.get(f"{USERS}?o=-7"))[0] == "here"
    seen = names(boss.get(f"{USERS}?o=3"))
    assert seen.index("off") < seen.index("stopped") < seen.index("here")


@pytest.mark.parametrize("query", ["", "?seen=7", "?running=yes", "?storage=100", "?q=user", "?o=-7", "?o=3"])
def test_queries_do_not_grow_with_people(boss: Client, query: str) -> None:
    counts = []
    for users in (range(2), range(2, 12)):
        for n in users:
            user = person(f"user{n}", last_login=timezone.now() - 9 * DAY)
            run_session(user)
            store(user, GB)
        figures.storage_refresh()
        figures.seen_recount()
        with CaptureQueriesContext(connection) as queries:
            assert boss.get(USERS + query).status_code == 200
        counts.append(len(queries))
        texts = [query["sql"] for query in queries]
        assert not [text for text in texts if "reports_report" in text or '"state"' in text or "mongos_frame" in text]
    assert counts[0] == counts[1] <= 10


def test_running_sessions_are_found_by_an_index(boss: Client, people: dict[str, User]) -> None:
    from detections.running import running_sessions

    if connection.vendor == "sqlite":
        assert "running" in running_sessions().explain()
        assert "SCAN" not in running_sessions().explain()


def test_page_of_one_user_says_the_same(boss: Client, people: dict[str, User]) -> None:
    page = boss.get(f"{USERS}{people['here'].pk}/change/").content.decode()
    assert ">just now</time>" in page
    assert "6.0\xa0GB" in page
    assert "seconds; now 50 min" in page


def test_whoever_may_only_look_gets_no_actions(with_permissions: Callable[..., Client], mina: User) -> None:
    response = with_permissions("view_user").get(USERS)
    assert names(response) == ["helper", "mina"]
    assert response.context["action_form"] is None


def test_list_speaks_korean(boss: Client, people: dict[str, User]) -> None:
    page = boss.get(USERS, headers={"Accept-Language": "ko"}).content.decode()
    for text in ("마지막 사용", "저장 용량", "7일 넘게 안 보임", "계정 끄기", "5 사람"):
        assert text in page


# --- Sessions ---

SESSIONS = "/api/admin/detections/session/"


def session_users(response: Any) -> list[str]:
    return [row.user.username for row in response.context["cl"].result_list]


def test_list_of_shared_sessions_shows_which_are_open(boss: Client, mina: User) -> None:
    ended = run_session(person("ended"))
    Session.objects.filter(pk=ended.pk).update(running=None, stopped_at=timezone.now(), phase="stopped")
    run_session(mina, silent_for=timedelta(minutes=11))
    run_session(person("private"))
    for user in (ended.user, mina):
        sharing_set(user=user, what=["sessions"], until=timezone.now() + timedelta(days=1))
    response = boss.get(f"{SESSIONS}?which=open")
    assert session_users(response) == ["mina"]
    page = response.content.decode()
    assert "open, silent" in page
    assert "11 min ago" in page
    assert sorted(session_users(boss.get(SESSIONS))) == ["ended", "mina"]
