"""The calls as the schema tells them."""

from collections.abc import Iterator
from typing import Any

from drf_spectacular.generators import SchemaGenerator

Operation = dict[str, Any]


def schema() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    """Method, path and the rest of each."""
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def fields(schema: dict[str, Any], operation: Operation) -> dict[str, Any]:
    """What may stand in an operation's body, by name."""
    if "requestBody" not in operation:
        return {}
    component = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    properties = schema["components"]["schemas"][component]["properties"]
    return {name: told for name, told in properties.items() if not told.get("readOnly")}


def example_bodies(operation: Operation) -> list[dict[str, Any]]:
    if "requestBody" not in operation:
        return []
    return [each["value"] for each in operation["requestBody"]["content"]["application/json"]["examples"].values()]
