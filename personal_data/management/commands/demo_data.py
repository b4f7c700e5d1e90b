"""`python manage.py demo_data`: makes people with weeks of plausible days, or removes them again."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from personal_data.demo.services import demo_create, demo_delete, demo_users

MAX_PEOPLE, MAX_WEEKS = 1000, 200


class Command(BaseCommand):
    help = "Makes people with weeks of plausible days, to look at the page with. Never for a service that people use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=50, metavar="N", help="default: 50")
        parser.add_argument("--weeks", type=int, default=9, metavar="N", help="of days up to today (default: 9)")
        parser.add_argument("--force", action="store_true", help="also if the database has other users")
        parser.add_argument("--delete", action="store_true", help="remove what this command made, and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["delete"]:
            self.stdout.write(f"{demo_delete()} made people were removed with everything of theirs.")
            return
        people, weeks = options["people"], options["weeks"]
        if not (1 <= people <= MAX_PEOPLE and 1 <= weeks <= MAX_WEEKS):
            raise CommandError(f"Make 1 to {MAX_PEOPLE} people and 1 to {MAX_WEEKS} weeks.")
        if demo_users().exists():
            raise CommandError("There are made people already: remove them with --delete first.")
        if not options["force"] and User.objects.exists():
            raise CommandError("The database has other users. If made people may be among them, add --force.")
        password = secrets.token_urlsafe(12)
        made = demo_create(people=people, weeks=weeks, password=password, now=timezone.now())
        self.stdout.write(f"{made.people} people, {made.sessions} sessions, {made.quarters} quarter hours.")
        names = demo_users().order_by("pk").values_list("username", flat=True)[:2]
        self.stdout.write(f"Log in as {' or '.join(names)}, or any other; all have the password {password}")
