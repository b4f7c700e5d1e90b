/** The blink rate of a report, with its 95 % interval. */

import { t } from "./i18n.js";

const POISSON_95 = 1.959964; // standard deviations
const MIN_WATCHED_S = 30; // a rate from less time would be too uncertain

/**
 * The interval is Byar's approximation, as in the service's ai_models/monitoring/eyes.py.
 * @param {{watched_blinks: number | null, watched_s: number | null}} report
 * @returns {{perMinute: number, low: number, high: number} | null} null if too little was watched
 */
export function blinkRate({ watched_blinks, watched_s }) {
  if (!watched_s || watched_s < MIN_WATCHED_S) return null;
  const minutes = watched_s / 60;
  const blinks = watched_blinks ?? 0;
  const bound = (count, sign) => count * (1 - 1 / (9 * count) + (sign * POISSON_95) / (3 * Math.sqrt(count))) ** 3;
  const low = blinks ? Math.max(0, bound(blinks, -1)) : 0;
  return { perMinute: blinks / minutes, low: low / minutes, high: bound(blinks + 1, 1) / minutes };
}

/** @param {{perMinute: number, low: number, high: number}} rate */
export function blinkRateText({ perMinute, low, high }) {
  const [middle, least, most] = [perMinute, low, high].map(Math.round);
  return t("{rate} a minute ({low} to {high})", { rate: middle, low: least, high: most });
}
