"""What schemathesis, in a process of its own, is told of this API; SCHEMATHESIS_HOOKS names this module."""

import atexit
import json
import os
import re
from collections import Counter
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import AuthContext, Case, CheckContext, HookContext, Response

from detections.schema import GREY_PIXEL
from tests import pictures

# After these the token's user is not what they were: each call is somebody else's.
DESTRUCTIVE = {
    "DELETE /api/accounts/",
    "DELETE /api/accounts/frames/",
    "POST /api/accounts/logout/",
    "PUT /api/accounts/password/",
}
# Why a request that the schema allows may still be refused.
KNOWN_REASONS = re.compile(
    "already exists|too short|is before the start|needed once cnt is 4|is not the account's password|in force"
    "|Null characters are not allowed|may not be blank"  # of text that is nothing but blanks
)

given = json.loads(Path(os.environ["FUZZ_GIVEN"]).read_text())
spare = cycle(given["spare"])
counts: Counter[tuple[str, int]] = Counter()

face = pictures.jpeg(pictures.framed(100, (160, 120), size=(320, 240)))
small = pictures.png(pictures.small())
PICTURES = [pictures.data_url(face, "image/jpeg"), pictures.data_url(small), GREY_PIXEL, GREY_PIXEL.partition(",")[2]]
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9998, 12, 30)).map(lambda moment: f"{moment.isoformat()}Z")  # noqa: DTZ001
COMPACT = st.datetimes(datetime(1970, 1, 1), datetime(2068, 12, 31)).map(lambda moment: f"{moment:%y%m%d%H%M}")  # noqa: DTZ001

schemathesis.openapi.format("data-url", st.sampled_from(PICTURES))
schemathesis.openapi.format("date-time", MOMENTS)
schemathesis.openapi.format("report-time", MOMENTS | COMPACT)


class Tokens:
    def get(self, case: "Case[Any]", context: AuthContext) -> str:
        return str(next(spare) if case.operation.label in DESTRUCTIVE else given["access"])

    def set(self, case: "Case[Any]", data: str, context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


if given["access"]:
    schemathesis.auth(refresh_interval=None)(Tokens)


@schemathesis.check
def refused_for_a_known_reason(context: CheckContext, response: Response, case: "Case[Any]") -> None:
    """A 400 to what the schema allows is one that the schema's language cannot express."""
    if response.status_code == 400 and case.meta and case.meta.generation.mode.is_positive:
        told = [reason for each in response.json().values() for reason in ([each] if isinstance(each, str) else each)]
        assert all(KNOWN_REASONS.search(reason) for reason in told), f"a valid request was refused: {told}"


@schemathesis.hook
def map_path_parameters(context: HookContext, path_parameters: dict[str, Any] | None) -> Any:
    """Half of the frames that are asked for exist."""
    asked_for = str((path_parameters or {}).get("frame_id", ""))
    if path_parameters and sum(asked_for.encode()) % 2 and given["frames"]:
        path_parameters["frame_id"] = given["frames"].pop()
    return path_parameters


@schemathesis.hook
def after_call(context: HookContext, case: "Case[Any]", response: Response) -> None:
    label = case.operation.label if case.method.upper() == case.operation.method.upper() else "other methods"
    counts[label, response.status_code] += 1


@atexit.register
def _write_counts() -> None:
    rows = [[label, status, count] for (label, status), count in counts.items()]
    Path(os.environ["FUZZ_COUNTS"]).write_text(json.dumps(rows))
