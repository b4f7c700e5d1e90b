"""The error responses that every operation has in the live documentation, with their bodies."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from common.http.idempotency import HEADER, MAX_LENGTH
from common.http.throttling import WriteThrottle

TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "Why the request was not carried out.",
    "properties": {"detail": TEXT, "code": TEXT},
    "required": ["detail"],
}
FIELD_PROBLEMS = {
    "type": "object",
    "description": "The errors of each field, by its name; `detail` has those of the whole body.",
    "minProperties": 1,
    "additionalProperties": {"oneOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]},
}
COMPONENTS = {"Problem": PROBLEM, "FieldProblems": FIELD_PROBLEMS}
BODIES = {
    "400": "FieldProblems",
    "401": "Problem",
    "403": "Problem",
    "404": "Problem",
    "409": "Problem",
    "411": "Problem",
    "413": "FieldProblems",
    "429": "Problem",
    "503": "Problem",
}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}

IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description=f"any text up to {MAX_LENGTH} characters; what is sent again with the same key counts once",
)

BAD_INPUT = "A field or parameter is missing or wrong (the response names it), or the body is not valid JSON"
UNKNOWN = "No token, an invalid or expired one, or one of a deleted account"
NOT_FOUND = "The user has nothing with that id"
NO_LENGTH = "A body without Content-Length"
TOO_LARGE = "More bytes than are accepted"
TOO_MANY = "Too many requests: try again after Retry-After seconds"
UNAVAILABLE = "A database cannot be reached: try again after Retry-After seconds"


class ErrorResponseSchema(AutoSchema):
    """An operation with all its responses: those that its view declares, and those that every such view can give.

    If a view declares one of the latter itself, its description stays and only the body is added.
    """

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is None:
            return None
        responses = operation["responses"]
        for status, description in self._refusals(operation).items():
            responses.setdefault(status, {"description": description})
        for status in BODIES.keys() & responses.keys():
            responses[status] = {**self._body(BODIES[status]), **responses[status]}
            if status in {"429", "503"}:
                responses[status]["headers"] = RETRY_AFTER
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _refusals(self, operation: dict[str, Any]) -> dict[str, str]:
        locations = {parameter["in"] for parameter in operation.get("parameters", [])}
        has_body = "requestBody" in operation
        refusals = {
            "400": BAD_INPUT if has_body or "query" in locations else "",
            "401": UNKNOWN if "security" in operation else "",
            "404": NOT_FOUND if "path" in locations else "",
            "411": NO_LENGTH if has_body else "",
            "413": TOO_LARGE if has_body else "",
            "429": TOO_MANY if self._is_throttled() else "",
            "503": UNAVAILABLE,
        }
        return {status: description for status, description in refusals.items() if description}

    def _is_throttled(self) -> bool:
        counts_reads = any(not isinstance(throttle, WriteThrottle) for throttle in self.view.get_throttles())
        return counts_reads or (self.method not in SAFE_METHODS and bool(self.view.get_throttles()))

    def _body(self, name: str) -> dict[str, Any]:
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, COMPONENTS[name], name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        return {"content": {"application/json": {"schema": component.ref}}}
