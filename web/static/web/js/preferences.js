/** Theme and language on this computer, in cookies, so that the server can apply them before any script runs. */

import { cookie, setCookie } from "./dom.js";

const root = document.documentElement;

/** @typedef {"auto" | "light" | "dark"} Theme */

/** @returns {Theme} */
export const theme = () => /** @type {Theme} */ (cookie("theme") || "auto");

/** @param {Theme} name */
export function setTheme(name) {
  setCookie("theme", name === "auto" ? null : name);
  if (name === "auto") delete root.dataset.theme;
  else root.dataset.theme = name;
}

/** Reloads the page in another language. @param {string} language */
export function setLanguage(language) {
  setCookie("django_language", language);
  location.reload();
}
