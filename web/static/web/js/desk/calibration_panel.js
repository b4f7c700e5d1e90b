/** Calibration: a ring that fills with good frames, and the reason why the last one did not count. */

import { draw, h, setText } from "../dom.js";
import { t } from "../i18n.js";
import { FacePanel } from "./face_panel.js";
import { hintLabel } from "./labels.js";

const NO_ANSWER_MS = 3000;
const NO_PROGRESS_MS = 15_000;
const TICK_MS = 500;
const FIRST = ["covered", "too_dark"]; // without light nothing else can be told
const RADIUS = 52;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

export class CalibrationPanel {
  /**
   * @param {{confirmFace: (password: string, keep: boolean) => Promise<void>, stop: () => void,
   *   cancel: () => void}} actions
   */
  constructor(actions) {
    this.frames = 0;
    this.progressAt = performance.now();
    this.answeredAt = performance.now();
    this.arc = draw("circle", { class: "ring-arc", cx: 60, cy: 60, r: RADIUS, "stroke-dasharray": CIRCUMFERENCE });
    const track = draw("circle", { class: "ring-track", cx: 60, cy: 60, r: RADIUS });
    const svg = draw("svg", { viewBox: "0 0 120 120", class: "ring", "aria-hidden": "true" }, track, this.arc);
    this.count = h("span", { class: "ring-count" });
    this.ring = h(
      "div",
      { class: "ring-box", role: "progressbar", "aria-label": t("Good pictures"), "aria-valuemin": "0" },
      svg,
      this.count,
    );
    this.hint = h("p", { class: "hint", role: "status" });
    this.help = h("p", { class: "calibration-help", role: "status" });
    this.face = new FacePanel(actions);
    this.element = h(
      "div",
      { class: "panel calibrating" },
      h("h2", {}, t("Calibrating")),
      h("p", {}, t("Sit well, look at the screen and hold still for a few seconds.")),
      this.ring,
      this.hint,
      this.face.element,
      h(
        "div",
        { class: "actions" },
        h("button", { type: "button", class: "button quiet", onclick: actions.cancel }, t("Cancel")),
      ),
      this.help,
    );
    this.#say(t("Looking for your face…"));
    this.timer = setInterval(() => this.#check(), TICK_MS);
  }

  /** Called when the panel is replaced. */
  close() {
    clearInterval(this.timer);
  }

  /** @param {import("../engine/sessions.js").Session} session */
  show(session) {
    this.face.show(session);
    if (!session.calibration) return;
    const { frames, needed, hints } = session.calibration;
    this.answeredAt = performance.now();
    if (frames > this.frames) this.progressAt = this.answeredAt;
    this.frames = frames;
    this.arc.setAttribute("stroke-dashoffset", String(CIRCUMFERENCE * (1 - frames / needed)));
    this.count.textContent = `${frames} / ${needed}`;
    this.ring.setAttribute("aria-valuenow", String(frames));
    this.ring.setAttribute("aria-valuemax", String(needed));
    const reason = FIRST.find((first) => first === session.hint || hints.includes(first)) ?? hints[0];
    if (reason) this.#say(hintLabel(reason));
    else if (frames) this.#say(t("Good, stay like this."), true);
    this.#check();
  }

  #say(text, isGood = false) {
    this.hint.classList.toggle("is-good", isGood);
    setText(this.hint, text);
  }

  /** What is missing is told even if nothing arrives, and more of it if nothing gets better. */
  #check() {
    const now = performance.now();
    if (now - this.answeredAt > NO_ANSWER_MS) {
      this.#say(t("No picture has arrived yet. Is the camera free, and the network up?"));
    }
    const help =
      now - this.progressAt > NO_PROGRESS_MS
        ? t("Not getting on? Your whole face should be in the picture, lit from the front. Try a lamp or another camera.")
        : "";
    setText(this.help, help);
  }
}
