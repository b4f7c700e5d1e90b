/** What becomes of the user's pictures: the choice on the service, and the fields in which it is made. */

import { call } from "../api.js";
import { find, h } from "../dom.js";
import { tn } from "../i18n.js";

/** @typedef {"browser" | "forgotten" | "kept"} Privacy */
/**
 * @typedef {object} Choice
 * @property {Privacy | null} privacy null if the user has never chosen
 * @property {number | null} keep_days 0: until they are deleted; null: no picture is kept
 * @property {string | null} chosen_at
 * @property {number} max_keep_days
 */
/** @typedef {{privacy: Privacy, keep_days: number | null, wording: string}} Request */

/** Events: "changed" (detail: Choice), after the user has chosen otherwise in this tab. */
export const choices = new EventTarget();

/** @returns {Promise<Choice>} */
export const readChoice = () => call("GET", "accounts/privacy/");

/** @param {Request} request @returns {Promise<Choice & {deleted: number, pending: boolean}>} */
export async function choose(request) {
  const chosen = await call("PUT", "accounts/privacy/", request);
  choices.dispatchEvent(new CustomEvent("changed", { detail: chosen }));
  return chosen;
}

/** The fields of the sign-up form, whose texts the service has written; others are copies of them. */
const original = () => find(document, "[data-view=sign-up] .choices");

/** @param {Record<string, string>} values of a form with these fields @returns {Request} */
export function requested({ privacy, keep_days }) {
  const days = privacy === "kept" ? Number(keep_days) : 0;
  return { privacy: /** @type {Privacy} */ (privacy), keep_days: days || null, wording: original().dataset.wording };
}

/** @param {Choice} choice @returns {HTMLFieldSetElement} */
export function choiceFields({ privacy, keep_days }) {
  const fields = /** @type {HTMLFieldSetElement} */ (original().cloneNode(true));
  for (const element of fields.querySelectorAll("*")) renameIds(element);
  for (const radio of fields.querySelectorAll("input")) radio.checked = radio.value === privacy;
  if (privacy === "kept" && keep_days !== null) selectDays(find(fields, "select"), keep_days);
  return fields;
}

/** Ids are unique in a document. @param {Element} element */
function renameIds(element) {
  for (const name of ["id", "for", "aria-describedby"]) {
    const id = element.getAttribute(name);
    if (id) element.setAttribute(name, `own-${id}`);
  }
}

/** Also a number of days that is not among those offered. @param {HTMLSelectElement} select @param {number} days */
function selectDays(select, days) {
  const isOffered = [...select.options].some(({ value }) => Number(value) === days);
  if (!isOffered) select.append(h("option", { value: days }, tn("{count} day", "{count} days", days)));
  select.value = String(days);
}
