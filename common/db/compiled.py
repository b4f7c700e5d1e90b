"""Queries that every frame runs, compiled once: the ORM takes longer for that than the database to answer them."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
Row = tuple[Any, ...]


def compiled(queryset: QuerySet[Any, Any]) -> str:
    """The SQL of a queryset, with a placeholder for each value in it; to be cached by the caller."""
    sql, _ = queryset.query.sql_with_params()
    return sql


def fetch_one(sql: str, *parameters: Any) -> Row | None:
    """The first row that a query finds, as the database's driver returns it."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: Row | None = cursor.fetchone()
        return row


class CompiledQuery(Generic[M]):
    """A queryset's query for whole rows of its model, with its annotations; to be cached by the caller."""

    def __init__(self, queryset: QuerySet[M, M]) -> None:
        compiler = queryset.query.get_compiler(connection=connection)
        self._sql, _ = compiler.as_sql()
        self._converters = compiler.get_converters(expression for expression, *_ in compiler.select)
        self._annotations = compiler.annotation_col_map or {}
        columns = compiler.klass_info["select_fields"]
        self._names = [compiler.select[column][0].target.attname for column in columns]
        self._model = queryset.model

    def first(self, *parameters: Any) -> M | None:
        """The first row; parameters: the values in the query, as the database's driver takes them."""
        found = fetch_one(self._sql, *parameters)
        if found is None:
            return None
        values = list(found)
        for column, (converters, expression) in self._converters.items():
            for convert in converters:
                values[column] = convert(values[column], expression, connection)
        row: M = self._model.from_db(connection.alias, self._names, values[: len(self._names)])
        for name, column in self._annotations.items():
            setattr(row, name, values[column])
        return row


class CompiledUpdate(Generic[M]):
    """An update of some fields of one row, found by its key; to be cached by the caller."""

    def __init__(self, model: type[M], *fields: str) -> None:
        columns = [model._meta.get_field(name) for name in fields]
        self._fields = [*columns, model._meta.pk]
        *names, key = _quoted(self._fields)
        assignments = ", ".join(f"{name} = %s" for name in names)
        self._sql = f"UPDATE {_table(model)} SET {assignments} WHERE {key} = %s"  # noqa: S608

    def save(self, row: M) -> None:
        """Write the fields of a row that is in the database and locked."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, _values(row, self._fields))


class CompiledInsert(Generic[M]):
    """An insert of a row with the key it has; to be cached by the caller."""

    def __init__(self, model: type[M]) -> None:
        self._fields = model._meta.concrete_fields
        columns, places = ", ".join(_quoted(self._fields)), ", ".join(["%s"] * len(self._fields))
        self._sql = f"INSERT INTO {_table(model)} ({columns}) VALUES ({places})"  # noqa: S608

    def save(self, row: M) -> None:
        """Add the row. Raises IntegrityError."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, _values(row, self._fields))


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _quoted(fields: Iterable[Any]) -> list[str]:
    return [connection.ops.quote_name(field.column) for field in fields]


def _values(row: Model, fields: Iterable[Any]) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
