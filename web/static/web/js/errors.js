/** Error messages, and the panel that shows them. */

import { h } from "./dom.js";
import { ApiError } from "./http.js";
import { duration, t } from "./i18n.js";

/** @param {unknown} error @returns {string} */
export function errorMessage(error) {
  if (!(error instanceof ApiError)) return t("Something went wrong on this page. Please reload it.");
  if (error.status === 0) return t("The service cannot be reached. Check your network connection.");
  if (error.status === 429) {
    const time = duration(error.retryAfterS ?? 60);
    return t("Too many attempts. Try again in {time}.", { time });
  }
  const fieldErrors = Object.values(error.fields).flat().join(" ");
  return error.detail || fieldErrors || t("The service has a problem. Please try again in a moment.");
}

/**
 * Shown instead of a view, or a part of one, that could not be loaded.
 * @param {unknown} error
 * @param {() => void} retry
 * @returns {HTMLElement}
 */
export function errorPanel(error, retry) {
  if (!(error instanceof ApiError)) console.error(error);
  return h(
    "div",
    { class: "panel empty", role: "alert" },
    h("p", {}, errorMessage(error)),
    h("button", { type: "button", class: "button", onclick: retry }, t("Try again")),
  );
}
