"""The tables in which an evaluation is told."""

from collections.abc import Callable, Sequence

from ai_models.identity import SAME_PERSON_MAX_DISTANCE
from evaluation.identities import ENROLLED_BY
from evaluation.report import Evaluation, promises
from evaluation.tables import Table, measured, number, percent


def tables(evaluation: Evaluation) -> list[Table]:
    """The tables of all that was measured."""
    makers: Sequence[Callable[[Evaluation], Table | None]] = (
        _promises,
        _blink_summaries,
        _blinks,
        _open_eyes,
        _thresholds,
        _people,
        _jitters,
        _stillness,
        _told,
    )
    return [table for table in (make(evaluation) for make in makers) if table]


def _promises(evaluation: Evaluation) -> Table | None:
    rows = [each.cells() for each in promises(evaluation)]
    return Table("What was promised", ("", "promised", "measured", ""), rows) if rows else None


def _blink_summaries(evaluation: Evaluation) -> Table | None:
    if not evaluation.blink_summaries:
        return None
    rows = [
        (
            f"{each.frames_per_s:g}",
            measured(each.precision),
            measured(each.recall),
            measured(each.f1),
            f"{each.worst_f1:.2f}",
            measured(each.rate_error),
        )
        for each in evaluation.blink_summaries
    ]
    weights = (
        "Each sitting is scored by weights fitted to those of the other people."
        if evaluation.is_left_out
        else "By the service's own weights, which were fitted to EyeBlink8: on that they flatter."
    )
    return Table(
        "Blinks, all sittings",
        ("frames a second", "precision", "recall", "F1", "worst F1", "blinks a minute too many"),
        rows,
        (f"Means over the sittings; in brackets 95 % intervals by resampling sittings. {weights}",),
    )


def _blinks(evaluation: Evaluation) -> Table | None:
    if not evaluation.blinks:
        return None
    rows = [
        (
            each.sitting,
            f"{each.frames_per_s:g}",
            f"{each.minutes:.1f}",
            f"{each.annotated}",
            f"{each.found:.1f}",
            f"{each.hits:.1f}",
            measured(each.precision),
            measured(each.recall),
            measured(each.f1),
            measured(each.rate_error),
        )
        for each in evaluation.blinks
    ]
    header = ("sitting", "frames a second", "minutes", "blinks", "found", "right", "precision", "recall", "F1")
    return Table(
        "Blinks, each sitting",
        (*header, "blinks a minute too many"),
        rows,
        (
            "A blink found is right where it overlaps an annotated one; each counts once. Where frames were left out, "
            "counts are averaged over the choices of the first one. 95 % intervals by Wilson, those of rates by "
            "resampling half minutes.",
        ),
    )


def _open_eyes(evaluation: Evaluation) -> Table | None:
    if not evaluation.open_eyes:
        return None
    rows = [(each.sitting, f"{each.samples}", percent(each.own), percent(each.fixed)) for each in evaluation.open_eyes]
    return Table(
        "Open eyes taken for closed in single frames",
        ("sitting", "samples", "by the own open-eye median", "by the fixed 0.27 of version 1"),
        rows,
        ("A sample a second, outside of annotated blinks. 95 % intervals by Wilson.",),
    )


def _thresholds(evaluation: Evaluation) -> Table | None:
    if evaluation.identities is None or not evaluation.identities.people:
        return None
    rows = [
        (f"{each.threshold:.2f}", percent(each.frr), percent(each.far)) for each in evaluation.identities.thresholds
    ]
    return Table(
        "Face ID over thresholds",
        ("distance", "owner refused (FRR)", "others accepted (FAR)"),
        rows,
        (
            f"Each person is enrolled by the first {ENROLLED_BY} faces and asked of every other face. 95 % intervals "
            "by Wilson, as if each file were one face: a video's frames resemble each other.",
        ),
    )


def _people(evaluation: Evaluation) -> Table | None:
    if evaluation.identities is None or not evaluation.identities.people:
        return None
    rows = [
        (
            each.person,
            f"{each.faces}",
            f"{each.others}",
            number(each.largest_own),
            number(each.smallest_other),
            percent(each.frr),
            percent(each.far),
        )
        for each in evaluation.identities.people
    ]
    return Table(
        f"Face ID, each person as the owner, at {SAME_PERSON_MAX_DISTANCE}",
        ("person", "own faces", "others", "farthest own", "nearest other", "refused (FRR)", "others accepted (FAR)"),
        rows,
    )


def _jitters(evaluation: Evaluation) -> Table | None:
    if not evaluation.jitters:
        return None
    rows = [
        (
            each.person,
            f"{each.clips}",
            f"{each.frames}",
            number(each.width_percent, unit=" %"),
            number(each.width_percent_p95, unit=" %"),
            number(each.place_percent, unit=" %"),
            number(each.roll_deg, unit="°"),
            number(each.eye_aspect_ratio, 4),
        )
        for each in evaluation.jitters
    ]
    return Table(
        "Jitter of a still face",
        ("person", "clips", "frames", "width", "95 of 100 within", "place", "roll", "eye aspect ratio"),
        rows,
        ("Standard deviations from each clip's median; places in widths of the face. The eyes' without blinks.",),
    )


def _stillness(evaluation: Evaluation) -> Table | None:
    if not evaluation.stillness:
        return None
    rows = [
        (each.sensitivity, f"{each.neck_time_s}", f"{each.hours:g}", f"{each.alarms}", measured(each.per_workday))
        for each in evaluation.stillness
    ]
    return Table(
        "False posture alarms of who sits still",
        ("sensitivity", "neck_time, s", "simulated hours", "alarms", "in 8 hours"),
        rows,
        ("Sessions replayed with the jitter above, drawn at random frame by frame. 95 % intervals of a Poisson rate.",),
    )


def _told(evaluation: Evaluation) -> Table | None:
    if not evaluation.told:
        return None
    rows = [
        (
            each.name,
            "alarm" if each.is_bad else "no alarm",
            f"{each.neck_time_s}",
            f"{each.trials}",
            percent(each.told),
            number(each.mean_after_s, 1, " s"),
            number(each.latest_after_s, 1, " s"),
        )
        for each in evaluation.told
    ]
    return Table(
        "Posture that changes, at normal sensitivity",
        ("who", "wanted", "neck_time, s", "trials", "alarms", "after, mean", "after, latest"),
        rows,
        ("Sessions replayed with the jitter above, each begun at another moment. 95 % intervals by Wilson.",),
    )
