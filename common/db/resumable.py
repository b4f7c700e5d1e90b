"""Migrations on MySQL and MariaDB that can be killed at any moment and run again.

There each statement that changes a table is committed by itself, so a migration that was killed has been half applied
and fails for ever ("already exists"). Here a journal says how many operations of the migration under way are done. They
are skipped the next time; the one that was under way is repeated, and a statement that it has carried out already is
passed over. Statements that Django leaves for the end of a migration may be lost then: foreign keys and indexes that
are missing are made once all migrations are applied.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.apps import apps
from django.db import DatabaseError, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

TABLE = "posesmart_migrating"
LOCK_S = 60  # the server may still be finishing a statement of the process that was killed

# Exists already: table, column, key, primary key, foreign key. Is gone already: table, column or key, table or column
# that was renamed.
DONE_BEFORE = frozenset({1050, 1060, 1061, 1068, 1022, 1826, 1051, 1091, 1146, 1054})


class MigrationRunning(Exception):
    """Another process is migrating this database."""


class Journal:
    """The migrations that have begun and are not known to be complete, with the number of operations done."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        columns = "app VARCHAR(100), name VARCHAR(150), done INT, PRIMARY KEY (app, name)"
        self._execute(f"CREATE TABLE IF NOT EXISTS {TABLE} ({columns})")

    def read(self) -> dict[tuple[str, str], int]:
        rows = self._execute(f"SELECT app, name, done FROM {TABLE}")  # noqa: S608 - our own name
        return {(app, name): done for app, name, done in rows}

    def write(self, migration: Migration, done: int) -> None:
        self._execute(f"REPLACE INTO {TABLE} VALUES (%s, %s, %s)", migration.app_label, migration.name, done)  # noqa: S608

    def delete(self, migration: Migration) -> None:
        self._execute(f"DELETE FROM {TABLE} WHERE app = %s AND name = %s", migration.app_label, migration.name)  # noqa: S608

    def clear(self) -> None:
        self._execute(f"DELETE FROM {TABLE}")  # noqa: S608

    def _execute(self, sql: str, *values: Any) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


class ResumableExecutor(MigrationExecutor):
    """Keeps the journal. interrupted: the migrations that an earlier run has begun."""

    def __init__(self, connection: Any, progress_callback: Any = None) -> None:
        super().__init__(connection, progress_callback)
        self._journal = Journal(connection)
        self.interrupted = self._journal.read()

    def apply_migration(self, state: Any, migration: Any, fake: bool = False, fake_initial: bool = False) -> Any:
        done = self.interrupted.get((migration.app_label, migration.name))
        if done is None:
            self._journal.write(migration, 0)
        for index, operation in enumerate(migration.operations):
            operation.database_forwards = self._step(migration, index, operation, done)
        result = super().apply_migration(state, migration, fake, fake_initial)
        if done is None:
            self._journal.delete(migration)  # otherwise once the missing keys are made
        return result

    def _step(self, migration: Migration, index: int, operation: Any, done: int | None) -> Callable[..., None]:
        original = operation.database_forwards

        def step(app_label: str, editor: Any, *states: Any) -> None:
            if done is not None and index < done:
                return
            with _repeating(editor) if index == done else nullcontext():
                original(app_label, editor, *states)
            # Changes to rows are in one transaction with this, so they are made once.
            self._journal.write(migration, index + 1)

        return step


@contextmanager
def only_one(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Raises MigrationRunning if another process is in this block for the same database."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT GET_LOCK(CONCAT(DATABASE(), '.{TABLE}'), {LOCK_S})")
        if cursor.fetchone() != (1,):
            raise MigrationRunning
        try:
            yield
        finally:
            cursor.execute(f"SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.{TABLE}'))")


def complete(connection: Any) -> None:
    """Make the foreign keys, indexes and constraints of the models that the tables lack, and clear the journal."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.can_migrate(connection) and router.allow_migrate_model(connection.alias, model):
            _complete_table(connection, model)
    Journal(connection).clear()


@contextmanager
def _repeating(editor: Any) -> Iterator[None]:
    """Pass over statements of the schema editor that have been carried out before."""
    execute = editor.execute

    def tolerant(*arguments: Any, **options: Any) -> None:
        try:
            execute(*arguments, **options)
        except DatabaseError as error:
            if not error.args or error.args[0] not in DONE_BEFORE:
                raise

    editor.execute = tolerant
    try:
        yield
    finally:
        editor.execute = execute


def _complete_table(connection: Any, model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, model._meta.db_table)
    with connection.schema_editor() as editor:
        for field in model._meta.local_fields:
            _complete_field(editor, model, field, list(there.values()))
        unique = {tuple(found["columns"]) for found in there.values() if found["unique"]}
        for names in model._meta.unique_together:
            fields: list[Any] = [model._meta.get_field(name) for name in names]
            if tuple(field.column for field in fields) not in unique:
                editor.execute(editor._create_unique_sql(model, fields))
        for constraint in model._meta.constraints:
            if constraint.name not in there:
                editor.add_constraint(model, constraint)
        for index in model._meta.indexes:
            if index.name not in there:
                editor.add_index(model, index)


def _complete_field(editor: Any, model: type[models.Model], field: Any, there: list[dict[str, Any]]) -> None:
    of_field = [found for found in there if found["columns"][:1] == [field.column]]
    if field.remote_field:
        if field.db_constraint and not any(found["foreign_key"] for found in of_field):
            editor.execute(editor._create_fk_sql(model, field, "_fk_%(to_table)s_%(to_column)s"))
    elif field.db_index and not field.unique and not of_field:
        editor.execute(editor._create_index_sql(model, fields=[field]))
    is_unique = any(found["unique"] and len(found["columns"]) == 1 for found in of_field)
    if field.unique and not field.primary_key and not is_unique:
        editor.execute(editor._create_unique_sql(model, [field]))
