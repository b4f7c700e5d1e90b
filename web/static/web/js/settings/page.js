/** Language, theme and time zone. */

import { call } from "../api.js";
import { language, setZone, t } from "../i18n.js";
import { setLanguage, setTheme, theme } from "../preferences.js";
import { Panel, field, segments, select } from "./controls.js";

/** @param {string} zone the user's time zone */
export function pagePanel(zone) {
  const panel = new Panel(t("General"));
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
  const saveZone = (/** @type {string} */ name) =>
    panel.run(async () => {
      await call("PUT", "accounts/time-zone/", { time_zone: name });
      setZone(name);
    });
  return panel.add(
    segments(t("Language"), "language", languages, language, setLanguage),
    segments(t("Colours"), "theme", themes, theme(), (/** @type {any} */ name) => setTheme(name)),
    field(
      "settings-zone",
      t("Time zone"),
      select(options, zone, saveZone),
      t("Days in the history start at midnight in this time zone."),
    ),
  ).element;
}
