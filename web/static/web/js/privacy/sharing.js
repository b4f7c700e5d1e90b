/** What the user shares with the people who run the service: nothing, unless they say so, and until a day. */

import { call } from "../api.js";
import { h } from "../dom.js";
import { handleSubmit } from "../forms.js";
import { dateAndTime, isoDay, t } from "../i18n.js";
import { Panel, field, toggle } from "../settings/controls.js";

const DAY_MS = 24 * 3600 * 1000;
const MAX_DAYS = 91; // the end of that day is within what the service accepts
const USUAL_DAYS = 14;

/**
 * @typedef {object} Sharing
 * @property {("reports" | "sessions")[]} what
 * @property {string | null} until
 * @property {boolean} in_team_sums
 */

const labels = () => ({
  reports: t("my reports: good and bad posture, alarms, blinks, breaks"),
  sessions: t("my sessions: when each began and ended"),
});

/** @param {Sharing} sharing */
export function sharingPanel(sharing) {
  const panel = new Panel(t("What you share"));
  let shared = sharing;
  const change = async (/** @type {object} */ request) => {
    shared = await call("PUT", "accounts/sharing/", request);
    state.textContent = stateText(shared);
  };
  const state = h("p", { class: "hint", role: "status" }, stateText(sharing));
  const inSums = toggle(t("Count me in the team’s weekly sums"), sharing.in_team_sums, (isOn) =>
    panel.run(() => change({ what: shared.what, until: shared.until, in_team_sums: isOn })),
  );
  return panel.add(
    form(panel, sharing, change),
    state,
    h("h3", {}, t("The team’s sums")),
    h(
      "p",
      { class: "hint" },
      t("They are rounded so coarsely, over five people or more, that nobody can tell what one person did."),
    ),
    inSums,
  ).element;
}

/** @param {Panel} panel @param {Sharing} sharing @param {(request: object) => Promise<void>} change */
function form(panel, { what, until }, change) {
  const boxes = Object.entries(labels()).map(([kind, label]) => {
    const checked = what.includes(/** @type {any} */ (kind));
    return h("label", { class: "choice" }, h("input", { type: "checkbox", name: kind, checked }), h("span", {}, label));
  });
  const day = h("input", { type: "date", name: "until", min: dayIn(0), max: dayIn(MAX_DAYS) });
  day.value = until ? isoDay(new Date(until)) : dayIn(USUAL_DAYS);
  const element = h(
    "form",
    { method: "post" },
    h("p", { class: "form-message", role: "status" }),
    h("fieldset", {}, h("legend", {}, t("The people who run this service may see")), ...boxes),
    field("sharing-until", t("Until the end of"), day, t("Then it ends by itself. Each look is in the list below.")),
    h("button", { type: "submit", class: "button" }, t("Save what I share")),
  );
  handleSubmit(element, async (values) => {
    const kinds = Object.keys(labels()).filter((kind) => kind in values);
    panel.showMessage("");
    await change({ what: kinds, until: kinds.length && values.until ? `${values.until}T23:59:59` : null });
    panel.showMessage(t("Saved."));
  });
  return element;
}

/** @param {number} days from today @returns {string} YYYY-MM-DD in the user's time zone */
const dayIn = (days) => isoDay(new Date(Date.now() + days * DAY_MS));

/** @param {Sharing} sharing */
const stateText = ({ until }) => (until ? t("Shared until {time}.", { time: dateAndTime(until) }) : t("You share nothing now."));
