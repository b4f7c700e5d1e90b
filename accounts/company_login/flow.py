"""The two ends of an authorization code flow: the way to the provider, and what comes back, checked.

State, nonce and PKCE verifier are in the browser's session, each for one use.
"""

from typing import Any

import jwt
import requests
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from accounts.company_login.claims import Claims
from accounts.company_login.provider import TIMEOUT_S, Provider

STATES = "oidc_states"  # the library's key in the session
CLOCK_LEEWAY_S = 30


class LoginRefused(Exception):
    """The provider let nobody in; `reason` is one that the page has words for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AuthorizationRequest(OIDCAuthenticationRequestView):  # type: ignore[misc]
    """Sends the browser to the provider."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.provider = Provider.discover()
        super().__init__(*args, **options)

    def get_settings(self, name: str, *default: Any) -> Any:
        return self.provider.setting(name, *default)


class CodeExchange(OIDCAuthenticationBackend):  # type: ignore[misc]
    """Exchanges the code that came back; not one of AUTHENTICATION_BACKENDS, which every password would pass."""

    def __init__(self) -> None:
        self.provider = Provider.discover()
        super().__init__()

    def get_settings(self, name: str, *default: Any) -> Any:
        return self.provider.setting(name, *default)

    def verify_token(self, token: Any, **options: Any) -> dict[str, Any]:
        """The claims of an id token with a good signature and our nonce. Raises SuspiciousOperation, PyJWTError."""
        algorithm = jwt.get_unverified_header(token).get("alg")
        if algorithm not in self.provider.algorithms:
            raise SuspiciousOperation("The id token is signed in a way that is not accepted.")
        self.OIDC_RP_SIGN_ALGO = algorithm
        claims: dict[str, Any] = super().verify_token(token, **options)
        return claims

    def retrieve_matching_jwk(self, token: Any) -> jwt.PyJWK:
        """The key that the token names. A provider with one key need not name it, which the library demands."""
        header = jwt.get_unverified_header(token)
        response = requests.get(self.OIDC_OP_JWKS_ENDPOINT, timeout=TIMEOUT_S)
        response.raise_for_status()
        keys = [key for key in response.json()["keys"] if _fits(key, header)]
        if len(keys) != 1:
            raise SuspiciousOperation("The id token's key is not among the provider's.")
        return jwt.PyJWK(keys[0], algorithm=header["alg"])

    def _verify_jws(self, payload: str, key: Any) -> dict[str, Any]:
        """The library checks neither issuer nor audience, and a clock that is a second late would fail."""
        client_id = self.OIDC_RP_CLIENT_ID
        claims: dict[str, Any] = jwt.decode(
            payload,
            key,
            algorithms=[self.OIDC_RP_SIGN_ALGO],
            audience=client_id,
            issuer=self.provider.issuer,
            leeway=CLOCK_LEEWAY_S,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
        audience = claims["aud"]
        is_for_several = isinstance(audience, list) and len(audience) > 1
        if claims.get("azp", "" if is_for_several else client_id) != client_id:
            raise SuspiciousOperation("The id token was issued to another client.")
        return claims

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> Claims:
        """Who it is; which user that is, is decided elsewhere."""
        more = self.get_userinfo(access_token, id_token, payload) if self.provider.userinfo_endpoint else {}
        if more and more.get("sub") != payload["sub"]:
            raise LoginRefused("invalid")  # another person's
        return Claims.of(payload | more, issuer=self.provider.issuer)


def _fits(key: dict[str, Any], header: dict[str, Any]) -> bool:
    """True if a token with this header may have been signed with the provider's key."""
    kind = "RSA" if header["alg"].startswith("RS") else "EC"
    return (
        key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", header["alg"]) == header["alg"]
        and header.get("kid", key.get("kid")) == key.get("kid")
    )


def claims_from(request: HttpRequest) -> Claims:
    """Who has come back from the provider.

    Raises LoginRefused, ProviderFault, SuspiciousOperation, PyJWTError, and requests' exceptions.
    """
    started = request.session.get(STATES, {}).pop(request.GET.get("state", ""), None)
    if started is None:
        raise LoginRefused("stale")
    request.session.save()
    if "code" not in request.GET:
        raise LoginRefused("refused")
    claims = CodeExchange().authenticate(request, nonce=started["nonce"], code_verifier=started["code_verifier"])
    if not isinstance(claims, Claims):
        raise LoginRefused("invalid")
    return claims
