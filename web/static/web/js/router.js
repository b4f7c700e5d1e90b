/** Shows the view that the address after # names, if the visitor may see it. Knows no view: main.js passes them. */

import { find, focus } from "./dom.js";
import { errorPanel } from "./errors.js";
import { t } from "./i18n.js";
import { login } from "./login.js";

/**
 * @typedef {object} View
 * @property {(section: HTMLElement, rest: string[]) => void | Promise<void>} enter called each time it is shown
 * @property {() => void} [leave]
 */
/** @typedef {{title: () => string, isFor: "everyone" | "visitor" | "user", load: () => Promise<View>}} Route */

/** @type {Record<string, Route>} */
let routes = {};
/** @type {View | null} */
let currentView = null;
let generation = 0; // a view that loads slowly must not replace one that was opened later

/** @param {string} name @param {...(string | number)} rest */
export function go(name, ...rest) {
  const address = `#/${[name, ...rest].map(encodeURIComponent).join("/")}`;
  if (location.hash === address) show();
  else location.hash = address;
}

/** @param {Record<string, Route>} registered the routes, by their name in addresses and [data-view] */
export function startRouting(registered) {
  routes = registered;
  addEventListener("hashchange", () => show());
  show({ isFirst: true });
}

async function show({ isFirst = false } = {}) {
  const current = ++generation;
  const [name, ...rest] = allowedPath();
  const route = routes[name];
  const section = revealSection(name);
  document.title = name === "welcome" ? t("Pose Smart") : `${route.title()} · ${t("Pose Smart")}`;
  if (!isFirst) {
    scrollTo(0, 0);
    focus(find(document, "main"));
  }
  try {
    const view = await route.load();
    if (current !== generation) return;
    if (currentView && currentView !== view) currentView.leave?.();
    currentView = view;
    await view.enter(section, rest);
  } catch (error) {
    if (current !== generation) return;
    section.hidden = true; // keeps its content for the next attempt
    find(document, "#problem").append(errorPanel(error, () => show()));
  }
}

/** @returns {string[]} the address's parts, or those of the view that is shown instead */
function allowedPath() {
  const parts = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const isSignedIn = login() !== null;
  const [name] = parts;
  if (!Object.hasOwn(routes, name)) return [isSignedIn ? "desk" : "welcome"];
  if (routes[name].isFor === "user") return isSignedIn ? parts : ["log-in", name];
  return isSignedIn && routes[name].isFor === "visitor" ? ["desk"] : parts;
}

function revealSection(name) {
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
