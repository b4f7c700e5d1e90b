"""The page as it is served: document, files and headers."""

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.utils.translation import override
from pytest_django import Settings

from tests.conftest import ApiClient
from tests.gunicorn_server import ROOT
from tests.web.test_texts import korean_of_scripts
from tests.web.texts import script_files
from web import minified

FILES = ROOT / "web" / "static" / "web"
MAX_BYTES = {"en": 256_000, "ko": 285_000}  # of all files together; Korean ones hold the English words, too
BROWSER_MODE = FILES / "landmarks"  # not ours, and loaded only by those whose pictures stay in the browser
MAX_SENT_BYTES = {"en": 112_000, "ko": 123_000}  # compressed
LINKED = re.compile(r'(?:src|href)="([^"#]+)')
IMPORTED = re.compile(r'(?:from|import\(|import|new URL\()\s*"(\.[^"]+)"')


@pytest.fixture(scope="module", autouse=True)
def _compiled_texts() -> None:
    call_command("compile_texts")
    call_command("build_page")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def page(client: Client, language: str = "en", **cookies: str) -> str:
    client.cookies.load(cookies)
    return client.get("/", headers={"Accept-Language": language}).content.decode()


def test_policy_allows_only_own_files(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["default-src"] == directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["img-src"] == "'self' blob: data:"
    assert directives["object-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "*" not in policy


def test_only_the_worker_that_finds_faces_may_use_webassembly(client: Client) -> None:
    response = client.get("/landmarks.js")
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    directives = dict(part.split(" ", 1) for part in response.headers["Content-Security-Policy"].split("; "))
    assert directives["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert directives["default-src"] == "'none'"
    assert directives["connect-src"] == "'self'"


def test_headers_allow_the_camera_and_little_else(client: Client) -> None:
    headers = client.get("/").headers
    assert headers["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=()"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_caches_do_not_share_the_page(client: Client) -> None:
    headers = client.get("/").headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "Accept-Language"} <= set(headers["Vary"].split(", "))


def test_documentation_has_no_policy(client: Client, db: None) -> None:
    assert "Content-Security-Policy" not in client.get("/api/docs/").headers


def test_page_has_no_inline_script_or_style(client: Client) -> None:
    html = page(client)
    assert re.findall(r"<script(?![^>]*\bsrc=)", html) == []
    assert re.findall(r"<style|\bstyle=|\bon\w+=|javascript:", html) == []


def test_forms_never_put_passwords_into_the_address(client: Client) -> None:
    forms = re.findall(r"<form[^>]*>", page(client))
    assert forms
    assert all('method="post"' in form for form in forms)
    assert client.post("/", {"password": "12341234"}).status_code == 405


@pytest.mark.parametrize(
    ("accepted", "language", "text"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.5", "ko", "바르게 앉고,"),
        ("ko", "ko", "바르게 앉고,"),
        ("en-GB", "en", "Sit well."),
        ("fr", "en", "Sit well."),
    ],
)
def test_page_is_in_the_visitors_language(client: Client, accepted: str, language: str, text: str) -> None:
    html = page(client, accepted)
    assert f'<html lang="{language}"' in html
    assert text in html


def test_chosen_language_overrides_the_browsers(client: Client) -> None:
    assert '<html lang="ko"' in page(client, "en", django_language="ko")


def test_cookies_set_theme_and_login_state(client: Client) -> None:
    assert "data-theme" not in page(client).split("<head>")[0]
    opening = page(client, theme="dark", signed_in="1").split("<head>")[0]
    assert 'data-theme="dark"' in opening
    assert "data-signed-in" in opening


def test_cookie_cannot_inject_markup(client: Client) -> None:
    assert "<script>alert" not in page(client, theme='"><script>alert(1)</script>')


def test_page_states_the_retention_time(client: Client, settings: Settings) -> None:
    settings.FRAME_RETENTION_DAYS = 7
    assert "None is kept for longer than 7 days." in page(client)
    settings.FRAME_RETENTION_DAYS = 0
    assert "None is kept for longer" not in page(client)


def test_sign_up_shows_the_password_rules(client: Client) -> None:
    assert "Your password must contain at least 8 characters." in page(client)


def test_all_linked_files_exist(client: Client, db: None) -> None:
    links = LINKED.findall(page(client))
    assert len(links) >= 6
    for link in links:
        if link.startswith("/static/"):
            assert finders.find(link.removeprefix("/static/")), link
        else:
            assert client.get(link).status_code == 200, link
    for script in (file for file in _files() if file.suffix == ".js"):
        for name in IMPORTED.findall(script.read_text()):
            assert (script.parent / name).is_file(), f"{script.name} imports {name}"


def test_no_file_links_to_other_sites() -> None:
    templates = list((ROOT / "web" / "templates").rglob("*.html"))
    for file in [*_files(), *templates]:
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"')]*", file.read_text()))
        assert addresses <= {"http://www.w3.org/2000/svg"}, file


@pytest.mark.parametrize(("language", "limit"), MAX_BYTES.items())
def test_page_is_small(client: Client, language: str, limit: int) -> None:
    files = [file for file in _served_files() if language == "ko" or file.parent.name != "locales"]
    parts = [page(client, language).encode(), *(file.read_bytes() for file in files)]
    assert sum(map(len, parts)) < limit
    assert sum(len(gzip.compress(part)) for part in parts) < MAX_SENT_BYTES[language]


def test_scripts_and_styles_are_served_without_comments() -> None:
    served = {file.relative_to(minified.folder() / "web"): file.read_text() for file in _built_files()}
    sources = {file.relative_to(FILES): file.read_text() for file in _files() if file.suffix in (".js", ".css")}
    assert served.keys() == sources.keys()
    assert [name for name, text in served.items() if "/**" in text] == []
    assert [name for name, text in served.items() if name.suffix == ".js" and "\n  " in text] == []
    names = r"export (?:const|function|async function|class) (\w+)"
    for name, text in sources.items():
        assert re.findall(names, served[name]) == re.findall(names, text)


def test_served_translations_have_short_keys_of_their_texts() -> None:
    served = "".join(file.read_text() for file in _built_files() if file.parent.name == "locales")
    korean = korean_of_scripts()
    assert len({minified.short_key(text) for text in korean}) == len(korean)
    for text, translation in korean.items():
        assert re.search(rf"""["{{,]{minified.short_key(text)}"?:["'`]{re.escape(translation)}""", served), text


@pytest.mark.parametrize("value", ["(one.shell)", "/** @type {Shell} */ (one.shell)", "(await one).shell"])
def test_destructuring_that_the_minifier_would_move_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setattr(minified, "SOURCES", tmp_path / "static")
    monkeypatch.setattr(minified, "BUILT", tmp_path / "built")
    script = tmp_path / "static" / "web" / "js" / "main.js"
    script.parent.mkdir(parents=True)
    script.write_text(f"const one = self;\nconst {{ two }} = {value};\n")
    with pytest.raises(ValueError, match="without the parentheses"):
        minified.build()


def test_changed_source_is_served_instead_of_what_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minified, "SOURCES", tmp_path / "static")
    monkeypatch.setattr(minified, "BUILT", tmp_path / "built")
    script = tmp_path / "static" / "web" / "js" / "main.js"
    script.parent.mkdir(parents=True)
    script.write_text("/** One. */\nexport const one = 1;\n")
    first = minified.build()
    assert minified.folder() == minified.build() == first
    assert (first / "web" / "js" / "main.js").read_text() == "export const one=1"
    script.write_text("export const one = 2;\n")
    assert not minified.folder().exists()
    second = minified.build()
    assert set((tmp_path / "built").iterdir()) == {first, second}  # a server that runs still serves the first
    os.utime(first, (0, 0))
    script.write_text("export const one = 3;\n")
    third = minified.build()
    assert set((tmp_path / "built").iterdir()) == {second, third}


@pytest.mark.parametrize("path", ["/", "/static/web/js/main.js", "/static/web/css/base.css"])
def test_page_is_compressed_without_nginx(client: Client, db: None, path: str) -> None:
    plain = client.get(path)
    sent = client.get(path, headers={"Accept-Encoding": "gzip"})
    body = b"".join(sent) if sent.streaming else sent.content
    assert sent.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == (b"".join(plain) if plain.streaming else plain.content)


def test_api_responses_are_not_compressed(owner: ApiClient) -> None:
    response = Client().get(
        "/api/accounts/alarms/", headers={"Authorization": f"Bearer {owner.access}", "Accept-Encoding": "gzip"}
    )
    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers


def test_scripts_never_parse_html_or_eval() -> None:
    unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    for script in script_files():
        assert re.findall(unsafe, script.read_text()) == [], script


def test_scripts_stay_small() -> None:
    assert {file.name: lines for file in script_files() if (lines := len(file.read_text().splitlines())) > 260} == {}


def test_files_are_revalidated_each_time(client: Client, db: None) -> None:
    first = client.get("/static/web/js/main.js")
    first.close()
    assert first.headers["Cache-Control"] == "max-age=0, public"
    again = client.get("/static/web/js/main.js", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 304


def _files() -> list[Path]:
    return [file for file in FILES.rglob("*") if file.is_file() and BROWSER_MODE not in file.parents]


def _built_files() -> list[Path]:
    return [file for file in minified.folder().rglob("*") if file.is_file()]


def _served_files() -> list[Path]:
    return [*_built_files(), *(file for file in _files() if file.suffix not in (".js", ".css"))]
