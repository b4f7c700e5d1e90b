"""The company's OpenID Connect provider, as it describes itself, and mozilla-django-oidc's settings made of that."""

from dataclasses import dataclass
from typing import Any, Self

import requests
from django.conf import settings

TIMEOUT_S = 5  # of each call to the provider; a login makes five
WELL_KNOWN = "/.well-known/openid-configuration"
# What an id token may be signed with: keys of which only the provider has the secret half.
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
FIXED: dict[str, Any] = {
    "OIDC_RP_SCOPES": "openid email profile",
    "OIDC_AUTHENTICATION_CALLBACK_URL": "company-login-callback",
    "OIDC_USE_NONCE": True,
    "OIDC_USE_PKCE": True,
    "OIDC_TIMEOUT": TIMEOUT_S,
}


class ProviderFault(Exception):
    """The provider describes itself in a way that cannot be used."""


@dataclass(frozen=True, slots=True)
class Provider:
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str  # empty: all claims are in the id token
    algorithms: tuple[str, ...]
    takes_basic_auth: bool

    @classmethod
    def discover(cls) -> Self:
        """The provider at OIDC_ISSUER. Raises requests' exceptions, ProviderFault."""
        response = requests.get(settings.OIDC_ISSUER.rstrip("/") + WELL_KNOWN, timeout=TIMEOUT_S)
        response.raise_for_status()
        described = response.json()
        if not isinstance(described, dict) or not _same(str(described.get("issuer")), settings.OIDC_ISSUER):
            raise ProviderFault("its issuer is not OIDC_ISSUER")
        signed_with = described.get("id_token_signing_alg_values_supported", ["RS256"])
        methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        try:
            return cls(
                **{
                    name: str(described[name])
                    for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
                },
                userinfo_endpoint=str(described.get("userinfo_endpoint", "")),
                algorithms=tuple(name for name in ALGORITHMS if name in signed_with),
                takes_basic_auth="client_secret_basic" in methods,
            )
        except KeyError as error:
            raise ProviderFault(f"it names no {error.args[0]}") from error

    def setting(self, name: str, *default: Any) -> Any:
        """What mozilla-django-oidc reads under a name. Raises KeyError if it has no default either."""
        known = FIXED | {
            "OIDC_OP_AUTHORIZATION_ENDPOINT": self.authorization_endpoint,
            "OIDC_OP_TOKEN_ENDPOINT": self.token_endpoint,
            "OIDC_OP_JWKS_ENDPOINT": self.jwks_uri,
            "OIDC_OP_USER_ENDPOINT": self.userinfo_endpoint,
            "OIDC_RP_CLIENT_ID": settings.OIDC_CLIENT_ID,
            "OIDC_RP_CLIENT_SECRET": settings.OIDC_CLIENT_SECRET,
            "OIDC_TOKEN_USE_BASIC_AUTH": self.takes_basic_auth,
            "OIDC_RP_SIGN_ALGO": ALGORITHMS[0],
        }
        return known[name] if name in known else (default[0] if default else known[name])


def _same(one: str, other: str) -> bool:
    return one.rstrip("/") == other.rstrip("/")
