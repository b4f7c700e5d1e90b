"""A base for the serializers of frames, which come every second."""

from typing import Any

from rest_framework import serializers
from rest_framework.utils.serializer_helpers import BindingDict


class FixedSerializer(serializers.Serializer[Any]):
    """A serializer whose fields are made once for its class. They must not depend on its context.

    The REST framework copies them for each serializer, which takes 2 % of a frame's request.
    """

    @property
    def fields(self) -> BindingDict:
        own_class: Any = type(self)
        own_class.fields = super().fields  # found instead of this property from now on
        fields: BindingDict = own_class.fields
        return fields
