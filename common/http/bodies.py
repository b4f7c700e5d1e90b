"""Request bodies, of bounded size: JSON, a picture, or several of them; and response bodies: JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation, TooManyFilesSent
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, DataAndFiles
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

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
    limit = getattr(settings, getattr(view, "body_limit", "BODY_MAX_BYTES"))
    size = int(context["request"].META.get("CONTENT_LENGTH") or 0)
    if size > limit:
        raise BodyTooLarge(size=size, limit=limit, field=getattr(view, "large_field", "detail"))


class EscapingJSONRenderer(JSONRenderer):
    ensure_ascii = True


class AnyTextJSONRenderer(JSONRenderer):
    """JSON in UTF-8, or escaped ASCII if UTF-8 cannot encode it, such as a lone surrogate quoted in an error."""

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().render(data, accepted_media_type, renderer_context)
        except UnicodeEncodeError:
            return EscapingJSONRenderer().render(data, accepted_media_type, renderer_context)


class OneRendererNegotiation(DefaultContentNegotiation):
    """Uses the renderer of a view that has only one, whatever Accept and ?format= say.

    Otherwise Accept: image/*, or a ?format= that the view handles itself, would turn every error into a 406 or a 404.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        only, *others = renderers
        return super().select_renderer(request, renderers, format_suffix) if others else (only, only.media_type)
