from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

GetResponse = Callable[[HttpRequest], HttpResponseBase]


def require_content_length(get_response: GetResponse) -> GetResponse:
    """Middleware that refuses a chunked body.

    Django would read it as an empty one: a withdrawal would not see the password that it must check.
    """

    def response(request: HttpRequest) -> HttpResponseBase:
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            return JsonResponse({"detail": _("Send the body with its Content-Length.")}, status=411)
        return get_response(request)

    return response
