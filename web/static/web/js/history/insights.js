/** What the last weeks bear out, as sentences, and what to try because of it. The service decides what is certain enough. */

import { hourName, number, percent, t } from "../i18n.js";

const GOOD = 0.9; // of the time: nothing to change
const MOST = 0.5; // of the bad posture

/**
 * @typedef {object} Insight
 * @property {string} kind
 * @property {number} effect of the share of good posture; blinks_fall_after: blinks a minute
 * @property {number} low
 * @property {number} high
 * @property {number} days on how many it rests
 * @property {number | null} hour
 * @property {number | null} breaks
 * @property {string | null} fault
 */

/** @param {Insight[]} insights @param {...string} kinds @returns {Insight | undefined} the first of these kinds */
export const ofKind = (insights, ...kinds) => insights.find(({ kind }) => kinds.includes(kind));

/** @param {number} share @returns {string} its hundredths, without a sign */
export const points = (share) => number(Math.round(100 * Math.abs(share)));

/** @param {Insight} insight @returns {string} such as 17 to 22 */
export function rangeText({ low, high }, text = points) {
  const [least, most] = [low, high].sort((one, other) => Math.abs(one) - Math.abs(other));
  return low * high < 0 ? "" : t("{least} to {most}", { least: text(least), most: text(most) });
}

const rate = (/** @type {number} */ value) => number(Math.abs(value), { maximumFractionDigits: 0 });

/** @param {Insight} insight @returns {string} */
export function sentence(insight) {
  const { kind, effect, days, hour, breaks, fault } = insight;
  const values = { time: hourName(hour ?? 0), points: points(effect), days: number(days), breaks: number(breaks ?? 0) };
  const found = {
    sinks_after: () => t("After {time} your posture gets worse: {points} points less of the time is good.", values),
    breaks_help: () =>
      t("After {time} your posture gets worse, but by {points} points less on days with {breaks} breaks before it.", values),
    better_than_before: () => t("In the last four weeks you sat better than in the four before: by {points} points.", values),
    worse_than_before: () => t("In the last four weeks you sat worse than in the four before: by {points} points.", values),
    mostly: () => t("{share} of your bad posture is this: {fault}.", { share: percent(effect), fault: faultName(fault) }),
    blinks_fall_after: () => t("After {time} you blink less often: by {rate} a minute.", { ...values, rate: rate(effect) }),
  };
  return found[kind]?.() ?? "";
}

/** @param {Insight} insight @returns {string} how certain the sentence is */
export function certainty(insight) {
  const { kind, days } = insight;
  const text = kind === "mostly" ? percent : kind === "blinks_fall_after" ? rate : points;
  const range = rangeText(insight, text);
  const values = { days: number(days), range: rangeText(insight, text) };
  return values.range
    ? t("Found over {days} days; the true number is very likely {range}.", values)
    : t("Found over {days} days.", values);
}

/** @param {string | null} fault */
export function faultName(fault) {
  return { closer: t("leaning in"), lower: t("sitting too low"), tilted: t("a tilted head") }[fault ?? ""] ?? "";
}

/**
 * @param {Insight[]} insights
 * @param {import("./strip.js").StripTotals} day
 * @returns {string} what could help most
 */
export function advice(insights, day) {
  const found = ofKind(insights, "breaks_help", "sinks_after", "mostly", "blinks_fall_after");
  const time = hourName(found?.hour ?? 0);
  switch (found?.kind) {
    case "breaks_help":
      return t("Take {breaks} breaks before {time}.", { breaks: number(found.breaks ?? 0), time });
    case "sinks_after":
      return t("Get up for a few minutes at {time}.", { time });
    case "blinks_fall_after":
      return t("From {time} on, look into the distance now and then.", { time });
    default:
      return faultAdvice(found?.fault ?? mainFault(day)) ?? generalAdvice(day);
  }
}

/** @param {import("./strip.js").StripTotals} day */
const generalAdvice = ({ good_share }) =>
  (good_share ?? 1) < GOOD ? t("Get up for a minute every hour.") : t("Keep it up.");

/** @param {import("./strip.js").StripTotals} day @returns {string | null} the fault of most of its bad posture, if of most */
export function mainFault({ direction, shares }) {
  return direction && (shares?.[direction] ?? 0) >= MOST ? direction : null;
}

/** @param {string | null} fault */
function faultAdvice(fault) {
  const advices = {
    closer: t("Bring the screen closer, or make its text larger."),
    lower: t("Raise the screen until its upper edge is at eye level."),
    tilted: t("Put the screen straight in front of you."),
  };
  return advices[fault ?? ""];
}
