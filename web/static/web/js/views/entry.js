/** Signing up, with an invitation or without, and logging in. */

import { find } from "../dom.js";
import { enableForm, handleSubmit, showMessage } from "../forms.js";
import { ApiError, readJson, request } from "../http.js";
import { t } from "../i18n.js";
import { logIn } from "../login.js";
import { requested } from "../privacy/choice.js";
import { go } from "../router.js";
import { inTimeZone, setDefaults } from "../welcome.js";

let next = "desk"; // the view that required the login
let invitation = ""; // the token of the link that the visitor came with

/**
 * @param {HTMLElement} section
 * @param {string[]} rest of a login the view to open afterwards, of a sign-up the invitation's token
 */
export async function enter(section, [first]) {
  const isNew = section.dataset.view === "sign-up";
  const form = find(section, "form");
  if (!form.dataset.ready) setUp(form, isNew);
  if (isNew) await readInvitation(section, form, first ?? "");
  else next = first ?? "desk";
  if (!form.hidden && !form.contains(document.activeElement)) find(form, "input:not([readonly])").focus();
}

function setUp(form, isNew) {
  enableForm(form);
  handleSubmit(form, async (values) => {
    const { username, password } = values;
    if (isNew) await signUp({ username, password, ...requested(values) });
    await logInWith(username, password);
    if (isNew) await setDefaults();
    form.reset();
    find(form, ".reveal").dispatchEvent(new Event("change"));
    go(next);
  });
}

/** Fills in what an invitation knows, and shows the form to whoever has one. */
async function readInvitation(section, form, token) {
  const door = find(section, ".door");
  const name = find(form, "[name=username]");
  showMessage(door, "");
  if (!token) {
    forget(form, name);
    form.hidden = !door.hidden;
    return;
  }
  try {
    const invited = await readJson(await request("POST", "accounts/invitation/", { invitation: token }));
    invitation = token;
    door.hidden = true;
    form.hidden = false;
    find(form, ".invited").hidden = false;
    name.readOnly = invited.username !== "";
    if (invited.username) name.value = invited.username;
  } catch (error) {
    if (!(error instanceof ApiError) || ![400, 403].includes(error.status)) throw error;
    forget(form, name);
    const text = Object.values(error.fields).flat().join(" ") || error.detail || "";
    showMessage(door.hidden ? form : door, text, true);
  }
}

/** Of an invitation that was opened before, in the same window. */
function forget(form, name) {
  if (name.readOnly) name.value = "";
  name.readOnly = false;
  find(form, ".invited").hidden = true;
  invitation = "";
}

async function logInWith(username, password) {
  try {
    await logIn(username, password);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    throw error.saying(t("The name or the password is wrong. Please check both."));
  }
}

/** @param {object} account */
const signUp = (account) =>
  inTimeZone((zone) => request("POST", "accounts/", { ...account, ...zone, ...(invitation && { invitation }) }));
