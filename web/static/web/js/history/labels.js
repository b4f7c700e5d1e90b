/** The history's texts for values and episodes. */

import { number, percent, t } from "../i18n.js";

/** @typedef {{per_minute: number, low: number, high: number, watched_s: number} | null} BlinkRate */

/** @param {number | null} share */
export const shareText = (share) => (share === null ? "–" : percent(share));

/** @param {BlinkRate} rate */
export const rateText = (rate) => (rate ? number(rate.per_minute, { maximumFractionDigits: 1 }) : "–");

/** @param {BlinkRate} rate */
export function intervalText(rate) {
  if (!rate) return t("not enough data yet");
  const [low, high] = [rate.low, rate.high].map((value) => number(value, { maximumFractionDigits: 0 }));
  return t("most likely {low} to {high}", { low, high });
}

/** @param {string} kind of an episode */
export function episodeLabel(kind) {
  const labels = {
    neck: t("Neck alarm"),
    blink: t("Blink alarm"),
    stretching: t("Stretching alarm"),
    rest: t("Break alarm"),
    stranger: t("Somebody else at the desk"),
    someone_behind: t("Someone behind you"),
    bad_posture: t("Bad posture"),
    away: t("Away"),
    paused: t("Paused"),
    stretch: t("Stretch"),
  };
  return labels[kind] ?? kind;
}
