"""The page's modules and their imports, read from the source."""

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.web.texts import SCRIPTS

COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
IMPORT = re.compile(r"""(?:\bfrom|\bimport|\bimport\()\s*["'](\.[^"']+)["']""")


def test_modules_have_no_import_cycle() -> None:
    assert import_cycle(SCRIPTS) == []


def test_cycle_through_a_dynamic_import_is_found(tmp_path: Path) -> None:
    (tmp_path / "router.js").write_text('export const load = () => import("./view.js");\n')
    (tmp_path / "view.js").write_text('import {\n  go,\n} from "./links.js";\n')
    (tmp_path / "links.js").write_text('export { go } from "./router.js";\n')
    assert set(import_cycle(tmp_path)) == {"links.js", "router.js", "view.js"}


def test_type_imports_in_comments_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "one.js").write_text('import "./two.js";\n')
    (tmp_path / "two.js").write_text('/** @typedef {import("./one.js").One} One */\n// import "./one.js";\n')
    assert import_cycle(tmp_path) == []


def import_cycle(folder: Path) -> list[str]:
    """The modules of an import cycle in the folder; empty if there is none."""
    graph = {file: imported_files(file) for file in folder.resolve().rglob("*.js")}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [file.relative_to(folder.resolve()).as_posix() for file in error.args[1]]
    return []


def imported_files(file: Path) -> list[Path]:
    """The files that a module imports, statically or dynamically."""
    source = COMMENT.sub("", file.read_text())
    return [(file.parent / name).resolve() for name in IMPORT.findall(source)]
