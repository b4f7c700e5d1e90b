"""The service's settings with a password hash that costs nothing, for servers on which tests sign up many users."""

from posesmart.settings import *  # noqa: F403

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of the template's users
]
