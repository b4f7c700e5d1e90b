"""MariaDB crashes, and two processes write one user's face at once."""

from tests import pictures
from tests.detections.frames import BLINK, NECK, blink_body, neck_body
from tests.faults.clients import Reply, call, posting, small_pictures
from tests.faults.conftest import Tell
from tests.faults.counts import assert_each_is_archived_once, counts_of
from tests.faults.stage import WORKERS, Stage
from tests.gunicorn_server import Server
from tests.mariadb import MariaDB

TIMES = {"blink_time": 5, "neck_time": 6, "stretching_time": 7, "alarm_sound": 1}
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}
ROUNDS = 15


def all_calls(stage: Stage, server: Server) -> list[Reply]:
    """Every call that needs the database, more often than there are workers."""
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


def test_a_killed_mariadb_is_a_clear_503_until_it_is_back(
    mariadb_stage: Stage, own_mariadb: MariaDB, tell: Tell
) -> None:
    with mariadb_stage.serve() as server:
        assert {each.status for each in all_calls(mariadb_stage, server)} == {200, 201}
        with posting(server.port, mariadb_stage.people) as crew:
            crew.await_posts(10)
            own_mariadb.kill()
            away = all_calls(mariadb_stage, server)
            crew.await_posts(20)
            own_mariadb.start()
            back = all_calls(mariadb_stage, server)
        assert "Traceback" not in server.log
        assert len(server.started_workers()) == WORKERS  # nobody restarted
    message = "The database cannot be reached. Try again in a few seconds."
    assert {(each.status, each.retry_after, each.json["detail"]) for each in away} == {(503, "5", message)}
    assert {each.status for each in back} == {200, 201}
    counts = counts_of(mariadb_stage, crew.posts)
    tell("MariaDB killed", counts)
    assert set(counts.statuses) == {503}, counts
    assert_each_is_archived_once(counts)


def test_no_enrolment_is_lost_where_two_workers_enrol_one_user_at_once(mariadb_stage: Stage, tell: Tell) -> None:
    person = mariadb_stage.people[0]
    body = neck_body(b"") | {"blob_data": pictures.data_url(small_pictures()[0])}
    with mariadb_stage.serve() as server:
        call(server.port, "DELETE", "accounts/face/", access=person.access)
        responses = [each for _ in range(ROUNDS) for each in server.post_to_every_worker(WORKERS, NECK, body)]
        face = call(server.port, "GET", "accounts/face/", access=person.access).json
    assert {(each.status, each.json["detection_flag"]) for each in responses} == {(200, "detected")}
    archived = mariadb_stage.archived()
    tell(
        "one user enrolled by two workers at once",
        f"{len(responses)} posted, {len(archived)} archived, {face['frame_count']} enrolled",
    )
    assert len(archived) == len({frame.id for frame in archived}) == len(responses)
    assert face["frame_count"] == len(responses) == ROUNDS * WORKERS
