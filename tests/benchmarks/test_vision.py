"""The benchmark's frames, pipelines, stages and sessions, on a few frames."""

from pathlib import Path

import numpy as np
import pytest

from ai_models.analysis import AnalysisPlan
from ai_models.landmarks import Box
from ai_models.vision.descriptor import describe_face, open_network
from ai_models.vision.engine import open_backend
from ai_models.vision.faces import find_face
from benchmarks import agreement, frames, landmarks, peers, pipelines, sessions, speed
from benchmarks.environment import Run
from benchmarks.frames import FrameSequence
from benchmarks.pipelines import EYES_ONLY, WITH_IDENTITY, Item
from benchmarks.plain import PlainEngine
from benchmarks.report import Report
from benchmarks.turns import TOTAL, Sample, no_mark, ratios, take_turns
from evaluation.traces import DatasetError
from tests import pictures


@pytest.fixture(scope="module")
def cache(run_folder: Path) -> Path:
    """Of all tests of this run."""
    return run_folder / "models"


@pytest.fixture(scope="module")
def sequence() -> FrameSequence:
    return frames.made(8)[0][:5]  # four of them calibrate


def test_both_pipelines_give_the_services_results(cache: Path) -> None:
    image = pictures.astronaut()
    face = find_face(image, exact=True)
    assert face is not None
    expected = describe_face(image, face, open_network(cache))
    backends = [open_backend(cache, native) for native in pipelines.natives(cache).values()]
    ours = [pipelines.ours(cache, backend, "fp32") for backend in backends]
    for engine in (marked(no_mark) for marked in (PlainEngine, *ours)):
        found = engine.find(image, AnalysisPlan())
        assert found is not None
        assert np.array_equal(found.points, face.points)
        assert engine.describe(image, found, is_exact=True).exact == pytest.approx(expected, abs=1e-5)
        assert engine.find(pictures.coffee(), AnalysisPlan()) is None


def test_stages_add_up_and_both_searches_agree(cache: Path, sequence: FrameSequence) -> None:
    report = Report()
    medians = speed.stages(report, cache, [sequence], [sequence], main=5, other=5)
    assert set(medians) == {pipelines.PLAIN, pipelines.OURS}
    for way in (*pipelines.ways(cache, WITH_IDENTITY).values(), *pipelines.ways(cache, EYES_ONLY).values()):
        ms = way(Item(sequence[0])).ms
        assert sum(ms.get(stage, 0) for stage in pipelines.STAGES) == pytest.approx(ms[TOTAL])
    agreement.compare(report, "Agreement", [sequence], open_network(cache), open_backend(cache))
    agreeing = [target.is_met for target in report.targets if target.name.startswith("Agreement")]
    assert agreeing == [True] * 5
    assert "ours by dlib" in report.text()


def test_only_items_count_for_which_all_ways_agree() -> None:
    ways = {
        "even": lambda number: Sample(**{TOTAL: 2.0 * number}).found(number % 2 == 0),
        "any": lambda number: Sample(**{TOTAL: 1.0 * number}),
    }
    times = take_turns(ways, range(25), "")
    assert times["any"][TOTAL].tolist() == list(range(0, 25, 2))
    assert ratios(times["even"], times["any"]) == (2.0, 2.0)


def test_crop_is_the_pages_own() -> None:
    # A margin of 0.6 widths of the face, in steps of 16 pixels; a close-up is sent whole.
    assert sessions.surroundings(Box(250, 150, 400, 300), 640, 480) == Box(160, 48, 496, 400)
    assert sessions.surroundings(Box(150, 100, 450, 400), 640, 480) is None


def test_folder_of_pictures_is_a_sequence_in_the_order_of_names(tmp_path: Path) -> None:
    first, second = pictures.jpeg(pictures.small()), pictures.png(pictures.small())
    (tmp_path / "person").mkdir()
    (tmp_path / "person" / "b.jpg").write_bytes(first)
    (tmp_path / "person" / "a.png").write_bytes(second)
    (tmp_path / "person" / "notes.txt").write_text("no picture")
    (sequence,) = frames.from_folder(tmp_path, 400)
    assert (len(sequence), sequence[1]) == (2, first)
    with pytest.raises(DatasetError, match="is not a folder"):
        frames.from_folder(tmp_path / "nothing", 400)


def test_libraries_that_cannot_be_installed_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    report = Report()
    peers.measure(report, Run(tmp_path), main=8)
    assert report.facts[-1].startswith("Other libraries are not measured: pip cannot install mediapipe==0.10.21")
    assert not report.tables


def test_seconds_of_landmarks_are_measured(sequence: FrameSequence) -> None:
    report = Report()
    landmarks.measure(report, sequence[0], seconds=3)
    [table], [target] = report.tables, report.targets
    assert [row[""] for row in table.rows] == ["parsed and checked", "measured", "judged", "sum"]
    *stages, total = (row["median"] for row in table.rows)
    assert max(stages) < total
    assert target.measured > 0
