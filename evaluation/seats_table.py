"""The table of Face ID as sessions judge it."""

from ai_models.monitoring.identity_filter import LOOKS, OWNER_MAX_DISTANCE
from evaluation.estimates import Estimate
from evaluation.report import Evaluation
from evaluation.seats import ENROLLED_SITTINGS, STRANGERS, TOLD_WITHIN_S
from evaluation.tables import Table, measured, number, percent


def seats_table(evaluation: Evaluation) -> Table | None:
    if not evaluation.seats:
        return None
    rows = [
        (
            f"{group.group}: {group.people}",
            f"{group.owners}",
            percent(group.refused),
            _small(group.accepted),
            _small(group.too_near),
            percent(group.told),
            number(group.mean_told_after_s, 1, " s"),
            percent(group.locked_out),
        )
        for group in evaluation.seats
    ]
    header = ("group: people", "owners", "owner refused", "stranger accepted", "cannot be told apart")
    return Table(
        "Face ID in sessions, by group",
        (*header, f"stranger told within {TOLD_WITHIN_S:g} s", "told after", "locked out by a wrong first frame"),
        rows,
        (
            f"Each owner's template is the mean of {ENROLLED_SITTINGS} pictures, and {LOOKS} others are looks, in each "
            f"turn; the threshold is {OWNER_MAX_DISTANCE}. Strangers are the others of the group; accepted by any of "
            "three looks. Not to be told apart are two people whose means over all their pictures are within the "
            f"threshold. Up to {STRANGERS} others take each owner's seat between two frames. 95 % intervals are "
            "Wilson's, as if each owner, or each pair of people, were looked at once.",
        ),
    )


def _small(estimate: Estimate) -> str:
    return measured(estimate, scale=100, digits=2, unit=" %")
