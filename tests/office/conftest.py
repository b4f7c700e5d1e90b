"""Staff, people, and what the pages are asked for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import User
from ai_models.monitoring import monitor
from detections.models import Session
from detections.sessions import codec
from personal_data.models import ArchivedDay

USERS = "/api/admin/accounts/user/"
OVERVIEW = "/api/admin/"
DAY = timedelta(days=1)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def boss(db: None) -> Client:
    return client_of(User.objects.create_superuser("boss"))


@pytest.fixture
def with_permissions(db: None) -> Callable[..., Client]:
    """A client of staff with the named permissions on users."""

    def make(*names: str) -> Client:
        user = User.objects.create(username="helper", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        return client_of(user)

    return make


@pytest.fixture
def mina(db: None) -> User:
    return person("mina")


def person(username: str, **fields: Any) -> User:
    """Somebody with an account for a hundred days."""
    return User.objects.create(username=username, date_joined=timezone.now() - 100 * DAY, **fields)


def run_session(user: User, *, silent_for: timedelta = timedelta()) -> Session:
    """A running session that got a frame so long ago."""
    now = timezone.now()
    state = codec.dump_state(monitor.start((now - silent_for).timestamp()))
    return Session.objects.create(
        user=user,
        started_at=now - silent_for - timedelta(hours=1),
        received_at=now - silent_for,
        running=True,
        phase="monitoring",
        state=state,
    )


def store(user: User, size: int, frames: int = 1, *, days_ago: int = 0) -> None:
    """Totals of frames, as the quota counts them."""
    day = (timezone.now() - days_ago * DAY).date()
    ArchivedDay.objects.create(user=user, day=day, bytes=size, frames=frames)


def names(response: Any) -> list[str]:
    """The usernames of a list's rows."""
    assert response.status_code == 200
    return [user.username for user in response.context["cl"].result_list]
