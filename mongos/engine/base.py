"""MongoDB's Django backend, but a failed connection raises OperationalError, as with every other database.

Django looks for a backend's `DatabaseWrapper` in a module of this name.
"""

from django.db import OperationalError
from django_mongodb_backend.base import DatabaseWrapper as MongoDatabaseWrapper
from pymongo.errors import PyMongoError


class DatabaseWrapper(MongoDatabaseWrapper):  # type: ignore[misc]
    def connect(self) -> None:
        try:
            super().connect()
        except PyMongoError as error:  # makemigrations only goes on after an OperationalError
            raise OperationalError(f"MongoDB cannot be reached ({type(error).__name__})") from error
