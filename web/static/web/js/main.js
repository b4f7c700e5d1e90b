/** Starts the page: registers the views, shows who is signed in, and handles the header's buttons. */

import { call } from "./api.js";
import { cookie, find, setCookie } from "./dom.js";
import { request } from "./http.js";
import { setZone, t } from "./i18n.js";
import { accessToken, deleteLogin, login, logins } from "./login.js";
import { setLanguage } from "./preferences.js";
import { go, startRouting } from "./router.js";

/** @type {Record<string, import("./router.js").Route>} */
const ROUTES = {
  welcome: { title: () => t("Pose Smart"), isFor: "everyone", load: async () => ({ enter: () => undefined }) },
  "log-in": { title: () => t("Log in"), isFor: "visitor", load: () => import("./views/entry.js") },
  "sign-up": { title: () => t("Sign up"), isFor: "visitor", load: () => import("./views/entry.js") },
  forgot: { title: () => t("Forgot your password?"), isFor: "visitor", load: () => import("./views/forgot.js") },
  reset: { title: () => t("Choose a new password"), isFor: "everyone", load: () => import("./views/forgot.js") },
  desk: { title: () => t("At the desk"), isFor: "user", load: () => import("./views/desk.js") },
  history: { title: () => t("History"), isFor: "user", load: () => import("./views/history.js") },
  settings: { title: () => t("Settings"), isFor: "user", load: () => import("./views/settings.js") },
  pictures: { title: () => t("Stored pictures"), isFor: "user", load: () => import("./views/pictures.js") },
  privacy: { title: () => t("What others can see of you"), isFor: "user", load: () => import("./views/privacy.js") },
};

if (document.querySelector("[data-view=company-login]")) {
  ROUTES["company-login"] = {
    title: () => t("Log in"),
    isFor: "visitor",
    load: () => import("./views/company_login.js"),
  };
}

const note = find(document, "#note");

function showUser() {
  const user = login();
  document.documentElement.toggleAttribute("data-signed-in", user !== null);
  find(document, "#who").textContent = user?.username ?? "";
  // The server draws the page by the cookie. If it and the tokens disagree, the tokens are right.
  if ((cookie("signed_in") === "1") !== (user !== null)) setCookie("signed_in", user ? "1" : null);
}

/** Shows times in the user's time zone from now on; without a response, in the browser's. */
async function loadTimeZone() {
  if (!login()) return;
  try {
    setZone((await call("GET", "accounts/time-zone/")).time_zone);
  } catch {
    // The browser's time zone stays in use.
  }
}

/** What watches is loaded for users only: visitors need none of it. */
const loadWatching = () => import("./engine/page.js");

async function beginWatching() {
  if (login()) (await loadWatching()).beginWatching();
}

async function logOut() {
  await loadWatching().then(({ stopWatching }) => stopWatching(), () => undefined);
  const access = await accessToken().catch(() => null); // renewed if necessary
  const ending = login();
  if (!ending) return; // meanwhile it has expired
  // Deleted here first: a call on its way would find it refused by the service, and would tell that it has expired.
  deleteLogin("logged_out");
  const headers = access ? { Authorization: `Bearer ${access}` } : {};
  // If the service does not receive it, the tokens expire.
  await request("POST", "accounts/logout/", { refresh: ending.refresh }, { headers }).catch(() => undefined);
}

/** @param {string} reason @returns {void} */
function onLogout(reason) {
  if (reason === "elsewhere" && login()) return location.reload(); // another user has logged in in another tab
  showUser();
  const [, from] = location.hash.split("/");
  if (reason === "expired") go("log-in", from ?? "desk");
  else go("welcome");
  note.dataset.at = location.hash;
  note.textContent = {
    logged_out: t("You have been logged out."),
    elsewhere: t("You have been logged out."),
    expired: t("Your login has expired. Please log in again."),
    withdrawn: t("Your account and all its data have been deleted."),
  }[reason];
}

logins.addEventListener("started", () => {
  showUser();
  loadTimeZone();
  beginWatching();
});
logins.addEventListener("ended", (/** @type {any} */ { detail }) => onLogout(detail));
addEventListener("hashchange", () => {
  if (note.dataset.at !== location.hash) note.textContent = "";
});
find(document, "#log-out").addEventListener("click", logOut);
for (const button of document.querySelectorAll("[data-set-language]")) {
  button.addEventListener("click", () => setLanguage(button.getAttribute("data-set-language")));
}
showUser();
loadTimeZone();
startRouting(ROUTES);
beginWatching();
