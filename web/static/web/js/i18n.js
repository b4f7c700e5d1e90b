/** Texts, numbers and times in the page's language. English texts are their own keys. */

export const language = document.documentElement.lang.startsWith("ko") ? "ko" : "en";

/** @type {Record<string, string>} */
const texts = language === "ko" ? (await import("./locales/ko.js")).default : {};
/** With the visitor's own region, if they speak the page's language: its order of day and month, its clock. */
const locale = navigator.languages.find((each) => each.startsWith(language)) ?? language;
let zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * @param {string} text in English
 * @param {Record<string, string | number>} [values] of the {names} in it
 * @returns {string}
 */
export function t(text, values = {}) {
  return (texts[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * @param {string} one in English, for one
 * @param {string} many in English, for none and several
 * @param {number} count stands in both as {count}
 * @param {Record<string, string | number>} [values]
 */
export function tn(one, many, count, values = {}) {
  return t(count === 1 ? one : many, { count: number(count), ...values });
}

/** @param {string} name of the user's time zone, in which all times are told from now on */
export function setZone(name) {
  zone = name;
}

/** @returns {string} today's date where the user is, YYYY-MM-DD */
export const today = () => isoDay(new Date());

/** @param {Date} moment @returns {string} its date where the user is, YYYY-MM-DD */
export function isoDay(moment) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(moment);
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export const number = (value, options = {}) => new Intl.NumberFormat(locale, options).format(value);

/** @param {number} share 0 to 1 */
export const percent = (share) => number(share, { style: "percent", maximumFractionDigits: 0 });

/** @param {string | Date} moment @param {Intl.DateTimeFormatOptions} options */
const told = (moment, options) =>
  new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(new Date(moment));

/** @param {string | Date} moment */
export const clockTime = (moment) => told(moment, { hour: "2-digit", minute: "2-digit" });

/** @param {string | Date} moment */
export const dateAndTime = (moment) => told(moment, { dateStyle: "medium", timeStyle: "short" });

/**
 * @param {string} day YYYY-MM-DD, wherever the user is
 * @param {Intl.DateTimeFormatOptions} [options]
 */
export function dayName(day, options = { weekday: "long", day: "numeric", month: "long" }) {
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }).format(new Date(`${day}T00:00:00Z`));
}

/** @param {string} first YYYY-MM-DD @param {string} last @returns {string} what both have in common is said once */
export function daySpan(first, last) {
  const [from, to] = [first, last].map((day) => new Date(`${day}T00:00:00Z`));
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", dateStyle: "medium" }).formatRange(from, to);
}

/** @param {number} seconds @returns {string} as people say it: 2 h 5 min */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t("{seconds} s", { seconds: whole });
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return t("{minutes} min", { minutes });
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest ? t("{hours} h {minutes} min", { hours, minutes: rest }) : t("{hours} h", { hours });
}
