"""Browser mode against pictures that are sent: `python -m benchmarks.browser_mode CLIPS`, for docs/ACCURACY.md.

Chromium's own worker finds the landmarks. Posture: each person's clips, a frame a second, go through a session in both
modes, which calibrate on the first of them; the verdicts are compared. Blinks: a made film, at several rates, and as
sessions serve it. CLIPS is laid out as for `manage.py evaluate`.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import fmean

import numpy as np

from ai_models.analysis import FrameAnalysis
from ai_models.blink import Blink
from ai_models.blink_finder import WEIGHTS, select_blinks, split_at_gaps
from ai_models.dips import Trace, find_dips
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.landmark_source import with_identity_of
from ai_models.monitoring.pacing import plan_next_frame
from ai_models.monitoring.session_state import Observation, State
from ai_models.monitoring.status import PostureStatus, status
from ai_models.vision.frame import Image, read_frame
from benchmarks import blink_film
from benchmarks.environment import Environment
from evaluation.blinks import count_hits
from evaluation.clips import find_clips, images_of
from evaluation.replay import SENSITIVITIES
from evaluation.served import serve
from evaluation.traces import Recording
from tests.pictures import jpeg

SOURCE = "68:face_landmarker"
QUALITY = 85  # of the pictures that the page sends
CALIBRATION = 20  # frames of a clip
STEPS = (1, 2, 3, 6)  # every so manieth of the film's 30 frames a second

Analyze = Callable[[State, float], FrameAnalysis]  # of a frame, for a session, captured at a time


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="posesmart-bench-") as folder:
        cache = str(Path(folder) / "cache")
        Environment.create(Path(folder) / "django", MODEL_CACHE_DIR=cache).set_up_django()
        service = Environment.migrated(Path(folder) / "service", MODEL_CACHE_DIR=cache)
        from benchmarks import chromium  # only once Django is set up

        people = {
            person: [frames_of(files, options.every) for files in clips]
            for person, clips in find_clips(options.clips).items()
        }
        with chromium.finder(service) as find:
            film = chromium.analyses_of(find(list(blink_film.pictures())), SOURCE)
            by_landmarks = {
                person: [chromium.analyses_of(find(images), SOURCE) for images in clips]
                for person, clips in people.items()
            }
        show_blinks(film)
        show_posture(people, by_landmarks)


def frames_of(files: Iterable[Path], every: int) -> list[Image]:
    """Every so manieth frame of a clip."""
    return [image for file in files for image in images_of(file)][::every]


def show_posture(
    people: Mapping[str, Sequence[Sequence[Image]]], by_landmarks: Mapping[str, Sequence[Sequence[FrameAnalysis]]]
) -> None:
    """Of each person's clips."""
    for sensitivity in SENSITIVITIES:
        settings = AlarmSettings(sensitivity=sensitivity)
        same = judged = 0
        for person, clips in people.items():
            pictures = [[partial(_analyze, image) for image in images] for images in clips]
            landmarks = [[partial(_given, found) for found in analyses] for analyses in by_landmarks[person]]
            pairs = verdicts_after_calibration(pictures, landmarks, settings)
            agreed = sum(one.state == other.state and one.faults == other.faults for one, other in pairs)
            states = dict(Counter(one.state for one, _ in pairs))
            print(f"{sensitivity}, {person}: {agreed} of {len(pairs)}, by pictures {states}")
            same, judged = same + agreed, judged + len(pairs)
        print(f"{sensitivity}: the same verdict on {same / judged:.1%} of {judged} frames")


def verdicts_after_calibration(
    pictures: Sequence[Sequence[Analyze]], landmarks: Sequence[Sequence[Analyze]], settings: AlarmSettings
) -> list[tuple[PostureStatus, PostureStatus]]:
    """Both modes' verdicts on all frames, calibrated on the first clip on which both can be. It is shown repeatedly."""
    for number in range(len(pictures)):
        shown = [list(islice(cycle(clips[number]), CALIBRATION)) for clips in (pictures, landmarks)]
        if all(verdicts(frames, settings, source)[-1] for frames, source in zip(shown, ("", SOURCE), strict=True)):
            one = verdicts([*shown[0], *chain.from_iterable(pictures)], settings, "")
            other = verdicts([*shown[1], *chain.from_iterable(landmarks)], settings, SOURCE)
            return [(a, b) for a, b in zip(one[CALIBRATION:], other[CALIBRATION:], strict=True) if a and b]
    return []


def verdicts(frames: Sequence[Analyze], settings: AlarmSettings, source: str) -> list[PostureStatus | None]:
    """What a session says of each of its frames, a second apart; None until it is calibrated."""
    state = with_identity_of(monitor.start(0.0), source)
    found: list[PostureStatus | None] = []
    for number, analyze in enumerate(frames, 1):
        observation = Observation.of(analyze(state, float(number)), float(number), ())
        state = monitor.observe(state, [observation], settings).state
        found.append(status(state, settings).posture if state.phase == "monitoring" else None)
    return found


def _given(analysis: FrameAnalysis, state: State, at_s: float) -> FrameAnalysis:
    return analysis


def _analyze(image: Image, state: State, at_s: float) -> FrameAnalysis:
    """As the service looks at a picture, but for whose face it is."""
    from detections.vision import analyze

    plan = replace(plan_next_frame(state, at_s), identity=False, others=False)
    return analyze(read_frame(jpeg(image, QUALITY)), plan)


def show_blinks(film: Sequence[FrameAnalysis]) -> None:
    """film: of its pictures."""
    ratios = np.array([found.measures.eye_aspect_ratio if found.measures else np.nan for found in film])
    by_lids = ratios.reshape(len(blink_film.LIDS), -1).mean(axis=1)
    print("The eyes' aspect ratio, of open:", *np.round(by_lids / by_lids[0], 2))
    recording = blink_film.made().recording(ratios)
    for step in STEPS:
        f1 = fmean(_f1(recording, times, trace) for times, trace in recording.every_nth(step))
        print(f"{blink_film.FRAME_RATE / step:.0f} frames a second: F1 {f1:.3f} of {len(recording.blinks)} blinks")
    served = serve(recording, WEIGHTS)
    print(f"As sessions serve it: F1 {served.f1}, shown {served.shown} of {served.blinks}")


def _f1(recording: Recording, times: Trace, ratios: Trace) -> float:
    """Also where find_blinks finds none, since the frames are too few."""
    dips = [dip for signal in split_at_gaps(times, ratios) for dip in select_blinks(signal, find_dips(signal), WEIGHTS)]
    found = [Blink(dip.start_s, dip.end_s, complete=True) for dip in dips]
    return 2 * count_hits(found, recording.blinks) / (len(found) + len(recording.blinks))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser_mode", description=__doc__)
    parser.add_argument("clips", type=Path, help="a folder with a folder of clips for each person")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="look at every Nth frame of a clip")
    return parser.parse_args()


if __name__ == "__main__":
    main()
