/** Forms that are sent by script, with error messages at their fields. */

import { find, focus, h } from "./dom.js";
import { errorMessage } from "./errors.js";
import { ApiError } from "./http.js";
import { t } from "./i18n.js";

/** Of a form in the document as it was loaded, which without scripts would be sent by the browser itself. */
export function enableForm(form) {
  form.dataset.ready = "yes";
  const password = form.querySelector("[type=password]");
  const reveal = form.querySelector(".reveal");
  reveal?.addEventListener("change", () => (password.type = reveal.checked ? "text" : "password"));
  find(form, "[type=submit]").disabled = false;
}

/**
 * @param {HTMLFormElement} form fields have the service's names; .form-message shows the result
 * @param {(values: Record<string, string>) => Promise<string | void>} send returns the message to show on success
 */
export function handleSubmit(form, send) {
  form.noValidate = true; // the service's messages are shown instead, in the page's language
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = find(form, "[type=submit]");
    if (button.getAttribute("aria-disabled") === "true") return;
    clearErrors(form);
    if (hasEmptyFields(form)) return;
    button.setAttribute("aria-disabled", "true"); // unlike "disabled", keeps the focus
    try {
      const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
      showMessage(form, (await send(values)) || "");
    } catch (error) {
      showErrors(form, error);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
}

/** @param {HTMLFormElement} form @param {string} text @param {boolean} [isWrong] */
export function showMessage(form, text, isWrong = false) {
  const message = find(form, ".form-message");
  message.classList.toggle("wrong", isWrong);
  message.textContent = text;
}

/** @param {HTMLFormElement} form @param {unknown} error */
function showErrors(form, error) {
  const fields = error instanceof ApiError ? Object.entries(error.fields) : [];
  const withoutField = fields.filter(([name, messages]) => !markInvalid(form, name, messages.join(" ")));
  const first = form.querySelector("[aria-invalid=true]");
  if (first instanceof HTMLElement) first.focus();
  if (!fields.length) showMessage(form, errorMessage(error), true);
  else if (withoutField.length) showMessage(form, withoutField.flatMap(([, messages]) => messages).join(" "), true);
  if (!first) focus(find(form, ".form-message"));
}

/** @param {HTMLFormElement} form */
function clearErrors(form) {
  showMessage(form, "");
  for (const input of form.querySelectorAll("[aria-invalid]")) {
    input.removeAttribute("aria-invalid");
    describe(input, (id) => id !== `${input.id}-error`);
  }
  for (const message of form.querySelectorAll(".field-error")) message.remove();
}

/** Marks required fields without a value. @param {HTMLFormElement} form */
function hasEmptyFields(form) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const required = form.querySelectorAll("input:required");
  const values = new FormData(form);
  const empty = new Map([...required].filter(({ name }) => !values.get(name)).map(({ name, type }) => [name, type]));
  for (const [name, type] of empty) {
    markInvalid(form, name, type === "radio" ? t("Please choose one of these.") : t("Please fill this in."));
  }
  const first = form.querySelector("[aria-invalid=true]");
  if (first instanceof HTMLElement) first.focus();
  return empty.size > 0;
}

/** @returns {boolean} true if there is such a field */
function markInvalid(form, name, text) {
  const named = form.elements.namedItem(name);
  const isEnabled = (/** @type {any} */ radio) => !radio.disabled;
  const input = named instanceof RadioNodeList ? [...named].find(isEnabled) : named;
  if (!(input instanceof HTMLElement)) return false;
  const id = `${input.id}-error`;
  input.setAttribute("aria-invalid", "true");
  describe(input, () => true, id);
  input.closest(".field")?.append(h("p", { class: "field-error", id }, text));
  return true;
}

/** Keeps some of the ids that describe an input, such as that of its hint, and adds another. */
function describe(input, isKept, id = "") {
  const ids = [...(input.getAttribute("aria-describedby") ?? "").split(" ").filter(isKept), id].filter(Boolean);
  if (ids.length) input.setAttribute("aria-describedby", ids.join(" "));
  else input.removeAttribute("aria-describedby");
}
