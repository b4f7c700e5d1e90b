/** Alarm settings. Each change is saved immediately. */

import { call } from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { Panel, segments, toggle } from "./controls.js";
import { soundFields } from "./sound.js";
import { timeField } from "./time_field.js";

const MINUTE_S = 60;

/**
 * @typedef {object} Alarm
 * @property {string} name its switch in the API, without _on
 * @property {string} label
 * @property {string} hint
 * @property {number[]} [choices] of its time, in seconds
 * @property {number} [unit] of a number of one's own, in seconds
 * @property {[number, number]} [bounds] of such a number, in units
 */

/** @returns {Alarm[]} */
const alarms = () => [
  {
    name: "neck",
    label: t("Neck"),
    hint: t("When bad posture lasts this long"),
    choices: [5, 10, 15, 20, 30],
    unit: 1,
    bounds: [3, 600],
  },
  {
    name: "blink",
    label: t("Blinking"),
    hint: t("When you do not blink for this long"),
    choices: [5, 10, 15, 20, 30],
    unit: 1,
    bounds: [3, 600],
  },
  {
    name: "stretching",
    label: t("Stretching"),
    hint: t("Each time you have been at the desk this long"),
    choices: [1800, 3600, 5400, 7200, 10800],
    unit: MINUTE_S,
    bounds: [5, 720],
  },
  {
    name: "rest",
    label: t("Breaks"),
    hint: t("Each time you have been at the desk this long"),
    choices: [1500, 2700, 3000, 3600],
    unit: MINUTE_S,
    bounds: [5, 720],
  },
  {
    name: "stranger",
    label: t("Somebody else at the desk"),
    hint: t("When the face is not the one learned during calibration"),
  },
  { name: "someone_behind", label: t("Someone behind you"), hint: t("When a second face is in the picture") },
];

/** @param {any} settings the response of accounts/alarms/ */
export function alarmsPanel(settings) {
  const panel = new Panel(t("Alarms"));
  /** @param {object} change @returns {Promise<boolean>} */
  const save = (change) => panel.run(async () => void (await call("PUT", "accounts/alarms/", change)));
  const levels = /** @type {[string, string][]} */ ([
    ["low", t("Low")],
    ["normal", t("Normal")],
    ["high", t("High")],
  ]);
  return panel.add(
    h("div", { class: "alarm-rows" }, ...alarms().map((alarm) => row(alarm, settings, save, panel))),
    segments(t("Posture sensitivity"), "sensitivity", levels, settings.sensitivity, (sensitivity) =>
      save({ sensitivity }),
    ),
    ...soundFields(settings, save),
  ).element;
}

/** @param {Alarm} alarm @param {any} settings @param {(change: object) => Promise<boolean>} save @param {Panel} panel */
function row({ name, label, hint, choices, unit, bounds }, settings, save, panel) {
  const flag = `${name}_on`;
  const time = `${name}_time`;
  const actions = {
    save: (/** @type {number} */ seconds) => save({ [time]: seconds }),
    refuse: (/** @type {string} */ message) => panel.showMessage(message, true),
  };
  return h(
    "div",
    { class: "alarm-row" },
    h(
      "div",
      {},
      toggle(label, settings[flag], (isOn) => save({ [flag]: isOn })),
      h("p", { class: "hint" }, hint),
    ),
    choices && unit && bounds ? timeField({ name: time, label, choices, unit, bounds }, settings[time], actions) : null,
  );
}
