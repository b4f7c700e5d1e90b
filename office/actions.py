"""The list's actions: each says first whom and what it concerns, in numbers, and is carried out once confirmed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.models import DataAccess, User
from office import bulk, erasing
from office.cards import Text
from office.forms import AlarmsForm, RetentionForm

MAX_PEOPLE = 500  # at once: more would take longer than a request may


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whom an action changed. undo: the action that takes it back, with what that has to know."""

    changed: list[int]
    undo: str = ""
    before: bulk.Before = field(default_factory=dict)


Run = Callable[[list[User], dict[str, Any]], Outcome]


@dataclass(frozen=True, slots=True)
class Action:
    """title, done: texts with a count. what, look: as it is logged."""

    name: str
    label: Text
    title: Any
    explanation: Text
    done: Any
    run: Run
    form: type[forms.Form] | None = None
    permission: str = "change"
    includes_self: bool = False
    what: str = "user"
    look: DataAccess.Action = DataAccess.Action.CHANGED
    is_final: bool = False

    def title_for(self, count: int) -> str:
        return str(self.title % {"count": count})

    def message_for(self, count: int) -> str:
        return str(self.done % {"count": count})


def _deactivate(users: list[User], chosen: dict[str, Any]) -> Outcome:
    return Outcome(bulk.activity_set(_keys(users), is_active=False), undo="activate")


def _activate(users: list[User], chosen: dict[str, Any]) -> Outcome:
    return Outcome(bulk.activity_set(_keys(users), is_active=True), undo="deactivate")


def _log_out(users: list[User], chosen: dict[str, Any]) -> Outcome:
    return Outcome(bulk.logins_end(_keys(users)))


def _end_sessions(users: list[User], chosen: dict[str, Any]) -> Outcome:
    return Outcome(bulk.sessions_end(_keys(users)))


def _set_alarms(users: list[User], chosen: dict[str, Any]) -> Outcome:
    changed, before = bulk.alarms_set(users, AlarmsForm.chosen(chosen))
    return Outcome(changed, undo="restore_alarms", before=before)


def _lower_retention(users: list[User], chosen: dict[str, Any]) -> Outcome:
    changed, before = bulk.retention_lower(users, chosen["days"])
    return Outcome(changed, undo="restore_retention", before=before)


def _erase(users: list[User], chosen: dict[str, Any]) -> Outcome:
    keys = _keys(users)
    erasing.erase_order(keys)
    erasing.orders_run()
    return Outcome(keys)


def _keys(users: list[User]) -> list[int]:
    return [user.pk for user in users]


ACTIONS = (
    Action(
        name="deactivate",
        label=_("Deactivate"),
        title=ngettext_lazy("Deactivate %(count)d person?", "Deactivate %(count)d people?", "count"),
        explanation=_(
            "They can no longer log in or send pictures, and a running session gets its report after ten minutes. "
            "Nothing of theirs is deleted. You can take it back."
        ),
        done=ngettext_lazy("%(count)d person is deactivated.", "%(count)d people are deactivated.", "count"),
        run=_deactivate,
    ),
    Action(
        name="activate",
        label=_("Activate"),
        title=ngettext_lazy("Activate %(count)d person?", "Activate %(count)d people?", "count"),
        explanation=_("They can log in again, with the passwords they had."),
        done=ngettext_lazy("%(count)d person is activated.", "%(count)d people are activated.", "count"),
        run=_activate,
    ),
    Action(
        name="log_out",
        label=_("Log out everywhere"),
        title=ngettext_lazy("Log out %(count)d person everywhere?", "Log out %(count)d people everywhere?", "count"),
        explanation=_("All their logins end, on every device. They can log in again at once."),
        done=ngettext_lazy("%(count)d person is logged out.", "%(count)d people are logged out.", "count"),
        run=_log_out,
        includes_self=True,
    ),
    Action(
        name="end_sessions",
        label=_("End running sessions"),
        title=ngettext_lazy(
            "End the running session of %(count)d person?", "End the running sessions of %(count)d people?", "count"
        ),
        explanation=_("What was counted so far becomes a report. Whoever still sits there can start anew."),
        done=ngettext_lazy("%(count)d session has ended.", "%(count)d sessions have ended.", "count"),
        run=_end_sessions,
        includes_self=True,
        what="session",
    ),
    Action(
        name="set_alarms",
        label=_("Set alarms"),
        title=ngettext_lazy("Set the alarms of %(count)d person?", "Set the alarms of %(count)d people?", "count"),
        explanation=_("Only what you fill in changes. They can set it otherwise again, and you can take it back."),
        done=ngettext_lazy(
            "The alarms of %(count)d person are set.", "The alarms of %(count)d people are set.", "count"
        ),
        run=_set_alarms,
        form=AlarmsForm,
        includes_self=True,
    ),
    Action(
        name="lower_retention",
        label=_("Keep pictures for fewer days"),
        title=ngettext_lazy(
            "Keep the pictures of %(count)d person for fewer days?",
            "Keep the pictures of %(count)d people for fewer days?",
            "count",
        ),
        explanation=_(
            "Older pictures are deleted at once and cannot be brought back. Nobody’s are kept for longer than they "
            "chose."
        ),
        done=ngettext_lazy(
            "The pictures of %(count)d person are kept for fewer days.",
            "The pictures of %(count)d people are kept for fewer days.",
            "count",
        ),
        run=_lower_retention,
        form=RetentionForm,
        includes_self=True,
    ),
    Action(
        name="delete_selected",  # in the place of Django's own, which would list each of their rows
        label=_("Erase for good"),
        title=ngettext_lazy("Erase %(count)d person for good?", "Erase %(count)d people for good?", "count"),
        explanation=_("Everything of theirs is deleted, in all databases and on disk. It cannot be taken back."),
        done=ngettext_lazy("%(count)d person is being erased.", "%(count)d people are being erased.", "count"),
        run=_erase,
        permission="delete",
        look=DataAccess.Action.DELETED,
        is_final=True,
    ),
)
BY_NAME = {action.name: action for action in ACTIONS}


@dataclass(frozen=True, slots=True)
class Undo:
    """What takes back the action before: kept in the staff's session, as plain values."""

    action: str
    user_ids: list[int]
    before: bulk.Before

    def run(self) -> list[int]:
        """Whom it changed."""
        if self.action in ("activate", "deactivate"):
            return bulk.activity_set(self.user_ids, is_active=self.action == "activate")
        if self.action == "restore_alarms":
            return bulk.alarms_restore(self.before)
        return bulk.retention_restore(self.before)
