/** Signing up and logging in. */

import { find } from "../dom.js";
import { handleSubmit } from "../forms.js";
import { request } from "../http.js";
import { logIn } from "../login.js";
import { go } from "../router.js";

let next = "desk"; // the view that required the login

/**
 * @param {HTMLElement} section
 * @param {string[]} rest the view to open afterwards
 */
export function enter(section, [after]) {
  next = after ?? "desk";
  const form = find(section, "form");
  if (!form.dataset.ready) setUp(form, section.dataset.view === "sign-up");
  if (!form.contains(document.activeElement)) find(form, "[name=username]").focus();
}

function setUp(form, isNew) {
  form.dataset.ready = "yes";
  const password = find(form, "[name=password]");
  const reveal = find(form, ".reveal");
  reveal.addEventListener("change", () => (password.type = reveal.checked ? "text" : "password"));
  find(form, "[type=submit]").disabled = false; // without this script, the browser would have sent the form itself
  handleSubmit(form, async ({ username, password }) => {
    if (isNew) await signUp(username, password);
    await logIn(username, password);
    form.reset();
    reveal.dispatchEvent(new Event("change"));
    go(next);
  });
}

/** With the browser's time zone, unless the service does not know it. */
async function signUp(username, password) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  try {
    await request("POST", "accounts/", { username, password, time_zone: timeZone ?? "" });
  } catch (error) {
    if (!error.fields?.time_zone) throw error;
    await request("POST", "accounts/", { username, password });
  }
}
