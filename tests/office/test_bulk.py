"""What the staff can do to several people: confirmed first, logged, undone where it can be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import DataAccess, Erasure, User
from accounts.services import user_create
from accounts.tokens import tokens_for
from ai_models.vision.frame import Frame as ReceivedFrame
from detections.models import Session
from mongos import archive
from mongos.models import Frame
from office import actions, erasing
from office.models import ErasureOrder
from personal_data import privacy, quota
from tests.archived import archived
from tests.conftest import PASSWORD
from tests.office.conftest import DAY, USERS, person, run_session

UNDO = f"{USERS}undo/"
ERASING = f"{USERS}erasing/"
Act = Callable[..., Any]


@pytest.fixture
def act(boss: Client) -> Act:
    """Run a confirmed action as the boss."""

    def run(name: str, *users: User, client: Client = boss, **values: Any) -> Any:
        chosen = {"action": name, "_selected_action": [user.pk for user in users], "post": "yes"}
        return client.post(USERS, chosen | values)

    return run


def logged() -> list[tuple[str, str, str]]:
    return list(DataAccess.objects.order_by("pk").values_list("user__username", "action", "what"))


def message_of(response: Any, client: Client) -> str:
    assert response.status_code == 302
    return " ".join(str(message) for message in client.get(USERS).context["messages"])


@pytest.mark.parametrize("action", [action.name for action in actions.ACTIONS])
def test_action_says_whom_it_concerns_before_it_does_anything(boss: Client, mina: User, action: str) -> None:
    before = User.objects.values().get(pk=mina.pk)
    response = boss.post(USERS, {"action": action, "_selected_action": [mina.pk, person("other").pk]})
    page = response.content.decode()
    assert response.status_code == 200
    assert response.context["title"] == actions.BY_NAME[action].title_for(2)
    assert "mina" in page
    assert User.objects.values().get(pk=mina.pk) == before
    assert not DataAccess.objects.exists()


def test_deactivated_people_can_be_activated_again_by_undo(boss: Client, act: Act, mina: User) -> None:
    was_off = person("off", is_active=False)
    response = act("deactivate", mina, was_off)
    assert "1 person is deactivated." in message_of(response, boss)
    assert not User.objects.get(pk=mina.pk).is_active
    assert boss.post(UNDO).status_code == 302
    assert User.objects.get(pk=mina.pk).is_active
    assert not User.objects.get(pk=was_off.pk).is_active
    assert logged() == [("mina", "changed", "user")] * 2
    assert "nothing left" in message_of(boss.post(UNDO), boss)


def test_deactivated_person_is_refused(client: Client, act: Act) -> None:
    user = user_create(username="mina", password=PASSWORD)
    access = {"Authorization": f"Bearer {tokens_for(user)['access']}"}
    assert client.get("/api/detections/sessions/", headers=access).status_code == 200
    act("deactivate", user)
    assert client.get("/api/detections/sessions/", headers=access).status_code == 401


def test_all_logins_of_those_chosen_end(client: Client, act: Act) -> None:
    user, other = (user_create(username=name, password=PASSWORD) for name in ("mina", "other"))
    access = [{"Authorization": f"Bearer {tokens_for(each)['access']}"} for each in (user, other)]
    act("log_out", user)
    assert [client.get("/api/detections/sessions/", headers=headers).status_code for headers in access] == [401, 200]


def test_running_sessions_of_those_chosen_end(boss: Client, act: Act, mina: User) -> None:
    session, other = run_session(mina), run_session(person("other"))
    assert "1 session has ended." in message_of(act("end_sessions", mina, person("third")), boss)
    session.refresh_from_db()
    assert (session.running, session.phase) == (None, "stopped")
    assert Session.objects.get(pk=other.pk).running
    assert logged() == [("mina", "changed", "session")]


def test_alarms_are_set_for_a_group_and_set_back(boss: Client, act: Act, mina: User) -> None:
    other = person("other", rest_time=6000, neck_on=False)
    act("set_alarms", mina, other, neck_on="on", rest_time="40", sensitivity="high")
    settings = ("neck_on", "rest_time", "sensitivity", "blink_on")
    assert set(User.objects.exclude(username="boss").values_list(*settings)) == {(True, 2400, "high", True)}
    boss.post(UNDO)
    assert User.objects.values_list(*settings).get(pk=mina.pk) == (True, 3000, "normal", True)
    assert User.objects.values_list(*settings).get(pk=other.pk) == (False, 6000, "normal", True)


@pytest.mark.parametrize("values", [{}, {"neck_time": "2"}, {"rest_time": "a"}, {"sensitivity": "extreme"}])
def test_nonsense_is_refused_with_a_reason(act: Act, mina: User, values: dict[str, str]) -> None:
    response = act("set_alarms", mina, **values)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not DataAccess.objects.exists()


def keep(user: User, days_ago: int) -> None:
    frame = ReceivedFrame(bytes(100), "image/jpeg", 64, 48)
    archived(user_id=user.pk, frame=frame, captured_at=archive.now() - days_ago * DAY)


def test_pictures_are_kept_for_fewer_days_and_never_for_more(boss: Client, act: Act, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 30
    long, short = person("long", privacy="kept", keep_days=20), person("short", privacy="kept", keep_days=3)
    none, unchosen = person("none", privacy="forgotten", archive_frames=False), person("unchosen")
    for days_ago in (1, 8):
        keep(long, days_ago)
    assert "2 people" in message_of(act("lower_retention", long, short, none, unchosen, days="7"), boss)
    kept = dict(User.objects.values_list("username", "keep_days"))
    assert (kept["long"], kept["short"], kept["none"], kept["unchosen"]) == (7, 3, None, 7)
    assert User.objects.get(pk=long.pk).privacy == "kept"
    assert Frame.objects.filter(user_id=long.pk).count() == 1
    boss.post(UNDO)
    kept = dict(User.objects.values_list("username", "keep_days"))
    assert (kept["long"], kept["unchosen"]) == (20, None)


def test_undo_leaves_alone_whoever_has_chosen_anew(boss: Client, act: Act) -> None:
    user = person("mina", privacy="kept", keep_days=20)
    act("lower_retention", user, days="7")
    User.objects.update(keep_days=2)
    boss.post(UNDO)
    assert User.objects.get(pk=user.pk).keep_days == 2


def test_shorter_retention_expires_pictures_of_those_who_never_chose(db: None, settings: Any) -> None:
    settings.FRAME_RETENTION_DAYS = 30
    user = person("unchosen")
    assert privacy.keep_days_lower(user_id=user.pk, days=7)
    keep(user, 8)
    assert privacy.expire_kept() == 1


@pytest.mark.parametrize("name", ["deactivate", "delete_selected"])
def test_nobody_does_it_to_their_own_account(boss: Client, act: Act, name: str) -> None:
    own = User.objects.get(username="boss")
    response = act(name, own)
    assert response.status_code == 200
    assert not response.context["can_run"]
    assert User.objects.get(pk=own.pk).is_active


def test_staff_leave_accounts_with_rights_alone(
    act: Act, with_permissions: Callable[..., Client], mina: User, boss: Client
) -> None:
    helper = with_permissions("view_user", "change_user", "delete_user")
    root = User.objects.get(username="boss")
    for name in ("deactivate", "log_out", "delete_selected"):
        act(name, root, client=helper)
    act("deactivate", mina, root, client=helper)
    root.refresh_from_db()
    assert (root.is_active, root.token_version) == (True, 0)
    assert not User.objects.get(pk=mina.pk).is_active


def test_undo_needs_the_right_to_change(with_permissions: Callable[..., Client]) -> None:
    client = with_permissions("view_user")
    assert client.post(UNDO).status_code == 403
    assert client.get(ERASING).status_code == 403


def test_undo_is_no_link(boss: Client) -> None:
    assert boss.get(UNDO).status_code == 403


def test_too_many_at_once_are_refused(boss: Client, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("office.people.MAX_PEOPLE", 1)
    response = act("deactivate", person("a"), person("b"))
    assert "Choose at most 1 people at once." in message_of(response, boss)
    assert not User.objects.filter(is_active=False).exists()


# --- Erasing ---


def test_confirmation_tells_what_goes_in_numbers(boss: Client, mina: User) -> None:
    for _ in range(3):
        keep(mina, 1)
    quota.settle()
    run_session(mina)
    response = boss.post(USERS, {"action": "delete_selected", "_selected_action": [mina.pk]})
    assert response.context["losses"] == erasing.Losses(1, 3, 300, 0, 0, 1)
    assert boss.get(f"{USERS}{mina.pk}/delete/").context["losses"] == response.context["losses"]


@pytest.mark.usefixtures("each_archive")
def test_erased_people_leave_nothing_and_the_page_says_so(boss: Client, act: Act, mina: User) -> None:
    other = person("other")
    keep(mina, 1)
    keep(other, 1)
    response = act("delete_selected", mina)
    assert (response.status_code, response["Location"]) == (302, ERASING)
    page = boss.get(ERASING).content.decode()
    assert "Done: nothing of theirs is left." in page
    assert "http-equiv" not in page
    assert list(User.objects.order_by("pk").values_list("username", flat=True)) == ["boss", "other"]
    assert set(Frame.objects.values_list("user_id", flat=True)) == {other.pk}


def test_those_who_wait_are_locked_out_and_erased_in_the_background(
    boss: Client, act: Act, mina: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = person("other")
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "REQUEST_BUDGET_S", 0.0)
        patch.setattr("office.actions.erasing.orders_run", lambda: 0)
        act("delete_selected", mina, other)
    assert not User.objects.filter(pk__in=[mina.pk, other.pk], is_active=True).exists()
    page = boss.get(ERASING).content.decode()
    assert "0 of 2 are erased." in page
    assert 'http-equiv="refresh"' in page
    assert erasing.orders_run(budget_s=-1.0) == 1
    assert "1 of 2 are erased." in boss.get(ERASING).content.decode()
    assert erasing.orders_run() == 1
    assert not ErasureOrder.objects.exists()
    assert "Done" in boss.get(ERASING).content.decode()


def test_pictures_that_cannot_be_deleted_now_are_told(boss: Client, act: Act, mina: User) -> None:
    act("delete_selected", mina)
    Erasure.objects.filter(user_id=mina.pk).update(carried_out_at=None, requested_at=archive.now() - timedelta(hours=1))
    assert "Pictures of 1 person are still being deleted." in boss.get(ERASING).content.decode()


def test_page_without_an_order_is_empty(boss: Client) -> None:
    assert "You have erased nobody" in boss.get(ERASING).content.decode()
