/** Coming back from a company's login, with a code that is exchanged for the tokens. */

import { find } from "../dom.js";
import { enableForm, handleSubmit, showMessage } from "../forms.js";
import { ApiError, readJson, request } from "../http.js";
import { t } from "../i18n.js";
import { start } from "../login.js";
import { choiceFields, requested } from "../privacy/choice.js";
import { go } from "../router.js";
import { inTimeZone, setDefaults } from "../welcome.js";

const PATH = "accounts/company-login/";

/** @typedef {{state: "known" | "new" | "taken", username: string}} Person */

let code = "";

/** @param {HTMLElement} section @param {string[]} rest a code, or "failed" and why */
export async function enter(section, [first, reason]) {
  for (const panel of section.querySelectorAll(".panel")) /** @type {HTMLElement} */ (panel).hidden = true;
  // The code works once: it must be neither in the history nor in a bookmark.
  history.replaceState(null, "", "#/company-login/");
  if (!first || first === "failed") return showProblem(section, reason ?? "stale");
  code = first;
  try {
    const person = await ask("person/", {});
    if (person.state === "known") await logIn(person.username, {});
    else show(section, person);
  } catch (error) {
    if (!(error instanceof ApiError) || ![400, 403].includes(error.status)) throw error;
    showProblem(section, error.status === 400 ? "stale" : "", error.detail ?? "");
  }
}

/** @param {HTMLElement} section @param {Person} person */
function show(section, { state, username }) {
  const form = find(section, `form.${state}`);
  find(form, ".name").textContent = username;
  form.hidden = false;
  showMessage(form, "");
  if (state === "new") find(form, ".slot").replaceChildren(choiceFields({ privacy: null, keep_days: null }));
  if (!form.dataset.ready) {
    enableForm(form);
    handleSubmit(form, state === "new" ? create : connect);
  }
  find(form, "input:enabled").focus();

  async function create(values) {
    await inTimeZone((zone) => logIn(username, { ...requested(values), ...zone }));
    find(form, ".slot").replaceChildren(); // its fields have the same ids as those of the settings
    await setDefaults();
  }

  async function connect({ password }) {
    await logIn(username, { password });
    form.reset();
  }
}

/** @param {string} username @param {object} answers */
async function logIn(username, answers) {
  const { has_password, ...tokens } = await ask("", answers);
  start(username, { ...tokens, hasNoPassword: !has_password });
  go("desk");
}

/** With the cookie of the browser in which the login began: a code alone is worth nothing. */
const ask = async (path, answers) =>
  readJson(await request("POST", PATH + path, { code, ...answers }, { credentials: "same-origin" }));

/** @param {HTMLElement} section @param {string} reason @param {string} [text] as the service words it */
function showProblem(section, reason, text = "") {
  const reasons = {
    unavailable: t("The company’s login cannot be reached at the moment. Try again in a few minutes."),
    refused: t("The company’s login did not let you in, or you cancelled it."),
    stale: t("This login took too long or was used already. Please try again."),
    invalid: t("The company’s login gave an answer that cannot be trusted."),
    domain: t("Your e-mail address is not among those that may log in here, or the company’s login has not verified it."),
    inactive: t("Your account here is not active."),
    limit: t("Too many attempts. Please wait a minute."),
  };
  const panel = find(section, ".problem");
  find(panel, ".reason").textContent = text || reasons[reason] || reasons.stale;
  panel.hidden = false;
}
