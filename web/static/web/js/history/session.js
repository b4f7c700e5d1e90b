/** One session: its numbers and its timeline. */

import { call } from "../api.js";
import { confirmWithOption } from "../dialog.js";
import { draw, h } from "../dom.js";
import { clockTime, dateAndTime, dayName, duration, isoDay, number, t } from "../i18n.js";
import { go } from "../router.js";
import { readTimeline } from "./day.js";
import { facts } from "./summary.js";
import { episodeLabel, intervalText } from "./labels.js";

const LANES = [
  "bad_posture",
  "neck",
  "blink",
  "stretching",
  "rest",
  "stranger",
  "someone_behind",
  "stretch",
  "paused",
  "away",
];
const WIDTH = 720;
const LANE_HEIGHT = 30;
const LABEL_WIDTH = 200;
const TICKS = 5;

/** @typedef {{number: number, kind: string, started_at: string, ended_at: string | null}} Episode */

/** @param {HTMLElement} section @param {string} id of the report */
export async function showSession(section, id) {
  const { report, episodes } = await readTimeline(id);
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
    h("div", { class: "panel" }, h("h2", {}, t("Timeline")), ...timeline(report, episodes)),
    h(
      "p",
      { class: "actions below" },
      h("button", { type: "button", class: "button danger", onclick: () => deleteReport(id, report) }, t("Delete report")),
    ),
  );
}

function toTotals(report) {
  const known = (report.good_s ?? 0) + (report.bad_s ?? 0);
  return {
    sessions: 1,
    active_s: report.active_s ?? 0,
    good_share: known ? report.good_s / known : null,
    neck: report.neck_cnt,
    blinks: report.blink_cnt,
    blink_rate: null,
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
    number(rate.per_minute, { maximumFractionDigits: 1 }),
    `${intervalText(rate)}, ${t("measured over {time}", { time: duration(report.watched_s) })}`,
  ];
}

/** @param {Episode[]} episodes */
function timeline(report, episodes) {
  if (!episodes.length) return [h("p", { class: "hint" }, t("No alarms and no breaks."))];
  return [
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": t("Timeline chart") },
      drawing(report, episodes),
    ),
    h(
      "details",
      { class: "as-table" },
      h("summary", {}, t("View as a list")),
      h("ol", { class: "episodes" }, ...episodes.map((episode) => h("li", {}, describe(episode)))),
    ),
  ];
}

/** @param {Episode} episode */
function describe({ kind, started_at, ended_at }) {
  const seconds = ended_at ? (Date.parse(ended_at) - Date.parse(started_at)) / 1000 : 0;
  const text = `${clockTime(started_at)} ${episodeLabel(kind)}`;
  return seconds >= 1 ? `${text}, ${duration(seconds)}` : text;
}

/** @param {Episode[]} episodes */
function drawing(report, episodes) {
  const [from, to] = [Date.parse(report.start_time), Date.parse(report.end_time)];
  const x = (/** @type {number} */ moment) =>
    LABEL_WIDTH + ((WIDTH - LABEL_WIDTH) * (Math.min(Math.max(moment, from), to) - from)) / Math.max(to - from, 1);
  const lanes = LANES.filter((kind) => episodes.some((episode) => episode.kind === kind));
  const height = lanes.length * LANE_HEIGHT + 24;
  const svg = draw("svg", {
    viewBox: `0 0 ${WIDTH} ${height}`,
    class: "timeline",
    role: "img",
    "aria-label": episodes.map(describe).join(". "),
  });
  lanes.forEach((kind, index) => {
    const y = index * LANE_HEIGHT;
    svg.append(
      draw("text", { class: "tick lane-name", x: 0, y: y + LANE_HEIGHT / 2 + 4 }, episodeLabel(kind)),
      draw("rect", {
        class: "lane",
        x: LABEL_WIDTH,
        y: y + 6,
        width: WIDTH - LABEL_WIDTH,
        height: LANE_HEIGHT - 12,
        rx: 5,
      }),
      ...episodes
        .filter((episode) => episode.kind === kind)
        .map((episode) => {
          const left = x(Date.parse(episode.started_at));
          const right = x(episode.ended_at ? Date.parse(episode.ended_at) : to);
          return draw(
            "rect",
            {
              class: `episode episode-${kind}`,
              x: Math.min(left, WIDTH - 4),
              y: y + 6,
              width: Math.max(right - left, 4),
              height: LANE_HEIGHT - 12,
              rx: 3,
            },
            draw("title", {}, describe(episode)),
          );
        }),
    );
  });
  for (let tick = 0; tick < TICKS; tick += 1) {
    const moment = from + ((to - from) * tick) / (TICKS - 1);
    const anchor = tick === 0 ? "start" : tick === TICKS - 1 ? "end" : "middle";
    svg.append(
      draw("text", { class: "tick", x: x(moment), y: height - 4, "text-anchor": anchor }, clockTime(new Date(moment))),
    );
  }
  return svg;
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
