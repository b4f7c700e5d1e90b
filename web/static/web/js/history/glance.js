/** The five questions that people come with, each answered in a few words. What is not known yet is said to be so. */

import { call } from "../api.js";
import { h } from "../dom.js";
import { dayName, duration, hourName, number, percent, t, today } from "../i18n.js";
import { addDays } from "./day.js";
import { advice, faultName, mainFault, ofKind, points, rangeText } from "./insights.js";
import { alarmRateText, neckPerHour, shareText } from "./labels.js";

/** @typedef {import("./insights.js").Insight} Insight */
/** @typedef {import("./strip.js").Strip} Strip */
/** @typedef {import("./summary.js").Totals} Totals */
/** @typedef {{insights: Insight[], goal: import("./goal.js").Standing, totals: Totals, strip: Strip, recent: number | null,
 *   before: number | null}} Known */
/** @typedef {{question: string, answer: string, notes: string[]}} Answer */

const COMPARED_DAYS = 28;
const MIN_KNOWN_S = 600; // of an hour, to compare it with others
const STANDS_OUT = 0.05; // of the share of good posture

/** @param {import("./today.js").Start} start @returns {Promise<Known>} recent, before: the median share of a day */
export async function readGlance({ day, totals }) {
  const median = async (/** @type {number} */ last) => {
    const [from, to] = [addDays(today(), last + 1 - COMPARED_DAYS), addDays(today(), last)];
    return (await call("GET", `reports/summary/?bucket=day&from=${from}&to=${to}`)).median_good_share;
  };
  const [{ insights, goal }, strip, recent, before] = await Promise.all([
    call("GET", "reports/insights/"),
    call("GET", `reports/strip/?date=${day}`),
    median(-1),
    median(-1 - COMPARED_DAYS),
  ]);
  return { insights, goal, totals, strip, recent, before };
}

/** @param {Known} known */
export function glance(known) {
  const answers = [worst(known), howMuch(known), helped(known), compared(known), toTry(known)];
  return h(
    "dl",
    { class: "answers" },
    ...answers.map(({ question, answer, notes }) =>
      h(
        "div",
        {},
        h("dt", {}, question),
        h("dd", {}, h("strong", {}, answer), h("span", {}, notes.filter(Boolean).join(" · "))),
      ),
    ),
  );
}

/** @param {Known} known @returns {Answer} */
function worst({ insights, strip: { date, hours, total } }) {
  const question = t("When did I sit worst?");
  const usual = ofKind(insights, "sinks_after", "breaks_help");
  const notes = [usual ? t("On most days: after {time}", { time: hourName(usual.hour ?? 0) }) : ""];
  const known = hours.filter(({ good_s, bad_s }) => good_s + bad_s >= MIN_KNOWN_S);
  if (known.length < 2) return { question, answer: t("Too short a day to tell"), notes };
  const hour = known.reduce((least, each) => ((each.good_share ?? 1) < (least.good_share ?? 1) ? each : least));
  if ((total.good_share ?? 1) - (hour.good_share ?? 1) < STANDS_OUT) {
    return { question, answer: t("No hour stood out"), notes };
  }
  const [from, to] = [hourName(hour.hour), hourName(hour.hour + 1)];
  const day = date === today() ? t("Today") : dayName(date, { weekday: "long" });
  const answer = t("{day}, {from} – {to}", { day, from, to });
  return { question, answer, notes: [t("{percent} good posture", { percent: shareText(hour.good_share) }), ...notes] };
}

/** @param {Known} known @returns {Answer} */
function howMuch({ totals, strip: { total } }) {
  const question = t("How much?");
  const time = duration(totals.active_s);
  const bad = total.bad_s
    ? t("{bad} of {time} in bad posture", { bad: duration(total.bad_s), time })
    : t("{time} at the desk", { time });
  if (totals.good_share === null) return { question, answer: t("Not enough data yet"), notes: [bad] };
  const rate = neckPerHour(totals);
  const answer = t("{percent} good posture", { percent: percent(totals.good_share) });
  return { question, answer, notes: [bad, rate === null ? "" : alarmRateText(rate)] };
}

/** @param {Known} known @returns {Answer} */
function helped({ insights }) {
  const question = t("What helped?");
  const found = ofKind(insights, "breaks_help");
  if (!found) {
    const note = t("Said as soon as days with and without breaks differ clearly.");
    return { question, answer: t("Nothing certain yet"), notes: [note] };
  }
  const values = { breaks: number(found.breaks ?? 0), time: hourName(found.hour ?? 0) };
  const better = t("{points} points more good posture after it", { points: points(found.effect) });
  return { question, answer: t("{breaks} breaks before {time}", values), notes: [better] };
}

/** @param {Known} known @returns {Answer} */
function compared({ insights, recent, before }) {
  const question = t("Am I better than last month?");
  const change = ofKind(insights, "better_than_before", "worse_than_before");
  if (change) {
    const answer =
      change.effect > 0
        ? t("Yes, by {points} points", { points: points(change.effect) })
        : t("No: {points} points less", { points: points(change.effect) });
    return { question, answer, notes: [t("Very likely {range} points", { range: rangeText(change) })] };
  }
  if (recent === null || before === null) {
    return { question, answer: t("Not known yet"), notes: [t("Four weeks are compared with the four before.")] };
  }
  const usual = t("{recent} on a usual day, {before} before", { recent: percent(recent), before: percent(before) });
  return { question, answer: t("No clear change"), notes: [usual] };
}

/** @param {Known} known @returns {Answer} */
function toTry({ insights, strip: { total } }) {
  const mostly = ofKind(insights, "mostly");
  const main = mainFault(total);
  const [fault, share] = mostly ? [mostly.fault, mostly.effect] : [main, total.shares?.[main ?? ""]];
  const why = fault && share ? t("Most of it: {fault} ({share})", { fault: faultName(fault), share: percent(share) }) : "";
  return { question: t("What should I try?"), answer: advice(insights, total), notes: [why] };
}
