from functools import cache
from itertools import product
from typing import Any, NamedTuple

import cv2
import dlib
import numpy as np
import pytest

from ai_models import posture
from ai_models.identity import SAME_PERSON_MAX_DISTANCE, distance
from ai_models.landmarks import Box, Face
from ai_models.vision import faces, weights
from ai_models.vision.backend import DLIB, Detection
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from detections.vision import engine
from tests import pictures

ASTRONAUT_BOX = Box(left=179, top=83, right=266, bottom=170)
CENTRE = (320.0, 240.0)


def found(image: Image) -> Face:
    face = find_face(image)
    assert face is not None
    return face


def test_face_has_box_and_68_integer_points() -> None:
    face = found(pictures.astronaut())
    assert face.box == ASTRONAUT_BOX
    assert face.points.shape == (68, 2)
    assert np.issubdtype(face.points.dtype, np.integer)


def test_landmarks_lie_near_the_face_box() -> None:
    points = found(pictures.astronaut()).points
    assert points.min(axis=0) == pytest.approx((ASTRONAUT_BOX.left, ASTRONAUT_BOX.top), abs=25)
    assert points.max(axis=0) == pytest.approx((ASTRONAUT_BOX.right, ASTRONAUT_BOX.bottom), abs=25)


def test_right_eye_is_left_in_the_picture() -> None:
    points = found(pictures.astronaut()).points
    assert points[36:42, 0].max() < points[42:48, 0].min()


def test_picture_without_a_face_gives_none() -> None:
    assert find_face(pictures.coffee()) is None


@pytest.mark.parametrize("exact", [True, False])
def test_crop_is_searched_like_its_copy(exact: bool) -> None:
    crop = pictures.astronaut()[10:400, 20:420]
    assert not crop.flags.c_contiguous
    assert same(find_face(crop, exact=exact), find_face(crop.copy(), exact=exact))


def test_one_pixel_picture_gives_none() -> None:
    assert find_face(np.zeros((1, 1, 3), np.uint8)) is None


@pytest.mark.parametrize("smaller_is_left", [True, False])
def test_largest_of_two_faces_wins(smaller_is_left: bool) -> None:
    whole = pictures.astronaut()
    less = pictures.smaller(whole[20:300, 80:380], 0.8)
    assert found(less).box.right - found(less).box.left < 87
    image = pictures.beside(less, whole) if smaller_is_left else pictures.beside(whole, less)
    offset = less.shape[1] if smaller_is_left else 0
    box = found(image).box
    # The detector's grid starts elsewhere, which moves the box by a pixel or two.
    expected = (ASTRONAUT_BOX.left + offset, ASTRONAUT_BOX.top, ASTRONAUT_BOX.right + offset, ASTRONAUT_BOX.bottom)
    assert (box.left, box.top, box.right, box.bottom) == pytest.approx(expected, abs=12)


def test_same_picture_gives_same_128_numbers() -> None:
    image = pictures.astronaut()
    first, second = (engine().describe(image, found(image), is_exact=True).exact for _ in range(2))
    assert (first.shape, first.dtype.name) == ((128,), "float32")
    assert first.tolist() == second.tolist()


def test_slightly_nearer_face_is_the_same_person() -> None:
    upright, nearer = pictures.astronaut(), pictures.warped(scale=1.04)
    one, other = (engine().describe(image, found(image), is_exact=True).exact for image in (upright, nearer))
    apart = distance(one, other)
    assert 0 < apart < 0.3 < SAME_PERSON_MAX_DISTANCE


# --- Compared with the plain pipeline, as the contract describes it ---


class Judged(NamedTuple):
    """A frame and its face: by the plain pipeline, by the exact search, and by default."""

    name: str
    image: Image
    plain: Face | None
    exact: Face | None
    default: Face | None


@cache
def dlibs_detector() -> Any:
    return dlib.get_frontal_face_detector()


def plainly_found(image: Image) -> Face | None:
    rectangles = dlibs_detector()(image, 0)
    if not rectangles:
        return None
    largest = max(rectangles, key=lambda rectangle: rectangle.area())
    points = [(point.x, point.y) for point in weights.shape_predictor()(image, largest).parts()]
    return Face(Box(largest.left(), largest.top(), largest.right(), largest.bottom()), np.array(points))


def shows_a_face_at_half_size(image: Image) -> bool:
    return len(dlibs_detector()(cv2.resize(image, None, fx=0.5, fy=0.5), 0)) > 0


def judged(image: Image, name: object) -> Judged:
    return Judged(str(name), image, plainly_found(image), find_face(image, exact=True), find_face(image))


@cache
def small_faces() -> list[Judged]:
    """Frames with a face of 45 to 125 pixels, at three positions, as JPEGs of low and high quality."""
    positions = [(130.0, 130.0), CENTRE, (467.0, 330.0)]
    made = []
    for number, (face_px, centre) in enumerate(product([45, 60, 66, 72, 78, 84, 88, 92, 97, 102, 106, 125], positions)):
        quality = (35, 92)[number % 2]
        made.append(judged(pictures.framed(face_px, centre, quality=quality), (face_px, centre, quality)))
    return made


@cache
def lost_at_half_size() -> list[Judged]:
    """Those small faces that are not found at half size."""
    return [frame for frame in small_faces() if not shows_a_face_at_half_size(frame.image)]


@cache
def large_faces() -> list[Judged]:
    """Frames with a face of 130 to 300 pixels: shifted, turned, with noise, most of them as JPEGs."""
    made = []
    for number, face_px in enumerate(range(130, 301, 4)):
        x, y = 320 + 37 * (number % 5 - 2), 240 + 23 * (number % 3 - 1)
        turn_deg, noise, quality = 4.0 * (number % 7 - 3), 3.0 * (number % 3), (40, 75, 92, None)[number % 4]
        image = pictures.framed(face_px, (x, y), turn_deg=turn_deg, noise=noise, quality=quality)
        made.append(judged(image, (face_px, x, y, turn_deg, noise, quality)))
    return made


def same(one: Face | None, other: Face | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.box == other.box and np.array_equal(one.points, other.points)


def face_width(face: Face) -> float:
    return posture.measure(face.points).face_x


def width_change(judgement: Judged) -> float:
    assert judgement.plain is not None, judgement.name
    assert judgement.default is not None, judgement.name
    return abs(face_width(judgement.default) / face_width(judgement.plain) - 1)


def test_small_faces_are_a_fair_sample() -> None:
    with_face = [frame for frame in small_faces() if frame.plain is not None]
    lost = {frame.name for frame in lost_at_half_size()}
    assert len(with_face) < len(small_faces())  # some are too small for every search
    assert len([frame for frame in with_face if frame.name in lost]) >= 20
    assert any(frame.name not in lost for frame in with_face)


def test_exact_search_matches_the_plain_pipeline() -> None:
    frames = [*small_faces(), *large_faces(), judged(pictures.coffee(), "nobody"), judged(pictures.astronaut(), "once")]
    assert [frame.name for frame in frames if not same(frame.exact, frame.plain)] == []


def test_exact_search_ignores_the_hint() -> None:
    for image in (pictures.framed(230, CENTRE, quality=75), pictures.astronaut()):
        near = found(image).box
        assert same(find_face(image, near=near, exact=True), plainly_found(image))


def test_face_lost_at_half_size_matches_plain_pipeline() -> None:
    assert [frame.name for frame in lost_at_half_size() if not same(frame.default, frame.plain)] == []


def test_no_face_of_the_plain_pipeline_is_missed() -> None:
    frames = [*small_faces(), *large_faces()]
    assert [frame.name for frame in frames if frame.plain is not None and frame.default is None] == []


def test_large_face_width_is_within_1_5_percent() -> None:
    changes = [width_change(frame) for frame in large_faces()]
    assert np.percentile(changes, 95) <= 0.015


def test_large_face_gets_the_same_verdict() -> None:
    verdicts = []
    baselines = [frame.plain for frame in large_faces()[::4]]
    for frame, before in product(large_faces(), baselines):
        assert frame.plain is not None
        assert frame.default is not None
        assert before is not None
        measures = posture.measure(before.points)
        baseline = posture.ContractBaseline(measures.face_x, measures.face_y, measures.nose_to_center)
        verdicts.append(
            [posture.judge(posture.measure(face.points), baseline) for face in (frame.plain, frame.default)]
        )
    assert len({plain for plain, _ in verdicts}) == 4  # all that exist
    assert sum(plain == default for plain, default in verdicts) >= 0.99 * len(verdicts)


def test_large_faces_skip_the_exact_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(image: Image) -> None:
        raise AssertionError("the plain search was called")

    frames = large_faces()[::5]  # made with the exact search
    monkeypatch.setattr("ai_models.vision.faces._exact_search", fail)
    for frame in frames:
        assert same(find_face(frame.image), frame.default)


# --- Several faces, and picture sizes ---


def detections(*found: tuple[int, float]) -> list[Detection]:
    """Detections of these widths and scores."""
    return [Detection(Box(0, 0, width - 1, width - 1), score) for width, score in found]


@pytest.mark.parametrize(
    ("found", "width"),
    [
        ([(80, 1.63), (120, 0.07)], 80),  # a patch of cloth beside a face
        ([(80, 1.0), (120, 0.5)], 120),
        ([(80, 1.0), (120, 0.49)], 80),
        ([(120, 0.6), (80, 1.0), (200, 0.4)], 120),
        ([(80, 0.01)], 80),  # with one box nothing changes
    ],
)
def test_users_face_is_the_largest_that_scores_half_of_the_best(found: list[tuple[int, float]], width: int) -> None:
    box = faces.users_face(detections(*found))
    assert box is not None
    assert box.right - box.left + 1 == width


def test_nobody_found_is_nobodys_face() -> None:
    assert faces.users_face([]) is None


class Patchy:
    """dlib, but its detector finds a large patch, too, in every search whose pictures are large enough for one."""

    def __init__(self, patch: Box, score: float) -> None:
        self.patch, self.score = patch, score

    def search(self, image: Any, **options: Any) -> list[Detection]:
        found = DLIB.search(image, **options)
        is_whole = image.shape[:2] == (480, 640)
        coarse = Detection(Box(10, 10, 82, 82), self.score)
        return [*found, Detection(self.patch, self.score) if is_whole else coarse]

    def landmarks(self, image: Image, box: Box) -> Any:
        return DLIB.landmarks(image, box)


@pytest.mark.parametrize("exact", [True, False])
def test_doubtful_patch_does_not_hide_the_face(exact: bool) -> None:
    image = pictures.framed(90, (450, 300))
    backend = Patchy(Box(10, 10, 300, 300), 0.11)
    box = faces.find_box(image, exact=exact, backend=backend)
    expected = faces.find_box(image, exact=True)
    assert box == expected


@pytest.mark.parametrize(("left_px", "right_px"), [(200, 150), (150, 200), (190, 220), (220, 190), (100, 200)])
def test_larger_of_two_large_faces_wins(left_px: float, right_px: float) -> None:
    left, right = (pictures.framed(face_px, (180, 240), size=(360, 480)) for face_px in (left_px, right_px))
    image = pictures.beside(left, right)
    face = found(image)
    assert same(face, plainly_found(image))
    box = face.box
    assert ((box.left + box.right) / 2 < 360) is (left_px > right_px)


@pytest.mark.parametrize(
    ("size", "face_px", "centre"),
    [
        ((1280, 720), 90, (1100, 150)),
        ((1280, 720), 120, (300, 300)),
        ((1280, 720), 300, (900, 380)),
        ((320, 240), 110, (150, 120)),
        ((240, 320), 85, (120, 200)),
        ((4096, 300), 85, (3900, 150)),
        ((4096, 600), 100, (3500, 300)),
        ((4096, 800), 400, (1000, 400)),
        ((800, 2000), 500, (400, 1500)),
    ],
)
def test_face_is_found_in_any_picture_size(size: tuple[int, int], face_px: float, centre: tuple[float, float]) -> None:
    image = pictures.framed(face_px, centre, size=size)
    expected, face = plainly_found(image), found(image)
    assert expected is not None
    assert face_width(face) == pytest.approx(face_width(expected), rel=0.03)
    assert face.points.mean(axis=0) == pytest.approx(centre, abs=0.2 * face_px)


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (2, 2), (10, 500), (500, 10), (90, 90), (1, 4096), (4096, 1), (160, 160)]
)
def test_too_small_picture_gives_none(height: int, width: int, value: int) -> None:
    image = np.full((height, width, 3), value, np.uint8)
    assert find_face(image) is None
    assert find_face(image, exact=True) is None
    assert find_face(image, near=Box(0, 0, 87, 87)) is None


# --- With a hint: where the face was last ---


@cache
def central_box(face_px: float) -> Box:
    return found(pictures.framed(face_px, CENTRE)).box


@pytest.mark.parametrize("face_px", [85, 120, 200])
@pytest.mark.parametrize("scale", [0.8, 1.0, 1.2])
@pytest.mark.parametrize("across", [-1 / 3, 0, 1 / 3])
@pytest.mark.parametrize("down", [-1 / 3, 0, 1 / 3])
def test_moved_face_is_found_near_the_hint(face_px: float, scale: float, across: float, down: float) -> None:
    image = pictures.framed(max(80, face_px * scale), (CENTRE[0] + across * face_px, CENTRE[1] + down * face_px))
    near, anywhere = find_face(image, near=central_box(max(face_px, 85))), found(image)
    assert near is not None
    assert face_width(near) == pytest.approx(face_width(anywhere), rel=0.04)
    assert near.points.mean(axis=0) == pytest.approx(anywhere.points.mean(axis=0), abs=0.05 * face_px)


def test_hint_hardly_changes_the_face_width() -> None:
    changes = []
    for frame in large_faces():
        assert frame.default is not None
        near = find_face(frame.image, near=frame.default.box)
        assert near is not None
        changes.append(abs(face_width(near) / face_width(frame.default) - 1))
    assert np.percentile(changes, 95) <= 0.015


def test_hinted_search_ignores_a_larger_face_elsewhere() -> None:
    left, right = (pictures.framed(face_px, (180, 240), size=(360, 480)) for face_px in (120, 220))
    image = pictures.beside(left, right)
    hint = found(left).box
    near = find_face(image, near=hint)
    assert near is not None
    assert (near.box.left + near.box.right) / 2 < 360 < found(image).points[:, 0].min()


@pytest.mark.parametrize("face_px", [88, 200])
@pytest.mark.parametrize(
    "hint",
    [
        Box(10, 10, 97, 97),  # no face there
        Box(600, 440, 687, 527),  # half outside
        Box(-60, -60, 26, 26),
        Box(5000, 5000, 5100, 5100),
        Box(-500, -500, -400, -400),
        Box(20, 400, 21, 401),  # tiny
        Box(-1000, -1000, 3000, 3000),
        Box(0, 0, 10**9, 10**9),
    ],
    ids=lambda box: f"{box.left} to {box.right}",
)
def test_wrong_hint_changes_nothing(hint: Box, face_px: float) -> None:
    image = pictures.framed(face_px, (330, 250))
    assert same(find_face(image, near=hint), found(image))


@pytest.mark.parametrize("hint", [ASTRONAUT_BOX, Box(0, 0, 215, 215), Box(-90, 500, 400, 990)])
def test_faceless_picture_gives_none_with_any_hint(hint: Box) -> None:
    assert find_face(pictures.coffee(), near=hint) is None


@pytest.mark.parametrize("hint", [Box(5, 5, 5, 90), Box(0, 0, 0, 0), Box(10, 10, 2, 2)])
def test_hint_without_width_changes_nothing(hint: Box) -> None:
    image = pictures.framed(150, (320, 240))
    assert same(find_face(image, near=hint), found(image))


def test_chance_face_at_half_size_matches_plain_pipeline() -> None:
    image = pictures.framed(104, (298, 250), turn_deg=-4, quality=92)
    assert same(found(image), plainly_found(image))


def test_preload_creates_every_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    faces.preload()
    monkeypatch.setattr("ai_models.vision.detector._from_bytes", None)
    image = pictures.framed(150, (320, 240))
    assert find_face(image, near=found(image).box) is not None
    assert find_face(pictures.coffee()) is None
