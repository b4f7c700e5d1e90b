"""The benchmark's frames, pipelines and stages, on a few frames."""

from pathlib import Path

import numpy as np
import pytest

from ai_models.vision.backend import Backend
from ai_models.vision.descriptor import Network, describe_face, open_network
from ai_models.vision.engine import open_backend
from ai_models.vision.faces import find_face
from benchmarks import agreement, frames, pipelines, plain, sessions, stages
from benchmarks.frames import FrameSequence
from tests import pictures


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return open_network(tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Backend:
    return open_backend(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module")
def sequence() -> FrameSequence:
    return frames.made(8)[0]


def test_both_pipelines_give_the_services_results(network: Network, backend: Backend) -> None:
    image = pictures.astronaut()
    data, face = pictures.png(image), find_face(image, exact=True)
    assert face is not None
    for pipeline in (pipelines.PLAIN, pipelines.ours(network), pipelines.ours(network, backend)):
        assert pipeline.neck(data) == pytest.approx(describe_face(image, face, network), abs=1e-5)
        assert (pipeline.blink(data), pipeline.blink(pictures.png(pictures.eyes_closed()))) == (False, True)
        assert pipeline.neck(pictures.png(pictures.coffee())) is None


def test_search_in_two_steps_is_the_services_own(sequence: FrameSequence) -> None:
    image = pipelines.decode(sequence.frames[0])
    face = find_face(image)
    assert face is not None
    for near, exact in ((None, False), (face.box, False), (None, True)):
        found, expected = pipelines.find_face(image, near, exact=exact), find_face(image, near=near, exact=exact)
        assert found is not None
        assert expected is not None
        assert found.box == expected.box
        assert np.array_equal(found.points, expected.points)


def test_stages_add_up_and_both_searches_agree(network: Network, backend: Backend, sequence: FrameSequence) -> None:
    items = stages.items([FrameSequence("one", sequence.frames[:2])], (640, 480), "JPEG")
    times = stages.measure(stages.runs(network, backend, quick=network), items, "stages")
    for name, taken in times.items():
        parts = [taken[stage] for stage in taken if stage != stages.TOTAL]
        assert np.sum(parts, axis=0) == pytest.approx(taken[stages.TOTAL]), name
    assert set(times[stages.OURS]) == {*plain.STAGES, stages.TOTAL}
    table = stages.stage_table("", times, stages.alignment_ms(items)).text()
    assert ("verdict" in table, "descriptor in int8" in table) == (True, True)
    assert "our blink" in stages.paths_table("", times).text()
    compared = agreement.compare([sequence], network, backend)
    assert (len(compared.pairs), len(compared.verdicts)) == (8, 8)
    results, targets = agreement.results("", compared)
    assert {target.is_met for target in targets} == {True}
    assert "face width" in results.text()


def test_session_is_measured(sequence: FrameSequence) -> None:
    measured = sessions.measure([FrameSequence("one", sequence.frames[:2])])
    assert (measured.plain.count, measured.session.count, measured.burst.count) == (2, 8, 1)
    table, targets = sessions.results(measured)
    assert ("cheaper" in table.text(), len(targets)) == (True, 2)


def test_folder_of_pictures_is_a_sequence_in_the_order_of_names(tmp_path: Path) -> None:
    first, second = pictures.jpeg(pictures.small()), pictures.png(pictures.small())
    (tmp_path / "b.jpg").write_bytes(first)
    (tmp_path / "a.png").write_bytes(second)
    (tmp_path / "notes.txt").write_text("no picture")
    (sequence,) = frames.from_folder(tmp_path, 400)
    assert (len(sequence.frames), sequence.frames[1]) == (2, first)
    with pytest.raises(SystemExit, match="no picture and no video"):
        frames.from_folder(tmp_path.parent / "nothing", 400)
