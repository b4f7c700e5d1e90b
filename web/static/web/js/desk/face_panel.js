/** The way out for an owner whose face does not fit: they teach it, confirmed with their password. */

import { find, h } from "../dom.js";
import { handleSubmit } from "../forms.js";
import { t } from "../i18n.js";
import { login } from "../login.js";
import { field } from "../settings/controls.js";

export class FacePanel {
  /** @param {{confirmFace: (password: string, keep: boolean) => Promise<void>, stop: () => void}} actions */
  constructor(actions) {
    const password = { type: "password", name: "password", autocomplete: "current-password", required: true };
    this.element = h(
      "form",
      { method: "post", class: "face-form", hidden: true },
      h("h3", {}, t("Is this you?")),
      h("p", {}, t("Glasses or another light can change your face. Confirm with your password, and it is learned too.")),
      // Tells password managers which account it is.
      h("input", {
        type: "text",
        name: "username",
        autocomplete: "username",
        value: login()?.username ?? "",
        hidden: true,
      }),
      field("face-password", t("Your password"), h("input", password)),
      h(
        "label",
        { class: "choice" },
        h("input", { type: "checkbox", name: "forget" }),
        h("span", {}, t("Forget the face that was learned so far: it is not mine")),
      ),
      h("p", { class: "form-message", role: "status" }),
      h(
        "div",
        { class: "actions" },
        h("button", { type: "submit", class: "button primary" }, t("This is me")),
        h("button", { type: "button", class: "button", onclick: actions.stop }, t("This is not me: stop")),
      ),
    );
    handleSubmit(this.element, async ({ password, forget }) => {
      await actions.confirmFace(password, !forget);
      find(this.element, "[name=password]").value = "";
    });
  }

  /** @param {import("../engine/sessions.js").Session} session */
  show({ calibration, posture }) {
    const isOther = posture.reason === "not_the_owner" || calibration?.hints.includes("learn_your_face");
    this.element.hidden = !isOther;
  }
}
