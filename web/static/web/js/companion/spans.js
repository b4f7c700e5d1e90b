/** For how long alarms can be silenced, from now on. Times are the computer's own: lunch is where the person sits. */

import { t } from "../i18n.js";

/** @typedef {{label: string, seconds: number}} Span */

const LUNCH = [12, 30];

/** @returns {Span} */
export const fiveMinutes = () => ({ label: t("5 minutes"), seconds: 300 });

/** @param {number} now milliseconds since the epoch @returns {Span} until lunch, or after it until midnight */
export function longSpan(now) {
  const lunch = new Date(now).setHours(LUNCH[0], LUNCH[1], 0, 0);
  if (now < lunch) return { label: t("Until lunch"), seconds: wholeSeconds(lunch - now) };
  return { label: t("Rest of the day"), seconds: untilMidnight(now) };
}

/** @param {number} now milliseconds since the epoch @returns {number} seconds */
export function untilMidnight(now) {
  return wholeSeconds(new Date(now).setHours(24, 0, 0, 0) - now);
}

const wholeSeconds = (ms) => Math.ceil(ms / 1000);
