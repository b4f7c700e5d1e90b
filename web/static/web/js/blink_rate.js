/** The blink rate, with its 95 % interval, in words. */

import { t } from "./i18n.js";

/** @typedef {{per_minute: number, low: number, high: number}} Rate */

/** @param {Rate} rate */
export function blinkRateText(rate) {
  return `${t("about {rate} a minute", { rate: Math.round(rate.per_minute) })}, ${errorText(rate)}`;
}

/** @param {Rate} rate how far it may be off */
export function errorText({ per_minute, low, high }) {
  const error = Math.max(high - per_minute, per_minute - low);
  return error >= per_minute ? t("still a rough guess") : t("give or take {error}", { error: Math.ceil(error) });
}
