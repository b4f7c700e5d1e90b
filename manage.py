#!/usr/bin/env python
"""Django's command line for Pose Smart."""

import os
import sys


def main() -> None:
    os.umask(0o077)  # for the owner only: SQLite's file, logs, exports
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "posesmart.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import OperationalError
    except ImportError as error:
        raise SystemExit(
            "Django is not installed here. Run `make install`, then .venv/bin/python manage.py."
        ) from error
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, OperationalError) as error:
        if "--traceback" in sys.argv:
            raise
        reason = str(error.args[-1])
        if "MySQLdb" in reason:
            reason = "DATABASE_URL names MySQL or MariaDB, whose client is not installed. Run make install-mysql."
        elif isinstance(error, OperationalError):
            reason = f"The database cannot be used: {reason}. DATABASE_URL in .env says where it is."
        sys.exit(reason)


if __name__ == "__main__":
    main()
