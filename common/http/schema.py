"""What the live documentation tells of every operation alike: how it refuses, and with which body."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

WORDS = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "Why the request was not carried out.",
    "properties": {"detail": WORDS, "code": WORDS},
    "required": ["detail"],
}
FIELD_PROBLEMS = {
    "type": "object",
    "description": "What is wrong with each field, by its name; under `detail` what is wrong with the whole body.",
    "minProperties": 1,
    "additionalProperties": {"oneOf": [WORDS, {"type": "array", "items": WORDS, "minItems": 1}]},
}
COMPONENTS = {"Problem": PROBLEM, "FieldProblems": FIELD_PROBLEMS}
BODIES = {
    "400": "FieldProblems",
    "401": "Problem",
    "404": "Problem",
    "409": "Problem",
    "411": "Problem",
    "413": "FieldProblems",
    "429": "Problem",
    "503": "Problem",
}
RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}

BAD_INPUT = "A field or parameter is missing or wrong; it is named. Or the body is not valid JSON"
UNKNOWN = "No token, a bad or expired one, or one of an account that is gone"
NOT_THERE = "Nothing of that id among the user's own"
NO_LENGTH = "A body without Content-Length"
TOO_LARGE = "More bytes than are accepted"
TOO_MANY = "Too many requests: try again after Retry-After seconds"
AWAY = "A database cannot be reached: try again after Retry-After seconds"


class ErrorResponseSchema(AutoSchema):
    """An operation with all its answers: those its view names, and those that it gives without the view's doing.

    What a view says of one of the latter stays; it gets the body that such an answer has.
    """

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is None:
            return None
        responses = operation["responses"]
        for status, words in self._refusals(operation).items():
            responses.setdefault(status, {"description": words})
        for status in BODIES.keys() & responses.keys():
            responses[status] = {**self._body(BODIES[status]), **responses[status]}
            if status in {"429", "503"}:
                responses[status]["headers"] = RETRY_AFTER
        operation["responses"] = dict(sorted(responses.items()))
        return operation

    def _refusals(self, operation: dict[str, Any]) -> dict[str, str]:
        places = {parameter["in"] for parameter in operation.get("parameters", [])}
        has_body = "requestBody" in operation
        refusals = {
            "400": BAD_INPUT if has_body or "query" in places else "",
            "401": UNKNOWN if "security" in operation else "",
            "404": NOT_THERE if "path" in places else "",
            "411": NO_LENGTH if has_body else "",
            "413": TOO_LARGE if has_body else "",
            "429": TOO_MANY if self.view.get_throttles() else "",
            "503": AWAY,
        }
        return {status: words for status, words in refusals.items() if words}

    def _body(self, name: str) -> dict[str, Any]:
        component = ResolvedComponent(name, ResolvedComponent.SCHEMA, COMPONENTS[name], name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        return {"content": {"application/json": {"schema": component.ref}}}
