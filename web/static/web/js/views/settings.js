/** The settings view: the user's settings on the service, and this browser's. */

import { call } from "../api.js";
import { h } from "../dom.js";
import { setZone, t } from "../i18n.js";
import { accountPanel, withdrawalPanel } from "../settings/account.js";
import { alarmsPanel } from "../settings/alarms.js";
import { pagePanel } from "../settings/page.js";
import { privacyPanel } from "../settings/privacy.js";

/**
 * @param {HTMLElement} section
 * @param {string[]} rest of the address: "privacy" shows that panel
 */
export async function enter(section, [part] = []) {
  const title = h("h1", {}, t("Settings"));
  section.replaceChildren(title);
  const names = ["alarms", "time-zone", "privacy", "face"];
  const [alarms, zone, privacy, face] = await Promise.all(names.map((name) => call("GET", `accounts/${name}/`)));
  setZone(zone.time_zone);
  const pictures = privacyPanel(privacy, face);
  const columns = [
    [alarmsPanel(alarms), pagePanel(zone.time_zone)],
    [pictures, accountPanel(), withdrawalPanel()],
  ];
  section.replaceChildren(title, h("div", { class: "settings" }, ...columns.map((panels) => h("div", {}, ...panels))));
  if (part === "privacy") pictures.scrollIntoView();
}
