/** A day hour by hour: a bar as long as the time at the desk, how far and which way posture went, blinks and breaks. */

import { draw, h } from "../dom.js";
import { duration, hourName, number, t } from "../i18n.js";
import { rateText, shareText } from "./labels.js";

/** @typedef {{closer: number, lower: number, tilted: number}} Directions */
/**
 * @typedef {object} StripTotals
 * @property {number} desk_s
 * @property {number} good_s
 * @property {number} bad_s
 * @property {number | null} good_share
 * @property {Directions | null} shares
 * @property {"closer" | "lower" | "tilted" | null} direction
 * @property {Directions | null} worst 1 is at the limit
 * @property {import("./labels.js").BlinkRate} blink_rate
 * @property {number} rests
 * @property {number} neck
 * @property {number | null} neck_per_hour
 */
/** @typedef {StripTotals & {hour: number, starts_at: string, outlines: number[]}} StripHour */
/** @typedef {{date: string, hours: StripHour[], total: StripTotals}} Strip */

const HOUR_S = 3600;

/** @param {Strip} strip */
export function stripTable({ hours }) {
  const headings = [t("Hour"), t("Good posture"), t("How far, which way"), t("Blinks a minute"), t("Breaks")];
  return h(
    "table",
    { class: "day-strip" },
    h("caption", { class: "visually-hidden" }, t("The day hour by hour")),
    h("thead", {}, h("tr", {}, ...headings.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, ...hours.map(row)),
  );
}

/** @param {StripHour} hour */
function row(hour) {
  const rate = hour.blink_rate;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, hourName(hour.hour)),
    h(
      "td",
      { class: "share-cell" },
      bar(hour),
      h("strong", {}, shareText(hour.good_share)),
      " ",
      h("span", { class: "strip-note" }, t("of {time}", { time: duration(hour.desk_s) })),
    ),
    h("td", { class: "far-cell" }, ...farthest(hour)),
    h("td", {}, rateText(rate), rate && h("span", { class: "strip-note" }, `\u00a0±\u00a0${Math.ceil(error(rate))}`)),
    h("td", {}, hour.rests ? number(hour.rests) : "–"),
  );
}

const error = ({ per_minute, low, high }) => Math.max(high - per_minute, per_minute - low);

/** @param {StripHour} hour as long as the time at the desk: good posture, bad posture, and what is not known */
function bar({ desk_s, good_s, bad_s }) {
  const wide = (/** @type {number} */ seconds) => Math.round((1000 * Math.min(seconds, HOUR_S)) / HOUR_S);
  const part = (name, from, to) => draw("rect", { class: name, x: wide(from), width: wide(to) - wide(from), height: 10 });
  return draw(
    "svg",
    { viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true", class: "strip-bar" },
    part("strip-hour", 0, HOUR_S),
    part("strip-unknown", 0, desk_s),
    part("strip-bad", 0, good_s + bad_s),
    part("strip-good", 0, good_s),
  );
}

/** @param {StripTotals} totals @returns {(string | HTMLElement)[]} */
function farthest({ direction, worst }) {
  const far = Math.abs(worst?.[direction ?? ""] ?? 0);
  if (!direction || far < 1) return [t("within limits")];
  const names = {
    closer: t("Leaning in"),
    lower: t("Too low"),
    tilted: (worst?.tilted ?? 0) > 0 ? t("Tilted left") : t("Tilted right"),
  };
  const times = t("{times} × limit", { times: number(far, { maximumFractionDigits: 1 }) });
  return [names[direction], h("span", { class: "strip-note" }, times)];
}
