"""The API's calls, read from its schema."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from drf_spectacular.generators import SchemaGenerator

from tests import pictures

Operation = dict[str, Any]
Body = tuple[bytes, str]  # and its content type

JSON = "application/json"


@cache
def schema() -> dict[str, Any]:
    """The API's schema, of which nobody may change anything."""
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return generated


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """(method, path, operation) of each call."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def fields(schema: dict[str, Any], operation: Operation) -> dict[str, Any]:
    """The writable fields of an operation's JSON body, by name."""
    if not has_json(operation):
        return {}
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    component = reference.rpartition("/")[2]
    properties = schema["components"]["schemas"][component]["properties"]
    return {name: field for name, field in properties.items() if not field.get("readOnly")}


def example_bodies(operation: Operation) -> list[dict[str, Any]]:
    if not has_json(operation):
        return []
    return [
        example["value"] for example in operation["requestBody"]["content"]["application/json"]["examples"].values()
    ]


def has_json(operation: Operation) -> bool:
    return JSON in operation.get("requestBody", {}).get("content", {})


def raw_bodies(operation: Operation) -> list[Body]:
    """A body of each kind that is not JSON."""
    kinds = operation.get("requestBody", {}).get("content", {}).keys() - {JSON}
    return [RAW[kind]() for kind in sorted(kinds)]


def _burst() -> Body:
    moments = ["2026-11-25T09:00:00.000Z", "2026-11-25T09:00:00.066Z"]
    pictures_sent = [SimpleUploadedFile(f"{number}.jpg", picture(), "image/jpeg") for number in range(len(moments))]
    return encode_multipart(BOUNDARY, {"frames": pictures_sent, "captured_at": moments}), MULTIPART_CONTENT


def picture() -> bytes:
    return pictures.jpeg(pictures.small())


RAW: dict[str, Callable[[], Body]] = {
    "image/jpeg": lambda: (picture(), "image/jpeg"),
    "image/png": lambda: (pictures.png(pictures.small()), "image/png"),
    "multipart/form-data": _burst,
}
