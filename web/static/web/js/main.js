/** The page's beginning: who is signed in, what the header does, and which view is shown. */

import { call } from "./api.js";
import { cookie, find, setCookie } from "./dom.js";
import { setZone, t } from "./i18n.js";
import { forgetLogin, login, logins } from "./login.js";
import { setLanguage } from "./preferences.js";
import { go, startRouting } from "./router.js";

const note = find(document, "#note");

function showWhoIsThere() {
  const now = login();
  document.documentElement.toggleAttribute("data-signed-in", now !== null);
  find(document, "#who").textContent = now?.username ?? "";
  // The server draws the page by it. The tokens decide, where only one of both is left.
  if ((cookie("signed_in") === "1") !== (now !== null)) setCookie("signed_in", now ? "1" : null);
}

/** Times are told where the user is; without an answer, where the browser is. */
async function learnZone() {
  if (!login()) return;
  try {
    setZone((await call("GET", "accounts/time-zone/")).time_zone);
  } catch {
    // The browser's own zone is as good a guess as any.
  }
}

async function logOut() {
  try {
    await call("POST", "accounts/logout/", { refresh: login()?.refresh });
  } catch {
    // The tokens are forgotten here in any case; if the service did not hear of it, they expire.
  }
  if (login()) forgetLogin("logged_out");
}

/** @param {string} reason @returns {void} */
function sayGoodbye(reason) {
  if (reason === "elsewhere" && login()) return location.reload(); // somebody else has signed in in another tab
  showWhoIsThere();
  const [, from] = location.hash.split("/");
  if (reason === "expired") go("log-in", from ?? "desk");
  else go("welcome");
  note.dataset.at = location.hash;
  note.textContent = {
    logged_out: t("You are logged out."),
    elsewhere: t("You are logged out."),
    expired: t("Your login has ended. Please log in again."),
    withdrawn: t("Your account and everything kept of it are deleted."),
  }[reason];
}

logins.addEventListener("begun", () => {
  showWhoIsThere();
  learnZone();
});
logins.addEventListener("ended", (/** @type {any} */ { detail }) => sayGoodbye(detail));
addEventListener("hashchange", () => {
  if (note.dataset.at !== location.hash) note.textContent = "";
});
find(document, "#log-out").addEventListener("click", logOut);
for (const button of document.querySelectorAll("[data-set-language]")) {
  button.addEventListener("click", () => setLanguage(button.getAttribute("data-set-language")));
}
showWhoIsThere();
learnZone();
startRouting();
