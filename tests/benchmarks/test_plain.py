"""The benchmark measures what it says: its pipelines give the service's answers, its frames are the same each time."""

from pathlib import Path

import numpy as np
import pytest

from ai_models.landmarks import Face
from ai_models.posture import ContractBaseline, judge, measure
from ai_models.vision.descriptor import describe_face, open_network
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from benchmarks import agreement, frames, ours, plain, stages
from benchmarks.stats import Bar, summary
from evaluation.tables import Table
from tests import pictures

BASELINE = ContractBaseline(face_x=76, face_y=107, nose_to_center=19)


class Steps:
    def update(self, n: float | None = 1) -> None:
        pass


def webcam_frame() -> bytes:
    return frames.made(1)[0].frames[0]


def found_by(face: Face | None) -> Face:
    assert face is not None
    return face


def assert_same(face: Face | None, other: Face | None) -> None:
    assert found_by(face).box == found_by(other).box
    assert np.array_equal(found_by(face).points, found_by(other).points)


@pytest.mark.parametrize(
    "image", [pictures.astronaut(), pictures.beside(pictures.astronaut(), pictures.warped(scale=0.9))]
)
def test_plain_pipeline_finds_the_exact_search_s_face(image: Image) -> None:
    assert_same(plain.find_face(image), find_face(image, exact=True))


def test_plain_pipeline_finds_no_face_where_there_is_none() -> None:
    data = pictures.png(pictures.coffee())
    assert plain.neck(data, BASELINE) is None
    assert plain.blink(data) is None


def test_plain_neck_frame_gives_verdict_and_dlibs_own_descriptor(tmp_path: Path) -> None:
    image = pictures.astronaut()
    told = plain.neck(pictures.png(image), BASELINE)
    face = found_by(find_face(image, exact=True))
    assert told is not None
    assert told.verdict == judge(measure(face.points), BASELINE)
    assert told.descriptor == pytest.approx(describe_face(image, face, open_network(tmp_path)), abs=1e-5)


@pytest.mark.parametrize(("image", "closed"), [(pictures.astronaut(), False), (pictures.eyes_closed(), True)])
def test_both_blink_pipelines_tell_closed_eyes(image: Image, closed: bool) -> None:
    data = pictures.png(image)
    assert (plain.blink(data), ours.blink(data)) == (closed, closed)


def test_our_search_in_two_steps_is_the_services_own() -> None:
    image = ours.decode(webcam_frame())
    near = found_by(find_face(image)).box
    assert_same(ours.find_face(image), find_face(image))
    assert_same(ours.find_face(image, near=near), find_face(image, near=near))
    assert_same(ours.find_exactly(image), find_face(image, exact=True))


def test_made_frames_are_the_same_on_every_run() -> None:
    assert frames.made(16) == frames.made(16)
    assert frames.made_empty(3) == frames.made_empty(3)


def test_made_frames_are_webcam_pictures_with_a_face_or_none() -> None:
    image = ours.decode(webcam_frame())
    assert image.shape == (480, 640, 3)
    assert found_by(find_face(image, exact=True)).box.right > 100
    assert find_face(ours.decode(frames.made_empty(1)[0].frames[0])) is None


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (1280, 720)])
def test_frames_are_brought_to_any_size(size: tuple[int, int]) -> None:
    image = frames.at_size(pictures.astronaut(), *size)
    assert (image.shape[1], image.shape[0]) == size


def test_folder_of_pictures_is_a_sequence_in_the_order_of_names(tmp_path: Path) -> None:
    inner = tmp_path / "sitting"
    inner.mkdir()
    first, second = pictures.jpeg(pictures.small()), pictures.png(pictures.small())
    (inner / "b.jpg").write_bytes(first)
    (inner / "a.png").write_bytes(second)
    (inner / "notes.txt").write_text("no picture")
    (sequences,) = frames.from_folder(tmp_path, 400)
    assert (sequences.name, len(sequences.frames), sequences.frames[1]) == ("sitting", 2, first)


def test_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no picture and no video"):
        frames.from_folder(tmp_path, 400)


def test_agreement_of_a_short_sitting_is_complete(tmp_path: Path) -> None:
    compared = agreement.compare(frames.made(8), open_network(tmp_path), Steps(), network_checks=1)
    assert (len(compared.pairs), len(compared.verdicts), compared.lost) == (8, 8, 0)
    assert compared.width_p95 < 1.5
    assert {bar.holds for bar in agreement.bars(compared)} == {True}
    assert "face width" in agreement.table("Agreement", compared).text()


def test_every_pipeline_is_timed_on_the_same_frames(tmp_path: Path) -> None:
    sequences = [frames.FrameSequence("one", frames.made(1)[0].frames[:2])]
    times = stages.measure(
        stages.pipelines(open_network(tmp_path)), stages.items(sequences, (640, 480), "JPEG"), Steps()
    )
    for name, taken in times.items():
        assert taken.sum.count == 2, name
        assert sum(each[0] for each in taken.stages.values()) == pytest.approx(taken.sums[0]), name
    assert set(times[stages.OURS].stages) == set(plain.STAGES)


def test_bar_is_missed_on_the_wrong_side_and_where_nothing_was_measured() -> None:
    assert Bar("ratio", 10, 10.0, at_least=True).holds
    assert not Bar("ratio", 10, 9.99, at_least=True).holds
    assert Bar("seconds", 2.5, 2.5).holds
    assert not Bar("seconds", 2.5, 2.51).holds
    assert not Bar("share", 99, summary([]).median, at_least=True).holds


def test_table_reads_as_text_and_as_markdown() -> None:
    table = Table("Title", ("stage", "ms"), [["decode", "0.5"]], ["A note."])
    assert table.text() == "Title\n-----\nstage    ms\ndecode  0.5\nA note."
    assert table.markdown() == "## Title\n\n| stage | ms |\n| --- | --: |\n| decode | 0.5 |\n\nA note."
