/** What others can see of the user: the service has written it in words; here are what they share, and who looked. */

import { call } from "../api.js";
import { find, focus, h } from "../dom.js";
import { errorPanel } from "../errors.js";
import { dateAndTime, t } from "../i18n.js";
import { login } from "../login.js";
import { sharingPanel } from "../privacy/sharing.js";
import { button } from "../settings/controls.js";

/** @typedef {{at: string, by: string | null, action: string, what: string}} Look */
/** @typedef {{next: string | null, results: Look[]}} Page */

/** @param {HTMLElement} section */
export async function enter(section) {
  const [page, sharing] = await Promise.all([call("GET", "accounts/looks/"), call("GET", "accounts/sharing/")]);
  find(section, ".sharing").replaceChildren(sharingPanel(sharing));
  find(section, ".looks").replaceChildren();
  find(section, ".nobody").hidden = page.results.length > 0;
  add(section, page);
}

/** @param {HTMLElement} section @param {Page} page @returns {HTMLElement[]} its rows */
function add(section, { next, results }) {
  const rows = results.map(row);
  find(section, ".looks").append(...rows);
  const more = next ? [button(t("Show earlier ones"), () => readMore(section, next))] : [];
  find(section, ".actions").replaceChildren(...more);
  return rows;
}

/** @param {HTMLElement} section @param {string} next */
async function readMore(section, next) {
  try {
    const [first] = add(section, await call("GET", next.replace(/^.*?\/api\//, "")));
    if (first) focus(first); // the button that was pressed is gone
  } catch (error) {
    find(section, ".actions").replaceChildren(errorPanel(error, () => readMore(section, next)));
  }
}

/** @param {Look} look */
function row({ at, by, action, what }) {
  const things = {
    user: t("your account and settings"),
    session: t("a session"),
    report: t("a report"),
    role: t("your role in the admin site"),
    export: t("all of your data"),
    frames: t("pictures"),
    privacy: t("what happens to your pictures"),
    sharing: t("what you share"),
    password_link: t("your password, by a link that only you should have got"),
  };
  const values = { what: things[what] ?? t("other data") };
  const deeds = {
    viewed: t("Opened: {what}", values),
    changed: t("Changed: {what}", values),
    deleted: t("Deleted: {what}", values),
    exported: t("Exported: {what}", values),
    erased: t("Erased: {what}", values),
  };
  return h(
    "li",
    {},
    h("strong", {}, deeds[action] ?? values.what),
    h("span", {}, by === login()?.username ? t("you") : (by ?? t("somebody whose account no longer exists"))),
    h("time", { datetime: at }, dateAndTime(at)),
  );
}
