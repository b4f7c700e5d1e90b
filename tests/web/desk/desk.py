"""The desk in Chromium, with a logged-in user in front of a camera that the test controls."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Request, expect

from tests.web.conftest import log_in_by_the_api, sign_up
from tests.web.desk.fake_camera import FakeCamera, upright

ENGLISH = {
    "start": "Start",
    "camera on": "Turn on the camera",
    "camera off": "Turn off the camera",
    "cancel": "Cancel",
    "start new": "Stop it and start new",
    "pause": "Pause",
    "resume": "Resume",
    "stop": "Stop",
    "stretch": "Stretch",
    "done": "Done",
    "save": "Save",
    "again": "Start again",
    "continue": "Continue here",
    "try again": "Try again",
    "sound": "Sound",
}
KOREAN = {
    "start": "시작",
    "camera on": "카메라 켜기",
    "camera off": "카메라 끄기",
    "cancel": "취소",
    "start new": "종료하고 새로 시작하기",
    "pause": "일시 정지",
    "resume": "계속하기",
    "stop": "종료",
    "stretch": "스트레칭",
    "done": "완료",
    "save": "저장",
    "again": "다시 시작",
    "continue": "여기서 계속하기",
    "try again": "다시 시도",
    "sound": "소리",
}


PROFILE = "the usual desk"


@dataclass(frozen=True, slots=True)
class Desk:
    page: Page
    camera: FakeCamera
    language: str = "en"

    def sit_down(self, username: str, **alarms: Any) -> None:
        """Sign up with these alarm settings, without starting a session."""
        self.camera.show(upright())
        sign_up(self.page, username)
        self._get_ready(alarms)

    def come_back(self, username: str, **alarms: Any) -> None:
        """Log in a user with a saved profile, with these alarm settings, without starting a session."""
        self.camera.show(upright())
        log_in_by_the_api(self.page, username)
        expect(self.page.get_by_role("radio", name=PROFILE)).to_be_checked()
        self._get_ready(alarms)

    def _get_ready(self, alarms: dict[str, Any]) -> None:
        expect(self.page.locator(".setup")).to_be_visible()
        if alarms:
            self.call("PUT", "accounts/alarms/", alarms)

    def start(self) -> None:
        """Start a session and wait until it is calibrated, unless it has a profile, and judges good posture."""
        self.button("start").click()
        self.expect_tone("good")

    def button(self, action: str) -> Locator:
        names = KOREAN if self.language == "ko" else ENGLISH
        return self.page.get_by_role("button", name=names[action], exact=True)

    def expect_tone(self, tone: str) -> None:
        expect(self.page.locator(".monitoring")).to_have_attribute("data-tone", tone)

    def expect_state(self, state: str) -> None:
        expect(self.page.locator(".monitoring")).to_have_attribute("data-state", state)

    def alarm(self, kind: str) -> Locator:
        return self.page.locator(f"[data-alarm={kind}]")

    def fact(self, name: str) -> Locator:
        """One of the session's numbers: time, blinks, neck or stretches."""
        return self.page.locator(f".facts [data-fact={name}]")

    def is_camera_on(self) -> bool:
        is_on: bool = self.page.evaluate(
            "[...document.querySelectorAll('video')].some((each) => each.srcObject?.active)"
        )
        return is_on

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The service's response to a call as the logged-in user."""
        access = self.page.evaluate("JSON.parse(localStorage['posesmart.login']).access")
        response = self.page.request.fetch(
            f"{self.page.url.split('#')[0]}api/{path}",
            method=method,
            data=body,
            headers={"Authorization": f"Bearer {access}"},
        )
        assert response.ok, response.text()
        return response.json() if response.status != 204 else None


def captured_at(request: Request) -> str:
    """The time at which a single frame was taken, from its request."""
    return parse_qs(urlsplit(request.url).query)["captured_at"][0]
