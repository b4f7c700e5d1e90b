/** Data export, password, logging out everywhere and deleting the account. */

import { call, download } from "../api.js";
import { find, h } from "../dom.js";
import { handleSubmit } from "../forms.js";
import { t } from "../i18n.js";
import { deleteLogin, login, saveLogin } from "../login.js";
import { Panel, button, field } from "./controls.js";

export function accountPanel() {
  const panel = new Panel(t("Account"));
  const downloadAll = (/** @type {boolean} */ withPictures) =>
    panel.run(async () => {
      await download(`accounts/export/?frames=${withPictures}`, "pose-smart.zip");
      return t("Your download has started.");
    });
  return panel.add(
    h("p", {}, t("Logged in as {name}.", { name: login()?.username ?? "" })),
    h("h3", {}, t("Download your data")),
    h(
      "p",
      { class: "actions" },
      button(t("Without pictures"), () => downloadAll(false)),
      button(t("With pictures"), () => downloadAll(true)),
    ),
    login()?.hasNoPassword ? null : changePasswordForm(),
    h("h3", {}, t("Log out on all devices")),
    h(
      "p",
      { class: "actions" },
      button(t("Log out everywhere"), () => logOutEverywhere(panel)),
    ),
  ).element;
}

export function withdrawalPanel() {
  const verb = t("Delete my account");
  const form = login()?.hasNoPassword
    ? confirmForm(t("Yes, delete everything about me"), verb)
    : passwordForm("withdraw", t("Your password"), "password", "current-password", verb, "danger");
  handleSubmit(form, async ({ password }) => {
    await call("DELETE", "accounts/", password ? { password } : {});
    deleteLogin("withdrawn");
  });
  const consequence = t(
    "Your account, reports, pictures and face data are deleted immediately. Nothing can be restored.",
  );
  return h(
    "section",
    { class: "panel settings-panel" },
    h("h2", {}, t("Delete account")),
    h("p", {}, consequence),
    form,
  );
}

function changePasswordForm() {
  const form = passwordForm(
    "change-old",
    t("Current password"),
    "password",
    "current-password",
    t("Change password"),
    "",
  );
  form.prepend(h("h3", {}, t("Password")));
  const newPassword = h("input", {
    type: "password",
    name: "new_password",
    autocomplete: "new-password",
    required: true,
  });
  find(form, ".field").after(field("change-new", t("New password"), newPassword));
  handleSubmit(form, async ({ password, new_password }) => {
    saveLogin(login()?.username ?? "", await call("PUT", "accounts/password/", { password, new_password }));
    form.reset();
    return t("Password changed. All other devices are logged out.");
  });
  return form;
}

function passwordForm(id, label, name, autocomplete, verb, variant) {
  const input = h("input", { type: "password", name, autocomplete, required: true });
  return h(
    "form",
    { method: "post", class: "password-form" },
    h("p", { class: "form-message", role: "status" }),
    // Tells password managers which account it is.
    h("input", {
      type: "text",
      name: "username",
      autocomplete: "username",
      value: login()?.username ?? "",
      hidden: true,
    }),
    field(id, label, input),
    h("button", { type: "submit", class: `button ${variant}` }, verb),
  );
}

/** For those who log in through their company, and have no password to enter. */
function confirmForm(label, verb) {
  const box = h("input", { type: "checkbox", name: "is_sure", id: "withdraw", required: true });
  return h(
    "form",
    { method: "post", class: "password-form" },
    h("p", { class: "form-message", role: "status" }),
    h("div", { class: "field" }, h("label", { class: "choice" }, box, " ", h("span", {}, label))),
    h("button", { type: "submit", class: "button danger" }, verb),
  );
}

/** @param {Panel} panel */
function logOutEverywhere(panel) {
  return panel.run(async () => {
    await call("POST", "accounts/logout/", { everywhere: true });
    deleteLogin("logged_out");
  });
}
