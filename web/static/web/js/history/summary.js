/** A summary of any period: totals, and charts with their tables. */

import { h } from "../dom.js";
import { dayName, duration, number, percent, t, tn } from "../i18n.js";
import { chart } from "./charts.js";
import { comparedText, intervalText, neckPerHour, perHourText, rateText, shareText } from "./labels.js";

/**
 * @typedef {object} Totals
 * @property {number} sessions
 * @property {number} active_s
 * @property {number | null} good_share
 * @property {number} neck
 * @property {number} blinks
 * @property {import("./labels.js").BlinkRate} blink_rate
 * @property {number} stretches
 * @property {number} rests
 * @property {number | null} wrong_alarms_per_8_h
 */
/** @typedef {Totals & {first_day: string}} Bucket */
/** @typedef {"day" | "week" | "month"} Step */

/**
 * @param {Totals} totals
 * @param {[string, string, string]} [blinks] name, value and note
 */
export function facts(
  totals,
  blinks = [t("Blinks a minute"), rateText(totals.blink_rate), intervalText(totals.blink_rate)],
) {
  /** @type {[string, string, string?][]} */
  const rows = [
    [t("Good posture"), shareText(totals.good_share)],
    [t("At the desk"), duration(totals.active_s)],
    [t("Neck alarms an hour"), perHourText(totals), tn("{count} neck alarm", "{count} neck alarms", totals.neck)],
    blinks,
    [t("Breaks"), number(totals.rests)],
    [t("Stretches"), number(totals.stretches)],
  ];
  return h(
    "dl",
    { class: "facts shares" },
    ...rows.map(([name, value, note]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, value, note ? h("span", { class: "fact-note" }, note) : null)),
    ),
  );
}

/** @type {Record<Step, {short: Intl.DateTimeFormatOptions, long: Intl.DateTimeFormatOptions}>} */
const NAMES = {
  day: { short: { weekday: "short" }, long: { weekday: "long", day: "numeric", month: "long" } },
  week: { short: { day: "numeric", month: "numeric" }, long: { day: "numeric", month: "long" } },
  month: { short: { month: "short" }, long: { month: "long", year: "numeric" } },
};

/** @param {string} day @param {Step} step */
function stepName(day, step) {
  const name = dayName(day, NAMES[step].long);
  return step === "week" ? t("Week of {day}", { day: name }) : name;
}

/**
 * @param {Bucket[]} buckets
 * @param {Step} step
 * @param {(day: string) => void} open called with a chosen bucket's first day
 */
export function charts(buckets, step, open) {
  /**
   * @param {string} title
   * @param {(bucket: Bucket) => number | null} value
   * @param {(bucket: Bucket) => string} text
   * @param {any} options
   */
  const chartOf = (title, value, text, options) => {
    const columns = buckets.map((bucket) => ({
      label: dayName(bucket.first_day, NAMES[step].short),
      name: stepName(bucket.first_day, step),
      text: bucket.sessions ? text(bucket) : "–",
      value: bucket.sessions ? value(bucket) : null,
      interval: options.interval?.(bucket),
      open: bucket.sessions ? () => open(bucket.first_day) : undefined,
    }));
    return chart(title, columns, options);
  };
  const ofCount = (/** @type {string} */ title, /** @type {"rests" | "stretches"} */ name) =>
    chartOf(
      title,
      (bucket) => bucket[name],
      (bucket) => number(bucket[name]),
      { kind: "bars", tone: "accent" },
    );
  return h(
    "div",
    { class: "charts" },
    chartOf(
      t("Good posture"),
      ({ good_share }) => good_share,
      ({ good_share }) => shareText(good_share),
      { kind: "bars", tone: "good", top: 1, tick: percent },
    ),
    chartOf(
      t("Hours at the desk"),
      ({ active_s }) => active_s / 3600,
      ({ active_s }) => duration(active_s),
      { kind: "bars", tone: "accent" },
    ),
    chartOf(t("Blinks a minute"), ({ blink_rate }) => blink_rate?.per_minute ?? null, blinkText, {
      kind: "points",
      tone: "rest",
      interval: ({ blink_rate }) => blink_rate && [blink_rate.low, blink_rate.high],
      note: t("Relaxed, people blink 15 to 20 times a minute; at a screen often half as often."),
    }),
    ofCount(t("Breaks"), "rests"),
    chartOf(t("Neck alarms an hour"), neckPerHour, perHourText, { kind: "bars", tone: "bad" }),
    ofCount(t("Stretches"), "stretches"),
  );
}

const blinkText = (/** @type {Bucket} */ { blink_rate }) => `${rateText(blink_rate)}, ${intervalText(blink_rate)}`;

/**
 * @param {{total: Totals, median_good_share: number | null}} summary of a period
 * @param {{median_good_share: number | null}} before of the one before
 * @param {Step} step
 * @returns {string}
 */
export function periodText({ total, median_good_share: usual }, before, step) {
  const usually = {
    day: (percent) => t("{percent} good posture on a usual day", { percent }),
    week: (percent) => t("{percent} good posture in a usual week", { percent }),
    month: (percent) => t("{percent} good posture in a usual month", { percent }),
  };
  const wrong = total.wrong_alarms_per_8_h
    ? t("{count} wrong alarms in 8 hours", { count: number(total.wrong_alarms_per_8_h, { maximumFractionDigits: 1 }) })
    : "";
  return [
    usual === null ? "" : usually[step](shareText(usual)),
    comparedText(usual, before.median_good_share),
    t("{time} at the desk", { time: duration(total.active_s) }),
    wrong,
  ]
    .filter(Boolean)
    .join(" · ");
}

/**
 * @param {{good_share: {direction: string}, blink_rate: {direction: string}}} trends
 * @returns {string[]} without trends that may be chance
 */
export function trendTexts({ good_share, blink_rate }) {
  const texts = {
    share: { rising: t("Your posture is getting better."), falling: t("Your posture is getting worse.") },
    rate: { rising: t("You are blinking more often."), falling: t("You are blinking less often.") },
  };
  return [texts.share[good_share.direction], texts.rate[blink_rate.direction]].filter(Boolean);
}
