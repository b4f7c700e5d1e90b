from typing import Any

from django.core.management.base import BaseCommand

from web import minified


class Command(BaseCommand):
    help = "Write the page's scripts and styles without comments, which are then served in place of the sources."

    def handle(self, *args: Any, **options: Any) -> None:
        minified.build()
