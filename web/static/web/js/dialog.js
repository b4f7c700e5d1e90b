/** A question before what cannot be undone. */

import { h } from "./dom.js";
import { t } from "./i18n.js";

/**
 * @param {string} question
 * @param {string} consequence
 * @param {string} verb on the button that does it
 * @returns {Promise<boolean>}
 */
export function confirmed(question, consequence, verb) {
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" });
  const answer = (value, variant, words) =>
    h("button", { type: "button", class: `button ${variant}`, onclick: () => dialog.close(value) }, words);
  const cancel = answer("no", "", t("Cancel"));
  cancel.autofocus = true; // so that Enter, pressed once more, does no harm
  dialog.append(
    h("h2", { id: "dialog-title" }, question),
    h("p", {}, consequence),
    h("div", { class: "actions" }, answer("yes", "danger", verb), cancel),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
