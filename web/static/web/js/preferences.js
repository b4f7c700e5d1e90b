/** How the page looks and speaks on this computer. The server draws it by these cookies, before any script runs. */

import { cookie, setCookie } from "./dom.js";

const root = document.documentElement;

/** @typedef {"auto" | "light" | "dark"} Theme */

/** @returns {Theme} */
export const theme = () => /** @type {Theme} */ (cookie("theme") || "auto");

/** @param {Theme} wanted */
export function setTheme(wanted) {
  setCookie("theme", wanted === "auto" ? null : wanted);
  if (wanted === "auto") delete root.dataset.theme;
  else root.dataset.theme = wanted;
}

/** @param {string} language The page comes anew in it. */
export function setLanguage(language) {
  setCookie("django_language", language);
  location.reload();
}
