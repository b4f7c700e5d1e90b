"""The page as an installed application: manifest, icons, and the service worker's own response."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client

from web import installed

GREEN, WHITE = [98, 107, 15, 255], [255, 255, 255, 255]  # blue, green, red and alpha: --accent, and the head


@pytest.fixture(scope="module", autouse=True)
def _compiled_texts() -> None:
    call_command("compile_texts")


def image(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.headers["Content-Type"] == "image/png"
    return cv2.imdecode(np.frombuffer(response.content, np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize(("language", "begins"), [("en", "Watches your posture"), ("ko", "지금 있는 카메라로")])
def test_page_links_the_manifest_in_its_language(client: Client, language: str, begins: str) -> None:
    html = client.get("/", headers={"Accept-Language": language}).content.decode()
    (address,) = re.findall(r'<link rel="manifest" href="([^"]+)"', html)
    response = client.get(address)
    manifest = json.loads(response.content)
    assert response.headers["Content-Type"] == "application/manifest+json"
    assert manifest["lang"] == language
    assert manifest["description"].startswith(begins)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/#/desk", "/", "standalone")
    assert manifest["id"] == "/"  # the same application in both languages


def test_manifest_has_colours_of_the_page(client: Client) -> None:
    manifest = json.loads(client.get("/manifest.en.webmanifest").content)
    css = Path(installed.STATIC / "web" / "css" / "base.css").read_text()
    assert f"--bg: light-dark({manifest['background_color']}," in css
    assert f"--accent: light-dark({manifest['theme_color']}," in css


def test_manifest_icons_have_the_sizes_that_they_claim(client: Client) -> None:
    icons = json.loads(client.get("/manifest.en.webmanifest").content)["icons"]
    drawn = [icon for icon in icons if icon["type"] == "image/png"]
    assert {(icon["sizes"], icon["purpose"]) for icon in drawn} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in drawn:
        height, width, _channels = image(client, icon["src"]).shape
        assert icon["sizes"] == f"{width}x{height}"


def test_icon_is_drawn_as_the_svg(client: Client) -> None:
    drawn = image(client, "/icon-any-512.png")
    assert drawn[0, 0, 3] == 0  # rounded corners
    assert drawn[8, 256].tolist() == GREEN
    assert drawn[176, 256].tolist() == WHITE  # the head's centre: 11 of 32 from above
    assert drawn[420, 256].tolist() == [213, 227, 159, 255]  # the shoulders, #9fe3d5


def test_maskable_icon_fills_its_square_and_keeps_to_the_circle(client: Client) -> None:
    drawn = image(client, "/icon-maskable-512.png")
    assert (drawn[..., 3] == 255).all()
    rows, columns = np.nonzero((drawn != GREEN).any(axis=2))
    assert np.hypot(rows - 255.5, columns - 255.5).max() <= 0.4 * 512


@pytest.mark.parametrize("address", ["/icon-any-16.png", "/icon-other-192.png", "/manifest.fr.webmanifest"])
def test_what_does_not_exist_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_worker_serves_the_whole_page_and_is_checked_each_time(client: Client) -> None:
    response = client.get("/sw.js")
    assert response.headers["Content-Type"].startswith("text/javascript")
    assert "no-cache" in response.headers["Cache-Control"]
    shell = json.loads(response.content.decode().splitlines()[0].removeprefix("self.shell = ").rstrip(";"))
    assert "/static/web/js/main.js" in shell["files"]
    assert "/static/web/css/companion.css" in shell["files"]
    assert all(file.startswith("/static/web/") for file in shell["files"])


def test_another_release_is_another_worker(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(installed.STATIC, tmp_path / "static")
    monkeypatch.setattr(installed, "STATIC", tmp_path / "static")
    before = client.get("/sw.js").content
    assert client.get("/sw.js").content == before
    script = tmp_path / "static" / "web" / "js" / "main.js"
    script.write_text(script.read_text() + "// changed\n")
    assert client.get("/sw.js").content != before
