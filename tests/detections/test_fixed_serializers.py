"""Serializers of frames share their fields; what one request sends is never seen by another."""

import pytest

from detections.serializers import BlinkSerializer, NeckSerializer
from tests import pictures
from tests.detections.frames import blink_body


def test_fields_are_made_once_for_each_class() -> None:
    assert NeckSerializer(data={}).fields is NeckSerializer(data={"cnt": 1}).fields
    assert set(BlinkSerializer().fields) == {"blob_data", "count", "total", "time"}


@pytest.mark.parametrize("broken", [{}, None, [], {"blob_data": 3, "count": "x"}])
def test_errors_of_one_request_are_not_anothers(broken: object) -> None:
    first, second = BlinkSerializer(data=broken), BlinkSerializer(data=blink_body(pictures.jpeg(pictures.small())))
    assert not first.is_valid()
    assert second.is_valid()
    assert second.errors == {}
    assert second.validated_data["count"] == second.initial_data["count"]
    assert first.errors
