"""The installation of browser mode: only what packages.json pins is installed."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from web.browser_mode import __main__ as installation

NPM = """#!{python}
import json, sys
folder = sys.argv[sys.argv.index("--pack-destination") + 1]
open(folder + "/package.tgz", "wb").write(b"another package")
print(json.dumps([{{"filename": "package.tgz"}}]))
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An npm that fetches something else."""
    program = tmp_path / "bin" / "npm"
    program.parent.mkdir()
    program.write_text(NPM.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


def test_another_content_is_refused_and_nothing_changed(npm: Path, tmp_path: Path) -> None:
    folder = tmp_path / "landmarks"
    folder.mkdir()
    (folder / "kept").touch()
    with pytest.raises(installation.InstallationError, match="its hash is another one"):
        installation.install(folder)
    assert [file.name for file in folder.iterdir()] == ["kept"]


def test_each_package_is_pinned_by_version_and_hash() -> None:
    packages = json.loads(installation.PACKAGES.read_text())
    assert set(packages) == {installation.LIBRARY, installation.MESH}
    for pinned in packages.values():
        assert pinned["version"][0].isdigit()
        assert pinned["integrity"].startswith("sha512-")


def test_other_versions_are_installed_anew(npm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "landmarks"
    assert not installation.is_current(folder)
    monkeypatch.setattr(installation, "_files", lambda npm, folder: [("model", b"numbers")])
    installation.install(folder)
    assert installation.is_current(folder)
    (folder / installation.STAMP).write_text("{}")
    assert not installation.is_current(folder)
