"""MariaDB crashes or hangs, and two processes write one user's face at the same time."""

from tests import pictures
from tests.detections.frames import BLINK, NECK, blink_body, neck_body
from tests.faults.clients import Reply, call, posting, small_pictures
from tests.faults.conftest import Record
from tests.faults.counts import assert_each_is_archived_once, counts_of
from tests.faults.stage import WORKERS, Stage
from tests.gunicorn_server import Server
from tests.mariadb import MariaDB

TIMES = {"blink_time": 5, "neck_time": 6, "stretching_time": 7, "alarm_sound": 1}
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}
ROUNDS = 15


def make_all_calls(stage: Stage, server: Server) -> list[Reply]:
    """The responses to every call that needs the database, made more often than there are workers."""
    access = stage.people[0].access
    frame = small_pictures()[0]
    calls = [
        ("POST", "accounts/login/", {"username": "mina", "password": "12341234"}, ""),
        ("POST", NECK, neck_body(b"") | {"blob_data": pictures.data_url(frame)}, access),
        ("POST", BLINK, blink_body(frame), access),
        ("POST", "reports/", REPORT, access),
        ("GET", "reports/", None, access),
        ("GET", "accounts/time/", None, access),
        ("PUT", "accounts/time/", TIMES, access),
        ("GET", "accounts/face/", None, access),
        ("GET", "accounts/frames/", None, access),
    ]
    return [
        call(server.port, method, path, body, access=token)
        for method, path, body, token in calls
        for _ in range(2 * WORKERS)
    ]


def test_calls_are_503_while_mariadb_is_down(mariadb_stage: Stage, own_mariadb: MariaDB, record: Record) -> None:
    with mariadb_stage.serve() as server:
        assert {reply.status for reply in make_all_calls(mariadb_stage, server)} == {200, 201}
        with posting(server.port, mariadb_stage.people) as crew:
            crew.await_posts(10)
            own_mariadb.kill()
            during = make_all_calls(mariadb_stage, server)
            crew.await_posts(20)
            own_mariadb.start()
            after = make_all_calls(mariadb_stage, server)
        assert "Traceback" not in server.log
        assert len(server.started_workers()) == WORKERS  # no worker was restarted
    message = "The database cannot be reached. Try again in a few seconds."
    assert {(reply.status, reply.retry_after, reply.json["detail"]) for reply in during} == {(503, "5", message)}
    assert {reply.status for reply in after} == {200, 201}
    counts = counts_of(mariadb_stage, crew.posts)
    record("MariaDB killed", counts)
    assert set(counts.statuses) == {503}, counts
    assert_each_is_archived_once(counts)


def test_mariadb_that_hangs_costs_no_worker(mariadb_stage: Stage, own_mariadb: MariaDB) -> None:
    access = mariadb_stage.people[0].access
    with mariadb_stage.serve(WEB_CONCURRENCY="1") as server:
        assert call(server.port, "GET", "accounts/time/", access=access).status == 200
        own_mariadb.hang()
        try:
            hanging = [call(server.port, "GET", "accounts/time/", access=access) for _ in range(2)]
        finally:
            own_mariadb.go_on()
        assert {(reply.status, reply.retry_after) for reply in hanging} == {(503, "5")}
        assert call(server.port, "GET", "accounts/time/", access=access).status == 200
        assert len(server.started_workers()) == 1  # it was not killed and replaced


def test_concurrent_workers_lose_no_enrolment(mariadb_stage: Stage, record: Record) -> None:
    person = mariadb_stage.people[0]
    body = neck_body(b"") | {"blob_data": pictures.data_url(small_pictures()[0])}
    with mariadb_stage.serve() as server:
        call(server.port, "DELETE", "accounts/face/", access=person.access)
        responses = [response for _ in range(ROUNDS) for response in server.post_to_every_worker(WORKERS, NECK, body)]
        face = call(server.port, "GET", "accounts/face/", access=person.access).json
    assert {(response.status, response.json["detection_flag"]) for response in responses} == {(200, "detected")}
    archived = mariadb_stage.archived()
    record(
        "one user enrolled by two concurrent workers",
        f"{len(responses)} posted, {len(archived)} archived, {face['frame_count']} enrolled",
    )
    assert len(archived) == len({frame.id for frame in archived}) == len(responses)
    assert face["frame_count"] == len(responses) == ROUNDS * WORKERS
