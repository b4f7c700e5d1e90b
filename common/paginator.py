"""Pages of long lists in the admin."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

COUNTED = 10_000  # rows; a list that is longer is cut there, since counting a million takes longer than reading a page


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts and shows the first COUNTED rows: whoever looks for others narrows the list."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNTED].count()) if hasattr(rows, "order_by") else len(rows)
