"""`python manage.py migrate`: Django's, but on MySQL and MariaDB it goes on where an earlier run was killed."""

from importlib import import_module
from typing import Any

from django.core.management import CommandError
from django.db import connections

from common.db import resumable
from common.db.resumable import MigrationHalfWay, MigrationRunning, ResumableExecutor

of_django: Any = import_module("django.core.management.commands.migrate")


class Command(of_django.Command):  # type: ignore[misc]
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "mysql" or options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        try:
            with resumable.only_one(connection):
                self._migrate(*args, **options)
        except MigrationRunning:
            raise CommandError("Another process is migrating this database. Try again when it has ended.") from None
        except MigrationHalfWay as found:
            raise CommandError(
                f"An earlier run was interrupted in the middle of {found.app}.{found.name}. "
                f"Finish it first: manage.py migrate {found.app} {found.target}"
            ) from None

    def _migrate(self, *args: Any, **options: Any) -> None:
        executors: list[ResumableExecutor] = []

        def make(*arguments: Any) -> ResumableExecutor:
            executors.append(ResumableExecutor(*arguments))
            return executors[-1]

        plain, of_django.MigrationExecutor = of_django.MigrationExecutor, make
        try:
            super().handle(*args, **options)
        finally:
            of_django.MigrationExecutor = plain
        if executors and executors[0].interrupted:
            self.stdout.write("An earlier run was interrupted; what it had left out is done now.")
