"""The project's translatable texts, read from its source."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from tests.gunicorn_server import ROOT

APPLICATIONS = (
    "accounts",
    "ai_models",
    "common",
    "detections",
    "mongos",
    "office",
    "personal_data",
    "posesmart",
    "reports",
    "web",
)
SCRIPTS = ROOT / "web" / "static" / "web" / "js"
PYTHON_CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2, "InvalidFrame": 1}
QUOTED = r'"((?:[^"\\]|\\.)*)"'
SCRIPT_CALL = re.compile(rf"\bt\(\s*{QUOTED}|\btn\(\s*{QUOTED},\s*{QUOTED}", re.DOTALL)


def python_texts() -> set[str]:
    files = [file for name in APPLICATIONS for file in (ROOT / name).rglob("*.py")]
    return {text for file in files for text in _in_source(file.read_text())}


def template_texts() -> set[str]:
    files = [file for name in APPLICATIONS for file in (ROOT / name).rglob("templates/**/*.html")]
    sources = (templatize(file.read_text(), origin=str(file)) for file in files)
    calls = re.compile(
        r"""\b(?:_|n?gettext)\(u?('''.*?'''|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?:,\s*u?('[^']*'|"[^"]*"))?""", re.S
    )
    return {ast.literal_eval(text) for source in sources for call in calls.findall(source) for text in call if text}


def script_texts() -> set[str]:
    calls = (call for file in script_files() for call in SCRIPT_CALL.findall(file.read_text()))
    return {text.replace('\\"', '"') for call in calls for text in call if text}


def script_files() -> list[Path]:
    return [file for file in SCRIPTS.rglob("*.js") if file.parent.name != "locales"]


def _in_source(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = str(getattr(node.func, "id", None) or getattr(node.func, "attr", ""))
        for argument in node.args[: PYTHON_CALLS.get(name, 0)]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value
