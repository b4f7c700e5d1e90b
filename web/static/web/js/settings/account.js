/** The password, the data to take along, and the actions out. */

import { call, download } from "../api.js";
import { find, h } from "../dom.js";
import { handleSubmit } from "../forms.js";
import { t } from "../i18n.js";
import { deleteLogin, login, saveLogin } from "../login.js";
import { Panel, button, field } from "./controls.js";

export function accountPanel() {
  const panel = new Panel(t("Account"));
  const fetchAll = (/** @type {boolean} */ withPictures) =>
    panel.during(async () => {
      await download(`accounts/export/?frames=${withPictures}`, "pose-smart.zip");
      return t("The file is on its way to your downloads.");
    });
  return panel.add(
    h("p", {}, t("Signed in as {name}.", { name: login()?.username ?? "" })),
    h("h3", {}, t("Your data as a file")),
    h(
      "p",
      { class: "actions" },
      button(t("Without pictures"), () => fetchAll(false)),
      button(t("With pictures"), () => fetchAll(true)),
    ),
    passwordForm(),
    h("h3", {}, t("Log out on all devices")),
    h(
      "p",
      { class: "actions" },
      button(t("Log out everywhere"), () => logOutEverywhere(panel)),
    ),
  ).element;
}

export function withdrawalPanel() {
  const form = passwordField(
    "withdraw",
    t("Your password"),
    "password",
    "current-password",
    t("Delete my account"),
    "danger",
  );
  handleSubmit(form, async ({ password }) => {
    await call("DELETE", "accounts/", { password });
    deleteLogin("withdrawn");
  });
  const words = t(
    "Your account, reports, pictures and your learned face are deleted at once. Nothing can be brought back.",
  );
  return h("section", { class: "panel settings-panel" }, h("h2", {}, t("Delete the account")), h("p", {}, words), form);
}

function passwordForm() {
  const form = passwordField(
    "change-old",
    t("Present password"),
    "password",
    "current-password",
    t("Change the password"),
    "",
  );
  form.prepend(h("h3", {}, t("Password")));
  const fresh = h("input", { type: "password", name: "new_password", autocomplete: "new-password", required: true });
  find(form, ".field").after(field("change-new", t("New password"), fresh));
  handleSubmit(form, async ({ password, new_password }) => {
    saveLogin(login()?.username ?? "", await call("PUT", "accounts/password/", { password, new_password }));
    form.reset();
    return t("Changed. All other devices are logged out.");
  });
  return form;
}

function passwordField(id, words, name, autocomplete, verb, variant) {
  const input = h("input", { type: "password", name, autocomplete, required: true });
  return h(
    "form",
    { method: "post", class: "password-form" },
    h("p", { class: "form-message", role: "status" }),
    // So that password managers know whose it is.
    h("input", {
      type: "text",
      name: "username",
      autocomplete: "username",
      value: login()?.username ?? "",
      hidden: true,
    }),
    field(id, words, input),
    h("button", { type: "submit", class: `button ${variant}` }, verb),
  );
}

/** @param {Panel} panel */
function logOutEverywhere(panel) {
  return panel.during(async () => {
    await call("POST", "accounts/logout/", { everywhere: true });
    deleteLogin("logged_out");
  });
}
