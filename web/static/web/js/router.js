/** Which view is shown: the address after #, and whether somebody is signed in. */

import { find, focus } from "./dom.js";
import { problem } from "./errors.js";
import { t } from "./i18n.js";
import { login } from "./login.js";

/**
 * @typedef {object} View
 * @property {(section: HTMLElement, rest: string[]) => void | Promise<void>} enter each time that it is shown
 * @property {() => void} [leave]
 */
/** @typedef {{title: () => string, isFor: "everyone" | "user", load: () => Promise<View>}} Route */

/** @type {Record<string, Route>} */
const ROUTES = {
  welcome: { title: () => t("Pose Smart"), isFor: "everyone", load: async () => ({ enter: () => undefined }) },
  "log-in": { title: () => t("Log in"), isFor: "everyone", load: () => import("./views/entry.js") },
  "sign-up": { title: () => t("Sign up"), isFor: "everyone", load: () => import("./views/entry.js") },
  desk: { title: () => t("At the desk"), isFor: "user", load: () => import("./views/desk.js") },
  history: { title: () => t("History"), isFor: "user", load: () => import("./views/history.js") },
  settings: { title: () => t("Settings"), isFor: "user", load: () => import("./views/settings.js") },
};

/** @type {View | null} */
let shown = null;
let turn = 0;

/** @param {string} name @param {...(string | number)} rest */
export function go(name, ...rest) {
  const address = `#/${[name, ...rest].map(encodeURIComponent).join("/")}`;
  if (location.hash === address) show();
  else location.hash = address;
}

export function startRouting() {
  addEventListener("hashchange", () => show());
  show({ isFirst: true });
}

/** Shows what the address names, or where somebody without that view is sent. */
async function show({ isFirst = false } = {}) {
  const mine = ++turn;
  const [name, ...rest] = wanted();
  const route = ROUTES[name];
  const section = reveal(name);
  document.title = name === "welcome" ? t("Pose Smart") : `${route.title()} · ${t("Pose Smart")}`;
  if (!isFirst) {
    scrollTo(0, 0);
    focus(find(document, "main"));
  }
  try {
    const view = await route.load();
    if (mine !== turn) return;
    if (shown && shown !== view) shown.leave?.();
    shown = view;
    await view.enter(section, rest);
  } catch (error) {
    if (mine !== turn) return;
    section.hidden = true; // what is in it may be needed again
    find(document, "#problem").append(problem(error, () => show()));
  }
}

/** @returns {string[]} */
function wanted() {
  const parts = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const isSignedIn = login() !== null;
  const [name] = parts;
  if (!Object.hasOwn(ROUTES, name)) return [isSignedIn ? "desk" : "welcome"];
  if (ROUTES[name].isFor === "user") return isSignedIn ? parts : ["log-in", name];
  return isSignedIn && name !== "welcome" ? ["desk"] : parts;
}

function reveal(name) {
  find(document, "#problem").replaceChildren();
  /** @type {NodeListOf<HTMLElement>} */
  const sections = document.querySelectorAll("[data-view]");
  for (const section of sections) section.hidden = section.dataset.view !== name;
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll("nav a");
  for (const link of links) {
    if (link.hash === `#/${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  return find(document, `main > [data-view="${name}"]`);
}
