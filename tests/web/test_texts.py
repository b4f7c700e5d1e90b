"""Every text has a Korean translation with the same placeholders."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import polib
import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.translation import override
from pytest_django import Settings

from ai_models.vision.frame import InvalidFrame
from common.http.messages import frame_error_message
from tests.gunicorn_server import ROOT
from tests.web.texts import SCRIPTS, python_texts, script_texts, template_texts

CATALOGUE = ROOT / "locale" / "ko" / "LC_MESSAGES" / "django.po"
ENTRY = re.compile(r'^  (?:"((?:[^"\\]|\\.)*)"|(\w+)):\s*"((?:[^"\\]|\\.)*)",$', re.M)
PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|\{\w+\}")


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    call_command("compile_texts")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def korean_of_service() -> dict[str, str]:
    entries = [entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete and not entry.fuzzy]
    plurals = {
        text: entry.msgstr_plural[0]
        for entry in entries
        if entry.msgid_plural
        for text in (entry.msgid, entry.msgid_plural)
    }
    return {entry.msgid: entry.msgstr for entry in entries if not entry.msgid_plural} | plurals


def korean_of_scripts() -> dict[str, str]:
    sources = [file.read_text() for file in (SCRIPTS / "locales").glob("ko*.js")]
    return {
        (quoted or bare).replace('\\"', '"'): korean
        for source in sources
        for quoted, bare, korean in ENTRY.findall(source)
    }


def texts_of_service() -> set[str]:
    return python_texts() | template_texts()


@pytest.mark.parametrize(
    ("texts_in_use", "korean"),
    [(texts_of_service, korean_of_service), (script_texts, korean_of_scripts)],
    ids=["service", "page"],
)
def test_korean_has_exactly_the_texts_in_use(
    texts_in_use: Callable[[], set[str]], korean: Callable[[], dict[str, str]]
) -> None:
    texts, translations = texts_in_use(), korean()
    assert len(texts) > 100
    assert sorted(texts - {text for text, translation in translations.items() if translation}) == []
    assert sorted(translations.keys() - texts) == []


FORMAL = re.compile(r"(니다|십시오|니까)[.!?]?( |$)")


@pytest.mark.parametrize("korean", [korean_of_service, korean_of_scripts], ids=["service", "page"])
def test_korean_has_one_tone(korean: Callable[[], dict[str, str]]) -> None:
    assert [translation for translation in korean().values() if FORMAL.search(translation)] == []


@pytest.mark.parametrize("korean", [korean_of_service, korean_of_scripts], ids=["service", "page"])
def test_translations_keep_the_placeholders(korean: Callable[[], dict[str, str]]) -> None:
    for text, translation in korean().items():
        assert set(PLACEHOLDERS.findall(text)) == set(PLACEHOLDERS.findall(translation)), text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({}, "username", "이 필드는 필수 항목입니다."),
        ({"username": "mina", "password": "short"}, "password", "비밀번호가 너무 짧아요. 8자 이상이어야 해요."),
        ({"username": "taken", "password": "12341234"}, "username", "이미 사용 중인 아이디예요."),
    ],
)
def test_field_errors_are_in_korean(client: Client, body: dict[str, str], field: str, text: str) -> None:
    taken = {"username": "taken", "password": "12341234"}
    client.post("/api/accounts/", taken, content_type="application/json")
    response = client.post("/api/accounts/", body, content_type="application/json", headers={"Accept-Language": "ko"})
    assert response.status_code == 400
    assert text in response.json()[field][0]


@pytest.mark.django_db
def test_wrong_password_error_is_in_korean(client: Client) -> None:
    body = {"username": "nobody", "password": "12341234"}
    response = client.post(
        "/api/accounts/login/", body, content_type="application/json", headers={"Accept-Language": "ko-KR"}
    )
    assert (response.status_code, response.json()["detail"]) == (
        401,
        "지정된 자격 증명에 해당하는 활성화된 사용자를 찾을 수 없습니다",
    )


def test_frame_error_contains_its_numbers() -> None:
    error = InvalidFrame("The JPEG picture has more than {limit} scans. Save it as a baseline JPEG.", limit=10)
    assert (
        frame_error_message(error)
        == str(error)
        == "The JPEG picture has more than 10 scans. Save it as a baseline JPEG."
    )
    with override("ko-kr"):
        assert frame_error_message(error) == "JPEG 사진의 스캔이 10개를 넘어요. 기본(baseline) JPEG로 저장해 주세요."


def test_compiling_again_changes_nothing(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_bytes(CATALOGUE.read_bytes())
    settings.LOCALE_PATHS = [tmp_path]
    call_command("compile_texts")
    compiled_at = (folder / "django.mo").stat().st_mtime_ns
    call_command("compile_texts")
    assert (folder / "django.mo").stat().st_mtime_ns == compiled_at
    assert sorted(file.name for file in folder.iterdir()) == ["django.mo", "django.po"]
