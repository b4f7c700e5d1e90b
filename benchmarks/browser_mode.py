"""Browser mode against pictures that are sent: `python -m benchmarks.browser_mode CLIPS`, for docs/ACCURACY.md.

Chromium's own worker finds the landmarks. Posture: each person's clips, a frame a second, go through a session in both
modes, which calibrate on the first of them; the verdicts are compared. Blinks: a made film, at several rates, and as
sessions serve it. CLIPS is laid out as for `manage.py evaluate`.
"""

import argparse
import base64
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from msgspec import convert
from msgspec.structs import replace
from playwright.sync_api import sync_playwright

from ai_models.analysis import FrameAnalysis
from ai_models.blink import Blink
from ai_models.blink_finder import WEIGHTS, select_blinks, split_at_gaps
from ai_models.dips import Trace, find_dips
from ai_models.monitoring import monitor
from ai_models.monitoring.alarms import AlarmSettings
from ai_models.monitoring.landmark_source import with_identity_of
from ai_models.monitoring.observation import Observation
from ai_models.monitoring.pacing import plan_next_frame
from ai_models.monitoring.session_state import State
from ai_models.monitoring.status import PostureStatus, status
from ai_models.vision.frame import Image, read_frame
from benchmarks import blink_film
from benchmarks.environment import Environment, Run
from evaluation.blinks import count_hits
from evaluation.clips import find_clips, images_of
from evaluation.replay import SENSITIVITIES
from evaluation.served import serve
from evaluation.traces import Recording
from tests.pictures import jpeg, png

SOURCE = "68:face_landmarker"
QUALITY = 85  # of the pictures that the page sends
CALIBRATION = 20  # frames of a clip
STEPS = (1, 2, 3, 6)  # every so manieth of the film's 30 frames a second
AT_ONCE = 10  # pictures that are handed to Chromium together
FIND = """async (pictures) => {
    const { WorkerTasks } = await import("/static/web/js/engine/worker_tasks.js");
    window.tasks ??= new WorkerTasks(() => new Worker("/landmarks.js", { type: "module" }), 60_000);
    const found = [];
    for (const text of pictures) {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        found.push((await window.tasks.run({ bitmap }, [bitmap])).found);
    }
    return found;
}"""

Analyze = Callable[[State, float], FrameAnalysis]  # of a frame, for a session, captured at a time
Finder = Callable[[Sequence[Image]], list[FrameAnalysis]]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="posesmart-bench-") as folder:
        run = Run(Path(folder))
        run.set_up_django()
        people = {
            person: [[image for file in files for image in images_of(file)][:: options.every] for files in clips]
            for person, clips in find_clips(options.clips).items()
        }
        with finder(run.service) as find:
            film = find(list(blink_film.pictures()))
            by_landmarks = {person: [find(images) for images in clips] for person, clips in people.items()}
        show_blinks(film)
        show_posture(people, by_landmarks)


@contextmanager
def finder(service: Environment) -> Iterator[Finder]:
    """The service's analyses of pictures, a second apart, in which Chromium's worker finds the landmarks.

    It raises Playwright's Error without browser mode or without WebGL 2.
    """
    from detections.sessions import landmark_request  # only once Django is set up
    from tests.web import browser

    def sent(at_s: int, found: dict[str, Any]) -> landmark_request.PointsOfPicture:
        return convert(found | {"captured_at": datetime.fromtimestamp(at_s, UTC)}, landmark_request.PointsOfPicture)

    with service.serve(workers=1) as server, sync_playwright() as playwright, browser.chromium(playwright) as chromium:
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/")

        def find(images: Sequence[Image]) -> list[FrameAnalysis]:
            texts = [base64.b64encode(png(image)).decode() for image in images]
            parts = [page.evaluate(FIND, texts[first : first + AT_ONCE]) for first in range(0, len(texts), AT_ONCE)]
            body = landmark_request.LandmarksBody([sent(*each) for each in enumerate(chain.from_iterable(parts))])
            return landmark_request.analyses_of(body, SOURCE)

        yield find


def show_posture(
    people: Mapping[str, Sequence[Sequence[Image]]], by_landmarks: Mapping[str, Sequence[Sequence[FrameAnalysis]]]
) -> None:
    """Of each person's clips."""
    for sensitivity in SENSITIVITIES:
        same = judged = 0
        for person, clips in people.items():
            pictures = [[partial(_analyze, image) for image in images] for images in clips]
            landmarks = [[partial(_given, found) for found in analyses] for analyses in by_landmarks[person]]
            pairs = verdicts_after_calibration(pictures, landmarks, AlarmSettings(sensitivity=sensitivity))
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
    shown, is_blink = blink_film.made()
    times_s = np.arange(len(shown)) / blink_film.FRAME_RATE
    recording = Recording("", "made film", times_s, ratios[shown], is_blink)
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
