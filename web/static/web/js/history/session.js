/** One session: its numbers and its timeline. */

import { call } from "../api.js";
import { confirmWithOption } from "../dialog.js";
import { h } from "../dom.js";
import { clockTime, dayName, duration, isoDay, number, t } from "../i18n.js";
import { go } from "../router.js";
import { readTimeline } from "./day.js";
import { longestOutline } from "./day_outlines.js";
import { goodShare, intervalText, rateText } from "./labels.js";
import { facts } from "./summary.js";
import { timeline } from "./timeline.js";

/** @param {HTMLElement} section @param {string} id of the report */
export async function showSession(section, id) {
  const { report, episodes, best } = await readTimeline(id);
  const outline = longestOutline(best, episodes);
  const start = new Date(report.start_time);
  section.replaceChildren(
    h("p", {}, h("a", { href: "#/history" }, t("Back to the history"))),
    h("h1", {}, dayName(isoDay(start), { dateStyle: "full" })),
    h("p", { class: "lead" }, `${clockTime(start)} – ${clockTime(report.end_time)}`),
    h(
      "div",
      { class: "panel" },
      h("h2", { class: "visually-hidden" }, t("Summary")),
      facts(toTotals(report), blinkFact(report)),
    ),
    ...(outline ? [h("div", { class: "panel" }, outline)] : []),
    h("div", { class: "panel" }, h("h2", {}, t("Timeline")), ...timeline(report, episodes)),
    h(
      "p",
      { class: "actions below" },
      h("button", { type: "button", class: "button danger", onclick: () => deleteReport(id, report) }, t("Delete report")),
    ),
  );
}

function toTotals(report) {
  return {
    sessions: 1,
    active_s: report.active_s ?? 0,
    good_share: goodShare(report),
    neck: report.neck_cnt,
    blinks: report.blink_cnt,
    blink_rate: null,
    wrong_alarms_per_8_h: null,
    stretches: report.stretching_cnt,
    rests: report.rests ?? 0,
  };
}

/** @returns {[string, string, string]} name, value and note */
function blinkFact(report) {
  const rate = report.blink_rate;
  if (!rate) return [t("Blinks"), number(report.blink_cnt), ""];
  return [
    t("Blinks a minute"),
    rateText(rate),
    `${intervalText(rate)}, ${t("measured over {time}", { time: duration(report.watched_s) })}`,
  ];
}

/** Asks first; pictures of that time stay unless they are to be deleted, too. */
async function deleteReport(id, { start_time, end_time }) {
  const span = new URLSearchParams({ from: start_time, to: end_time });
  const stored = await call("GET", `accounts/frames/?${span}&page_size=1`).catch(() => null); // the archive may be down
  const sure = await confirmWithOption(
    t("Delete this report?"),
    t("Its numbers and its timeline cannot be restored."),
    t("Delete"),
    stored?.results.length ? t("Delete the stored pictures of this time, too") : "",
  );
  if (!sure) return;
  if (sure.isChosen) await call("DELETE", `accounts/frames/?${span}`);
  await call("DELETE", `reports/${id}/`);
  go("history");
}
