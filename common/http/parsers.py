"""Reading request bodies, of bounded size: JSON, a picture, or several of them."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation, TooManyFilesSent
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser, DataAndFiles

from common.http.errors import BodyTooLarge


class BoundedJSONParser(BaseParser):
    """JSON in UTF-8, refused before it is read where it announces more bytes than the view takes.

    Numbers that JSON does not have (NaN, Infinity) are let through: the field they stand in refuses them by its name,
    where DRF's own parser would only say that something is wrong somewhere.
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        check_size(parser_context)
        try:
            return json.loads(stream.read())
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON: %(reason)s") % {"reason": error}) from error


class PictureParser(BaseParser):
    """A body that is a picture's bytes; what kind they are of they tell themselves."""

    media_type = "image/*"

    def parse(  # type: ignore[override] # what a body is read into is the view's affair
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        check_size(parser_context)
        return bytes(stream.read())


class FormParser(BaseParser):
    """multipart/form-data as its texts and its files, which never touch a disk."""

    media_type = "multipart/form-data"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> "DataAndFiles[Any, Any]":
        check_size(parser_context)
        context = parser_context or {}
        meta = context["request"].META
        try:
            texts, files = MultiPartParser(meta, stream, [InMemory()], settings.DEFAULT_CHARSET).parse()
        except TooManyFilesSent:
            field = getattr(context.get("view"), "large_field", "detail")
            raise ValidationError({field: [_("There are too many of them.")]}) from None
        except (MultiPartParserError, SuspiciousOperation) as error:
            raise ParseError(_("The body is not valid multipart/form-data: %(reason)s") % {"reason": error}) from error
        return DataAndFiles(texts, files)


class InMemory(MemoryFileUploadHandler):
    """Whatever the size: that of the whole body has been checked."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def check_size(context: Mapping[str, Any] | None) -> None:
    """Raises BodyTooLarge where a request announces more bytes than its view takes."""
    context = context or {}
    view = context.get("view")
    limit = getattr(view, "max_body_bytes", settings.BODY_MAX_BYTES)
    size = int(context["request"].META.get("CONTENT_LENGTH") or 0)
    if size > limit:
        raise BodyTooLarge(size=size, limit=limit, field=getattr(view, "large_field", "detail"))
