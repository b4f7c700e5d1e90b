/** Asks for confirmation before an action that cannot be undone. */

import { h } from "./dom.js";
import { t } from "./i18n.js";

/**
 * @param {string} question
 * @param {string} consequence
 * @param {string} verb on the confirming button
 * @returns {Promise<boolean>} true if confirmed
 */
export async function confirmAction(question, consequence, verb) {
  return (await confirmWithOption(question, consequence, verb)) !== null;
}

/**
 * @param {string} question
 * @param {string} consequence
 * @param {string} verb on the confirming button
 * @param {string} [option] what can be done as well; nothing to choose if it is missing
 * @returns {Promise<{isChosen: boolean} | null>} whether the option was chosen; null if it was not confirmed
 */
export function confirmWithOption(question, consequence, verb, option = "") {
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" });
  const button = (value, variant, text) =>
    h("button", { type: "button", class: `button ${variant}`, onclick: () => dialog.close(value) }, text);
  const cancel = button("no", "", t("Cancel"));
  cancel.autofocus = true; // a second press of Enter must do no harm
  const checkbox = h("input", { type: "checkbox" });
  dialog.append(
    h("h2", { id: "dialog-title" }, question),
    h("p", {}, consequence),
    ...(option ? [h("label", { class: "choice" }, checkbox, h("span", {}, option))] : []),
    h("div", { class: "actions" }, button("yes", "danger", verb), cancel),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? { isChosen: checkbox.checked } : null);
    });
  });
}
