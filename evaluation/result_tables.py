"""The tables of an evaluation's results."""

from collections.abc import Callable, Sequence

from ai_models.identity import SAME_PERSON_MAX_DISTANCE
from evaluation.identities import ENROLLED_FACES
from evaluation.posture_tables import natural_table, postures_table
from evaluation.report import Evaluation, check_targets
from evaluation.seats_table import seats_table
from evaluation.served_table import served_table
from evaluation.tables import Table, measured, number, percent


def make_tables(evaluation: Evaluation) -> list[Table]:
    """A table for each thing that was measured."""
    makers: Sequence[Callable[[Evaluation], Table | None]] = (
        _targets,
        _blink_summaries,
        _blinks,
        served_table,
        _open_eyes,
        seats_table,
        _thresholds,
        _people,
        _jitters,
        _false_alarms,
        _detections,
        postures_table,
        natural_table,
    )
    return [table for table in (make(evaluation) for make in makers) if table]


def _targets(evaluation: Evaluation) -> Table | None:
    rows = [target.cells() for target in check_targets(evaluation)]
    return Table("Targets", ("", "target", "measured", ""), rows) if rows else None


def _blink_summaries(evaluation: Evaluation) -> Table | None:
    if not evaluation.blink_summaries:
        return None
    rows = [
        (
            f"{summary.frames_per_s:g}",
            measured(summary.precision),
            measured(summary.recall),
            measured(summary.f1),
            f"{summary.worst_f1:.2f}",
            measured(summary.rate_error),
        )
        for summary in evaluation.blink_summaries
    ]
    weights = (
        "Each recording is scored with weights fitted to those of the other people."
        if evaluation.is_left_out
        else "Scored with the service's own weights, which were fitted to EyeBlink8: figures on EyeBlink8 are too good."
    )
    return Table(
        "Blinks, all recordings",
        ("frames a second", "precision", "recall", "F1", "worst F1", "rate error, blinks a minute"),
        rows,
        (f"Means over the recordings; in brackets, 95 % intervals by resampling recordings. {weights}",),
    )


def _blinks(evaluation: Evaluation) -> Table | None:
    if not evaluation.blinks:
        return None
    rows = [
        (
            score.sitting,
            f"{score.frames_per_s:g}",
            f"{score.minutes:.1f}",
            f"{score.annotated}",
            f"{score.found:.1f}",
            f"{score.hits:.1f}",
            measured(score.precision),
            measured(score.recall),
            measured(score.f1),
            measured(score.rate_error),
        )
        for score in evaluation.blinks
    ]
    header = ("recording", "frames a second", "minutes", "blinks", "found", "correct", "precision", "recall", "F1")
    return Table(
        "Blinks, each recording",
        (*header, "rate error, blinks a minute"),
        rows,
        (
            "A found blink is correct if it overlaps an annotated one; each counts once. At lower frame rates, counts "
            "are averaged over the choices of the first frame. 95 % intervals are Wilson's; those of rate errors come "
            "from resampling half minutes.",
        ),
    )


def _open_eyes(evaluation: Evaluation) -> Table | None:
    if not evaluation.open_eyes:
        return None
    rows = [(eyes.sitting, f"{eyes.samples}", percent(eyes.own), percent(eyes.fixed)) for eyes in evaluation.open_eyes]
    return Table(
        "Open eyes taken for closed in single frames",
        ("recording", "samples", "by the person's open-eye median", "by the fixed 0.27 of version 1"),
        rows,
        ("One sample a second, outside annotated blinks. 95 % intervals are Wilson's.",),
    )


def _thresholds(evaluation: Evaluation) -> Table | None:
    if evaluation.identities is None or not evaluation.identities.people:
        return None
    rows = [
        (f"{rates.threshold:.2f}", percent(rates.frr), percent(rates.far)) for rates in evaluation.identities.thresholds
    ]
    return Table(
        "Face ID over thresholds",
        ("distance", "owner refused (FRR)", "others accepted (FAR)"),
        rows,
        (
            f"Each person is enrolled with their first {ENROLLED_FACES} faces and compared with every other face. 95 % "
            "intervals are Wilson's, as if each file were one face, because a video's frames are alike.",
        ),
    )


def _people(evaluation: Evaluation) -> Table | None:
    if evaluation.identities is None or not evaluation.identities.people:
        return None
    rows = [
        (
            person.person,
            f"{person.faces}",
            f"{person.others}",
            number(person.largest_own),
            number(person.smallest_other),
            percent(person.frr),
            percent(person.far),
        )
        for person in evaluation.identities.people
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
            jitter.person,
            f"{jitter.clips}",
            f"{jitter.frames}",
            number(jitter.width_percent, unit=" %"),
            number(jitter.width_percent_p95, unit=" %"),
            number(jitter.place_percent, unit=" %"),
            number(jitter.roll_deg, unit="°"),
            number(jitter.eye_aspect_ratio, 4),
        )
        for jitter in evaluation.jitters
    ]
    return Table(
        "Jitter of a still face",
        ("person", "clips", "frames", "width", "95 % of widths within", "position", "roll", "eye aspect ratio"),
        rows,
        ("Standard deviations from each clip's median; positions in face widths, eye aspect ratios without blinks.",),
    )


def _false_alarms(evaluation: Evaluation) -> Table | None:
    if not evaluation.stillness:
        return None
    rows = [
        (
            result.sensitivity,
            f"{result.neck_time_s}",
            f"{result.hours:g}",
            f"{result.alarms}",
            measured(result.per_workday),
        )
        for result in evaluation.stillness
    ]
    return Table(
        "False posture alarms while sitting still",
        ("sensitivity", "neck_time, s", "simulated hours", "alarms", "in 8 hours"),
        rows,
        ("Sessions replayed with the jitter above, drawn at random for each frame. 95 % intervals of a Poisson rate.",),
    )


def _detections(evaluation: Evaluation) -> Table | None:
    if not evaluation.told:
        return None
    rows = [
        (
            result.name,
            "alarm" if result.is_bad else "no alarm",
            f"{result.neck_time_s}",
            f"{result.trials}",
            percent(result.told),
            number(result.mean_after_s, 1, " s"),
            number(result.latest_after_s, 1, " s"),
        )
        for result in evaluation.told
    ]
    return Table(
        "Changes of posture, at normal sensitivity",
        ("change", "expected", "neck_time, s", "trials", "alarms", "mean delay", "longest delay"),
        rows,
        ("Sessions replayed with the jitter above; the moment of the change varies. 95 % intervals are Wilson's.",),
    )
