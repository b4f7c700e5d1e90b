/** Language, look, and where the user's days begin. */

import { call } from "../api.js";
import { language, setZone, t } from "../i18n.js";
import { setLanguage, setTheme, theme } from "../preferences.js";
import { Panel, field, segments, select } from "./controls.js";

/** @param {string} zone the user's */
export function pagePanel(zone) {
  const panel = new Panel(t("This page"));
  const zones = [...new Set([zone, ...Intl.supportedValuesOf("timeZone")])].sort();
  const options = /** @type {[string, string][]} */ (zones.map((name) => [name, name.replaceAll("_", " ")]));
  const languages = /** @type {[string, string][]} */ ([
    ["ko", "한국어"],
    ["en", "English"],
  ]);
  const themes = /** @type {[string, string][]} */ ([
    ["auto", t("System")],
    ["light", t("Light")],
    ["dark", t("Dark")],
  ]);
  const move = (/** @type {string} */ name) =>
    panel.during(async () => {
      await call("PUT", "accounts/time-zone/", { time_zone: name });
      setZone(name);
    });
  return panel.add(
    segments(t("Language"), "language", languages, language, setLanguage),
    segments(t("Colours"), "theme", themes, theme(), (/** @type {any} */ wanted) => setTheme(wanted)),
    field(
      "settings-zone",
      t("Time zone"),
      select(options, zone, move),
      t("Days in the history begin at its midnight."),
    ),
  ).element;
}
