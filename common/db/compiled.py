"""Queries that every frame runs, compiled once: the ORM takes longer for that than the database to answer them."""

from typing import Any

from django.db.models import QuerySet


def compiled(queryset: QuerySet[Any, Any]) -> str:
    """The SQL of a queryset, with a placeholder for each value in it; to be cached by the caller."""
    sql, _ = queryset.query.sql_with_params()
    return sql
