"""`manage.py evaluate`, on small synthetic traces and pictures."""

import io
import json
import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from ai_models.blink import Blink, find_blinks
from ai_models.blink_finder import WEIGHTS
from ai_models.vision.weights import WeightsMissing
from evaluation import estimates
from evaluation.blinks import count_hits
from evaluation.fitting import fit
from evaluation.replay import Pose, Scenario, sit_still, try_out, workdays
from evaluation.traces import read_recordings
from tests.pictures import at_desk, coffee, jpeg, noisy, warped

STILL = np.array([[1.0, 0.0, 0.0, 0.0]])
SECONDS = 40
BLINKS = (3.0, 8.2, 14.5, 21.0, 27.3, 33.1)
BLINK_S = 0.3


def write_trace(
    path: Path,
    starts: Sequence[float] = BLINKS,
    labelled: Sequence[float] | None = None,
    seconds: float = SECONDS,
) -> Path:
    """A recording at 30 frames a second with blinks at `starts`; those in `labelled` are annotated, or all if None."""
    at = np.arange(round(seconds * 30)) / 30
    random = np.random.default_rng(len(path.name))
    ratios = 0.3 + 0.008 * random.standard_normal(at.size) - np.interp(at, [17, 17.8, 19, 19.5], [0, 0.12, 0.12, 0])
    is_blink = np.zeros(at.size, int)
    for start in starts:
        ratios -= 0.2 * np.interp(at - start, [0, 0.1, 0.15, BLINK_S], [0, 1, 1, 0])
    for start in starts if labelled is None else labelled:
        is_blink |= (at >= start) & (at <= start + BLINK_S)
    rows = [f"{frame},{ratio:.5f},{blink}" for frame, (ratio, blink) in enumerate(zip(ratios, is_blink, strict=True))]
    rows[5] = "5,,0"  # no face
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["frame,eye_aspect_ratio,blink", *rows, ""]))
    return path


@pytest.fixture
def one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """One session with each trace instead of eight: they take longer than everything else that is done with it."""
    monkeypatch.setattr("evaluation.served.STARTS", 1)


@pytest.fixture
def traces(tmp_path: Path, one_session: None) -> Path:
    for name in ("first/monday.csv", "second/monday.csv", "third/monday.csv", "third/tuesday.csv"):
        write_trace(tmp_path / "traces" / name)
    return tmp_path / "traces"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people: the astronaut at the desk, twelve times, then with more noise; no second free face is at hand."""
    folder = tmp_path_factory.mktemp("pictures")
    for person, noise in (("ann", 4.0), ("bob", 12.0)):
        (folder / person / "desk").mkdir(parents=True)
        for number in range(12):
            image = noisy(at_desk(right_px=number % 3, down_px=number % 2), noise)
            (folder / person / "desk" / f"{number:02}.jpg").write_bytes(jpeg(image))
    return folder


@pytest.fixture(scope="module")
def of_pictures(pictures: Path) -> dict[str, Any]:
    """What is found in the pictures, and in replays of a minute with one trial each."""
    return figures("--pictures", pictures, "--hours", 0.02, "--trials", 1)


@pytest.fixture
def without_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no clip were long enough to measure how its face trembles: replays take longer than everything else."""
    monkeypatch.setattr("evaluation.management.commands.evaluate.deviations", lambda clips: np.empty((0, 4)))


def run_evaluate(*arguments: str | Path | float) -> str:
    out = io.StringIO()
    call_command("evaluate", *map(str, arguments), stdout=out)
    return out.getvalue()


def figures(*arguments: str | Path | float) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run_evaluate(*arguments, "--json"))
    return result


# --- Traces ---


def test_clean_traces_give_all_blinks(traces: Path) -> None:
    scores = figures("--traces", traces)["blinks"]
    assert [(score["sitting"], score["frames_per_s"]) for score in scores[:3]] == [
        ("first/monday", 30),
        ("first/monday", 15),
        ("first/monday", 10),
    ]
    assert {score["sitting"] for score in scores} == {"first/monday", "second/monday", "third/monday", "third/tuesday"}
    for score in scores:
        assert (score["annotated"], score["found"], score["hits"]) == (6, 6, 6)
        assert score["f1"]["value"] == 1
        assert score["f1"]["low"] < 0.8  # six blinks prove little
        assert score["rate_error"]["value"] == 0


@pytest.mark.usefixtures("one_session")
def test_false_blink_costs_precision_missed_one_recall(tmp_path: Path) -> None:
    write_trace(tmp_path / "many.csv", BLINKS, labelled=BLINKS[:5])
    write_trace(tmp_path / "missed.csv", BLINKS[:5], labelled=BLINKS)
    many, missed = figures("--traces", tmp_path, "--rates", 30)["blinks"]
    assert (many["precision"]["value"], many["recall"]["value"]) == (pytest.approx(5 / 6), 1)
    assert (missed["precision"]["value"], missed["recall"]["value"]) == (1, pytest.approx(5 / 6))
    assert many["f1"]["value"] == missed["f1"]["value"] == pytest.approx(10 / 11)
    assert many["rate_error"]["value"] == pytest.approx(60 / SECONDS, rel=0.01)
    assert missed["rate_error"]["value"] == pytest.approx(-60 / SECONDS, rel=0.01)


@pytest.mark.usefixtures("one_session")
def test_summary_gives_mean_and_worst_recording(tmp_path: Path) -> None:
    write_trace(tmp_path / "many.csv", BLINKS, labelled=BLINKS[:5])
    write_trace(tmp_path / "right.csv")
    (summary,) = figures("--traces", tmp_path, "--rates", 30)["blink_summaries"]
    assert summary["f1"]["value"] == pytest.approx((10 / 11 + 1) / 2)
    assert summary["worst_f1"] == pytest.approx(10 / 11)
    assert (summary["f1"]["low"], summary["f1"]["high"]) == (pytest.approx(10 / 11), 1)


def test_annotated_blink_matches_only_once() -> None:
    twice = [Blink(1.0, 1.1, complete=True), Blink(1.15, 1.3, complete=True), Blink(5.0, 5.2, complete=True)]
    assert count_hits(twice, [(0.9, 1.4)]) == 1
    assert count_hits(twice, [(0.9, 1.12), (1.13, 1.4)]) == 2
    assert count_hits(twice, []) == 0


def test_leave_one_out_fits_to_other_people(traces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[set[str]] = []

    def record_fit(recordings: Any, steps: Any) -> Any:
        fitted.append({recording.name for recording in recordings})
        return fit(recordings, steps)

    monkeypatch.setattr("evaluation.blinks.fit", record_fit)
    result = figures("--traces", traces, "--leave-one-out", "--rates", 30)
    thirds = {"third/monday", "third/tuesday"}
    assert fitted == [{"second/monday", *thirds}, {"first/monday", *thirds}, {"first/monday", "second/monday"}]
    assert result["is_left_out"] is True
    assert min(score["f1"]["value"] for score in result["blinks"]) == 1


@pytest.mark.usefixtures("one_session")
def test_leave_one_out_excludes_all_own_recordings(tmp_path: Path) -> None:
    # Six dips in each trace, all alike: Ann's are nods, Bob's are blinks. Fitted to Bob alone, all six of
    # Ann's are blinks. Two more recordings of Ann outvote him, 12 to 6.
    for recording in ("ann/1", "ann/2", "ann/3", "bob/1"):
        labelled = BLINKS if recording == "bob/1" else ()
        write_trace(tmp_path / "by_person" / f"{recording}.csv", labelled=labelled)
        write_trace(tmp_path / "by_sitting" / recording.replace("/", "") / "1.csv", labelled=labelled)
    by_person, by_sitting = (
        figures("--traces", tmp_path / layout, "--leave-one-out", "--rates", 30)["blinks"]
        for layout in ("by_person", "by_sitting")
    )
    assert [score["found"] for score in by_person] == [6, 6, 6, 0]
    assert [score["found"] for score in by_sitting] == [0, 0, 0, 0]


def test_nothing_is_fitted_by_default(traces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("evaluation.blinks.fit")
    assert figures("--traces", traces)["is_left_out"] is False


def test_fitted_weights_find_the_blinks(traces: Path) -> None:
    recordings = read_recordings(traces, 30)
    weights = fit(recordings, [1, 2])
    for recording in recordings:
        assert len(find_blinks(recording.times_s, recording.ratios, weights=weights)) == len(recording.blinks)
    assert math.copysign(1, weights.measures.depth) == math.copysign(1, WEIGHTS.measures.depth)
    assert fit(recordings, [1, 2]) == weights


def test_looking_down_counts_as_mistaken_for_closed(traces: Path) -> None:
    first = figures("--traces", traces)["open_eyes"][0]
    looking_down = 2  # samples, one a second, between 17.4 and 19.3 s
    assert 20 < first["samples"] < SECONDS
    assert first["own"]["value"] == pytest.approx(looking_down / first["samples"])
    assert first["fixed"]["value"] >= first["own"]["value"]


def test_other_trace_frame_rates_are_accepted(traces: Path) -> None:
    slow = figures("--traces", traces, "--frame-rate", 60, "--rates", 60, 20)
    assert {score["frames_per_s"] for score in slow["blinks"]} == {60, 20}
    assert slow["blinks"][0]["minutes"] == pytest.approx(SECONDS / 60 / 2, rel=0.01)


# --- Traces in sessions ---


def test_sessions_tell_a_dry_stretch_and_count_each_blink(tmp_path: Path) -> None:
    often, later = [4 + 3 * number for number in range(9)], [56 + 3 * number for number in range(4)]
    write_trace(tmp_path / "dry.csv", [*often, *later], seconds=72)  # none from 28 to 56 s
    (result,) = figures("--traces", tmp_path, "--rates", 30)["served"]
    assert result["sessions"] == result["dry_stretches"] == result["told"] == 8
    assert 20 <= result["told_after_s"] <= 21.5
    assert result["false_alarms"] == 0
    assert result["watched_share"] > 0.95
    assert result["f1"]["value"] > 0.97
    assert result["shown"] == pytest.approx(result["blinks"], rel=0.05)
    assert 800 < result["frames_per_minute"] < 1000


def test_alarm_soon_after_a_blink_is_false(tmp_path: Path) -> None:
    write_trace(tmp_path / "missed.csv", [26.0, 60.0], labelled=[26.0, 40.0, 60.0], seconds=65)
    (result,) = figures("--traces", tmp_path, "--rates", 30)["served"]
    assert result["false_alarms"] == 8


# --- Pictures ---


def test_one_face_under_two_names_matches_both(of_pictures: dict[str, Any]) -> None:
    ann, bob = of_pictures["identities"]["people"]
    assert (ann["person"], ann["faces"], ann["others"]) == ("ann", 4, 12)
    assert (bob["person"], bob["faces"], bob["others"]) == ("bob", 4, 12)
    assert (ann["frr"]["value"], ann["far"]["value"]) == (0, 1)
    thresholds = [row["threshold"] for row in of_pictures["identities"]["thresholds"]]
    assert thresholds == sorted(thresholds)
    assert 0.45 in thresholds


def test_jitter_is_measured_from_the_pictures(of_pictures: dict[str, Any]) -> None:
    ann, bob = of_pictures["jitters"]
    assert (ann["person"], ann["clips"], ann["frames"]) == ("ann", 1, 12)
    # It moves one or two of 150 pixels to the right, and one down.
    assert 0.3 < ann["place_percent"] < 1.5
    assert ann["width_percent"] < bob["width_percent"] + 1 < 4


def test_sessions_are_replayed_with_the_jitter(of_pictures: dict[str, Any]) -> None:
    assert {(row["sensitivity"], row["neck_time_s"]) for row in of_pictures["stillness"]} == {
        (sensitivity, seconds) for sensitivity in ("low", "normal", "high") for seconds in (20, 5)
    }
    assert {row["hours"] for row in of_pictures["stillness"]} == {0.02}
    assert all(row["told"]["value"] == row["is_bad"] for row in of_pictures["told"])


@pytest.mark.usefixtures("without_replays")
def test_folder_links_are_followed(pictures: Path, tmp_path: Path) -> None:
    people = tmp_path / "people"
    (people / "both").mkdir(parents=True)
    for name in ("ann", "bob"):
        (people / "both" / name).symlink_to(pictures / name)
    (jitter,) = figures("--pictures", people)["jitters"]
    assert (jitter["person"], jitter["clips"], jitter["frames"]) == ("both", 2, 24)


@pytest.mark.usefixtures("without_replays")
def test_single_person_has_no_false_acceptance_rate(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "ann").symlink_to(pictures / "ann")
    identities = figures("--pictures", tmp_path / "people")["identities"]
    assert identities["thresholds"][0]["far"] == {"value": None, "low": None, "high": None}
    rows = run_evaluate("--pictures", tmp_path / "people").splitlines()
    assert any(re.match(r"0\.45 .* -$", row) for row in rows)


# --- Replays ---


def test_trembling_raises_alarms_but_stillness_none() -> None:
    trembling = np.array([[1 + 0.2 * step, 0.0, 0.0, 0.0] for step in (0, 1)])
    days: list[None] = []
    calm = sit_still(STILL, 0.1, lambda: days.append(None))
    assert len(days) == len(calm) == 6
    assert all(row.alarms == 0 for row in calm)
    # Poisson: with none seen in six minutes, there may be up to 3.7 in six minutes.
    assert all(row.per_workday.high == pytest.approx(3.67 * 80, rel=0.02) for row in calm)
    assert all(row.alarms > 0 for row in sit_still(trembling, 0.1, lambda: None))


def test_simulated_session_lasts_at_most_a_workday() -> None:
    assert [workdays(hours) for hours in (0.5, 8, 9, 80)] == [1, 1, 2, 10]


@pytest.mark.parametrize(
    ("pose", "seconds", "share"),
    [
        (Pose(closer=1.15), 20.0, 1),
        (Pose(closer=1.05), 60.0, 0),
        (Pose(tilted=12.0), 30.0, 1),
        (Pose(lower=0.3), 5.0, 0),
    ],
)
def test_scenario_gives_the_share_of_alarms(pose: Pose, seconds: float, share: float) -> None:
    detections = try_out(STILL, Scenario("made up", pose, seconds, 20, is_bad=True), trials=5)
    assert detections.told.value == share
    assert (detections.latest_after_s is not None) == bool(share)
    assert detections.latest_after_s is None or 18 <= detections.latest_after_s <= 23


# --- Estimates ---


def test_wilson_interval_matches_hand_calculation() -> None:
    # 9 of 10: (0.9 + 0.19207) / 1.38415 ± 1.95996 / 1.38415 · sqrt(0.009 + 0.009604)
    estimate = estimates.share(9, 10)
    assert estimate.value == 0.9
    assert estimate.low == pytest.approx(0.5958, abs=1e-3)
    assert estimate.high == pytest.approx(0.9821, abs=1e-3)
    assert (estimates.share(0, 5).low, estimates.share(5, 5).high) == (0, 1)
    assert estimates.share(0, 0) == estimates.NOTHING


def test_f1_is_the_harmonic_mean() -> None:
    estimate = estimates.f1(hits=8, found=10, there=16)
    assert estimate.value == pytest.approx(2 * 0.8 * 0.5 / (0.8 + 0.5))
    assert estimate.value is not None
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < estimate.value < estimate.high
    assert estimates.f1(0, 0, 0) == estimates.NOTHING


def test_bootstrap_interval_lies_around_the_mean() -> None:
    assert estimates.mean([2.0, 2.0, 2.0]) == estimates.Estimate(2, 2, 2)
    estimate = estimates.mean([1.0, 2.0, 3.0, 4.0])
    assert estimate == estimates.mean([1.0, 2.0, 3.0, 4.0])
    assert estimate.value == 2.5
    assert [estimate.low, estimate.high] == pytest.approx([1.5, 3.5], abs=0.3)
    assert estimates.mean([]) == estimates.NOTHING


# --- Output ---


def test_text_lists_recordings_and_promises(traces: Path) -> None:
    output = run_evaluate("--traces", traces, "--leave-one-out")
    for text in ("third/tuesday", "Blinks, all recordings", "blinks, mean F1 at 10/s", " met"):
        assert text in output
    assert "MISSED" not in output


@pytest.mark.usefixtures("one_session")
def test_missed_promise_is_reported(tmp_path: Path) -> None:
    for name in ("ann/one.csv", "bob/two.csv"):
        write_trace(tmp_path / name, BLINKS[:4], labelled=BLINKS)
    output = run_evaluate("--traces", tmp_path, "--leave-one-out")
    assert "MISSED" in output
    promises = figures("--traces", tmp_path, "--leave-one-out")["promises"]
    assert {promise["holds"] for promise in promises if promise["name"].startswith("blinks")} == {False}


def test_markdown_rows_have_equal_cell_counts(traces: Path) -> None:
    lines = run_evaluate("--traces", traces, "--markdown").splitlines()
    assert "## Blinks, each recording" in lines
    tables = "\n".join(lines).split("## ")[1:]
    for table in tables:
        rows = [line for line in table.splitlines() if line.startswith("|")]
        assert len({row.count("|") for row in rows}) == 1


@pytest.mark.usefixtures("without_replays")
def test_chart_is_an_svg_with_text_alternative(traces: Path, pictures: Path, tmp_path: Path) -> None:
    chart = tmp_path / "accuracy.svg"
    run_evaluate("--traces", traces, "--pictures", pictures, "--chart", chart)
    root = ElementTree.fromstring(chart.read_text())  # noqa: S314 - our own
    assert root.tag.endswith("svg")
    assert "mean F1 1.00" in root.attrib["aria-label"]
    assert "Face ID at 0.45" in root.attrib["aria-label"]
    recordings, rates = 4, 3
    assert len(root.findall(".//*[@id='f1']//{*}use")) == recordings * rates
    assert all(root.find(f".//*[@id='{curve}']/{{*}}path") is not None for curve in ("frr", "far"))


def test_only_figures_go_to_stdout(tmp_path: Path) -> None:
    write_trace(tmp_path / "short.csv", BLINKS[:2], seconds=12)
    command = [sys.executable, "manage.py", "evaluate", "--traces", str(tmp_path), "--json"]
    result = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert len(json.loads(result.stdout)["blinks"]) == 3
    assert "1/1" in result.stderr


# --- Errors ---


@pytest.mark.parametrize(
    ("index", "line", "message"),
    [
        (0, "frame,ratio,blink", "does not have all of the columns frame,"),
        (3, "2,open,0", "line 4: frame must be a whole number"),
        (3, "two,0.3,0", "line 4: frame must be a whole number"),
        (3, "2,0.3,yes", "line 4: blink is 'yes'; it must be 1 in a blink's frames"),
        (3, "2,0.3", "line 4: blink is ''"),
        (3, "1,0.3,0", "the frame numbers do not increase. Sort the rows"),
    ],
)
def test_invalid_trace_error_names_the_line(tmp_path: Path, index: int, line: str, message: str) -> None:
    path = write_trace(tmp_path / "spoiled.csv")
    lines = path.read_text().splitlines()
    lines[index] = line
    path.write_text("\n".join(lines))
    with pytest.raises(CommandError) as problem:
        run_evaluate("--traces", tmp_path)
    assert str(problem.value).startswith(str(path))
    assert message in str(problem.value)


def test_missing_traces_or_frames_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no \.csv file in"):
        run_evaluate("--traces", tmp_path)
    (tmp_path / "short.csv").write_text("frame,eye_aspect_ratio,blink\n0,0.3,0\n")
    with pytest.raises(CommandError, match=r"short\.csv has fewer than two frames"):
        run_evaluate("--traces", tmp_path)


def test_binary_trace_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match=r"binary\.csv is not a CSV text file"):
        run_evaluate("--traces", tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Give --traces DIR, --pictures DIR, or both"),
        (("--traces", "missing"), "missing is not a folder. A trace is a CSV file whose first line is frame,"),
        (("--pictures", "missing"), "missing is not a folder. It must hold a folder for each person"),
        (("--traces", ".", "--rates", "5"), "rates must be from 8"),
        (("--traces", ".", "--rates", "60"), "to 30, the traces' own"),
        (("--traces", ".", "--rates", "20"), "every nth of 30 frames a second cannot give 20"),
        (("--traces", ".", "--frame-rate", "0"), "--frame-rate must be a number above 0"),
        (("--traces", ".", "--hours", "0"), "--hours must be a number above 0"),
        (("--traces", ".", "--hours", "nan"), "--hours must be a number above 0"),
        (("--traces", ".", "--hours", "inf"), "--hours must be a number above 0"),
        (("--traces", ".", "--trials", "0"), "--trials must be a whole number, at least 1"),
    ],
)
def test_invalid_options_are_errors(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError) as problem:
        run_evaluate(*arguments)
    assert message in str(problem.value)


def test_trace_without_blinks_cannot_be_fitted(tmp_path: Path) -> None:
    for person in ("ann", "bob"):
        rows = [f"{frame},0.3,0" for frame in range(300)]
        (tmp_path / person).mkdir()
        (tmp_path / person / "flat.csv").write_text("\n".join(["frame,eye_aspect_ratio,blink", *rows]))
    with pytest.raises(CommandError, match="Nothing in bob/flat looks like a blink"):
        run_evaluate("--traces", tmp_path, "--leave-one-out")


def test_leave_one_out_needs_two_people(tmp_path: Path) -> None:
    write_trace(tmp_path / "ann" / "monday.csv")
    write_trace(tmp_path / "ann" / "tuesday.csv")
    with pytest.raises(CommandError, match="needs traces of at least two people"):
        run_evaluate("--traces", tmp_path, "--leave-one-out")


def test_leave_one_out_needs_a_folder_per_person(traces: Path) -> None:
    write_trace(traces / "stray.csv")
    with pytest.raises(CommandError, match="in a folder for each person"):
        run_evaluate("--traces", traces, "--leave-one-out")


def test_pictures_without_face_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "cup").mkdir()
    (tmp_path / "cup" / "cup.jpg").write_bytes(jpeg(coffee()))
    with pytest.raises(CommandError, match="No face was found"):
        run_evaluate("--pictures", tmp_path)


def test_folders_without_pictures_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    with pytest.raises(CommandError, match="no pictures or videos in the folders"):
        run_evaluate("--pictures", tmp_path)


def test_damaged_picture_is_named_by_path(tmp_path: Path) -> None:
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "half.jpg").write_bytes(jpeg(warped())[:5000])
    with pytest.raises(CommandError, match=r"half\.jpg: The JPEG picture is cut off"):
        run_evaluate("--pictures", tmp_path)


def test_missing_weights_are_an_error(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> None:
        raise WeightsMissing("Install them.")

    monkeypatch.setattr("ai_models.vision.engine.FastEngine.find", missing)
    with pytest.raises(CommandError, match=r"Install them\."):
        run_evaluate("--pictures", pictures)


def test_unwritable_chart_is_an_error(tmp_path: Path) -> None:
    write_trace(tmp_path / "traces" / "short.csv", BLINKS[:2], seconds=12)
    with pytest.raises(CommandError, match="--chart"):
        run_evaluate("--traces", tmp_path / "traces", "--rates", 30, "--chart", tmp_path)


def test_chart_without_a_folder_is_refused_before_the_evaluation(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"chart\.svg: its folder does not exist"):
        run_evaluate("--traces", tmp_path / "no traces", "--chart", tmp_path / "missing" / "chart.svg")
