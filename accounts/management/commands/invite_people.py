"""Invites the people of a CSV file, after checking every line of it."""

import argparse
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.invitations import mails, people_file, services
from accounts.invitations.links_file import links_csv
from accounts.invitations.people_file import Line, UnreadableFile


class Command(BaseCommand):
    help = (
        "Checks the lines of a CSV file (columns: username, email, first name, last name, language) and, unless one is "
        "refused, invites everybody in it: by mail if the service sends any, else by links that are written to --links."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only check; invite nobody")
        parser.add_argument("--skip-refused", action="store_true", help="leave refused lines out and invite the others")
        parser.add_argument("--page", type=_page, help="the page's address, such as https://pose.example.com/")
        parser.add_argument("--links", type=Path, help="a new file for the links of those who get no mail")

    def handle(self, *args: Any, file: Path, check: bool, skip_refused: bool, **options: Any) -> None:
        lines = self._report(file)
        refused = sum(bool(line.problem) for line in lines)
        if check:
            return
        if refused and not skip_refused:
            raise CommandError(f"Nobody was invited: {refused} lines are refused. Correct them, or add --skip-refused.")
        page, links_path = options["page"], options["links"]
        if not page or not links_path:
            raise CommandError("Nobody was invited: --page and --links are missing.")
        self._invite([line for line in lines if not line.problem], page, links_path)

    def _report(self, file: Path) -> list[Line]:
        try:
            lines = people_file.check_text(people_file.read_text(file.read_bytes()))
        except (OSError, UnreadableFile) as error:
            raise CommandError(str(error)) from error
        for line in lines:
            self.stdout.write(f"{line.number}: {line.person.username}: {line.problem or 'can be invited'}")
        return lines

    def _invite(self, lines: list[Line], page: str, links_path: Path) -> None:
        try:  # opened first: links that cannot be written would be lost
            target = os.open(links_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"Nobody was invited: {error}") from error
        with os.fdopen(target, "w", encoding="utf-8", newline="") as file:
            links = services.invite(people=[line.person for line in lines], invited_by=None)
            to_copy = mails.send(links, page=page)
            file.write(links_csv(to_copy, page=page))
        self.stdout.write(
            f"Invited: {len(links)}. Mailed: {len(links) - len(to_copy)}. Links in {links_path}: {len(to_copy)}."
        )


def _page(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise argparse.ArgumentTypeError(f"{address!r} is not an address such as https://pose.example.com/")
    return address.rstrip("/") + "/"
