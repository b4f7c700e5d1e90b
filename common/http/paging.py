"""Cursor pagination: pages stay stable while rows are added and deleted."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

PAGE_SIZE, MAX_PAGE_SIZE = 50, 200
WRONG_CURSOR = _("Take the cursor from the address of the next page.")

Row = TypeVar("Row", bound=Model)


class Pages(CursorPagination):
    """Base class; a subclass sets an `ordering` that ends with a unique key."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "page_size"
    ordering: Any = ()


class PageQuerySerializer(serializers.Serializer[Any]):
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=MAX_PAGE_SIZE)
    cursor = serializers.CharField(required=False)


class CursorField(serializers.CharField):
    """A cursor of a list's own. parse: from a client's text; raises ValueError."""

    def __init__(self, parse: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self.parse = parse

    def to_internal_value(self, data: Any) -> Any:
        try:
            return self.parse(super().to_internal_value(data))
        except ValueError:
            raise serializers.ValidationError(WRONG_CURSOR) from None


def page_of(pages: CursorPagination, rows: QuerySet[Row], request: Request) -> tuple[list[Row], CursorPagination]:
    """The rows of the requested page, and the paginator, which knows the next page's address."""
    view: Any = None  # the paginator has its own ordering
    try:
        page = pages.paginate_queryset(rows, request, view)
    except (NotFound, InvalidValue, ValueError, OverflowError):
        raise ValidationError({"cursor": [WRONG_CURSOR]}) from None
    return list(page or []), pages
