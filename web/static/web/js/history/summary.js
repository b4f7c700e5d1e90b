/** What a day, a week or a longer time came to: in numbers, in charts, in a table. */

import { h } from "../dom.js";
import { dayName, duration, number, percent, t } from "../i18n.js";
import { chart } from "./charts.js";
import { intervalWords, rateWords, shareWords } from "./labels.js";

/** @typedef {{sessions: number, active_s: number, good_share: number | null, neck: number, blinks: number, blink_rate: import("./labels.js").BlinkRate, stretches: number, rests: number}} Sums */
/** @typedef {Sums & {first_day: string}} Bucket */
/** @typedef {"day" | "week" | "month"} Step */

/**
 * @param {Sums} sums
 * @param {[string, string, string]} [blinks] name, value and note
 */
export function facts(
  sums,
  blinks = [t("Blinks a minute"), rateWords(sums.blink_rate), intervalWords(sums.blink_rate)],
) {
  /** @type {[string, string, string?][]} */
  const all = [
    [t("At the desk"), duration(sums.active_s)],
    [t("Good posture"), shareWords(sums.good_share)],
    blinks,
    [t("Neck alarms"), number(sums.neck)],
    [t("Stretches"), number(sums.stretches)],
    [t("Breaks"), number(sums.rests)],
  ];
  return h(
    "dl",
    { class: "facts" },
    ...all.map(([name, value, note]) =>
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
export function stepName(day, step) {
  const name = dayName(day, NAMES[step].long);
  return step === "week" ? t("Week from {day}", { day: name }) : name;
}

/**
 * @param {Bucket[]} buckets
 * @param {Step} step
 * @param {(day: string) => void} open a bucket
 */
export function charts(buckets, step, open) {
  /** @param {string} title @param {(bucket: Bucket) => number | null} value @param {(bucket: Bucket) => string} words @param {any} options */
  const of = (title, value, words, options) => {
    const columns = buckets.map((bucket) => ({
      label: dayName(bucket.first_day, NAMES[step].short),
      told: `${stepName(bucket.first_day, step)}: ${words(bucket)}`,
      value: bucket.sessions ? value(bucket) : null,
      interval: options.interval?.(bucket),
      open: bucket.sessions ? () => open(bucket.first_day) : undefined,
    }));
    return chart(title, columns, options);
  };
  const rate = ({ blink_rate }) => blink_rate?.per_minute ?? null;
  const interval = ({ blink_rate }) => blink_rate && [blink_rate.low, blink_rate.high];
  const rateAll = ({ blink_rate }) => `${rateWords(blink_rate)}, ${intervalWords(blink_rate)}`;
  return h(
    "div",
    { class: "charts" },
    of(
      t("Good posture"),
      ({ good_share }) => good_share,
      ({ good_share }) => shareWords(good_share),
      { kind: "bars", tone: "good", top: 1, tick: percent },
    ),
    of(t("Blinks a minute"), rate, rateAll, { kind: "points", tone: "rest", interval }),
    of(
      t("Neck alarms"),
      ({ neck }) => neck,
      ({ neck }) => number(neck),
      { kind: "bars", tone: "bad" },
    ),
    of(
      t("Breaks and stretches"),
      (bucket) => bucket.rests + bucket.stretches,
      (bucket) => number(bucket.rests + bucket.stretches),
      { kind: "bars", tone: "accent" },
    ),
  );
}

/** @param {Bucket[]} buckets @param {Step} step */
export function table(buckets, step) {
  const heads = [
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
    shareWords(bucket.good_share),
    bucket.blink_rate ? `${rateWords(bucket.blink_rate)} (${intervalWords(bucket.blink_rate)})` : "–",
    ...[bucket.neck, bucket.stretches, bucket.rests].map((value) => number(value)),
  ];
  return h(
    "details",
    { class: "as-table" },
    h("summary", {}, t("The same as a table")),
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": t("The same as a table") },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...heads.map((words) => h("th", { scope: "col" }, words)))),
        h(
          "tbody",
          {},
          ...buckets.map((bucket) =>
            h(
              "tr",
              {},
              h("th", { scope: "row" }, stepName(bucket.first_day, step)),
              ...row(bucket).map((words) => h("td", {}, words)),
            ),
          ),
        ),
      ),
    ),
  );
}

/** @param {{good_share: {direction: string}, blink_rate: {direction: string}}} trends @returns {string[]} nothing of what may be chance */
export function trendWords({ good_share, blink_rate }) {
  const words = {
    share: { rising: t("Your posture is getting better."), falling: t("Your posture is getting worse.") },
    rate: { rising: t("You blink more and more often."), falling: t("You blink less and less often.") },
  };
  return [words.share[good_share.direction], words.rate[blink_rate.direction]].filter(Boolean);
}
