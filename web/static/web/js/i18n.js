/** Texts, numbers and times in the page's language. The English texts are the keys. */

export const language = document.documentElement.lang.startsWith("ko") ? "ko" : "en";

/** @type {Record<string, string>} */
const texts = language === "ko" ? (await import("./locales/ko.js")).default : {};
/** The visitor's own regional variant of the page's language, if any: it decides on date order and 12 or 24 hours. */
const locale = navigator.languages.find((tag) => tag.startsWith(language)) ?? language;
let zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * @param {string} text in English
 * @param {Record<string, string | number>} [values] for its {placeholders}
 * @returns {string}
 */
export function t(text, values = {}) {
  return (texts[text] ?? texts[shortKey(text)] ?? text).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** @param {string} text @returns {string} its key in the locales as web/minified.py writes them: FNV-1a, in base 36 */
function shortKey(text) {
  let checksum = 0x811c9dc5;
  for (const character of text) checksum = Math.imul(checksum ^ character.codePointAt(0), 0x01000193) >>> 0;
  return (checksum % 36 ** 4).toString(36).padStart(4, "0");
}

/**
 * @param {string} one in English, singular
 * @param {string} many in English, plural and zero
 * @param {number} count fills {count} in both
 * @param {Record<string, string | number>} [values]
 */
export function tn(one, many, count, values = {}) {
  return t(count === 1 ? one : many, { count: number(count), ...values });
}

/** @param {string} name the user's time zone, in which times are shown from now on */
export function setZone(name) {
  zone = name;
}

/** @returns {string} today's date in the user's time zone, YYYY-MM-DD */
export const today = () => isoDay(new Date());

/** @param {Date} moment @returns {string} its date in the user's time zone, YYYY-MM-DD */
export function isoDay(moment) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(moment);
}

/** @param {string | Date} moment @returns {Date} the beginning of its hour in the user's time zone */
export function hourStart(moment) {
  const start = new Date(moment);
  const minute = new Intl.DateTimeFormat("en", { timeZone: zone, minute: "numeric" }).format(start);
  start.setUTCMinutes(start.getUTCMinutes() - Number(minute), 0, 0);
  return start;
}

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export const number = (value, options = {}) => new Intl.NumberFormat(locale, options).format(value);

/** @param {number} share 0 to 1 */
export const percent = (share) => number(share, { style: "percent", maximumFractionDigits: 0 });

/** @param {number} bytes @returns {string} such as 2.4 MB */
export function fileSize(bytes) {
  const step = bytes < 1e6 ? 0 : bytes < 1e9 ? 1 : 2;
  const unit = ["kilobyte", "megabyte", "gigabyte"][step];
  return number(bytes / 1000 ** (step + 1), { style: "unit", unit, maximumFractionDigits: Math.min(step, 1) });
}

/** @param {string | Date} moment @param {Intl.DateTimeFormatOptions} options */
const formatMoment = (moment, options) =>
  new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(new Date(moment));

/** @param {string | Date} moment */
export const clockTime = (moment) => formatMoment(moment, { hour: "2-digit", minute: "2-digit" });

/** @param {number} hour 0 to 24 @returns {string} its beginning by the clock */
export const hourName = (hour) =>
  formatMoment(new Date(Date.UTC(2000, 0, 1, hour)), { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

/** @param {string | Date} moment */
export const timeWithSeconds = (moment) => formatMoment(moment, { timeStyle: "medium" });

/** @param {string | Date} moment */
export const dateAndTime = (moment) => formatMoment(moment, { dateStyle: "medium", timeStyle: "short" });

/**
 * @param {string} day YYYY-MM-DD, in any time zone
 * @param {Intl.DateTimeFormatOptions} [options]
 */
export function dayName(day, options = { weekday: "long", day: "numeric", month: "long" }) {
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }).format(new Date(`${day}T00:00:00Z`));
}

/**
 * @param {string} first YYYY-MM-DD
 * @param {string} last YYYY-MM-DD
 * @returns {string} without repeating the parts that both dates share
 */
export function daySpan(first, last) {
  const [from, to] = [first, last].map((day) => new Date(`${day}T00:00:00Z`));
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", dateStyle: "medium" }).formatRange(from, to);
}

/** @param {number} seconds @returns {string} rounded, such as 2 h 5 min */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return t("{seconds} s", { seconds: whole });
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return t("{minutes} min", { minutes });
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return rest ? t("{hours} h {minutes} min", { hours, minutes: rest }) : t("{hours} h", { hours });
}
