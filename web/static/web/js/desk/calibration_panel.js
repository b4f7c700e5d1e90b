/** Calibration: a ring that fills with good frames, and the reason why the last one did not count. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { FacePanel } from "./face_panel.js";
import { element } from "./figures.js";
import { hintLabel } from "./labels.js";

const RADIUS = 52;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

export class CalibrationPanel {
  /** @param {{confirmFace: (password: string, keep: boolean) => Promise<void>, stop: () => void}} actions */
  constructor(actions) {
    this.arc = element("circle", { class: "ring-arc", cx: 60, cy: 60, r: RADIUS, "stroke-dasharray": CIRCUMFERENCE });
    const svg = element("svg", { viewBox: "0 0 120 120", class: "ring", "aria-hidden": "true" });
    svg.append(element("circle", { class: "ring-track", cx: 60, cy: 60, r: RADIUS }), this.arc);
    this.count = h("span", { class: "ring-count" });
    this.ring = h(
      "div",
      { class: "ring-box", role: "progressbar", "aria-label": t("Good pictures"), "aria-valuemin": "0" },
      svg,
      this.count,
    );
    this.hint = h("p", { class: "hint", role: "status" });
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
        h("button", { type: "button", class: "button quiet", onclick: actions.stop }, t("Cancel")),
      ),
    );
  }

  /** @param {import("../engine/sessions.js").Session} session */
  show(session) {
    this.face.show(session);
    if (!session.calibration) return;
    const { frames, needed, hints } = session.calibration;
    this.arc.setAttribute("stroke-dashoffset", String(CIRCUMFERENCE * (1 - frames / needed)));
    this.count.textContent = `${frames} / ${needed}`;
    this.ring.setAttribute("aria-valuenow", String(frames));
    this.ring.setAttribute("aria-valuemax", String(needed));
    const text = hints.length ? hintLabel(hints[0]) : t("Good, stay like this.");
    this.hint.classList.toggle("is-good", !hints.length);
    if (this.hint.textContent !== text) this.hint.textContent = text;
  }
}
