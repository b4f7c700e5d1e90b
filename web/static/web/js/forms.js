/** Forms that send themselves, and say at each field what is wrong with it. */

import { find, focus, h } from "./dom.js";
import { errorMessage } from "./errors.js";
import { ApiError } from "./http.js";

/**
 * @param {HTMLFormElement} form its fields have the service's names; a .form-message says how it went
 * @param {(values: Record<string, string>) => Promise<string | void>} send returns what to say when it went well
 */
export function handle(form, send) {
  form.noValidate = true; // the service's words, in the page's language, at the fields
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = find(form, "[type=submit]");
    if (button.getAttribute("aria-disabled") === "true") return;
    clear(form);
    button.setAttribute("aria-disabled", "true"); // it keeps the focus
    try {
      const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
      say(form, (await send(values)) || "");
    } catch (error) {
      show(form, error);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

/** @param {HTMLFormElement} form @param {string} words @param {boolean} [isWrong] */
export function say(form, words, isWrong = false) {
  const message = find(form, ".form-message");
  message.classList.toggle("wrong", isWrong);
  message.textContent = words;
}

/** @param {HTMLFormElement} form @param {unknown} error */
export function show(form, error) {
  const fields = error instanceof ApiError ? Object.entries(error.fields) : [];
  const elsewhere = fields.filter(([name, words]) => !mark(form, name, words.join(" ")));
  const first = form.querySelector("[aria-invalid=true]");
  if (first instanceof HTMLElement) first.focus();
  if (!fields.length) say(form, errorMessage(error), true);
  else if (elsewhere.length) say(form, elsewhere.flatMap(([, words]) => words).join(" "), true);
  if (!first) focus(find(form, ".form-message"));
}

/** @param {HTMLFormElement} form */
export function clear(form) {
  say(form, "");
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }
  for (const words of form.querySelectorAll(".field-error")) words.remove();
}

/** @returns {boolean} whether there is such a field */
function mark(form, name, words) {
  const input = form.elements.namedItem(name);
  if (!(input instanceof HTMLElement)) return false;
  const id = `${input.id}-error`;
  input.setAttribute("aria-invalid", "true");
  input.setAttribute("aria-describedby", id);
  input.closest(".field")?.append(h("p", { class: "field-error", id }, words));
  return true;
}
