/** The blink rate, with its 95 % interval, in words. */

import { t } from "./i18n.js";

/** @param {{per_minute: number, low: number, high: number}} rate */
export function blinkRateText({ per_minute, low, high }) {
  const [middle, least, most] = [per_minute, low, high].map(Math.round);
  return t("{rate} a minute ({low} to {high})", { rate: middle, low: least, high: most });
}
