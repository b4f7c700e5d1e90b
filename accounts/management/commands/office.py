"""`python manage.py office`: what `make office` does, for those who do not use make."""

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Asks for what colleagues need to reach the service, writes it into .env, and checks each part."

    def run_from_argv(self, argv: list[str]) -> None:
        """All options are the script's own."""
        script = settings.BASE_DIR / "deploy" / "setup" / "office_setup.py"
        sys.exit(subprocess.call([sys.executable, str(script), *argv[2:]]))  # noqa: S603 - our own script

    def handle(self, *args: Any, **options: Any) -> None:
        self.run_from_argv(["manage.py", "office", *args])
