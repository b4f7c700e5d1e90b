"""The model's new parts, and what of it the page and the service must agree on."""

import re
import struct

from ai_models.face_mesh import BROWS, EYES, INNER_LIPS, MESH_COUNT, OUTER_LIPS, TO_68
from tests.web.texts import SCRIPTS
from web.browser_mode.flat_buffer import New, Old, Raw, Table, write
from web.browser_mode.model import LEFT_EYE, LIPS, PARTS, POINTS, RIGHT_EYE, SIZES, selection


def test_page_and_service_map_the_same_points() -> None:
    source = (SCRIPTS / "landmarks" / "worker.js").read_text()
    listed = re.search(r"TO_68 = \[([\d,\s]+)\]", source)
    assert listed
    assert [int(number) for number in re.findall(r"\d+", listed[1])] == TO_68.tolist()
    assert POINTS == MESH_COUNT


def test_refined_points_are_those_that_the_service_uses() -> None:
    assert set(LIPS) == {*OUTER_LIPS, *INNER_LIPS}
    assert {*LEFT_EYE, *RIGHT_EYE} == {*EYES, *BROWS}
    for places in (LIPS, LEFT_EYE, RIGHT_EYE):
        assert len(set(places.values())) == len(places)


def test_selection_takes_each_number_from_its_part() -> None:
    starts, total = {}, 0
    for part in PARTS:
        starts[part] = total
        total += SIZES[part]
    chosen = selection(starts)
    assert len(chosen) == 3 * POINTS
    assert 0 <= min(chosen) <= max(chosen) < total
    assert chosen[3 * 5 : 3 * 5 + 3] == [15, 16, 17]  # of the mesh alone
    assert chosen[3 * 33 : 3 * 33 + 3] == [starts["left_eye"], starts["left_eye"] + 1, 3 * 33 + 2]


def test_new_tables_refer_to_an_old_file_that_stays_as_it_is() -> None:
    old = write(New({0: 7, 2: Raw.text("old"), 3: [New({1: 3}), New({0: 4})]}), b"TEST")
    root = Table.root(old)
    new = write(
        New({0: 8, 1: Raw.ints([5, -6]), 3: [*(Old(each) for each in root.tables(3)), New({0: 9})]}), b"TEST", old
    )
    assert new.endswith(old)
    assert new[4:8] == b"TEST"
    read = Table.root(new)
    assert (read.uint(0), read.ints(1), read.text(2)) == (8, [5, -6], "")
    assert [(each.uint(0), each.uint(1)) for each in read.tables(3)] == [(0, 3), (4, 0), (9, 0)]
    assert root.text(2) == "old"


def test_content_is_aligned_for_the_model() -> None:
    content = struct.pack("<3f", 1.5, 2.5, 3.5)
    file = write(New({0: Raw.text("x"), 1: Raw.data(content)}), b"TEST")
    assert file.index(content) % 16 == 0
