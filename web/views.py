"""The page: one document, rendered in the visitor's language before any script runs. Its fragment picks the view."""

import json

from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from web import privacy_choices

THEMES = ("light", "dark")
# The modules that main.js imports, directly or indirectly: preloaded together instead of one after the other.
FIRST_SCRIPTS = ("api", "dom", "errors", "http", "i18n", "login", "preferences", "router")
KOREAN = tuple(f"locales/ko{part}" for part in ("", "_companion", "_desk", "_entry", "_history", "_privacy"))
HEADERS = {
    # Nothing from other origins, nothing inline: text injected into the page cannot run or send data elsewhere.
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}

LANDMARKS_WORKER = "web/js/landmarks/worker.js"
LANDMARKS_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'"


@require_safe
def landmarks_worker(_request: HttpRequest) -> HttpResponse:
    """The worker that finds faces in the browser. A worker has the policy that it is served with, not its page's: so
    WebAssembly is allowed here and nowhere else, and no picture can go to another site."""
    headers = {"Content-Security-Policy": LANDMARKS_POLICY, "Cache-Control": "no-cache"}
    script = f"import {json.dumps(static(LANDMARKS_WORKER))};\n"
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers=headers)


@require_safe
@vary_on_headers("Cookie")
def page(request: HttpRequest) -> TemplateResponse:
    """The same document for everybody, except for three cookies: language, theme, and whether the visitor is signed in
    (so that they do not see the first visit's screen before their own)."""
    theme = request.COOKIES.get("theme", "")
    language = "ko" if get_language() == "ko-kr" else "en"
    scripts = FIRST_SCRIPTS + (KOREAN if language == "ko" else ())
    context = {
        "language": language,
        "other_language": "en" if language == "ko" else "ko",
        "theme": theme if theme in THEMES else "",
        "is_signed_in": request.COOKIES.get("signed_in") == "1",
        "preloaded": [f"web/js/{name}.js" for name in scripts],
        "retention_days": settings.FRAME_RETENTION_DAYS,
        "privacy_wording": privacy_choices.WORDING,
        "has_browser_mode": privacy_choices.is_browser_mode_installed(),
        "keep_days_offered": privacy_choices.keep_days_offered(),
        "usual_keep_days": privacy_choices.USUAL_DAYS,
        "sends_mail": bool(settings.EMAIL_URL),
        "support_contact": settings.SUPPORT_CONTACT,
        "sign_up": settings.SIGN_UP,
        "has_company_login": bool(settings.OIDC_ISSUER),
        "company": settings.OIDC_LABEL,
        "password_rules": password_validators_help_texts(),
    }
    return TemplateResponse(request, "web/page.html", context, headers=HEADERS)
