/** A summary of any period: totals, charts and a table. */

import { h } from "../dom.js";
import { dayName, duration, number, percent, t } from "../i18n.js";
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
    [t("At the desk"), duration(totals.active_s)],
    [t("Good posture"), shareText(totals.good_share)],
    blinks,
    [t("Neck alarms"), number(totals.neck), perHourText(totals)],
    [t("Stretches"), number(totals.stretches)],
    [t("Breaks"), number(totals.rests)],
  ];
  return h(
    "dl",
    { class: "facts" },
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
 * @param {(day: string) => void} open called with a clicked bucket's first day
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
      description: `${stepName(bucket.first_day, step)}: ${text(bucket)}`,
      value: bucket.sessions ? value(bucket) : null,
      interval: options.interval?.(bucket),
      open: bucket.sessions ? () => open(bucket.first_day) : undefined,
    }));
    return chart(title, columns, options);
  };
  const rate = ({ blink_rate }) => blink_rate?.per_minute ?? null;
  const interval = ({ blink_rate }) => blink_rate && [blink_rate.low, blink_rate.high];
  const rateWithInterval = ({ blink_rate }) => `${rateText(blink_rate)}, ${intervalText(blink_rate)}`;
  return h(
    "div",
    { class: "charts" },
    chartOf(
      t("Good posture"),
      ({ good_share }) => good_share,
      ({ good_share }) => shareText(good_share),
      { kind: "bars", tone: "good", top: 1, tick: percent },
    ),
    chartOf(t("Blinks a minute"), rate, rateWithInterval, {
      kind: "points",
      tone: "rest",
      interval,
      note: t("Relaxed, people blink 15 to 20 times a minute; at a screen often half as often."),
    }),
    chartOf(t("Neck alarms an hour"), neckPerHour, perHourText, { kind: "bars", tone: "bad" }),
    chartOf(
      t("Hours at the desk"),
      ({ active_s }) => active_s / 3600,
      ({ active_s }) => duration(active_s),
      { kind: "bars", tone: "accent" },
    ),
    chartOf(
      t("Breaks"),
      ({ rests }) => rests,
      ({ rests }) => number(rests),
      { kind: "bars", tone: "accent" },
    ),
    chartOf(
      t("Stretches"),
      ({ stretches }) => stretches,
      ({ stretches }) => number(stretches),
      { kind: "bars", tone: "accent" },
    ),
  );
}

/** @param {Totals} total of a period @param {Totals} before of the one before @returns {string} */
export function periodText(total, before) {
  const share = total.good_share === null ? "" : t("{percent} good posture", { percent: shareText(total.good_share) });
  const wrong = total.wrong_alarms_per_8_h
    ? t("{count} wrong alarms in 8 hours", { count: number(total.wrong_alarms_per_8_h, { maximumFractionDigits: 1 }) })
    : "";
  const parts = [t("{time} at the desk", { time: duration(total.active_s) }), share];
  return [...parts, comparedText(total.good_share, before.good_share), wrong].filter(Boolean).join(" · ");
}

/** @param {Bucket[]} buckets @param {Step} step */
export function table(buckets, step) {
  const headings = [
    t("From"),
    t("At the desk"),
    t("Good posture"),
    t("Blinks a minute"),
    t("Neck alarms"),
    t("Stretches"),
    t("Breaks"),
  ];
  const row = (/** @type {Bucket} */ bucket) => [
    duration(bucket.active_s),
    shareText(bucket.good_share),
    bucket.blink_rate ? `${rateText(bucket.blink_rate)} (${intervalText(bucket.blink_rate)})` : "–",
    ...[bucket.neck, bucket.stretches, bucket.rests].map((value) => number(value)),
  ];
  return h(
    "details",
    { class: "as-table" },
    h("summary", {}, t("View as a table")),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": t("Table") },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...headings.map((text) => h("th", { scope: "col" }, text)))),
        h(
          "tbody",
          {},
          ...buckets.map((bucket) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, stepName(bucket.first_day, step)),
              ...row(bucket).map((text) => h("td", {}, text)),
            ),
          ),
        ),
      ),
    ),
  );
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
