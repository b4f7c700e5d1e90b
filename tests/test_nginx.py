"""nginx/posesmart.conf.template, as a real nginx runs it in front of a real gunicorn, over TLS."""

import http.client
import io
import json
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests import nginx_server, pictures
from tests.detections.frames import NECK, neck_body
from tests.detections.sessions.desk import FORM, form
from tests.environment import Template, run_python
from tests.gunicorn_server import ROOT, Server
from tests.nginx_server import BEHIND_NGINX, NAME, TEMPLATE, Nginx, Response, proxying, read

# Run in a separate process: the first user gets more pictures than buffers can hold.
PICTURES = 8
PICTURE_BYTES = 8 * 2**20
ADD_PICTURES = f"""
import django; django.setup()
import os
from mongos.models import Frame
image = os.urandom({PICTURE_BYTES})
for _ in range({PICTURES}):
    Frame.objects.create(user_id=1, content_type="image/png", size=len(image), image=image, face_found=False)
"""
SECURITY_HEADERS = (
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
)
CURL = shutil.which("curl") or ""
SIGN_UPS = 3  # accepted by the application in a minute from one address in these tests
PROMPT_S = 10.0
MAX_FLOOD = 1000
REPORT = {"blink_cnt": 1, "neck_cnt": 2, "stretching_cnt": 3, "start_time": "2203300738", "end_time": "2203300800"}

pytestmark = [pytest.mark.skipif(bool(reason := nginx_server.missing()), reason=reason)]


@dataclass(frozen=True, slots=True)
class Site:
    nginx: Nginx
    server: Server
    mina: dict[str, str]  # the header with the user's token
    junho: dict[str, str]


@pytest.fixture(scope="module")
def site(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    rates = {"SIGN_UP_RATE": f"{SIGN_UPS}/min", "LOGIN_RATE": "100000/min"}
    service = template.service_in(folder, **BEHIND_NGINX, **rates)
    run_python(service.environment, "-c", ADD_PICTURES)
    with service.serve() as server, proxying(folder, [server.address]) as nginx:
        server.started_workers(2)
        yield Site(nginx, server, *({"Authorization": f"Bearer {person.access}"} for person in service.people))


def make_frame() -> dict[str, Any]:
    return neck_body(pictures.jpeg(pictures.at_desk()))


def open_connection(nginx: Nginx, source: str, sent: bytes) -> ssl.SSLSocket:
    """A connection over TLS that has sent some bytes and sends no more."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.bind((source, 0))
    plain.settimeout(PROMPT_S)
    plain.connect(("127.0.0.1", nginx.https))
    secure = nginx.context.wrap_socket(plain, server_hostname=NAME)
    secure.sendall(sent)
    return secure


def request_of(path: str, method: str = "GET", **headers: str) -> bytes:
    lines = [f"{method} /api/{path} HTTP/1.1", f"Host: {NAME}", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def assert_is_nginx_own(response: Response, status: int, field: str, retry_after: str | None) -> None:
    assert response.status == status
    assert list(response.json) == [field]
    assert (response.headers["Content-Type"], response.headers["Retry-After"]) == ("application/json", retry_after)


# --- The configuration ---


def test_nginx_accepts_the_configuration(tmp_path: Path) -> None:
    output = Nginx(tmp_path, ["127.0.0.1:8000", "unix:/run/posesmart.sock"], {}).check()
    assert "syntax is ok" in output
    assert "warn" not in output


@pytest.mark.skipif(not shutil.which("envsubst"), reason="no envsubst: apt install gettext-base")
def test_documented_command_fills_in_the_template(tmp_path: Path) -> None:
    """Every variable of the template has a default, and envsubst changes none of nginx's own."""
    names = r"$(sed -n 's/^\([A-Z_]*\)=.*/${\1}/p' nginx/posesmart.env)"
    script = f'set -a; . nginx/posesmart.env; envsubst "{names}" <nginx/posesmart.conf.template'
    result = subprocess.run(["/bin/sh", "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert result.stdout == nginx_server.filled_in({})
    assert "${" not in result.stdout.replace("${...}", "")
    assert {f"${{{name}}}" in TEMPLATE.read_text() for name in nginx_server.defaults()} == {True}


# --- Accepted requests ---


def test_frame_over_tls_is_judged_and_archived(site: Site) -> None:
    response = site.nginx.call("POST", f"/api/{NECK}", make_frame(), **site.junho)
    assert (response.status, response.json["detection_flag"], response.json["cnt"]) == (200, "detected", 1)
    frames = site.nginx.call("GET", "/api/accounts/frames/", **site.junho).json["results"]
    picture = site.nginx.call("GET", f"/api/accounts/frames/{frames[0]['id']}/", **site.junho)
    assert picture.body == pictures.jpeg(pictures.at_desk())
    assert site.nginx.bodies_on_disk == []


def test_largest_frame_passes_without_a_file(site: Site) -> None:
    limit = 8 * 2**20
    body = json.dumps({"blob_data": "!"}).encode()
    response = site.nginx.call("POST", f"/api/{NECK}", body + b" " * (limit - len(body)), **site.junho)
    assert response.status == 400
    assert response.json["blob_data"][0].startswith("This is not base64")  # so the application has read it
    assert site.nginx.bodies_on_disk == []


def test_large_burst_passes_without_a_file(site: Site) -> None:
    """A burst as a camera of 1280 × 960 pixels sends it."""
    picture = pictures.jpeg(pictures.framed(300, (640, 480), size=(1280, 960)), 95)
    start = datetime(2026, 11, 26, 9, tzinfo=UTC)
    count = 1 + 3 * 2**20 // len(picture)
    body = form([picture] * count, [start + timedelta(seconds=index / 15) for index in range(count)])
    assert 3 * 2**20 < len(body) < 4 * 2**20
    session = site.nginx.call("POST", "/api/detections/sessions/", {}, **site.junho).json["id"]
    path = f"/api/detections/sessions/{session}/frames/"
    response = site.nginx.call("POST", path, body, **site.junho, Content_Type=FORM)
    assert (response.status, response.json["accepted"], response.json["face"]["width"]) == (200, True, 1280)
    assert site.nginx.bodies_on_disk == []


def test_application_knows_about_tls(site: Site) -> None:
    response = site.nginx.call("GET", "/admin/")
    # Otherwise it would redirect to https://.
    assert (response.status, response.headers["Location"]) == (302, "/api/admin/")
    page = site.nginx.call("GET", "/api/accounts/frames/?page_size=2", **site.mina).json
    assert page["next"].startswith(f"https://{NAME}:{site.nginx.https}/api/accounts/frames/?page_size=2&cursor=")


@pytest.mark.skipif(not CURL, reason="no curl: apt install curl")
def test_http_2_behaves_like_http_1(site: Site) -> None:
    def post(data: bytes, *how: str) -> tuple[str, list[str]]:
        target = ["--http2", "--ipv4", "--cacert", str(site.nginx.folder / "fullchain.pem"), "--silent"]
        headers = [f"-HAuthorization: {site.junho['Authorization']}", "-HContent-Type: application/json"]
        output = ["--write-out", "\n%{http_version} %{http_code}", f"https://{NAME}:{site.nginx.https}/api/{NECK}"]
        result = subprocess.run(
            [CURL, *target, *headers, *how, *output], input=data, stdout=subprocess.PIPE, check=True
        )
        body, _, version_and_status = result.stdout.decode().rpartition("\n")
        return version_and_status, list(json.loads(body))

    whole, in_pieces = ("--data-binary", "@-"), ("--request", "POST", "--upload-file", "-")
    frame = json.dumps(make_frame()).encode()
    version_and_status, names = post(frame, *whole)
    assert (version_and_status, "detection_flag" in names) == ("2 200", True)
    assert post(b" " * (8 * 2**20 + 1), *whole) == ("2 413", ["blob_data"])
    assert post(frame, *in_pieces) == ("2 411", ["detail"])
    assert site.nginx.bodies_on_disk == []


def test_json_is_compressed_but_not_pictures(site: Site) -> None:
    schema = site.nginx.call("GET", "/api/schema/?format=json", Accept_Encoding="gzip")
    assert (schema.status, schema.headers["Content-Encoding"]) == (200, "gzip")
    frame_id = site.nginx.call("GET", "/api/accounts/frames/?page_size=1", **site.mina).json["results"][0]["id"]
    for path in (f"/api/accounts/frames/{frame_id}/", f"/api/accounts/frames/{frame_id}/?format=base64"):
        picture = site.nginx.call("GET", path, Accept_Encoding="gzip", **site.mina)
        assert (picture.status, picture.headers["Content-Encoding"]) == (200, None)


def test_missing_static_files_come_from_the_application(site: Site) -> None:
    (site.nginx.static / "page.css").write_text("body { color: red }")
    from_disk = site.nginx.call("GET", "/static/page.css")
    assert (from_disk.status, from_disk.headers["Content-Type"]) == (200, "text/css")
    assert from_disk.body == b"body { color: red }"
    from_application = site.nginx.call("GET", "/static/admin/css/base.css")
    assert (from_application.status, from_application.headers["Content-Type"][:8]) == (200, "text/css")
    assert site.nginx.call("GET", "/static/../privkey.pem").status == 404


def test_page_and_its_files_are_revalidated(site: Site) -> None:
    (site.nginx.static / "web").mkdir(exist_ok=True)
    (site.nginx.static / "web" / "own.js").write_text("export {};")
    page = site.nginx.call("GET", "/")
    assert (page.status, page.headers["Cache-Control"]) == (200, "private, no-cache")
    from_disk = site.nginx.call("GET", "/static/web/own.js")
    assert (from_disk.status, from_disk.headers["Cache-Control"]) == (200, "no-cache")
    unchanged = site.nginx.call("GET", "/static/web/own.js", If_None_Match=from_disk.headers["ETag"])
    assert unchanged.status == 304


def test_http_redirects_except_for_certbot(site: Site) -> None:
    folder = site.nginx.acme / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    (folder / "token").write_text("answer")
    assert get_over_http(site, "/.well-known/acme-challenge/token") == (200, None, b"answer")
    status, location, _ = get_over_http(site, "/api/reports/?date=2026-11-23")
    assert (status, location) == (308, "https://localhost/api/reports/?date=2026-11-23")


def get_over_http(site: Site, path: str) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.nginx.http)
    connection.request("GET", path, headers={"Host": "elsewhere.example"})
    response = read(connection)
    connection.close()
    return response.status, response.headers["Location"], response.body


# --- Headers ---


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/api/docs/", 200),
        ("GET", "/api/nothing/", 404),
        ("GET", "/api/admin/login/", 200),
        ("GET", "/static/admin/css/base.css", 200),
        ("GET", "/static/own.css", 200),
        ("POST", "/api/detections/neck/", 413),
    ],
)
def test_every_response_has_each_security_header_once(site: Site, method: str, path: str, status: int) -> None:
    """This holds for responses of the application, files and responses of nginx itself."""
    (site.nginx.static / "own.css").touch()
    response = site.nginx.call(method, path, b"x" * (8 * 2**20 + 1) if method == "POST" else None)
    assert response.status == status
    headers = {name: response.headers.get_all(name, []) for name in SECURITY_HEADERS}
    assert {name: len(values) for name, values in headers.items()} == dict.fromkeys(SECURITY_HEADERS, 1)
    assert headers["Strict-Transport-Security"] == ["max-age=31536000; includeSubDomains; preload"]
    assert len(response.headers.get_all("Content-Security-Policy", [])) <= 1
    assert len(response.headers.get_all("X-Request-ID", [])) == 1


def test_request_has_one_id_everywhere(site: Site) -> None:
    response = site.nginx.call("GET", "/api/nothing/", source="127.0.0.20", X_Request_ID="chosen-by-the-client")
    (entry,) = site.nginx.logged(1, client="127.0.0.20")
    assert entry["request_id"] == response.headers["X-Request-ID"]
    assert len(entry["request_id"]) == 32
    site.server.wait_for_log(entry["request_id"])


def test_log_has_no_query_token_or_password(site: Site) -> None:
    secret = "unguessable-and-unique"
    site.nginx.call("GET", f"/api/reports/?date={secret}", Authorization=f"Bearer {secret}", source="127.0.0.21")
    site.nginx.call("POST", "/api/accounts/login/", {"username": "mina", "password": secret}, source="127.0.0.21")
    entries = site.nginx.logged(2, client="127.0.0.21")
    assert [(entry["method"], entry["path"], entry["status"]) for entry in entries] == [
        ("GET", "/api/reports/", 401),
        ("POST", "/api/accounts/login/", 401),
    ]
    assert secret not in (site.nginx.folder / "access.log").read_text() + site.nginx.error_log


# --- Refused requests ---


def test_oversized_body_is_refused_before_it_is_sent(site: Site) -> None:
    for path, field, size in (
        (NECK, "blob_data", 8 * 2**20 + 1),
        (f"detections/sessions/{uuid4()}/frames/", "frames", 8 * 2**20 + 1),
        ("accounts/login/", "detail", 2**16 + 1),
    ):
        head = request_of(path, "POST", **{"Content-Length": str(size)})
        with open_connection(site.nginx, "127.0.0.1", head) as connection:
            received = connection.recv(8192).decode()
        assert received.startswith("HTTP/1.1 413 ")
        assert f'{{"{field}": ["The request has more bytes than are accepted."]}}' in received


def test_frame_of_unknown_length_is_refused(site: Site) -> None:
    connection = site.nginx.connect()
    connection.request("POST", f"/api/{NECK}", iter([b"{}"]), encode_chunked=True)
    assert_is_nginx_own(read(connection), 411, "detail", None)
    connection.close()


def test_normal_logins_pass_but_a_flood_is_limited(site: Site) -> None:
    source, started_at = "127.0.0.30", time.monotonic()
    paths = ["/api/accounts/"] * 60 + ["/api/accounts/login/"] * 60
    responses = [site.nginx.call("POST", path, {}, source=source) for path in paths]
    while len(responses) < len(paths) + 20 or responses[-1].status != 429:
        assert len(responses) < MAX_FLOOD
        responses.append(site.nginx.call("POST", "/api/accounts/login/", {}, source=source))
    earned = 2 * (time.monotonic() - started_at) + 1
    passed = [bool(entry["node_status"]) for entry in site.nginx.logged(len(responses), client=source)]
    assert passed[:120] == [True] * 120
    assert sum(passed[120:]) <= earned
    assert_is_nginx_own(responses[-1], 429, "detail", "5")
    assert site.nginx.call("POST", "/api/accounts/login/", {}, source="127.0.0.31").status == 400


def test_throttling_uses_the_address_seen_by_nginx(site: Site) -> None:
    """Headers sent by a client do not matter; the application's 429 is passed on unchanged."""
    statuses = [
        site.nginx.call(
            "POST", "/api/accounts/", {}, source="127.0.0.40", X_Forwarded_For=f"10.0.0.{number}", X_Real_IP="10.1.1.1"
        ).status
        for number in range(SIGN_UPS)
    ]
    assert statuses == [400] * SIGN_UPS
    refused = site.nginx.call("POST", "/api/accounts/", {}, source="127.0.0.40", X_Forwarded_For="10.0.0.99")
    assert (refused.status, len(refused.headers.get_all("Retry-After", []))) == (429, 1)
    assert site.nginx.logged(SIGN_UPS + 1, client="127.0.0.40")[-1]["node_status"] == "429"
    assert site.nginx.call("POST", "/api/accounts/", {}, source="127.0.0.41").status == 400


def test_frame_flood_limits_only_its_token(site: Site) -> None:
    """All from one address: 150 requests a second from fifty people behind it are normal."""
    head = request_of(NECK, "POST", **{"Content-Type": "application/json", "Content-Length": "2"}, **site.mina)
    with ExitStack() as flood, ThreadPoolExecutor(8) as opening:
        made = opening.map(lambda _: open_connection(site.nginx, "127.0.0.45", b""), range(250))
        connections = [flood.enter_context(one) for one in made]
        for one in connections:  # all at once, however slow the application is
            one.sendall(head + b"{}")
        statuses = [one.recv(12)[-3:] for one in connections]
    assert b"429" in statuses
    assert set(statuses) <= {b"400", b"429", b"503"}  # 503: those that waited too long for a worker
    assert len(statuses) - statuses.count(b"429") > 200
    with closing(site.nginx.connect(source="127.0.0.45")) as other:
        assert post(other, site.junho) == 400
    logged = site.nginx.logged(len(statuses) + 1, client="127.0.0.45")
    assert [entry["node_status"] for entry in logged].count("") == statuses.count(b"429")


def test_blink_flood_does_not_cost_posture(site: Site) -> None:
    """The existing client can lose control of its blink frames; neck frames of the same token still pass."""
    head = request_of(
        "detections/blink/", "POST", **{"Content-Type": "application/json", "Content-Length": "2"}, **site.mina
    )
    with ExitStack() as flood, ThreadPoolExecutor(8) as opening:
        made = opening.map(lambda _: open_connection(site.nginx, "127.0.0.46", b""), range(250))
        connections = [flood.enter_context(one) for one in made]
        for one in connections:
            one.sendall(head + b"{}")
        assert b"429" in [one.recv(12)[-3:] for one in connections]
    with closing(site.nginx.connect(source="127.0.0.46")) as same:
        assert post(same, site.mina) == 400


def post(connection: Any, headers: dict[str, str]) -> int:
    connection.request("POST", f"/api/{NECK}", b"{}", {"Content-Type": "application/json"} | headers)
    return read(connection).status


def test_ipv6_network_counts_as_one_address(tmp_path: Path) -> None:
    balancer = "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; real_ip_recursive on;"
    with proxying(tmp_path, ["127.0.0.1:9"], REAL_IP=balancer) as nginx:

        def log_in_from(address: str) -> int:
            return nginx.call("POST", "/api/accounts/login/", {}, X_Forwarded_For=f"10.9.9.9, {address}").status

        statuses = [log_in_from(f"2001:db8::{number:x}") for number in range(121)]
        assert statuses == [502] * 121
        while (status := log_in_from(f"2001:db8::{len(statuses):x}")) != 429:
            statuses.append(status)
            assert len(statuses) < MAX_FLOOD
        assert log_in_from("2001:db8:0:1::1") == 502
        nginx.logged(1, client="2001:db8:0:1::1")


def test_metrics_and_readiness_are_restricted(site: Site) -> None:
    for path in ("/metrics", "/readyz", "/readyz/", "//metrics", "/%6detrics"):
        assert_is_nginx_own(site.nginx.call("GET", path, source="127.0.0.2"), 403, "detail", None)
    for path in ("/metrics", "/readyz"):
        assert site.nginx.call("GET", path).status == 200
    assert site.nginx.call("GET", "/healthz", source="127.0.0.2").status == 200


def test_missing_application_is_a_clear_502(tmp_path: Path) -> None:
    with proxying(tmp_path, ["127.0.0.1:9", "127.0.0.2:9"]) as nginx:
        response = nginx.call("POST", f"/api/{NECK}", b" " * 2**20)
        assert_is_nginx_own(response, 502, "detail", "5")
        assert nginx.logged(1, client="127.0.0.1")[0]["node_status"] == "502, 502"  # both were tried


# --- A node that handled a request and died before it responded ---


@contextmanager
def node_dying_before_its_response(server: Server) -> Iterator[str]:
    """host:port of a node that passes each request on to the server, and then does not respond."""

    class Dying(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", server.port)) as real:
                received = b""
                while not is_complete(received):
                    received += self.request.recv(2**16)
                real.sendall(received)
                while real.recv(2**16):
                    pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Dying) as node:
        thread = threading.Thread(target=node.serve_forever, args=(0.01,))
        thread.start()
        yield "{}:{}".format(*node.server_address[:2])
        node.shutdown()
        thread.join()


def is_complete(request: bytes) -> bool:
    head, _, body = request.partition(b"\r\n\r\n")
    found = re.search(rb"\r\nContent-Length: (\d+)", head)
    return found is not None and len(body) == int(found[1])


def test_frame_retried_on_the_next_node_counts_once(site: Site, tmp_path: Path) -> None:
    """nginx adds the Idempotency-Key that the client did not send. No other POST is sent twice."""
    junho = site.junho
    before = site.nginx.call("GET", "/api/accounts/face/", **junho).json["frame_count"]
    count_before = len(site.nginx.call("GET", "/api/accounts/frames/", **junho).json["results"])
    with (
        node_dying_before_its_response(site.server) as dying,
        proxying(tmp_path, [dying, site.server.address]) as nginx,
    ):
        statuses = [nginx.call("POST", f"/api/{NECK}", make_frame(), **junho).status for _ in range(4)]
        reports = [nginx.call("POST", "/api/reports/", REPORT, **junho).status for _ in range(4)]
        tried = [entry["node_status"] for entry in nginx.logged(8, client="127.0.0.1")]
    assert statuses == [200] * 4
    assert "502, 200" in tried[:4]
    assert sorted(reports) == [201] * reports.count(201) + [502] * tried.count("502")
    assert 502 in reports
    after = site.nginx.call("GET", "/api/accounts/face/", **junho).json["frame_count"]
    assert after == before + 4
    assert len(site.nginx.call("GET", "/api/accounts/frames/", **junho).json["results"]) == count_before + 4
    assert len(site.nginx.call("GET", "/api/reports/", **junho).json) == 4


# --- Slow clients ---


def test_slow_clients_occupy_no_worker(site: Site) -> None:
    head = request_of(
        "reports/", "POST", **{"Content-Length": "60000", "Content-Type": "application/json"}, **site.mina
    )
    with ExitStack() as slow:
        for _ in range(100):
            slow.enter_context(open_connection(site.nginx, "127.0.0.50", head[:-2]))
        for _ in range(300):
            slow.enter_context(open_connection(site.nginx, "127.0.0.51", head + b'{"blink_cnt": '))
        assert_frames_are_answered_promptly(site)
        assert_is_nginx_own(site.nginx.call("GET", "/api/docs/", source="127.0.0.51"), 429, "detail", "5")


def assert_frames_are_answered_promptly(site: Site) -> None:
    connection = site.nginx.connect(within_s=PROMPT_S)
    for _ in range(5):
        body = json.dumps(make_frame()).encode()
        connection.request("POST", f"/api/{NECK}", body, {"Content-Type": "application/json"} | site.junho)
        assert read(connection).status == 200
    connection.close()


def test_slow_reader_occupies_no_worker(site: Site) -> None:
    frame_id = site.nginx.call("GET", "/api/accounts/frames/?page_size=1", **site.mina).json["results"][0]["id"]
    with ExitStack() as slow:
        for _ in range(6):
            connection = slow.enter_context(
                open_connection(site.nginx, "127.0.0.60", request_of(f"accounts/frames/{frame_id}/", **site.mina))
            )
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert_frames_are_answered_promptly(site)
    assert site.nginx.bodies_on_disk == []


def test_export_is_streamed_without_a_file(site: Site) -> None:
    export = "/api/accounts/export/?frames=1"
    with open_connection(site.nginx, "127.0.0.1", request_of("accounts/export/?frames=1", **site.mina)) as connection:
        assert connection.recv(12) == b"HTTP/1.1 200"
        # The export is in progress until its client has read what does not fit into nginx's memory.
        assert_frames_are_answered_promptly(site)
        assert site.nginx.call("GET", export, **site.mina).status == 429
    response = read_export(site, export)
    with zipfile.ZipFile(io.BytesIO(response.body)) as archive:
        assert archive.testzip() is None
        assert [info.file_size for info in archive.infolist()[1:]] == [PICTURE_BYTES] * PICTURES
    assert site.nginx.bodies_on_disk == []


def read_export(site: Site, path: str) -> Response:
    # The aborted export ends when its worker notices.
    deadline = time.monotonic() + PROMPT_S
    while (response := site.nginx.call("GET", path, **site.mina)).status == 429:
        assert time.monotonic() < deadline
    return response
