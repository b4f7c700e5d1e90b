"""`python manage.py migrate`: Django's, but on MySQL and MariaDB it goes on where an earlier run was killed."""

from importlib import import_module
from typing import Any

from django.core.management import CommandError
from django.db import connections

from common.db import resumable
from common.db.resumable import MigrationRunning, ResumableExecutor

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

    def _migrate(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        executors: list[ResumableExecutor] = []

        def make(*arguments: Any) -> ResumableExecutor:
            executors.append(ResumableExecutor(*arguments))
            return executors[-1]

        plain, of_django.MigrationExecutor = of_django.MigrationExecutor, make
        try:
            super().handle(*args, **options)
        finally:
            of_django.MigrationExecutor = plain
        if executors and executors[0].interrupted and not _is_behind(connection):
            resumable.complete(connection)
            self.stdout.write("An earlier run was interrupted; what it had left out is done now.")


def _is_behind(connection: Any) -> bool:
    executor = of_django.MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
