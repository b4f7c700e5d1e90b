"""A client whose connection breaks before the response, and which sends the frame again."""

from uuid import uuid4

from tests.detections.frames import BLINK, blink_body
from tests.faults.clients import call, post_frame, post_frame_and_hang_up, small_pictures
from tests.faults.conftest import Record
from tests.faults.counts import assert_each_is_archived_once, counts_of
from tests.faults.stage import WORKERS, Stage

FRAMES = 6


def test_frame_repeated_after_a_disconnect_counts_once(stage: Stage, record: Record) -> None:
    person, picture = stage.people[0], small_pictures()[0]
    posts = []
    with stage.serve() as server:
        for _ in range(FRAMES):
            key = uuid4().hex
            post_frame_and_hang_up(server.port, person, picture, key)
            posts.append(post_frame(server.port, person, picture, key))
            # A worker handles one request at a time: once both respond to this, the frame has been handled.
            server.post_to_every_worker(WORKERS, BLINK, blink_body(picture))
        face = call(server.port, "GET", "accounts/face/", access=person.access).json
        assert "Traceback" not in server.log
    counts = counts_of(stage, posts)
    record("each frame sent twice", counts)
    assert (counts.answered, counts.archived) == (FRAMES, FRAMES)
    assert_each_is_archived_once(counts)
    assert face["frame_count"] == FRAMES
