"""`python manage.py check_audit`: verifies that no entry of the audit log was changed or taken out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.check import audit_check


class Command(BaseCommand):
    help = (
        "Verifies the audit log. It prints the newest seal: whoever keeps that elsewhere, and gives it to the next "
        "check, also finds out if the whole log was replaced."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=int, default=0, metavar="NUMBER", help="check from this seal on")
        parser.add_argument("--seal", default="", metavar="NUMBER:DIGEST", help="a seal that an earlier check printed")

    def handle(self, *args: Any, since: int, seal: str, **options: Any) -> None:
        number, _, digest = seal.partition(":")
        if seal and not (number.isdecimal() and digest):
            raise CommandError("--seal is NUMBER:DIGEST, as an earlier check printed it.")
        result = audit_check(since=since, known=(int(number), digest) if seal else None)
        for problem in result.problems:
            self.stderr.write(problem)
        if result.problems:
            raise CommandError("The audit log is not as it was written.")
        newest, digest = result.newest
        self.stdout.write(f"The audit log is as it was written: {result.entries} entries. Seal: {newest}:{digest}")
