/** A session's episodes along its time: a drawing, and a list. */

import { draw, h } from "../dom.js";
import { clockTime, duration, t } from "../i18n.js";
import { episodeLabel } from "./labels.js";

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
// On a phone the names stand above their lanes, so that the time has the whole width.
const WIDE = { width: 720, labelWidth: 200, laneHeight: 30, barTop: 6, ticks: 5 };
const NARROW = { width: 360, labelWidth: 0, laneHeight: 44, barTop: 22, ticks: 3 };
const BAR_HEIGHT = 18;
const narrow = matchMedia("(max-width: 600px)");
let redraw = () => {}; // the shown timeline, after the window has changed its width

narrow.addEventListener("change", () => redraw());

/** @typedef {{number: number, kind: string, started_at: string, ended_at: string | null}} Episode */

/** @param {{start_time: string, end_time: string}} report @param {Episode[]} episodes */
export function timeline(report, episodes) {
  if (!episodes.length) return [h("p", { class: "hint" }, t("No alarms and no breaks."))];
  const picture = h("div", { class: "timeline-box" });
  redraw = () => picture.replaceChildren(drawing(report, episodes, narrow.matches ? NARROW : WIDE));
  redraw();
  return [
    picture,
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

/** @param {{start_time: string, end_time: string}} report @param {Episode[]} episodes @param {typeof WIDE} shape */
function drawing(report, episodes, shape) {
  const [from, to] = [Date.parse(report.start_time), Date.parse(report.end_time)];
  const { width, labelWidth, laneHeight, ticks } = shape;
  const x = (/** @type {number} */ moment) =>
    labelWidth + ((width - labelWidth) * (Math.min(Math.max(moment, from), to) - from)) / Math.max(to - from, 1);
  const kinds = LANES.filter((kind) => episodes.some((episode) => episode.kind === kind));
  const height = kinds.length * laneHeight + 24;
  const lanes = kinds.flatMap((kind, index) =>
    lane(
      kind,
      episodes.filter((episode) => episode.kind === kind),
      index * laneHeight,
      (episode) => [x(Date.parse(episode.started_at)), x(episode.ended_at ? Date.parse(episode.ended_at) : to)],
      shape,
    ),
  );
  const times = Array.from({ length: ticks }, (_, tick) => {
    const moment = from + ((to - from) * tick) / (ticks - 1);
    const anchor = tick === 0 ? "start" : tick === ticks - 1 ? "end" : "middle";
    return draw("text", { class: "tick", x: x(moment), y: height - 4, "text-anchor": anchor }, clockTime(new Date(moment)));
  });
  const label = episodes.map(describe).join(". ");
  return draw(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "timeline", role: "img", "aria-label": label },
    ...lanes,
    ...times,
  );
}

/**
 * @param {string} kind
 * @param {Episode[]} episodes
 * @param {number} top
 * @param {(episode: Episode) => number[]} span its left and right end
 * @param {typeof WIDE} shape
 */
function lane(kind, episodes, top, span, { width, labelWidth, barTop }) {
  const y = top + barTop;
  const bar = (/** @type {Episode} */ episode) => {
    const [left, right] = span(episode);
    const place = { x: Math.min(left, width - 4), y, width: Math.max(right - left, 4), height: BAR_HEIGHT, rx: 3 };
    return draw("rect", { class: `episode episode-${kind}`, ...place }, draw("title", {}, describe(episode)));
  };
  return [
    draw("text", { class: "tick lane-name", x: 0, y: top + (labelWidth ? barTop + 13 : 16) }, episodeLabel(kind)),
    draw("rect", { class: "lane", x: labelWidth, y, width: width - labelWidth, height: BAR_HEIGHT, rx: 5 }),
    ...episodes.map(bar),
  ];
}
