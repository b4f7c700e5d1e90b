/** A forgotten password: asking for a link, and choosing a new password with it. */

import { find } from "../dom.js";
import { enableForm, handleSubmit, showMessage } from "../forms.js";
import { request } from "../http.js";
import { t } from "../i18n.js";
import { deleteLogin, login } from "../login.js";
import { go } from "../router.js";

/** @type {string[]} the link's last two parts */
let link = [];

/** @param {HTMLElement} section @param {string[]} rest */
export function enter(section, rest) {
  link = rest;
  const form = section.querySelector("form");
  if (!form) return; // the service sends no mail: the page says whom to ask
  if (!form.dataset.ready) {
    enableForm(form);
    handleSubmit(form, section.dataset.view === "reset" ? reset : ask);
  }
  showMessage(form, "");
  find(form, "input").focus();
}

async function ask({ username }) {
  await request("POST", "accounts/password-reset/", { username });
  return t("If we know an e-mail address for this account, a link is on its way. It works for an hour.");
}

async function reset({ new_password }) {
  const [uid, token] = link;
  await request("POST", "accounts/password-reset/confirm/", { uid, token, new_password });
  if (login()) deleteLogin("logged_out"); // all logins have ended
  go("log-in");
  const note = find(document, "#note");
  note.dataset.at = location.hash; // where main.js keeps it
  note.textContent = t("Your new password is saved. Please log in with it.");
}
