"""Why a session's call cannot be carried out; posesmart/errors.py makes answers of it."""


class SessionUnknown(Exception):
    """There is no session of this id among the user's own."""


class SessionEnded(Exception):
    """The session has been stopped."""


class SeatUnknown(Exception):
    """There is no seat profile of this id among the user's own."""


class TooManySeats(Exception):
    """The user has as many seat profiles as one may have."""


class NoBaseline(Exception):
    """The session has not been calibrated yet."""
