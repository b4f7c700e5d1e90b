from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import JSONRenderer


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
