/** The camera's picture, with the face's outline, the reason why there is no picture, and lost connections over it. */

import { draw, h, setText } from "../dom.js";
import { t } from "../i18n.js";
import { cameraLabels } from "./labels.js";
import { drawFace } from "./overlay.js";

export class CameraView {
  /**
   * @param {import("../engine/engine.js").Engine} engine
   * @param {() => void} watchHere takes over from another tab
   */
  constructor(engine, watchHere) {
    this.engine = engine;
    const { keeper } = engine;
    this.keeper = keeper;
    this.video = h("video", { muted: true, playsinline: true, "aria-label": t("Camera picture, mirrored") });
    /** @type {string | null} id of the camera that was last asked about */
    this.knownCamera = null;
    this.drawing = /** @type {SVGSVGElement} */ (draw("svg", { class: "face", "aria-hidden": "true" }));
    this.offText = h("p", { role: "status" });
    this.off = h("div", { class: "camera-notice" }, cameraSign(), this.offText);
    this.elsewhere = h(
      "div",
      { class: "camera-notice", hidden: true },
      h("p", { role: "status" }, h("strong", {}, t("Watching in another tab"))),
      h("button", { type: "button", class: "button", onclick: watchHere }, t("Watch here")),
    );
    this.trouble = h("div", { class: "camera-notice", role: "alert", hidden: true });
    this.connection = h("p", { class: "connection", role: "status" });
    const notices = [this.off, this.elsewhere, this.trouble, this.connection];
    this.element = h("div", { class: "camera-view" }, this.video, this.drawing, ...notices);
    keeper.addEventListener("changed", () => this.update());
    this.update();
  }

  /** @returns {boolean} true if it is another camera than when this was asked last */
  hasAnotherCamera() {
    const before = this.knownCamera;
    this.knownCamera = this.keeper.camera.chosen;
    return before !== null && before !== this.knownCamera;
  }

  forgetCamera() {
    this.knownCamera = null;
  }

  /**
   * @param {import("../engine/sessions.js").Session | null} session
   * @param {string} tone
   */
  showFace(session, tone) {
    const isShown = session !== null && this.keeper.isOn;
    drawFace(this.drawing, isShown ? session.face : null, isShown ? session.posture.margins : null, tone);
  }

  update() {
    const { isOn, isAsking, reason, camera } = this.keeper;
    const { role, isConnected } = this.engine.snapshot;
    const isElsewhere = role === "following";
    this.#showStream(camera.stream);
    this.elsewhere.hidden = !isElsewhere;
    this.trouble.hidden = isElsewhere || reason === null;
    this.off.hidden = isElsewhere || isOn || reason !== null;
    const text = isAsking ? t("If your browser asks, allow the camera.") : t("The camera is off.");
    setText(this.offText, text);
    this.#showTrouble(reason);
    const connection = isConnected ? "" : t("No connection. Trying again. This time does not count.");
    setText(this.connection, connection);
    if (!isOn) drawFace(this.drawing, null, null, "");
  }

  /** @param {MediaStream | null} stream */
  #showStream(stream) {
    if (this.video.srcObject === stream) return;
    this.video.srcObject = stream;
    if (stream) this.video.play().catch(() => undefined); // stopped in the meantime
  }

  /** @param {string | null} reason */
  #showTrouble(reason) {
    if (this.trouble.dataset.reason === (reason ?? "")) return; // it would be read out again
    this.trouble.dataset.reason = reason ?? "";
    const [title, advice] = cameraLabels(reason);
    const verb = reason === "asleep" ? t("Turn on the camera") : t("Try again");
    const retry = h("button", { type: "button", class: "button", onclick: () => this.keeper.turnOn() }, verb);
    const others = reason === "unable" ? [h("a", { class: "button", href: "#/settings/privacy" }, t("Choose otherwise"))] : [];
    this.trouble.replaceChildren(h("p", {}, h("strong", {}, title)), h("p", {}, advice), ...others, retry);
  }
}

function cameraSign() {
  return draw(
    "svg",
    { viewBox: "0 0 48 48", class: "camera-sign", "aria-hidden": "true" },
    draw("circle", { cx: 24, cy: 20, r: 14 }),
    draw("circle", { cx: 24, cy: 20, r: 5 }),
    draw("path", { d: "M14 42 Q24 34 34 42 Z M7 3 L41 37" }),
  );
}
