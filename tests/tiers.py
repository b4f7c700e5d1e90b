"""Which tests need a server or a browser: they are marked `server`, and `make check` leaves them out."""

import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parent

# Folders and files in which every test starts a server, a browser or an installation, or fuzzes; or hundreds of frames
# are judged.
SERVER_PATHS = frozenset(
    TESTS / name
    for name in (
        "ai_models/test_hammer.py",
        "benchmarks",
        "detections/sessions/test_working_week.py",
        "faults",
        "hostile/test_fields.py",
        "hostile/test_native_memory.py",
        "hostile/test_picture_fuzz.py",
        "hostile/test_schema_fuzz.py",
        "hostile/test_worst_bursts.py",
        "mongos/test_outage.py",
        "setup",
        "test_browser_residue.py",
        "test_compose.py",
        "test_gunicorn.py",
        "test_jenkinsfile.py",
        "test_kubernetes.py",
        "test_monitoring_files.py",
        "test_nginx.py",
        "test_overloaded_server.py",
        "test_production.py",
        "test_residue.py",
        "test_secrets.py",
        "test_systemd.py",
        "test_throttling_workers.py",
        "web/desk",
        "web/test_entry.py",
        "web/test_history_view.py",
        "web/test_settings_view.py",
    )
)
FUZZES = frozenset(
    TESTS / "hostile" / f"test_{name}.py" for name in ("fields", "native_memory", "picture_fuzz", "schema_fuzz")
)
# Elsewhere, the fixtures that start one.
SERVER_FIXTURES = frozenset(
    {
        "in_redis",
        "mongod_server",
        "mongodb",
        "own_mongod",
        "own_server",
        "playwright",
        "server",
        "site",
        "visit",
        "watched",
    }
)
SERVERS = frozenset(
    {
        "chromium",
        "chromium-headless-shell",
        "firefox-esr",
        "gunicorn",
        "mariadbd",
        "mongod",
        "nginx",
        "node",
        "redis-server",
    }
)


def is_left_out(path: Path, expression: str) -> bool:
    """True if a file has no test of those that `-m` selects: its import takes longer than many tests."""
    if expression.startswith("not server"):
        return is_in_server_paths(path)
    # The mark is given by name, in the test's own file.
    return expression == "alone" and path.name.startswith("test_") and "mark.alone" not in path.read_text()


def is_in_server_paths(path: Path) -> bool:
    return not SERVER_PATHS.isdisjoint((path, *path.parents))


def needs_server(item: pytest.Item) -> bool:
    """True if a test starts a server or a browser, as far as its path, fixtures and parameters tell."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    parameters: dict[str, object] = (
        item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    )
    on_mongodb = parameters.get("each_archive") == "mongodb" or parameters.get("archive") == "MongoDB"
    return is_in_server_paths(item.path) or not SERVER_FIXTURES.isdisjoint(fixtures) or on_mongodb


def sort_long_files_first(items: list[pytest.Item]) -> None:
    """Sort by file, so that none of the long ones is left to run alone at the end; the others stay in their order.

    First those that fuzz, then those in a browser, which share it if they follow each other, then those of servers.
    """
    kinds: dict[Path, int] = {}
    lengths: dict[Path, int] = {}
    for item in items:
        if not needs_server(item):
            continue
        kind = 0 if item.path in FUZZES else 1 if "playwright" in getattr(item, "fixturenames", ()) else 2
        kinds[item.path] = min(kind, kinds.get(item.path, kind))
        lengths[item.path] = lengths.get(item.path, 0) + 1
    items.sort(key=lambda item: (kinds.get(item.path, 3), -lengths.get(item.path, 0)))


class ServerGuard:
    """Fails a test that starts a server although it is not marked `server`."""

    def __init__(self) -> None:
        self._may_start = True
        sys.addaudithook(self._on_event)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._may_start = item.get_closest_marker("server") is not None

    def pytest_runtest_teardown(self) -> None:
        self._may_start = True

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "subprocess.Popen" or self._may_start:
            return
        command = arguments[1]
        words = [command] if isinstance(command, (str, bytes, Path)) else list(command)
        if started := SERVERS & {Path(str(word)).name for word in words}:
            pytest.fail(f"This test starts {', '.join(started)}: list it in tests/tiers.py, or mark it `server`.")
