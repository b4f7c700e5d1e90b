"""Why a session's call cannot be carried out; posesmart/errors.py makes answers of it."""


class SessionNotFound(Exception):
    """The user has no session with this id."""


class SessionEnded(Exception):
    """The session has been stopped."""


class ProfileNotFound(Exception):
    """The user has no profile with this id."""


class TooManyProfiles(Exception):
    """The user already has the maximum number of profiles."""


class NoBaseline(Exception):
    """The session has not been calibrated yet."""
