"""Reading request bodies: JSON, of bounded size."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from posesmart.errors import BodyTooLarge


class BoundedJSONParser(BaseParser):
    """JSON in UTF-8, refused before it is read where it announces more bytes than the view takes.

    Numbers that JSON does not have (NaN, Infinity) are let through: the field they stand in refuses them by its name,
    where DRF's own parser would only say that something is wrong somewhere.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        context = parser_context or {}
        view = context.get("view")
        limit = getattr(view, "max_body_bytes", settings.BODY_MAX_BYTES)
        size = int(context["request"].META.get("CONTENT_LENGTH") or 0)
        if size > limit:
            raise BodyTooLarge(size=size, limit=limit, field=getattr(view, "large_field", "detail"))
        try:
            return json.loads(stream.read())
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON: %(reason)s") % {"reason": error}) from error
