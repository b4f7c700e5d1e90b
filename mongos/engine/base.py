"""MongoDB's Django backend, whose first connection fails as every other database's does.

Django looks for a backend's `DatabaseWrapper` in a module of this name.
"""

from django.db import OperationalError
from django_mongodb_backend.base import DatabaseWrapper as MongoDatabaseWrapper
from pymongo.errors import PyMongoError


class DatabaseWrapper(MongoDatabaseWrapper):  # type: ignore[misc]
    def connect(self) -> None:
        try:
            super().connect()
        except PyMongoError as error:  # makemigrations goes on without a database that is away, if told so like this
            raise OperationalError(f"MongoDB cannot be reached ({type(error).__name__})") from error
