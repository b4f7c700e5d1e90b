/** A week on a sheet that can be printed, kept as a PDF or a picture, and taken to a doctor or physiotherapist. */

import { call, saveFile } from "../api.js";
import { h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { daySpan, duration, number, percent, t, today } from "../i18n.js";
import { login } from "../login.js";
import { addDays } from "./day.js";
import { faultName, mainFault } from "./insights.js";
import { intervalText, rateText, shareText } from "./labels.js";
import { toPng, weekPicture } from "./week_picture.js";

/** @typedef {import("./week_picture.js").Week} Week */

/** @param {HTMLElement} section @param {string} [day] of the week; without one, of this week */
export async function showWeek(section, day = today()) {
  /** @type {Week} */
  const week = await call("GET", `reports/week/?date=${encodeURIComponent(day)}`);
  const span = daySpan(week.first_day, week.last_day);
  const dates = Array.from({ length: 7 }, (_, index) => addDays(week.first_day, index));
  const picture = weekPicture(week, t("Week of {span}", { span }), dates);
  section.replaceChildren(
    h(
      "div",
      { class: "week-sheet" },
      h("p", { class: "no-print" }, h("a", { href: "#/history" }, t("Back to the history"))),
      h("h1", {}, t("A week at the desk")),
      h("p", { class: "lead" }, `${span} · ${login()?.username ?? ""}`),
      week.days.length ? tools(week, picture) : steps(week),
      ...(week.days.length ? sheet(week, picture) : [h("p", { class: "panel empty" }, t("No sessions in this week."))]),
    ),
  );
}

/** @param {Week} week */
function steps({ first_day, last_day }) {
  const link = (/** @type {string} */ day, /** @type {string} */ text) =>
    h("a", { class: "button", href: `#/history/week/${day}` }, text);
  const next = addDays(last_day, 1);
  const later = next <= today() ? link(next, t("Next week")) : null;
  return h("p", { class: "actions no-print" }, link(addDays(first_day, -7), t("Previous week")), later);
}

/** @param {Week} week @param {SVGElement} picture */
function tools(week, picture) {
  const problem = h("p", { class: "hint", role: "alert" });
  const save = async () => {
    try {
      saveFile(await toPng(picture), `pose-smart-${week.first_day}.png`);
    } catch (error) {
      problem.textContent = errorMessage(error);
    }
  };
  const row = steps(week);
  row.append(
    h("button", { type: "button", class: "button primary", onclick: () => print() }, t("Print or save as PDF")),
    h("button", { type: "button", class: "button", onclick: save }, t("Save as a picture")),
  );
  return h("div", { class: "no-print" }, row, problem);
}

/** @param {Week} week @param {SVGElement} picture */
function sheet({ days, total, before }, picture) {
  return [
    h(
      "div",
      { class: "panel paper" },
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("The week") }, picture),
    ),
    h("section", { class: "panel" }, h("h2", {}, t("All days together")), comparison(total, before, days.length)),
    h("section", { class: "panel" }, h("h2", {}, t("What is measured, and what is not")), measures()),
  ];
}

/** @param {Week["total"]} total @param {Week["before"]} before @param {number} days */
function comparison(total, before, days) {
  const one = { maximumFractionDigits: 1 };
  const rate = total.blink_rate ? `${rateText(total.blink_rate)}, ${intervalText(total.blink_rate)}` : "–";
  const orNone = (value, text) => (value === null ? "–" : text(value));
  const hourly = (/** @type {number} */ value) => number(value, one);
  const fault = mainFault(total);
  const most = fault ? `${faultName(fault)} (${percent(total.shares?.[fault] ?? 0)})` : "–";
  const rows = [
    [t("Good posture"), shareText(total.good_share), orNone(before.good_share, percent)],
    [t("At the desk"), duration(total.desk_s), orNone(before.desk_s, duration)],
    [t("Neck alarms an hour"), orNone(total.neck_per_hour, hourly), orNone(before.neck_per_hour, hourly)],
    [t("Blinks a minute"), rate, ""],
    [t("Breaks a day"), number(total.rests / days, one), ""],
    [t("Most of the bad posture"), most, ""],
  ];
  const headings = ["", t("This week"), t("Usual before")];
  return h(
    "table",
    { class: "week-table" },
    h("thead", {}, h("tr", {}, ...headings.map((text) => (text ? h("th", { scope: "col" }, text) : h("td", {}))))),
    h(
      "tbody",
      {},
      ...rows.map(([name, ...cells]) =>
        h("tr", {}, h("th", { scope: "row" }, name), ...cells.map((text) => h("td", {}, text))),
      ),
    ),
    h("caption", {}, usualBefore(before.weeks)),
  );
}

/** @param {number} count of weeks */
function usualBefore(count) {
  return count
    ? t("Usual before: the median of the person's own weeks before ({count} of eight).", { count })
    : t("There are no weeks before to compare with.");
}

function measures() {
  const explained = [
    [
      t("Good posture"),
      t("The share of the time in which the head was neither closer, lower nor more tilted than the limits around the person's own calibrated posture. Time in which posture could not be judged is left out."),
    ],
    [t("At the desk"), t("The time in which the person's face was in front of the camera during a session.")],
    [t("Blinks a minute"), t("Counted in short bursts of pictures. The number after it says how far it may be off.")],
    [t("Breaks"), t("Absences and pauses of a minute or more.")],
    [t("Neck alarms an hour"), t("How often bad posture lasted long enough for an alarm, in an hour at the desk.")],
    [
      t("What it is not"),
      t("These are estimates of one webcam from the front. It sees the head only: no angle of the spine, no strain and no illness is measured. Pose Smart is no medical device, and this is no diagnosis."),
    ],
  ];
  const rows = explained.map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text)));
  return h("dl", { class: "measures" }, ...rows);
}
