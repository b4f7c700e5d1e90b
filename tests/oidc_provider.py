"""A real OpenID Connect provider for tests, oidc-provider-mock, that can also be made to answer as it must not."""

import base64
import hashlib
import json
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

logging.getLogger("werkzeug").setLevel(logging.ERROR)
# For tests in whose process it runs: Authlib warns of its own next version.
QUIET = pytest.mark.filterwarnings(
    "ignore::authlib.deprecate.AuthlibDeprecationWarning", "ignore:get_jwt_config:DeprecationWarning"
)
Tamper = Callable[[dict[str, Any]], dict[str, Any] | str]


@dataclass
class Provider:
    """`tamper` changes the claims of the next id tokens, or returns a whole token; `broken` paths answer with a 500."""

    app: Any
    address: str = ""
    port: int = 0
    tamper: Tamper | None = None
    description: dict[str, Any] = field(default_factory=dict)  # changes of what it says of itself
    broken: set[str] = field(default_factory=set)
    token_requests: list[dict[str, str]] = field(default_factory=list)
    challenges: list[str] = field(default_factory=list)
    userinfo: dict[str, Any] | None = None  # instead of its own answer
    key: Any = None

    def sign(self, claims: dict[str, Any], **header: str) -> str:
        from authlib import jose

        token: bytes = jose.JsonWebToken(["RS256"]).encode({"alg": "RS256"} | header, claims, self.key)
        return token.decode()

    def proves_possession(self) -> bool:
        """Whether the verifier of the last token request fits the challenge of the last authorization (PKCE, S256)."""
        digest = hashlib.sha256(self.token_requests[-1]["code_verifier"].encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenges[-1]


def claims_in(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


@contextmanager
def running(port: int = 0) -> Iterator[Provider]:
    # Only here: it takes a second, which most of the processes that collect tests never need.
    import werkzeug.serving

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Authlib's of its own next version
        import oidc_provider_mock
    app = oidc_provider_mock.app(require_nonce=True)
    provider = Provider(app)
    _instrument(app, provider)
    server = werkzeug.serving.make_server("127.0.0.1", port, app, threaded=True)
    provider.port, provider.address = server.server_port, f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def _instrument(app: Any, provider: Provider) -> None:
    import flask

    def before() -> Any:
        request = flask.request
        if request.path in provider.broken:
            return "broken", 500
        if request.path == "/favicon.ico":  # it has none, and browsers ask for one
            return "", 204
        if request.path == "/oauth2/token":
            provider.token_requests.append(
                request.form.to_dict() | {"authorization": request.headers.get("Authorization", "")}
            )
        if request.path == "/oauth2/authorize" and "code_challenge" in request.args:
            assert request.args["code_challenge_method"] == "S256"
            provider.challenges.append(request.args["code_challenge"])
        if request.path == "/userinfo" and provider.userinfo is not None:
            return flask.jsonify(provider.userinfo)
        return None

    app.before_request(before)
    app.after_request(_tampering(provider))


def _tampering(provider: Provider) -> Callable[[Any], Any]:
    """Changes responses of the provider as the test wants them."""
    import flask

    def after(response: Any) -> Any:
        if response.mimetype == "text/html":  # it would load a style sheet from elsewhere
            response.set_data(re.sub(r"<link[^>]*>", "", response.get_data(as_text=True)))
        body = response.get_json(silent=True) if response.is_json else None
        if flask.request.path == "/.well-known/openid-configuration" and body:
            response.set_data(json.dumps(body | provider.description))
        if flask.request.path == "/oauth2/token" and body and "id_token" in body and provider.tamper:
            provider.key = flask.g.oidc_provider_mock_storage.jwk
            changed = provider.tamper(claims_in(body["id_token"]))
            response.set_data(
                json.dumps(body | {"id_token": changed if isinstance(changed, str) else provider.sign(changed)})
            )
        return response

    return after
