/** Before a session: checking the camera, choosing it and the profile, and starting. */

import { confirmAction } from "../dialog.js";
import { h } from "../dom.js";
import { cameras } from "../engine/camera.js";
import { clockTime, t } from "../i18n.js";
import { CameraCheck } from "./camera_check.js";

const SAME_SHAPE = 0.02; // of the width over the height

/** @typedef {import("../engine/sessions.js").Profile} Profile */
/**
 * @typedef {object} Actions
 * @property {(deviceId?: string) => Promise<boolean>} preview
 * @property {() => void} turnOff
 * @property {(profile: () => number | null, isTakingOver: boolean) => void} start with the profile once the camera is on
 * @property {(profile: Profile) => Promise<void>} deleteProfile
 */

export class SetupPanel {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.camera = h("select", { id: "desk-camera", onchange: () => this.#preview(this.camera.value) });
    this.cameraField = h(
      "div",
      { class: "field", hidden: true },
      h("label", { for: "desk-camera" }, t("Camera")),
      this.camera,
    );
    this.isOn = false;
    this.isChecking = false; // a start turns the camera on, too
    this.previewButton = h(
      "button",
      { type: "button", class: "button", onclick: () => (this.isOn ? actions.turnOff() : this.#preview()) },
      t("Turn on the camera"),
    );
    this.check = new CameraCheck();
    this.profiles = h("fieldset", { class: "profiles", hidden: true, onchange: () => this.#onChosen() });
    /** @type {Profile[]} */
    this.saved = [];
    this.isChosen = false; // by the user
    this.place = { camera: "", shape: null };
    /** @type {{id: string, label: string}[]} */
    this.connected = [];
    this.startButton = h(
      "button",
      { type: "button", class: "button primary large", onclick: () => actions.start(() => this.#profile(), false) },
      t("Start"),
    );
    this.running = h("div", { class: "running", hidden: true });
    this.element = h(
      "div",
      { class: "panel setup" },
      h("h2", {}, t("Take a seat")),
      this.running,
      this.check.element,
      h("p", { class: "hint" }, t("Sit the way you want to sit: calibration takes it as good posture.")),
      this.cameraField,
      this.profiles,
      h("div", { class: "actions" }, this.startButton, this.previewButton),
    );
  }

  /** Called when the panel is replaced. */
  close() {
    this.check.stop();
  }

  /** @param {import("../engine/camera.js").Camera} camera */
  async showCameras(camera) {
    const { chosen, name, shape, isOn } = camera;
    this.place = { camera: name, shape };
    this.#chooseProfile();
    if (isOn !== this.isOn || (isOn && chosen !== this.camera.value)) this.#checkOrNot(camera);
    this.isOn = isOn;
    this.previewButton.textContent = isOn ? t("Turn off the camera") : t("Turn on the camera");
    this.connected = await cameras();
    this.cameraField.hidden = !isOn || !this.connected.length;
    this.camera.replaceChildren(
      ...this.connected.map(({ id, label }, index) =>
        h("option", { value: id, selected: id === chosen }, label || t("Camera {number}", { number: index + 1 })),
      ),
    );
  }

  /** @param {string} [deviceId] */
  #preview(deviceId) {
    this.isChecking = true;
    this.actions.preview(deviceId);
  }

  /** @param {import("../engine/camera.js").Camera} camera */
  #checkOrNot(camera) {
    if (camera.isOn && this.isChecking) this.check.start(camera);
    else this.check.stop();
  }

  /** @param {Profile[]} profiles */
  showProfiles(profiles) {
    this.saved = profiles;
    this.isChosen = false;
    this.profiles.hidden = !profiles.length;
    this.profiles.replaceChildren(
      h("legend", {}, t("Where are you sitting?")),
      ...profiles.map((profile) => this.#profileRow(profile)),
      this.#choice("", t("Somewhere else (calibrate)")),
    );
    this.#chooseProfile();
  }

  /**
   * Asks about a session that runs already: it is never ended unasked.
   * @param {{started_at: string}} session
   * @param {{resume: () => void}} actions
   */
  offerSession({ started_at }, { resume }) {
    const startAnew = () => this.actions.start(() => this.#profile(), true);
    const button = (text, onclick, variant) =>
      h("button", { type: "button", class: `button ${variant}`, onclick }, text);
    this.running.hidden = false;
    this.startButton.hidden = true; // a second way to start, beside the one that asks
    this.running.replaceChildren(
      h("p", {}, t("A session has been running since {time}, here or on another device.", { time: clockTime(started_at) })),
      h(
        "div",
        { class: "actions" },
        button(t("Continue here"), resume, "primary"),
        button(t("Stop it and start new"), startAnew, ""),
      ),
    );
  }

  /** The user has chosen where they sit: its camera is used, if another one is connected. */
  #onChosen() {
    this.isChosen = true;
    const profile = this.saved.find(({ id }) => id === this.#profile());
    const camera = this.connected.find(({ label }) => label && label === profile?.camera);
    if (this.isOn && camera && camera.id !== this.camera.value) this.#preview(camera.id);
  }

  /** Offers the profile that was saved with this camera, in this shape of its picture; unless another was chosen. */
  #chooseProfile() {
    if (this.isChosen) return;
    const { camera, shape } = this.place;
    const fits = (profile) =>
      (!camera || !profile.camera || profile.camera === camera) &&
      (!shape || !profile.shape || Math.abs(profile.shape - shape) < SAME_SHAPE);
    const offered = this.saved.find((profile) => profile.camera === camera && fits(profile)) ?? this.saved.find(fits);
    for (const input of this.profiles.querySelectorAll("input")) input.checked = input.value === String(offered?.id ?? "");
  }

  #profileRow(profile) {
    const deleteProfile = async () => {
      const question = t("Delete the profile “{name}”?", { name: profile.name });
      const isSure = await confirmAction(question, t("The next session there starts with a calibration."), t("Delete"));
      if (isSure) await this.actions.deleteProfile(profile);
    };
    const label = t("Delete {name}", { name: profile.name });
    return h(
      "div",
      { class: "profile" },
      this.#choice(String(profile.id), profile.name),
      h("button", { type: "button", class: "button quiet", "aria-label": label, onclick: deleteProfile }, t("Delete")),
    );
  }

  #choice(value, text) {
    return h(
      "label",
      { class: "choice" },
      h("input", { type: "radio", name: "profile", value }),
      h("span", {}, text),
    );
  }

  #profile() {
    const checked = /** @type {HTMLInputElement | null} */ (this.profiles.querySelector("input:checked"));
    return checked?.value ? Number(checked.value) : null;
  }
}
