/** What every view's header says of the session: the posture, the time at the desk, the camera, and a pause button. */

import { clock, watchHeadline } from "../desk/labels.js";
import { draw, find, h, setText } from "../dom.js";
import { t } from "../i18n.js";

const NOT_SEEN_MARK = "○ "; // before the tab's title
const TITLE_AFTER_S = 3;

/** @typedef {import("./watching.js").Snapshot} Snapshot */

export class Header {
  /** @param {import("./engine.js").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    this.words = h("span", { class: "watch-words" });
    this.time = h("span", { class: "watch-time" });
    this.camera = h("span", { class: "watch-camera" }, cameraSign());
    this.cameraText = h("span", { class: "visually-hidden" });
    this.camera.append(this.cameraText);
    this.pause = h("button", { type: "button", class: "button quiet watch-pause", onclick: () => this.#toggle() });
    this.pause.append(pauseSign());
    this.element = find(document, "#watch");
    this.element.replaceChildren(
      h("a", { href: "#/desk" }, h("span", { class: "watch-dot", "aria-hidden": "true" }), this.words, this.time),
      this.camera,
      this.pause,
    );
    this.title = document.title;
    this.isEndedElsewhere = false; // until the user has been at the desk, where more is said
    addEventListener("hashchange", () => (this.isEndedElsewhere = false));
    engine.addEventListener("ended", (/** @type {any} */ { detail }) => {
      this.isEndedElsewhere = detail.error !== null && !location.hash.startsWith("#/desk");
    });
    engine.addEventListener("changed", (/** @type {any} */ { detail }) => this.show(detail));
    this.show(engine.snapshot);
  }

  /** @param {Snapshot} snapshot */
  show(snapshot) {
    const { session, camera, activeS } = snapshot;
    const { title: state, tone } = watchHeadline(snapshot);
    const title = !session && this.isEndedElsewhere ? t("Ended elsewhere") : state;
    this.element.dataset.tone = tone;
    setText(this.words, title);
    setText(this.time, session ? clock(activeS) : "");
    this.camera.classList.toggle("is-on", camera.isOn);
    setText(this.cameraText, camera.isOn ? t("The camera is on.") : t("The camera is off."));
    this.camera.title = this.cameraText.textContent ?? "";
    this.pause.hidden = !session;
    const isPaused = session?.state === "paused";
    this.pause.classList.toggle("is-paused", isPaused);
    const name = isPaused ? t("Resume the session") : t("Pause the session");
    if (this.pause.title !== name) {
      this.pause.title = name;
      this.pause.setAttribute("aria-label", name);
    }
    this.#showInTab(snapshot, title);
  }

  /** Views and alarms set the title, too: only what was put there is taken away again. */
  #showInTab({ unseenS }, words) {
    const isMarked = document.title.startsWith(NOT_SEEN_MARK);
    if (!isMarked) this.title = document.title;
    if (unseenS >= TITLE_AFTER_S) document.title = NOT_SEEN_MARK + words;
    else if (isMarked) document.title = this.title;
  }

  async #toggle() {
    const isPaused = this.engine.snapshot.session?.state === "paused";
    try {
      await (isPaused ? this.engine.resume() : this.engine.pause());
    } catch (error) {
      if (error.status !== 401) this.engine.dispatchEvent(new CustomEvent("problem", { detail: error }));
    }
  }
}

function cameraSign() {
  return draw(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true" },
    draw("path", { d: "M3 7h12v10H3Zm12 4 6-3v8l-6-3" }),
    draw("path", { class: "slash", d: "M4 3 20 21" }),
  );
}

function pauseSign() {
  return draw(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true" },
    draw("path", { class: "bars", d: "M8 5v14M16 5v14" }),
    draw("path", { class: "go", d: "M8 5l11 7-11 7Z" }),
  );
}
