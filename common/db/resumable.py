"""Migrations on MySQL and MariaDB that can be killed at any moment and run again, in either direction.

There each statement that changes a table is committed by itself, so a migration that was killed has been half applied
or half undone, and fails for ever ("already exists"). Here a journal says how many operations of the migration under
way are done. They are skipped the next time; the one that was under way is repeated, and a statement that it has
carried out already is passed over. Statements that Django leaves for the end of a migration may be lost then: foreign
keys and indexes that are missing are made once no migration is half-way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

TABLE = "posesmart_migrating"
LOCK_S = 60  # the server may still be finishing a statement of the process that was killed

# Exists already: table, column, key, primary key, foreign key. Is gone already: table, column or key, table or column
# that was renamed.
DONE_BEFORE = frozenset({1050, 1060, 1061, 1068, 1022, 1826, 1051, 1091, 1146, 1054})

Key = tuple[str, str]  # a migration's app and name


class MigrationRunning(Exception):
    """Another process is migrating this database."""


class MigrationHalfWay(Exception):
    """Another migration, or the other direction of this one, has to be finished first. target: what to migrate to."""

    def __init__(self, key: Key, target: str) -> None:
        super().__init__(key, target)
        self.app, self.name = key
        self.target = target


@dataclass(frozen=True, slots=True)
class Entry:
    """undoing: backwards. done: the number of operations, counted in that direction."""

    undoing: bool
    done: int


class Journal:
    """The migrations that have begun and are not known to be complete."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = connection
        columns = "app VARCHAR(100), name VARCHAR(150), undoing BOOL, done INT, PRIMARY KEY (app, name)"
        self._execute(f"CREATE TABLE IF NOT EXISTS {TABLE} ({columns})")

    def read(self) -> dict[Key, Entry]:
        rows = self._execute(f"SELECT app, name, undoing, done FROM {TABLE}")  # noqa: S608 - our own name
        return {(app, name): Entry(bool(undoing), done) for app, name, undoing, done in rows}

    def write(self, key: Key, entry: Entry) -> None:
        self._execute(f"REPLACE INTO {TABLE} VALUES (%s, %s, %s, %s)", *key, entry.undoing, entry.done)  # noqa: S608

    def delete(self, key: Key) -> None:
        self._execute(f"DELETE FROM {TABLE} WHERE app = %s AND name = %s", *key)  # noqa: S608

    def clear(self) -> None:
        self._execute(f"DELETE FROM {TABLE}")  # noqa: S608

    def _execute(self, sql: str, *values: Any) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()


class ResumableExecutor(MigrationExecutor):
    """Keeps the journal. interrupted: what an earlier run has begun."""

    def __init__(self, connection: Any, progress_callback: Any = None) -> None:
        super().__init__(connection, progress_callback)
        self._journal = Journal(connection)
        self.interrupted = self._journal.read()

    def migrate(
        self, targets: Any, plan: Any = None, state: Any = None, fake: bool = False, fake_initial: bool = False
    ) -> Any:
        """Raises MigrationHalfWay."""
        plan = self.migration_plan(targets) if plan is None else plan
        self._require_half_way_in({(_key(migration), undoing) for migration, undoing in plan})
        state = super().migrate(targets, plan, state, fake, fake_initial)
        if self.interrupted:
            if not fake:
                _complete(self.connection, state.apps)
            self._journal.clear()
        return state

    def apply_migration(self, state: Any, migration: Any, fake: bool = False, fake_initial: bool = False) -> Any:
        journaled = self._journaled(migration, undoing=False)
        result = super().apply_migration(state, journaled, fake, fake_initial)
        self._end(migration)
        return result

    def unapply_migration(self, state: Any, migration: Any, fake: bool = False) -> Any:
        journaled = self._journaled(migration, undoing=True)
        result = super().unapply_migration(state, journaled, fake)
        self._end(migration)
        return result

    def _require_half_way_in(self, plan: set[tuple[Key, bool]]) -> None:
        for key, entry in self.interrupted.items():
            is_half_way = entry.undoing == (key in self.loader.applied_migrations)
            if is_half_way and (key, entry.undoing) not in plan:
                raise MigrationHalfWay(key, self._before(key) if entry.undoing else key[1])

    def _before(self, key: Key) -> str:
        """The name of the migration before this one in its app; "zero" if it is the first."""
        parents = [parent.key for parent in self.loader.graph.node_map[key].parents]
        return next((name for app, name in parents if app == key[0]), "zero")

    def _journaled(self, migration: Migration, undoing: bool) -> Migration:
        """A copy: a migration's operations belong to its class, which is used for other databases as well."""
        before = self.interrupted.get(_key(migration))
        if before and before.undoing != undoing:
            before = None
        journaled: Any = copy(migration)
        journaled.operations = [copy(operation) for operation in migration.operations]
        method = "database_backwards" if undoing else "database_forwards"
        for index, operation in enumerate(journaled.operations[:: -1 if undoing else 1]):
            step = self._step(_key(migration), Entry(undoing, index), getattr(operation, method), before)
            setattr(operation, method, step)
        return journaled  # type: ignore[no-any-return]

    def _step(self, key: Key, entry: Entry, original: Callable[..., None], before: Entry | None) -> Callable[..., None]:
        def step(app_label: str, editor: Any, *states: Any) -> None:
            if before and entry.done < before.done:
                return
            if not before and entry.done == 0:
                self._journal.write(key, entry)
            with _repeating(editor) if before and entry.done == before.done else nullcontext():
                original(app_label, editor, *states)
            # Changes to rows are in one transaction with this, so they are made once.
            self._journal.write(key, Entry(entry.undoing, entry.done + 1))

        return step

    def _end(self, migration: Migration) -> None:
        if _key(migration) not in self.interrupted:  # otherwise once the missing keys are made
            self._journal.delete(_key(migration))


def _key(migration: Migration) -> Key:
    return migration.app_label, migration.name


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


def _complete(connection: Any, apps: Any) -> None:
    """Make the foreign keys, indexes and constraints of the models that the tables lack."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.can_migrate(connection) and router.allow_migrate_model(connection.alias, model):
            _complete_table(connection, model)


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
    elif field.db_index and not field.unique and not any(found["index"] for found in of_field):
        editor.execute(editor._create_index_sql(model, fields=[field]))
    is_unique = any(found["unique"] and len(found["columns"]) == 1 for found in of_field)
    if field.unique and not field.primary_key and not is_unique:
        editor.execute(editor._create_unique_sql(model, [field]))
