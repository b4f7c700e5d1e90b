/** Signing up and logging in. */

import { find } from "../dom.js";
import { handle } from "../forms.js";
import { request } from "../http.js";
import { logIn } from "../login.js";
import { go } from "../router.js";

let next = "desk"; // what somebody who was not signed in came for

/**
 * @param {HTMLElement} section
 * @param {string[]} rest the view to go to afterwards
 */
export function enter(section, [after]) {
  next = after ?? "desk";
  const form = find(section, "form");
  if (!form.dataset.ready) makeReady(form, section.dataset.view === "sign-up");
  if (!form.contains(document.activeElement)) find(form, "[name=username]").focus();
}

function makeReady(form, isNew) {
  form.dataset.ready = "yes";
  const password = find(form, "[name=password]");
  const reveal = find(form, ".reveal");
  reveal.addEventListener("change", () => (password.type = reveal.checked ? "text" : "password"));
  find(form, "[type=submit]").disabled = false; // until now the browser would have sent the form itself
  handle(form, async ({ username, password }) => {
    if (isNew) await request("POST", "accounts/", { username, password });
    await logIn(username, password);
    form.reset();
    reveal.dispatchEvent(new Event("change"));
    go(next);
  });
}
