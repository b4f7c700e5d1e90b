/** Which alarms there are, and when: each change is kept at once. */

import { call } from "../api.js";
import { playSample, unlock } from "../desk/voices.js";
import { h } from "../dom.js";
import { duration, t } from "../i18n.js";
import { Panel, button, field, segments, select, toggle } from "./controls.js";

const MINUTE_S = 60;
const OTHER = "other";

/**
 * @typedef {object} Alarm
 * @property {string} name of its switch, without _on
 * @property {string} words
 * @property {string} hint
 * @property {string} [time] the field that holds it, in seconds
 * @property {number[]} [choices] in seconds
 * @property {number} [unit] of a free value, in seconds
 */

/** @returns {Alarm[]} */
const alarms = () => [
  {
    name: "neck",
    words: t("Neck"),
    hint: t("Bad posture for so long"),
    time: "neck_time",
    choices: [20, 15, 10, 5],
    unit: 1,
  },
  {
    name: "blink",
    words: t("Blinking"),
    hint: t("No blink for so long"),
    time: "blink_time",
    choices: [20, 15, 10, 5],
    unit: 1,
  },
  {
    name: "stretching",
    words: t("Stretching"),
    hint: t("Each time after so long at the desk"),
    time: "stretching_time",
    choices: [18000, 10800, 7200, 3600, 1800],
    unit: MINUTE_S,
  },
  {
    name: "rest",
    words: t("Breaks"),
    hint: t("Each time after so long at the desk"),
    time: "rest_time",
    choices: [3000, 3600, 2700, 1500],
    unit: MINUTE_S,
  },
  {
    name: "stranger",
    words: t("Somebody else at the desk"),
    hint: t("By the face that was learned when you calibrated"),
  },
  { name: "someone_behind", words: t("Someone behind you"), hint: t("A second face in the picture") },
];

/** @param {any} kept the answer of accounts/alarms/ */
export function alarmsPanel(kept) {
  const panel = new Panel(t("Alarms"));
  /** @param {object} change @returns {Promise<boolean>} */
  const save = (change) => panel.during(async () => void (await call("PUT", "accounts/alarms/", change)));
  const rows = alarms().map((alarm) => row(alarm, kept, save));
  const levels = /** @type {[string, string][]} */ ([
    ["low", t("Low")],
    ["normal", t("Normal")],
    ["high", t("High")],
  ]);
  return panel.add(
    h("div", { class: "alarm-rows" }, ...rows),
    segments(t("Sensitivity to posture"), "sensitivity", levels, kept.sensitivity, (sensitivity) =>
      save({ sensitivity }),
    ),
    voiceField(kept.alarm_sound, save),
  ).element;
}

/** @param {Alarm} alarm */
function row({ name, words, hint, time, choices, unit }, kept, save) {
  const flag = `${name}_on`;
  return h(
    "div",
    { class: "alarm-row" },
    h(
      "div",
      {},
      toggle(words, kept[flag], (isOn) => save({ [flag]: isOn })),
      h("p", { class: "hint" }, hint),
    ),
    time ? timeField(time, words, choices, unit, kept[time], save) : null,
  );
}

/** The sheet's choices, and any other number. */
function timeField(name, words, choices, unit, seconds, save) {
  const isOther = !choices.includes(seconds);
  const unitWords = unit === 1 ? t("seconds") : t("minutes");
  const free = h("input", {
    type: "number",
    min: 1,
    step: "any",
    inputmode: "decimal",
    value: String(seconds / unit),
    hidden: !isOther,
    "aria-label": t("{alarm}: {unit}", { alarm: words, unit: unitWords }),
    onchange: () =>
      free.reportValidity() && free.value && save({ [name]: Math.max(1, Math.round(Number(free.value) * unit)) }),
  });
  const suffix = h("span", { class: "unit", hidden: !isOther, "aria-hidden": "true" }, unitWords);
  const options = /** @type {[string, string][]} */ (choices.map((each) => [String(each), duration(each)]));
  const chosen = select([...options, [OTHER, t("Other…")]], isOther ? OTHER : String(seconds), (value) => {
    free.hidden = suffix.hidden = value !== OTHER;
    if (value === OTHER) free.focus();
    else save({ [name]: Number(value) });
  });
  chosen.setAttribute("aria-label", t("{alarm}: after how long", { alarm: words }));
  chosen.dataset.time = name;
  return h("div", { class: "alarm-time" }, chosen, free, suffix);
}

function voiceField(voice, save) {
  const names = /** @type {[string, string][]} */ ([
    ["1", t("A man")],
    ["2", t("A woman")],
    ["3", t("A boy")],
    ["4", t("A girl")],
  ]);
  const chosen = select(names, String(voice), (value) => save({ alarm_sound: Number(value) }));
  const listen = () => {
    unlock();
    playSample(Number(chosen.value), t("This is how your alarms sound."));
  };
  const made = field("settings-voice", t("Voice"), chosen);
  made.classList.add("voice-field");
  made.append(button(t("Listen"), listen));
  return made;
}
