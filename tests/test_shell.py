"""tests/shell.py: each script in a process of its own, with Django set up."""

from pathlib import Path

import pytest

from tests.environment import settings_in
from tests.shell import Shell


def test_scripts_see_django_and_nothing_of_each_other(tmp_path: Path) -> None:
    with Shell(settings_in(tmp_path), "import math") as shell:
        assert shell.run("from django.conf import settings; print(settings.DATABASES['default']['NAME'])") == (
            f"{tmp_path / 'db.sqlite3'}\n"
        )
        shell.run("import builtins; builtins.left = 1")
        with pytest.raises(AssertionError, match="NameError: name 'left' is not defined"):
            shell.run("print(left)")
        assert shell.exit_code("") == 0
        assert shell.exit_code("import os; os._exit(9)") == 9
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            shell.exit_code("1 / 0")
        assert shell.run("import sys; print('math' in sys.modules)") == "True\n"
