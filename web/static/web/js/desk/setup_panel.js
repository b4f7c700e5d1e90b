/** Before a session: choosing the camera and the profile, and starting. */

import { confirmAction } from "../dialog.js";
import { h } from "../dom.js";
import { clockTime, t } from "../i18n.js";
import { canNotify, notificationsAreOn, setNotifications } from "./alarms.js";
import { cameras } from "../engine/camera.js";

const SAME_SHAPE = 0.02; // of the width over the height

/** @typedef {import("../engine/sessions.js").Profile} Profile */
/**
 * @typedef {object} Actions
 * @property {(deviceId?: string) => Promise<boolean>} preview
 * @property {(profile: () => number | null) => void} start called with the profile once the camera is on
 * @property {(profile: Profile) => Promise<void>} deleteProfile
 */

export class SetupPanel {
  /** @param {Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.camera = h("select", { id: "desk-camera", onchange: () => actions.preview(this.camera.value) });
    this.cameraField = h(
      "div",
      { class: "field", hidden: true },
      h("label", { for: "desk-camera" }, t("Camera")),
      this.camera,
    );
    this.previewButton = h(
      "button",
      { type: "button", class: "button", onclick: () => actions.preview() },
      t("Turn on the camera"),
    );
    this.profiles = h("fieldset", { class: "profiles", hidden: true, onchange: () => (this.isChosen = true) });
    /** @type {Profile[]} */
    this.saved = [];
    this.isChosen = false; // by the user
    this.place = { camera: "", shape: null };
    this.startButton = h(
      "button",
      { type: "button", class: "button primary large", onclick: () => actions.start(() => this.#profile()) },
      t("Start"),
    );
    this.running = h("div", { class: "running", hidden: true });
    this.element = h(
      "div",
      { class: "panel setup" },
      h("h2", {}, t("Take a seat")),
      this.running,
      h(
        "ul",
        { class: "tips" },
        h("li", {}, t("Place the camera at eye level, an arm's length away.")),
        h("li", {}, t("Have light in front of you, and no bright window behind you.")),
        h("li", {}, t("Sit the way you want to sit: calibration takes it as good posture.")),
      ),
      this.cameraField,
      this.profiles,
      canNotify() ? notifySwitch() : "",
      h("div", { class: "actions" }, this.startButton, this.previewButton),
    );
  }

  /** @param {import("../engine/camera.js").Camera} camera */
  async showCameras({ chosen, shape, isOn }) {
    this.place = { camera: chosen ?? "", shape };
    this.#chooseProfile();
    const all = await cameras();
    const isFocused = document.activeElement === this.previewButton;
    this.previewButton.hidden = isOn;
    this.cameraField.hidden = !isOn || all.length === 0;
    if (isOn && isFocused) this.camera.focus(); // the focused button is hidden now
    this.camera.replaceChildren(
      ...all.map(({ id, label }, index) =>
        h("option", { value: id, selected: id === chosen }, label || t("Camera {number}", { number: index + 1 })),
      ),
    );
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
   * @param {{started_at: string}} session that is running already
   * @param {{resume: () => void, stop: () => void}} actions
   */
  offerSession({ started_at }, { resume, stop }) {
    const button = (text, onclick, variant) =>
      h("button", { type: "button", class: `button ${variant}`, onclick }, text);
    this.running.hidden = false;
    this.running.replaceChildren(
      h("p", {}, t("A session has been running since {time}.", { time: clockTime(started_at) })),
      h("div", { class: "actions" }, button(t("Continue here"), resume, "primary"), button(t("Stop it"), stop, "")),
    );
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

function notifySwitch() {
  const box = h("input", { type: "checkbox", checked: notificationsAreOn() });
  box.addEventListener("change", async () => (box.checked = await setNotifications(box.checked)));
  return h(
    "label",
    { class: "choice" },
    box,
    h("span", {}, t("Also notify me outside the browser while I am in another tab")),
  );
}
