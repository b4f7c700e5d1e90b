"""Hooks that describe this API to schemathesis, in a separate process; SCHEMATHESIS_HOOKS names this module."""

import atexit
import json
import os
import re
from collections import Counter
from datetime import date, datetime
from itertools import count, cycle
from pathlib import Path
from typing import Any

import numpy as np
import schemathesis
from hypothesis import strategies as st
from schemathesis import AuthContext, Case, CheckContext, HookContext, Response

from tests import pictures

SIGN_UP = "POST /api/accounts/"
SAVE_PROFILE = "POST /api/detections/sessions/{session_id}/profile/"
# These change their user for good, so each such call is made by another user.
DESTRUCTIVE = {
    "POST /api/detections/sessions/",  # it would end the session that the other calls use
    "DELETE /api/accounts/",
    "DELETE /api/accounts/frames/",
    "POST /api/accounts/logout/",
    "PUT /api/accounts/password/",
    "PUT /api/accounts/privacy/",  # after it, frames may be refused
}
# The reasons for which a request that the schema allows may still be refused.
KNOWN_REASONS = re.compile(
    "already exists|too short|is before the start|required once cnt is 4|is not the account's password|invalid, expired"
    "|Take the cursor from|no profile with this id|too many profiles|span is too long|captured after"
    "|one for each of the frames|not a place|exactly one of|within the next 24 hours"
    "|Send one picture as the body|neither a JPEG nor a PNG|spans at most|either a date, or from"
    "|Only pictures that are kept|Pictures are kept for at most|Send 68 points|reach far beyond|no face's|is mirrored"
    "|but no points|A box of another face|more faces with points|points of one model"
    "|Null characters are not allowed"
    "|may not be blank"  # a text of nothing but blanks
    "|This link has been used"
    "|This invitation has been used"
    "|Say until when|Share for at most"
)

given = json.loads(Path(os.environ["FUZZ_GIVEN"]).read_text())
spare = cycle(given["spare"])
numbers = count()
counts: Counter[tuple[str, int]] = Counter()

face = pictures.jpeg(pictures.framed(100, (160, 120), size=(320, 240)))
small = pictures.png(pictures.small())
pixel = pictures.data_url(pictures.png(np.full((1, 1, 3), 128, np.uint8)))
PICTURES = [pictures.data_url(face, "image/jpeg"), pictures.data_url(small), pixel, pixel.partition(",")[2]]
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9998, 12, 30)).map(lambda moment: f"{moment.isoformat()}Z")  # noqa: DTZ001
COMPACT = st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)).map(lambda moment: f"{moment:%y%m%d%H%M}")  # noqa: DTZ001
DAYS = st.dates(date(1971, 1, 1), date(9997, 12, 31)).map(date.isoformat)

schemathesis.openapi.media_type("image/jpeg", st.just(face), aliases=[])
schemathesis.openapi.media_type("image/png", st.just(small), aliases=[])
schemathesis.openapi.format("binary", st.sampled_from([face, small]))
schemathesis.openapi.format("data-url", st.sampled_from(PICTURES))
schemathesis.openapi.format("date-time", MOMENTS)
schemathesis.openapi.format("report-time", MOMENTS | COMPACT)
schemathesis.openapi.format("day-or-time", MOMENTS | DAYS)
schemathesis.openapi.format("date", DAYS)
schemathesis.openapi.format("time-zone", st.sampled_from(["", "Asia/Seoul", "America/New_York", "Asia/Kathmandu"]))


class Tokens:
    def get(self, case: "Case[Any]", context: AuthContext) -> str:
        if case.operation.label == SAVE_PROFILE:
            return str(given["saver"])
        return str(next(spare) if case.operation.label in DESTRUCTIVE else given["access"])

    def set(self, case: "Case[Any]", data: str, context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


if given["access"]:
    schemathesis.auth(refresh_interval=None)(Tokens)


@schemathesis.check
def refused_for_a_known_reason(context: CheckContext, response: Response, case: "Case[Any]") -> None:
    """A request that the schema allows gets a 400 only for a reason that OpenAPI cannot express."""
    if response.status_code == 400 and case.meta and case.meta.generation.mode.is_positive:
        values = response.json().values()
        reasons = [reason for value in values for reason in ([value] if isinstance(value, str) else value)]
        assert all(KNOWN_REASONS.search(reason) for reason in reasons), f"a valid request was refused: {reasons}"


@schemathesis.hook
def before_call(context: HookContext, case: "Case[Any]", **kwargs: Any) -> None:
    """Replace what only this server's rows make right or wrong."""
    _use_new_username(case)
    _use_existing_ids(case)


def _use_new_username(case: "Case[Any]") -> None:
    """In every other valid sign-up: an earlier fuzz of this server took the names that the schema suggests."""
    is_valid = case.meta and case.meta.generation.mode.is_positive
    if case.operation.label == SIGN_UP and is_valid and (number := next(numbers)) % 2:
        body: Any = case.body
        body["username"] = f"fuzz-{os.getpid()}-{number}"


def _use_existing_ids(case: "Case[Any]") -> None:
    """In half of the requests."""
    parameters: Any = case.path_parameters or {}
    if not given["access"] or sum(str(parameters).encode()) % 2:
        return
    # A session that was stopped twice gets the same response; the running one is for the other calls.
    label = case.operation.label
    session = "ended" if label.endswith("/stop/") else "calibrated" if label == SAVE_PROFILE else "running"
    existing: dict[str, Any] = {"session_id": given[session], "alarm_id": 1}
    for name, given_ids in (("frame_id", "frames"), ("profile_id", "profiles"), ("report_id", "reports")):
        if name in parameters and given[given_ids]:
            existing[name] = given[given_ids].pop()
    parameters |= {name: existing[name] for name in parameters if name in existing}


@schemathesis.hook
def after_call(context: HookContext, case: "Case[Any]", response: Response) -> None:
    label = case.operation.label if case.method.upper() == case.operation.method.upper() else "other methods"
    counts[label, response.status_code] += 1


@atexit.register
def _write_counts() -> None:
    rows = [[label, status, count] for (label, status), count in counts.items()]
    Path(os.environ["FUZZ_COUNTS"]).write_text(json.dumps(rows))
