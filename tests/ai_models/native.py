"""The library in C for tests: with each width of vectors that this processor has."""

from functools import cache
from pathlib import Path

import pytest

from ai_models.vision.native.backend import NativeBackend, open_native
from ai_models.vision.native.build import library_path
from ai_models.vision.native.library import WIDTHS, NativeUnusable

needs_library = pytest.mark.skipif(
    not library_path().is_file(), reason="the library in C is not compiled: make install"
)


@cache
def opened(cache_folder: Path, width: str) -> NativeBackend:
    """The backend with vectors of this width; skips the test if the processor has none."""
    try:
        return open_native(cache_folder, width)
    except NativeUnusable as error:
        if "processor has no vectors" not in str(error):
            raise
        pytest.skip(str(error))


each_width = pytest.mark.parametrize("width", WIDTHS)
