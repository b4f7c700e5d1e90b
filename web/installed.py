"""What makes the page an application: its manifest, icons and service worker."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext, override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from web.icons import SIZES, png_icon

STATIC = Path(__file__).parent / "static"
WORKER = "web/js/companion/service_worker.js"
BROWSER_MODE = STATIC / "web" / "landmarks"  # is of no use without a network
MANIFEST_LANGUAGES = {"en": "en", "ko": "ko-kr"}  # the page's name of a language, and Django's
# The same as --bg and --accent of base.css, in daylight: a manifest has one colour for both themes.
PURPOSES = ("any", "maskable")
BACKGROUND, THEME = "#f4f3ee", "#0f6b62"


@require_safe
@cache_control(max_age=3600, public=True)
def manifest(_request: HttpRequest, language: str) -> JsonResponse:
    """The web app manifest. The language is in the address, because browsers fetch it without cookies."""
    if language not in MANIFEST_LANGUAGES:
        raise Http404
    with override(MANIFEST_LANGUAGES[language]):
        content = {
            "id": "/",
            "start_url": "/#/desk",
            "scope": "/",
            "display": "standalone",
            "name": gettext("Pose Smart"),
            "short_name": gettext("Pose Smart"),
            "description": gettext(
                "Watches your posture and your eyes at your desk, with the camera you already have."
            ),
            "lang": language,
            "background_color": BACKGROUND,
            "theme_color": THEME,
            "icons": [{"src": static("web/icon.svg"), "type": "image/svg+xml", "sizes": "any"}, *_png_icons()],
        }
    return JsonResponse(content, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_safe
@cache_control(max_age=24 * 3600, public=True)
def icon(_request: HttpRequest, purpose: str, size: int) -> HttpResponse:
    if size not in SIZES or purpose not in PURPOSES:
        raise Http404
    return HttpResponse(png_icon(size, maskable=purpose == "maskable"), content_type="image/png")


@require_safe
@cache_control(no_cache=True)
def service_worker(_request: HttpRequest) -> HttpResponse:
    """The service worker: at the root, because it serves only addresses below its own. The files that it keeps for
    times without a network are told by their version: another release is another worker."""
    files = sorted(path for path in (STATIC / "web").rglob("*") if path.is_file() and BROWSER_MODE not in path.parents)
    version = _version(tuple((path, path.stat().st_mtime_ns) for path in files))
    shell = {"version": version, "files": [static(str(path.relative_to(STATIC))) for path in files]}
    script = f"self.shell = {json.dumps(shell)};\nimportScripts({json.dumps(static(WORKER))});\n"
    return HttpResponse(script, content_type="text/javascript; charset=utf-8")


def _png_icons() -> list[dict[str, str]]:
    return [
        {
            "src": reverse("icon", args=[purpose, size]),
            "type": "image/png",
            "sizes": f"{size}x{size}",
            "purpose": purpose,
        }
        for purpose, sizes in (("any", SIZES), ("maskable", SIZES[-1:]))
        for size in sizes
    ]


@cache
def _version(files: tuple[tuple[Path, int], ...]) -> str:
    """The same on all nodes with the same files. Their times are only the cache's key."""
    return hashlib.sha256(b"".join(path.read_bytes() for path, _changed in files)).hexdigest()[:16]
