"""The server process that requests run in."""

from collections.abc import Callable


def _nobody_waits() -> None:
    pass


# A long answer calls this with each step: gunicorn ends a worker that shows no sign of life (gunicorn.conf.py sets it).
show_life: Callable[[], None] = _nobody_waits
