"""OpenAPI descriptions of the calls of a company login."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from accounts.company_login.serializers import (
    CodeSerializer,
    CompanyLoginSerializer,
    CompanyTokensSerializer,
    PersonSerializer,
)

CODE = OpenApiExample("After the provider", {"code": "kq4S0uVt1Zy7…"}, request_only=True)
COMMON: dict[str, Any] = {"tags": ["accounts"], "auth": []}
REFUSED = {
    400: OpenApiResponse(description="The code is used, too old or another browser's, or something is missing"),
    403: OpenApiResponse(description="The account is not active, or this person may not sign up (`SIGN_UP`)"),
}

PERSON: dict[str, Any] = COMMON | {
    "summary": "See who has logged in through the company",
    "description": "For the page, with the session's cookie of the browser that was at the provider.",
    "request": CodeSerializer,
    "responses": {200: PersonSerializer} | REFUSED,
    "examples": [CODE, OpenApiExample("Mina", {"state": "new", "username": "mina@example.com"}, response_only=True)],
}
LOG_IN: dict[str, Any] = COMMON | {
    "summary": "Exchange the code of a company login for tokens",
    "description": "The code works once. Somebody new also sends `privacy`, and whoever has an account already its "
    "`password`, once.",
    "request": CompanyLoginSerializer,
    "responses": {200: CompanyTokensSerializer} | REFUSED,
    "examples": [
        CODE,
        OpenApiExample(
            "Tokens",
            {
                "access": "eyJhbGciOi…",
                "refresh": "eyJhbGciOi…",
                "username": "mina@example.com",
                "has_password": False,
            },
            response_only=True,
        ),
    ],
}
