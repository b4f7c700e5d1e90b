/** A day's outlines: the one farthest from good posture and the last, each over the person at their best in that session. */

import { h } from "../dom.js";
import { clockTime, duration, t } from "../i18n.js";
import { farness } from "../outlines/difference.js";
import { OutlinePair } from "../outlines/pair.js";

/** @typedef {import("../outlines/difference.js").Outline} Outline */
/** @typedef {{starts_at: string, session: string, good_share: number | null, outline: Outline}} QuarterOutline */
/** @typedef {{best: {session: string, outline: Outline}[], outlines: QuarterOutline[]}} DayOutlines */

/** @param {DayOutlines} day @returns {HTMLElement | null} null without an outline to compare with */
export function dayOutlines({ best, outlines }) {
  const bests = new Map(best.map(({ session, outline }) => [session, outline]));
  const known = outlines.filter(({ session }) => bests.has(session));
  if (!known.length) return null;
  const far = (/** @type {QuarterOutline} */ { outline, session }) => farness(outline, bests.get(session));
  const farthest = known.reduce((most, each) => (far(each) > far(most) ? each : most));
  const last = known[known.length - 1];
  const quarter = (/** @type {string} */ title, /** @type {QuarterOutline} */ each) =>
    figure(`${title}, ${clockTime(each.starts_at)}`, each.outline, bests.get(each.session), far(each) < 1);
  const shown = [quarter(t("Farthest from your best"), farthest)];
  if (last !== farthest) shown.push(quarter(t("Most recent"), last));
  return panel(shown);
}

/**
 * @param {Outline | null} best
 * @param {{kind: string, started_at: string, ended_at: string | null, outline?: Outline | null}[]} episodes of a session
 * @returns {HTMLElement | null} the longest stretch of bad posture, as it began
 */
export function longestOutline(best, episodes) {
  const seconds = ({ started_at, ended_at }) => (ended_at ? (Date.parse(ended_at) - Date.parse(started_at)) / 1000 : 0);
  const known = episodes.filter(({ kind, outline }) => kind === "bad_posture" && outline);
  if (!best || !known.length) return null;
  const longest = known.reduce((most, each) => (seconds(each) > seconds(most) ? each : most));
  const title = t("Your longest bad posture: {time}, for {duration}", {
    time: clockTime(longest.started_at),
    duration: duration(seconds(longest)),
  });
  return panel([figure(title, longest.outline, best, false)]);
}

/** @param {HTMLElement[]} figures */
function panel(figures) {
  return h(
    "div",
    { class: "day-outlines" },
    h("h3", {}, t("You, and you at your best")),
    h("div", {}, ...figures),
    h("p", { class: "hint" }, t("Dashed: at your best, as calibrated. Drawn from numbers; no picture is kept for it.")),
  );
}

/**
 * @param {string} title
 * @param {Outline | null | undefined} outline
 * @param {Outline | undefined} best
 * @param {boolean} isGood
 */
function figure(title, outline, best, isGood) {
  const pair = new OutlinePair();
  pair.show(outline, best, title);
  if (isGood) pair.element.classList.add("is-good");
  return h("figure", {}, pair.element, h("figcaption", {}, h("strong", {}, title), h("span", {}, pair.words)));
}
