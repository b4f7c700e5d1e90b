"""Loads the library that build.py compiled. All its functions release the GIL and may run in several threads."""

import importlib.util
from functools import cache
from typing import Any, NamedTuple

from ai_models.vision.native.build import MODULE, library_path

AUTO = "auto"
OFF = "off"
WIDTHS = ("512", "256", "128")  # of vectors, in bits: AVX-512, AVX2, and every processor's baseline (SSE2, NEON)
CHOICES = (AUTO, OFF, *WIDTHS)
COMPILE = "make install compiles it if there are a C compiler and Python's headers"


class NativeUnusable(RuntimeError):
    """The library cannot be used here; the message says why, and dlib serves instead."""


class Library(NamedTuple):
    """cffi's two halves."""

    ffi: Any
    lib: Any


@cache
def load() -> Library:
    """The library, loaded once per process. Raises NativeUnusable."""
    path = library_path()
    spec = importlib.util.spec_from_file_location(MODULE, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise NativeUnusable(f"the library in C is not compiled ({COMPILE})")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise NativeUnusable(f"the library in C cannot be loaded ({error})") from error
    return Library(module.ffi, module.lib)


def widths_of(choice: str) -> list[int]:
    """The vector widths, in bits, that a choice allows on this processor, widest first. Raises NativeUnusable."""
    ffi, lib = load()
    widths = ffi.new("int[4]")
    usable = [int(width) for width in widths[0 : lib.usable_widths(widths)]]
    if choice == AUTO:
        return usable
    if int(choice) not in usable:
        raise NativeUnusable(f"this processor has no vectors of {choice} bits")
    return [int(choice)]
