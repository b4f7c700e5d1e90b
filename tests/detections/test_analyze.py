import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from ai_models import posture
from ai_models.measures import eye_aspect_ratio
from ai_models.posture import ContractBaseline
from ai_models.vision.faces import find_face
from ai_models.vision.frame import Image
from ai_models.vision.weights import WeightsMissing
from tests.pictures import astronaut, coffee, jpeg, png, warped

FRAMES = 6
VIDEO_HEIGHT = 300  # rows of the astronaut: in those below, the video's coarse JPEG shows the detector a second face


@pytest.fixture
def face(tmp_path: Path) -> Path:
    return saved(tmp_path / "face.png", png(astronaut()))


@pytest.fixture
def cup(tmp_path: Path) -> Path:
    return saved(tmp_path / "cup.jpg", jpeg(coffee()))


@pytest.fixture
def close(tmp_path: Path) -> Path:
    return saved(tmp_path / "close.png", png(warped(scale=1.12)))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "film.avi"
    image = np.ascontiguousarray(astronaut()[:VIDEO_HEIGHT, :, ::-1])
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (image.shape[1], image.shape[0]))
    for _ in range(FRAMES):
        writer.write(image)
    writer.release()
    return path


def saved(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def run_analyze(*arguments: str | Path | int) -> str:
    out = io.StringIO()
    call_command("analyze", *map(str, arguments), stdout=out)
    return out.getvalue()


def run_json(*arguments: str | Path | int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(run_analyze(*arguments, "--json"))
    return rows


def run_refused(*arguments: str | Path | int) -> tuple[str, str]:
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("analyze", *map(str, arguments), stdout=out)
    return out.getvalue(), str(refusal.value)


def read_back(path: Path) -> Image:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR_RGB), np.uint8)


def test_json_holds_box_and_unrounded_measures(face: Path) -> None:
    found = find_face(astronaut())
    assert found is not None
    measures = posture.measure(found.points)
    assert run_json(face) == [
        {
            "path": str(face),
            "frame": None,
            "problem": None,
            "face_box": {"left": 179, "top": 83, "right": 266, "bottom": 170},
            "face_x": measures.face_x,
            "face_y": measures.face_y,
            "nose_to_center": measures.nose_to_center,
            "head_angle_deg": measures.head_angle_deg,
            "eye_aspect_ratio": eye_aspect_ratio(found.points),
            "closed": False,
            "verdict": None,
        }
    ]


def test_picture_without_face_has_null_numbers(cup: Path) -> None:
    row = run_json(cup)[0]
    assert (row.pop("path"), row.pop("problem")) == (str(cup), "no face found")
    assert len(row) == 9
    assert set(row.values()) == {None}


def test_nan_eye_ratio_is_null_in_json(face: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detections.analysis.eye_aspect_ratio", lambda points: float("nan"))
    assert run_json(face)[0]["eye_aspect_ratio"] is None


def test_table_is_aligned_and_rounded(face: Path, cup: Path) -> None:
    headings, first, second = run_analyze(face, cup).splitlines()
    for text in ("179,83-266,170", "89.00", "112.63", "19.77", "93.3", "0.338", "open"):
        assert text in first
    assert second.split()[1:4] == ["no", "face", "found"]
    assert headings.index("face box") == first.index("179,83") == second.index("no face found")
    assert headings.index("face_x") + len("face_x") == first.index("89.00") + len("89.00")
    assert "posture" not in headings


def test_korean_letters_take_two_columns(face: Path, tmp_path: Path) -> None:
    korean = saved(tmp_path / "한국.png", png(astronaut()))
    _, first, second = run_analyze(face, korean).splitlines()
    assert first.index("179,83") == second.index("179,83") + 2  # "face.png" and "한국.png" fill eight columns each


def test_first_face_can_be_the_baseline(face: Path, close: Path) -> None:
    good, bad = (row["verdict"] for row in run_json(face, close, "--baseline", "first:1"))
    assert good == {"good": True, "level": True, "at_distance": True}
    assert bad == {"good": False, "level": True, "at_distance": False}


def test_baseline_averages_the_first_four_faces(face: Path, cup: Path) -> None:
    tilted = saved(face.parent / "tilted.png", png(warped(turn_deg=12)))
    arguments = (cup, face, tilted, cup, face, tilted, cup, "--baseline", "first:4")
    rows = run_json(*arguments)
    assert [Path(row["path"]).stem for row in rows] == ["cup", "face", "tilted", "cup", "face", "tilted", "cup"]
    assert [row["verdict"] and row["verdict"]["good"] for row in rows] == [None, True, False, None, True, False, None]
    last = run_analyze(*arguments).splitlines()[-1]
    faces = [row for row in rows if row["face_box"]]
    means = [sum(row[name] for row in faces) / 4 for name in ("face_x", "face_y", "nose_to_center")]
    assert last == "baseline: " + ",".join(map(str, means))


def test_printed_baseline_is_accepted_as_input(face: Path, close: Path) -> None:
    numbers = run_analyze(face, "--baseline", "first:1").splitlines()[-1].removeprefix("baseline: ")
    assert run_analyze(face, close, "--baseline", numbers) == run_analyze(face, close, "--baseline", "first:1")
    assert "bad: too close or too low" in run_analyze(close, "--baseline", numbers)


def test_verdicts_match_the_api(face: Path) -> None:
    found = find_face(astronaut())
    assert found is not None
    verdict = posture.judge(posture.measure(found.points), ContractBaseline(80.0, 112.0, 19.0))
    assert run_json(face, "--baseline", "80,112,19")[0]["verdict"]["good"] is verdict.is_good is False


def test_too_few_baseline_faces_fail_after_table(face: Path, cup: Path) -> None:
    out, refusal = run_refused(face, cup, "--baseline", "first:4")
    assert "89.00" in out
    assert "baseline:" not in out
    assert refusal == "No verdict: --baseline first:4 needs 4 frames with a face; found: 1."


@pytest.mark.parametrize(
    "text", ["", "first", "first:", "first:0", "first:101", "first:x", "last:4", "1,2", "1,2,3,4", "0,1,1", "nan,1,1"]
)
def test_invalid_baseline_error_shows_accepted_formats(face: Path, text: str) -> None:
    out, refusal = run_refused(face, "--baseline", text)
    assert out == ""
    assert "first:N" in refusal
    assert "FACE_X,FACE_Y,NOSE" in refusal


def test_every_must_be_positive(face: Path) -> None:
    assert run_refused(face, "--every", 0) == ("", "--every takes a whole number from 1 on.")


def test_folder_gives_its_pictures_in_order(face: Path, cup: Path, close: Path) -> None:
    saved(face.parent / "notes.txt", b"hello")
    saved(face.parent / "._face.png", b"what macOS leaves")
    assert [row["path"] for row in run_json(face.parent)] == [str(close), str(cup), str(face)]


def test_unreadable_inputs_do_not_stop_the_rest(face: Path, tmp_path: Path) -> None:
    text = saved(tmp_path / "notes.txt", b"hello")
    damaged = saved(tmp_path / "damaged.png", png(astronaut())[:2000])
    empty = tmp_path / "empty"
    empty.mkdir()
    missing = tmp_path / "missing.png"
    out, refusal = run_refused(text, missing, damaged, empty, face, "--json")
    assert [row["path"] for row in json.loads(out)] == [str(face)]
    assert refusal.splitlines() == [
        f"{text}: This is neither a JPEG or PNG picture nor a readable video.",
        f"{missing}: No such file or directory",
        f"{damaged}: The PNG picture is cut off.",
        f"{empty}: There is no JPEG or PNG picture in this folder.",
    ]


def test_draw_writes_one_annotated_png_per_picture(face: Path, cup: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "drawn"
    run_analyze(face, cup, "--draw", folder, "--baseline", "first:1")
    assert sorted(path.name for path in folder.iterdir()) == ["0001-face.png", "0002-cup.png"]
    drawn = read_back(folder / "0001-face.png")
    assert drawn[83, 220].tolist() == drawn[120, 179].tolist() == [0, 200, 0]  # two edges of the box
    found = find_face(astronaut())
    assert found is not None
    assert all(drawn[y, x].tolist() == [0, 200, 0] for x, y in found.points)
    changed = (drawn != astronaut()).any(axis=2)
    assert changed[172:195, 179:].any()  # the text under the box
    assert not changed[:80].any()
    cup_drawn = read_back(folder / "0002-cup.png")
    assert cup_drawn.shape == coffee().shape
    assert (cup_drawn[:30, :150] == [255, 220, 0]).all(axis=2).any()


def test_bad_posture_is_drawn_red(close: Path, tmp_path: Path) -> None:
    run_analyze(close, "--draw", tmp_path / "drawn", "--baseline", "80,112,19")
    assert (read_back(tmp_path / "drawn" / "0001-close.png") == [230, 0, 0]).all(axis=2).sum() > 400


def test_drawing_never_overwrites_the_inputs(face: Path) -> None:
    before = face.read_bytes()
    run_analyze(face, "--draw", face.parent)
    assert face.read_bytes() == before


def test_drawing_into_a_file_is_refused(face: Path) -> None:
    assert run_refused(face, "--draw", face) == ("", f"--draw {face}: File exists")


def test_every_video_frame_is_a_row(video: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows = run_json(video)
    assert [row["frame"] for row in rows] == list(range(FRAMES))
    assert all(abs(row["face_x"] - 89) < 4 for row in rows)
    out, err = capfd.readouterr()
    assert out == ""
    assert "film.avi: 100%" in err
    assert f"{FRAMES}/{FRAMES}" in err


def test_every_option_names_frames_by_number(video: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = run_analyze(video, "--every", 4, "--baseline", "first:2", "--draw", video.parent / "drawn").splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == [f"{video}#0", f"{video}#4"]
    assert sorted(path.name for path in (video.parent / "drawn").iterdir()) == ["0001-film-0.png", "0002-film-4.png"]
    assert "2/2" in capfd.readouterr().err


def test_pictures_show_no_progress_bar(face: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run_analyze(face)
    assert capfd.readouterr() == ("", "")


def test_missing_weights_are_an_error(face: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise WeightsMissing("The weight file is missing.")

    settings.NATIVE_VISION = "off"  # a backend that is open keeps its weights
    monkeypatch.setattr("ai_models.vision.weights.shape_predictor", missing)
    assert run_refused(face) == ("", "The weight file is missing.")


def test_unreadable_input_exits_with_1(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "manage.py", "analyze", str(tmp_path / "missing.png")],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert "missing.png: No such file or directory" in run.stderr


def test_import_loads_neither_dlib_nor_opencv() -> None:
    code = "import sys, detections.management.commands.analyze; print({'cv2', 'dlib'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert (run.stdout.strip(), run.returncode) == ("set()", 0)
