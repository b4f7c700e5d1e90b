"""`python manage.py appoint NAME operator|auditor|nobody`: gives a user a role in the admin site, or takes it away."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import roles
from accounts.models import User


class Command(BaseCommand):
    help = "Makes a user an operator, who runs the service, or an auditor, who reads the audit log; nobody: neither."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("role", choices=[roles.OPERATOR, roles.AUDITOR, roles.NOBODY])

    def handle(self, *args: Any, username: str, role: str, **options: Any) -> None:
        user = User.objects.filter(username=User.normalize_username(username)).first()
        if user is None:
            raise CommandError(f"There is no user {username!r}.")
        roles.appoint(user=user, role=role)
        if user.is_superuser:
            self.stdout.write(f"{username} is an owner, and stays one: owners may do everything.")
        elif role == roles.NOBODY:
            self.stdout.write(f"{username} has no role any more, and cannot open the admin site.")
        else:
            self.stdout.write(f"{username} is {'an' if role[0] in 'ao' else 'a'} {role} now.")
