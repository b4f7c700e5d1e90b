/** How long until an alarm: the usual choices and the one in use, or another number within bounds. */

import { h } from "../dom.js";
import { duration, number, t } from "../i18n.js";
import { select } from "./controls.js";

const CUSTOM = "custom";

/**
 * @typedef {object} Time
 * @property {string} name in the API, in seconds
 * @property {string} label of the alarm
 * @property {number[]} choices in seconds
 * @property {number} unit of a number of one's own, in seconds
 * @property {[number, number]} bounds in units
 */

/**
 * @param {Time} time
 * @param {number} seconds
 * @param {{save: (seconds: number) => void, refuse: (message: string) => void}} actions
 */
export function timeField({ name, label, choices, unit, bounds: [low, high] }, seconds, { save, refuse }) {
  const unitName = unit === 1 ? t("seconds") : t("minutes");
  const suffix = h("span", { class: "unit", "aria-hidden": "true" }, unitName);
  const input = h("input", {
    type: "number",
    min: low,
    max: high,
    inputmode: "numeric",
    value: String(Math.max(low, Math.round(seconds / unit))),
    "aria-label": t("{alarm}: {unit}", { alarm: label, unit: unitName }),
  });
  input.addEventListener("change", () => {
    const value = Math.round(Number(input.value));
    const isValid = input.value !== "" && value >= low && value <= high;
    input.setAttribute("aria-invalid", String(!isValid));
    if (isValid) return save(value * unit);
    refuse(t("{alarm}: enter {low} to {high} {unit}.", { alarm: label, low: number(low), high: number(high), unit: unitName }));
  });
  // It lies over the list, whose arrow stays free: choosing it moves nothing.
  const custom = h("div", { class: "custom-time", hidden: true }, input, suffix);
  const offered = [...new Set([...choices, seconds])].sort((one, other) => one - other);
  const options = /** @type {[string, string][]} */ (offered.map((choice) => [String(choice), duration(choice)]));
  const list = select([...options, [CUSTOM, t("Custom…")]], String(seconds), (value) => {
    custom.hidden = value !== CUSTOM;
    if (value === CUSTOM) input.select();
    else save(Number(value));
  });
  list.setAttribute("aria-label", t("{alarm}: time until the alarm", { alarm: label }));
  list.dataset.time = name;
  return h("div", { class: "alarm-time" }, list, custom);
}
