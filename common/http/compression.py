from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.gzip import GZipMiddleware


class PageGZipMiddleware(GZipMiddleware):
    """Compresses the page and static files, as nginx does in front of the service.

    API responses stay uncompressed: if a response holds a user's data beside text that a stranger can choose, its
    compressed size reveals the data (BREACH).
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        is_page = request.path_info == "/" or request.path_info.startswith(f"/{settings.STATIC_URL.strip('/')}/")
        return super().process_response(request, response) if is_page else response
