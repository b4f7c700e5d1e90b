from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand

from web import minified


class Command(BaseCommand):
    help = "Write the page's scripts and styles in few bytes, which are then served in place of the sources."

    def handle(self, *args: Any, **options: Any) -> None:
        if find_spec("minify"):
            minified.build()
        else:  # there is no wheel of it for this machine
            self.stdout.write("The page is served as it was written: tdewolff-minify is not installed.")
