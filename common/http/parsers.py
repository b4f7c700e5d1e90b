"""Parsers for request bodies of bounded size: JSON, one picture, or a multipart form with several."""

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
    """JSON in UTF-8, refused before it is read if its Content-Length is over the view's limit.

    NaN and Infinity, which JSON does not have, are accepted here: their field then refuses them by name, while DRF's
    own parser would only say that the JSON is invalid.
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
    """A body of a picture's bytes; their type is read from the bytes, not from Content-Type."""

    media_type = "image/*"

    def parse(  # type: ignore[override] # bytes are what these views expect
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        check_size(parser_context)
        return bytes(stream.read())


class FormParser(BaseParser):
    """The fields and files of multipart/form-data. Files are never written to disk."""

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
            raise ValidationError({field: [_("There are too many files.")]}) from None
        except (MultiPartParserError, SuspiciousOperation) as error:
            raise ParseError(_("The body is not valid multipart/form-data: %(reason)s") % {"reason": error}) from error
        return DataAndFiles(texts, files)


class InMemory(MemoryFileUploadHandler):
    """Holds files of any size in memory: the size of the whole body has been checked."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def check_size(context: Mapping[str, Any] | None) -> None:
    """Raises BodyTooLarge if the request's Content-Length is over its view's limit."""
    context = context or {}
    view = context.get("view")
    limit = getattr(view, "max_body_bytes", settings.BODY_MAX_BYTES)
    size = int(context["request"].META.get("CONTENT_LENGTH") or 0)
    if size > limit:
        raise BodyTooLarge(size=size, limit=limit, field=getattr(view, "large_field", "detail"))
