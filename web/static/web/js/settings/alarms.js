/** Alarm settings. Each change is saved immediately. */

import { call } from "../api.js";
import { playSample, unlock } from "../desk/voices.js";
import { h } from "../dom.js";
import { duration, t } from "../i18n.js";
import { Panel, button, field, segments, select, toggle } from "./controls.js";

const MINUTE_S = 60;
const CUSTOM = "custom";

/**
 * @typedef {object} Alarm
 * @property {string} name its switch in the API, without _on
 * @property {string} label
 * @property {string} hint
 * @property {string} [time] its time in the API, in seconds
 * @property {number[]} [choices] in seconds
 * @property {number} [unit] of a custom value, in seconds
 */

/** @returns {Alarm[]} */
const alarms = () => [
  {
    name: "neck",
    label: t("Neck"),
    hint: t("When bad posture lasts this long"),
    time: "neck_time",
    choices: [20, 15, 10, 5],
    unit: 1,
  },
  {
    name: "blink",
    label: t("Blinking"),
    hint: t("When you do not blink for this long"),
    time: "blink_time",
    choices: [20, 15, 10, 5],
    unit: 1,
  },
  {
    name: "stretching",
    label: t("Stretching"),
    hint: t("Repeats after this long at the desk"),
    time: "stretching_time",
    choices: [18000, 10800, 7200, 3600, 1800],
    unit: MINUTE_S,
  },
  {
    name: "rest",
    label: t("Breaks"),
    hint: t("Repeats after this long at the desk"),
    time: "rest_time",
    choices: [3000, 3600, 2700, 1500],
    unit: MINUTE_S,
  },
  {
    name: "stranger",
    label: t("Somebody else at the desk"),
    hint: t("Compares with the face learned during calibration"),
  },
  { name: "someone_behind", label: t("Someone behind you"), hint: t("When a second face is in the picture") },
];

/** @param {any} settings the response of accounts/alarms/ */
export function alarmsPanel(settings) {
  const panel = new Panel(t("Alarms"));
  /** @param {object} change @returns {Promise<boolean>} */
  const save = (change) => panel.run(async () => void (await call("PUT", "accounts/alarms/", change)));
  const rows = alarms().map((alarm) => row(alarm, settings, save));
  const levels = /** @type {[string, string][]} */ ([
    ["low", t("Low")],
    ["normal", t("Normal")],
    ["high", t("High")],
  ]);
  return panel.add(
    h("div", { class: "alarm-rows" }, ...rows),
    segments(t("Posture sensitivity"), "sensitivity", levels, settings.sensitivity, (sensitivity) =>
      save({ sensitivity }),
    ),
    voiceField(settings.alarm_sound, save),
  ).element;
}

/** @param {Alarm} alarm */
function row({ name, label, hint, time, choices, unit }, settings, save) {
  const flag = `${name}_on`;
  return h(
    "div",
    { class: "alarm-row" },
    h(
      "div",
      {},
      toggle(label, settings[flag], (isOn) => save({ [flag]: isOn })),
      h("p", { class: "hint" }, hint),
    ),
    time ? timeField(time, label, choices, unit, settings[time], save) : null,
  );
}

/** The usual choices, or a custom number. */
function timeField(name, label, choices, unit, seconds, save) {
  const isCustom = !choices.includes(seconds);
  const unitName = unit === 1 ? t("seconds") : t("minutes");
  const custom = h("input", {
    type: "number",
    min: 1,
    step: "any",
    inputmode: "decimal",
    value: String(seconds / unit),
    hidden: !isCustom,
    "aria-label": t("{alarm}: {unit}", { alarm: label, unit: unitName }),
    onchange: () =>
      custom.reportValidity() && custom.value && save({ [name]: Math.max(1, Math.round(Number(custom.value) * unit)) }),
  });
  const suffix = h("span", { class: "unit", hidden: !isCustom, "aria-hidden": "true" }, unitName);
  const options = /** @type {[string, string][]} */ (choices.map((choice) => [String(choice), duration(choice)]));
  const control = select([...options, [CUSTOM, t("Custom…")]], isCustom ? CUSTOM : String(seconds), (value) => {
    custom.hidden = suffix.hidden = value !== CUSTOM;
    if (value === CUSTOM) custom.focus();
    else save({ [name]: Number(value) });
  });
  control.setAttribute("aria-label", t("{alarm}: time until the alarm", { alarm: label }));
  control.dataset.time = name;
  return h("div", { class: "alarm-time" }, control, custom, suffix);
}

function voiceField(voice, save) {
  const names = /** @type {[string, string][]} */ ([
    ["1", t("Man")],
    ["2", t("Woman")],
    ["3", t("Boy")],
    ["4", t("Girl")],
  ]);
  const control = select(names, String(voice), (value) => save({ alarm_sound: Number(value) }));
  const listen = () => {
    unlock();
    playSample(Number(control.value), t("This is how your alarms sound."));
  };
  const row = field("settings-voice", t("Voice"), control);
  row.classList.add("voice-field");
  row.append(button(t("Listen"), listen));
  return row;
}
