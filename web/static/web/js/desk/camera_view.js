/** The camera's picture, with the face's outline, the reason why there is no picture, and lost connections over it. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { Camera, CameraError } from "./camera.js";
import { element } from "./figures.js";
import { cameraLabels } from "./labels.js";
import { drawFace } from "./overlay.js";

/** Events: "changed" when the camera goes on or off for any reason, or another one is connected. */
export class CameraView extends EventTarget {
  constructor() {
    super();
    const video = h("video", { muted: true, playsinline: true, "aria-label": t("Camera picture, mirrored") });
    this.camera = new Camera(video);
    /** @type {string | null} id of the camera that was last asked about */
    this.knownCamera = null;
    this.drawing = /** @type {SVGSVGElement} */ (element("svg", { class: "face", "aria-hidden": "true" }));
    this.offText = h("p", { role: "status" });
    this.off = h("div", { class: "camera-notice" }, cameraSign(), this.offText);
    this.trouble = h("div", { class: "camera-notice", role: "alert", hidden: true });
    this.connection = h("p", { class: "connection", role: "status" });
    this.element = h("div", { class: "camera-view" }, video, this.drawing, this.off, this.trouble, this.connection);
    this.camera.addEventListener("lost", () => this.#showTrouble("lost"));
    this.camera.addEventListener("still", ({ detail }) => this.#onStill(detail));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.dispatchEvent(new Event("changed")));
    this.#update();
  }

  /**
   * @param {string} [deviceId]
   * @returns {Promise<boolean>} true if the camera is on; otherwise the reason is shown
   */
  async turnOn(deviceId) {
    try {
      this.trouble.hidden = true;
      this.#update();
      this.offText.textContent = t("If your browser asks, allow the camera.");
      await this.camera.start(deviceId);
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      this.#showTrouble(error.reason);
      return false;
    }
    this.#update();
    return this.camera.isOn;
  }

  /** @returns {boolean} true if it is another camera than when this was asked last */
  hasAnotherCamera() {
    const before = this.knownCamera;
    this.knownCamera = this.camera.chosen;
    return before !== null && before !== this.knownCamera;
  }

  forgetCamera() {
    this.knownCamera = null;
  }

  turnOff() {
    this.camera.stop();
    this.trouble.hidden = true;
    this.#update();
  }

  /** @param {boolean} isConnected */
  showConnection(isConnected) {
    this.connection.textContent = isConnected
      ? ""
      : t("No connection. Trying again. Nothing is lost or counted twice.");
  }

  /**
   * @param {import("./sessions.js").Session} session
   * @param {string} tone
   */
  showFace({ face, posture }, tone) {
    drawFace(this.drawing, this.camera.isOn ? face : null, posture.margins, tone);
  }

  /** A camera may stand still in silence, for example after another program has used it: started again, it may go on. */
  async #onStill(isStill) {
    if (!isStill) {
      this.trouble.hidden = true;
      this.#update();
      return;
    }
    this.#showTrouble("still");
    await this.camera.start().catch(() => undefined);
    this.#update();
  }

  /** @param {string} reason a CameraReason, "lost" or "still" */
  #showTrouble(reason) {
    const [title, advice] = cameraLabels(reason);
    const retry = h("button", { type: "button", class: "button", onclick: () => this.turnOn() }, t("Try again"));
    this.trouble.hidden = false;
    this.trouble.replaceChildren(h("p", {}, h("strong", {}, title)), h("p", {}, advice), retry);
    this.#update();
  }

  #update() {
    this.off.hidden = this.camera.isOn || !this.trouble.hidden;
    this.offText.textContent = t("The camera is off.");
    if (!this.camera.isOn) drawFace(this.drawing, null, null, "");
    this.dispatchEvent(new Event("changed"));
  }
}

function cameraSign() {
  const svg = element("svg", { viewBox: "0 0 48 48", class: "camera-sign", "aria-hidden": "true" });
  svg.append(
    element("circle", { cx: 24, cy: 20, r: 14 }),
    element("circle", { cx: 24, cy: 20, r: 5 }),
    element("path", { d: "M14 42 Q24 34 34 42 Z M7 3 L41 37" }),
  );
  return svg;
}
