"""Compiles the C in src/ to a library that library.py loads: python -m ai_models.vision.native.build [--strict].

Without a C compiler or Python's headers nothing is built, and dlib serves instead. --strict makes that an error.
"""

import hashlib
import io
import os
import platform
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent / "src"
BUILT = Path(__file__).parent / "built"  # ignored by git
MODULE = "_posesmart_native"
DECLARATIONS = "native.h"
KERNELS = "kernels.c"

OPTIONS = (
    *("-std=gnu11", "-O3", "-fPIC", "-fvisibility=hidden"),
    "-ffp-contract=off",  # no fused multiply-add: dlib has none
    *("-fno-math-errno", "-fno-trapping-math"),  # otherwise square roots and comparisons are not vectorized
    *("-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wvla", "-Wstrict-prototypes", "-Wno-psabi"),
)
# cffi writes C that does not pass the warnings of our own.
GENERATED_OPTIONS = (
    "-Wno-unused-parameter",
    "-Wno-shadow",
    "-Wno-missing-field-initializers",
    "-Wno-cast-function-type",
)
SANITIZERS = (
    "-fsanitize=address,undefined,float-cast-overflow",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
    "-g",
)
X86 = frozenset({"x86_64", "AMD64"})
BASELINE_BITS = 128
# The processor's features for wider vectors; widths.c asks for the same ones when the library runs.
WIDER = {256: ("-mavx2",), 512: ("-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mprefer-vector-width=512")}


class CannotBuild(Exception):
    """The library cannot be compiled here; the message says why."""


def library_path() -> Path:
    """Where the library of these sources is, if it is built: other sources have another path."""
    content = hashlib.sha256(Path(__file__).read_bytes())
    for source in sorted(SOURCES.iterdir()):
        content.update(source.name.encode() + b"\0" + source.read_bytes())
    return BUILT / f"{MODULE}-{platform.machine()}-{content.hexdigest()[:16]}.so"


def build(target: Path, *, sanitize: bool = False) -> None:
    """Compile the library into `target`. Raises CannotBuild."""
    headers = sysconfig.get_path("include")
    if not (Path(headers) / "Python.h").is_file():
        raise CannotBuild(f"Python's headers are missing in {headers}")
    with tempfile.TemporaryDirectory() as folder:
        library = _compile(Path(folder), compiler(), (f"-I{headers}", f"-I{SOURCES}"), SANITIZERS if sanitize else ())
        _move(library, target)


def compiler() -> list[str]:
    """The command of the C compiler: $CC, or cc. Raises CannotBuild."""
    command = shlex.split(os.environ.get("CC") or "cc")
    if not shutil.which(command[0]):
        raise CannotBuild(f"there is no C compiler ({command[0]})")
    return command


def _compile(folder: Path, compiler: Sequence[str], includes: Sequence[str], extra: Sequence[str]) -> Path:
    bindings = folder / f"{MODULE}.c"
    with redirect_stdout(io.StringIO()):  # cffi tells which file it writes
        _bindings().emit_c_code(str(bindings))
    jobs: list[tuple[Path, str, Sequence[str]]] = [(bindings, "bindings.o", GENERATED_OPTIONS)]
    jobs += [(path, f"{path.stem}.o", ()) for path in sorted(SOURCES.glob("*.c")) if path.name != KERNELS]
    jobs += [(SOURCES / KERNELS, f"kernels_{bits}.o", (f"-DWIDTH={bits}", *flags)) for bits, flags in _widths().items()]
    for source, output, options in jobs:
        _run([*compiler, *OPTIONS, *includes, *options, *extra, "-c", str(source), "-o", str(folder / output)])
    library = folder / "library.so"
    _run([*compiler, "-shared", *extra, *(str(folder / output) for _, output, _ in jobs), "-lm", "-o", str(library)])
    return library


def _widths() -> dict[int, tuple[str, ...]]:
    return {BASELINE_BITS: (), **(WIDER if platform.machine() in X86 else {})}


def _bindings() -> Any:
    import cffi

    builder = cffi.FFI()
    builder.cdef((SOURCES / DECLARATIONS).read_text())
    builder.set_source(MODULE, '#include "types.h"')
    return builder


def _run(command: Sequence[str]) -> None:
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the user's compiler
    if run.returncode:
        raise CannotBuild(f"{shlex.join(command)} failed:\n{run.stderr}")


def _move(library: Path, target: Path) -> None:
    """In one step: a process that starts now finds the whole library or none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    os.close(descriptor)
    shutil.copyfile(library, name)
    os.chmod(name, 0o755)  # noqa: S103 - the service may run as a different user than the installer
    os.replace(name, target)


def main(arguments: Sequence[str]) -> int:
    target = library_path()
    if target.is_file():
        return 0
    try:
        build(target)
    except CannotBuild as error:
        is_strict = "--strict" in arguments
        message = f"Faces are searched for by dlib alone, which is slower: {error}."
        print(message, file=sys.stderr if is_strict else sys.stdout)
        return int(is_strict)
    for other in BUILT.glob(f"{MODULE}-*"):
        if other != target:
            other.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
