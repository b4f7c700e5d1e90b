from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class OneRendererNegotiation(DefaultContentNegotiation):
    """Uses the renderer of a view that has only one, whatever Accept and ?format= say.

    Otherwise Accept: image/*, or a ?format= that the view handles itself, would turn every error into a 406 or a 404.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> Any:
        only, *others = renderers
        return super().select_renderer(request, renderers, format_suffix) if others else (only, only.media_type)
