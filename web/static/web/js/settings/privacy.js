/** What becomes of the user's pictures, and the learned face. */

import { call } from "../api.js";
import { confirmAction } from "../dialog.js";
import { h } from "../dom.js";
import { handleSubmit } from "../forms.js";
import { dateAndTime, t, tn } from "../i18n.js";
import { deletedText, followDeletion } from "../pictures/stored.js";
import { choiceFields, choose, requested } from "../privacy/choice.js";
import { acceptLosses, limitOf } from "../privacy/losses.js";
import { Panel, button } from "./controls.js";

/** @typedef {import("../privacy/choice.js").Choice} Choice */

/** @param {Choice} choice @param {any} face */
export function privacyPanel(choice, face) {
  const panel = new Panel(t("Privacy"));
  const faceSection = h("div", {}, ...faceState(panel, face));
  const onChosen = async (/** @type {Choice} */ { privacy }) => {
    if (privacy === "browser") faceSection.replaceChildren(...faceState(panel, { enrolled: false }));
  };
  return panel.add(
    choiceForm(panel, choice, onChosen),
    h(
      "p",
      { class: "actions" },
      h("a", { class: "button", href: "#/pictures" }, t("See the stored pictures")),
      h("a", { class: "button", href: "#/privacy" }, t("What others can see of you")),
    ),
    h("h3", {}, t("Your face")),
    h("p", { class: "hint" }, t("It keeps others out of your statistics. It is no login: a photograph of you passes.")),
    faceSection,
  ).element;
}

/** @param {Panel} panel @param {Choice} choice @param {(chosen: Choice) => void} onChosen */
function choiceForm(panel, choice, onChosen) {
  const state = h("p", { class: "hint" }, stateText(choice));
  const form = h(
    "form",
    { method: "post", class: "choice-form" },
    h("p", { class: "form-message", role: "status" }),
    choiceFields(choice),
    state,
    h("button", { type: "submit", class: "button" }, t("Save this choice")),
  );
  handleSubmit(form, async (values) => {
    const request = requested(values);
    panel.showMessage("");
    if (!(await acceptLosses(request))) return;
    const chosen = await choose(request);
    state.textContent = stateText(chosen);
    onChosen(chosen);
    const limit = limitOf(request)?.toISOString();
    const say = (/** @type {string} */ text) => panel.showMessage(`${t("Saved.")} ${text}`);
    if (chosen.pending && limit) followDeletion({ to: limit }, say);
    else panel.showMessage([t("Saved."), chosen.deleted ? deletedText(chosen.deleted) : ""].join(" ").trim());
  });
  return form;
}

/** @param {Choice} choice */
function stateText({ privacy, chosen_at, keep_days }) {
  if (privacy && chosen_at) return t("You chose this on {time}.", { time: dateAndTime(chosen_at) });
  if (keep_days === null) return t("You have not chosen yet. No picture is stored.");
  if (!keep_days) return t("You have not chosen yet. Until you do, pictures are stored until you delete them.");
  return tn(
    "You have not chosen yet. Until you do, pictures are stored for {count} day.",
    "You have not chosen yet. Until you do, pictures are stored for {count} days.",
    keep_days,
  );
}

/** @param {Panel} panel @returns {HTMLElement[]} */
function faceState(panel, face) {
  if (!face.enrolled) return [h("p", {}, t("No face has been learned yet. Your first calibration does that."))];
  const state = h(
    "p",
    {},
    t("Learned from {count} pictures, the last on {time}. Only numbers are stored, and they are encrypted.", {
      count: face.frame_count,
      time: dateAndTime(face.updated_at),
    }),
  );
  const deleteButton = button(
    t("Delete my face data"),
    async () => {
      const isSure = await confirmAction(
        t("Delete your face data?"),
        t("It is learned again during your next calibration."),
        t("Delete"),
      );
      if (!isSure) return;
      const isDone = await panel.run(async () => {
        await call("DELETE", "accounts/face/");
        return t("Your face data was deleted.");
      });
      if (isDone) actions.replaceWith(...faceState(panel, { enrolled: false }));
      if (isDone) state.remove();
    },
    "danger",
  );
  const actions = h("p", { class: "actions" }, deleteButton);
  return [state, actions];
}
