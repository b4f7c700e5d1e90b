/** The history: what to know at a glance, a day, a goal, charts over time, one session, and a week on a sheet. */

import { call } from "../api.js";
import { h } from "../dom.js";
import { Day } from "../history/day.js";
import { glance, readGlance } from "../history/glance.js";
import { GoalPanel } from "../history/goal.js";
import { Charts } from "../history/period.js";
import { showSession } from "../history/session.js";
import { Today, readStart } from "../history/today.js";
import { setZone, t } from "../i18n.js";

/** @type {Today | null} */
let shownToday = null;

/**
 * @param {HTMLElement} section
 * @param {string[]} rest "session" and a report's id, "week" and one of its days, or nothing
 */
export async function enter(section, [part, id]) {
  leave();
  const { time_zone } = await call("GET", "accounts/time-zone/");
  setZone(time_zone);
  if (part === "session") await showSession(section, id);
  else if (part === "week") await (await import("../history/week.js")).showWeek(section, id);
  else await showAll(section);
}

export function leave() {
  shownToday?.close();
  shownToday = null;
}

/** @param {HTMLElement} section */
async function showAll(section) {
  const start = await readStart();
  const title = h("h1", {}, t("History"));
  leave();
  if (!start) {
    section.replaceChildren(title, emptyHistory());
    return;
  }
  const day = new Day();
  const charts = new Charts((date) => {
    day.show(date);
    day.title.focus();
  });
  const [known] = await Promise.all([readGlance(start), charts.show(), day.show(start.day)]);
  const answers = h("div", {}, glance(known));
  const today = new Today(start, {
    onNewDay: () => showAll(section),
    onRefresh: async (now) => {
      answers.replaceChildren(glance(await readGlance(now)));
      if (day.input.value === now.day) await day.show(now.day);
    },
  });
  shownToday = today;
  section.replaceChildren(
    title,
    h("section", { class: "panel at-a-glance" }, h("h2", {}, t("At a glance")), answers),
    h("div", { class: "beside" }, today.element, new GoalPanel(known.goal).element),
    day.withInsight(known.insights[0]),
    charts.element,
  );
}

function emptyHistory() {
  return h(
    "div",
    { class: "panel empty" },
    h("h2", {}, t("Nothing here yet")),
    h(
      "p",
      {},
      t("After your first session, you can see here how you sat, how often you blinked and when you took breaks."),
    ),
    h("a", { class: "button primary", href: "#/desk" }, t("Go to the desk")),
  );
}
