/** The history's texts for values and episodes. */

import { errorText } from "../blink_rate.js";
import { number, percent, t, tn } from "../i18n.js";

const MIN_HOURS = 1 / 6; // from less time, a number an hour says little

/** @typedef {{per_minute: number, low: number, high: number, watched_s: number} | null} BlinkRate */

/** @param {number | null} share */
export const shareText = (share) => (share === null ? "–" : percent(share));

/** @param {BlinkRate} rate */
export const rateText = (rate) => (rate ? number(rate.per_minute, { maximumFractionDigits: 0 }) : "–");

/** @param {BlinkRate} rate */
export const intervalText = (rate) => (rate ? errorText(rate) : t("not enough data yet"));

/** @param {{neck: number, active_s: number}} totals @returns {number | null} neck alarms an hour at the desk */
export function neckPerHour({ neck, active_s }) {
  const hours = active_s / 3600;
  return hours < MIN_HOURS ? null : neck / hours;
}

/** @param {{neck: number, active_s: number}} totals */
export function perHourText(totals) {
  const rate = neckPerHour(totals);
  return rate === null ? "–" : number(rate, { maximumFractionDigits: 1 });
}

/** @param {number} rate */
export const alarmRateText = (rate) => t("{rate} neck alarms an hour", { rate: number(rate, { maximumFractionDigits: 1 }) });

/** @param {{good_s?: number | null, bad_s?: number | null}} report @returns {number | null} */
export function goodShare({ good_s, bad_s }) {
  const known = (good_s ?? 0) + (bad_s ?? 0);
  return known ? (good_s ?? 0) / known : null;
}

/** @param {number | null} share @param {number | null} before @returns {string} empty if they cannot be compared */
export function comparedText(share, before) {
  if (share === null || before === null) return "";
  const points = Math.round(100 * share) - Math.round(100 * before);
  if (!points) return t("the same as before");
  const count = Math.abs(points);
  return points > 0
    ? tn("{count} point more than before", "{count} points more than before", count)
    : tn("{count} point less than before", "{count} points less than before", count);
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
