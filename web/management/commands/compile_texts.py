"""Compiles the translations, as compilemessages does, without gettext's programs."""

import os
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand

READABLE_BY_ALL = 0o644  # the service may run as a different user than the installer


class Command(BaseCommand):
    help = "Compile each locale/*/LC_MESSAGES/django.po that is newer than its compiled file."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for source in Path(folder).glob("*/LC_MESSAGES/*.po"):
                _compile(source, source.with_suffix(".mo"))


def _compile(source: Path, target: Path) -> None:
    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    partial = target.with_suffix(f".{os.getpid()}")  # other processes may be reading or compiling the same file
    polib.pofile(str(source)).save_as_mofile(str(partial))
    partial.chmod(READABLE_BY_ALL)
    partial.replace(target)
