"""The probes: /healthz says that the process runs, /readyz whether frames can be judged."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from office import readiness
from office.readiness import OK, UNAVAILABLE


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    checks = readiness.checks()
    status = readiness.worst(checks)
    return JsonResponse({"status": status, **checks}, status=503 if status == UNAVAILABLE else 200)
