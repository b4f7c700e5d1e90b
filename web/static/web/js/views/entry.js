/** Signing up and logging in. */

import { call } from "../api.js";
import { find } from "../dom.js";
import { enableForm, handleSubmit } from "../forms.js";
import { ApiError, request } from "../http.js";
import { t } from "../i18n.js";
import { logIn } from "../login.js";
import { requested } from "../privacy/choice.js";
import { go } from "../router.js";

const STRETCHING_S = 2 * 3600; // a new user's: the service's own is version 1's five hours

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
  enableForm(form);
  handleSubmit(form, async (values) => {
    const { username, password } = values;
    if (isNew) await signUp({ username, password, ...requested(values) });
    await logInWith(username, password);
    if (isNew) await call("PUT", "accounts/alarms/", { stretching_time: STRETCHING_S }).catch(() => undefined);
    form.reset();
    find(form, ".reveal").dispatchEvent(new Event("change"));
    go(next);
  });
}

async function logInWith(username, password) {
  try {
    await logIn(username, password);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    throw error.saying(t("The name or the password is wrong. Please check both."));
  }
}

/** With the browser's time zone, unless the service does not know it. @param {object} account */
async function signUp(account) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  try {
    await request("POST", "accounts/", { ...account, time_zone: timeZone ?? "" });
  } catch (error) {
    if (!error.fields?.time_zone) throw error;
    await request("POST", "accounts/", account);
  }
}
