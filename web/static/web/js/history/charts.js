/** Charts of a summary's buckets as SVG, each with a table of its numbers, from which the same can be opened. */

import { draw, h } from "../dom.js";
import { number, t } from "../i18n.js";

const WIDTH = 560;
const HEIGHT = 180;
const EDGE = { left: 58, right: 16, top: 14, bottom: 28 };
const INNER_WIDTH = WIDTH - EDGE.left - EDGE.right;
const INNER_HEIGHT = HEIGHT - EDGE.top - EDGE.bottom;
const MAX_LABELS = { wide: 7, narrow: 5 }; // under the bars, where they are larger on a phone
const narrow = matchMedia("(max-width: 46rem)");
const ROUND_NUMBERS = [1, 2, 4, 6, 8, 10]; // except for 1, their halves are whole numbers too

/**
 * @typedef {object} Column
 * @property {string} label under the column
 * @property {string} name of the time that it is about
 * @property {string} text its value
 * @property {number | null} value
 * @property {[number, number]} [interval] that contains the true value
 * @property {() => void} [open] shows that time more closely
 */

/**
 * @param {string} title
 * @param {Column[]} columns
 * @param {{kind: "bars" | "points", tone: string, top?: number, tick?: (value: number) => string,
 *   note?: string}} options
 * @returns {HTMLElement}
 */
export function chart(title, columns, { kind, tone, top, note, tick = (value) => number(value) }) {
  const highest = Math.max(0, ...columns.map(({ value, interval }) => interval?.[1] ?? value ?? 0));
  const max = top ?? niceTop(highest);
  const y = (/** @type {number} */ value) => EDGE.top + INNER_HEIGHT * (1 - Math.min(value, max) / max);
  const step = INNER_WIDTH / columns.length;
  const labelEvery = spacing(columns.length);
  const svg = draw("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: `chart chart-${tone}`,
    role: "img",
    "aria-label": [title, ...columns.filter(({ value }) => value !== null).map(describe)].join(". "),
  });
  for (const value of [0, max / 2, max]) {
    svg.append(
      draw("line", { class: "grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(value), y2: y(value) }),
      draw("text", { class: "tick", x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }, tick(value)),
    );
  }
  columns.forEach((column, index) => {
    const x = EDGE.left + step * (index + 0.5);
    const marks = column.value === null ? [] : kind === "bars" ? [bar(x, step, y, column.value)] : point(x, y, column);
    const isLabelled = (columns.length - 1 - index) % labelEvery === 0;
    const label = isLabelled
      ? draw("text", { class: "tick", x, y: HEIGHT - 8, "text-anchor": "middle" }, column.label)
      : null;
    const hitArea = draw("rect", {
      class: "hit-area",
      x: x - step / 2,
      y: EDGE.top,
      width: step,
      height: INNER_HEIGHT,
    });
    const group = draw(
      "g",
      { class: column.open ? "column clickable" : "column" },
      draw("title", {}, describe(column)),
      hitArea,
      ...marks,
      label,
    );
    if (column.open) group.addEventListener("click", column.open);
    svg.append(group);
  });
  return h(
    "figure",
    { class: "panel chart-panel" },
    h("figcaption", {}, title),
    svg,
    note && h("p", { class: "hint" }, note),
    table(title, columns),
  );
}

/** @param {number} count of columns @returns {number} of them, one has a label; the names of weekdays are short */
function spacing(count) {
  if (count <= MAX_LABELS.wide) return 1;
  return Math.ceil(count / (narrow.matches ? MAX_LABELS.narrow : MAX_LABELS.wide));
}

/** @param {string} title @param {Column[]} columns */
function table(title, columns) {
  const row = (/** @type {Column} */ { name, text, open }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, open ? h("button", { type: "button", class: "link", onclick: open }, name) : name),
      h("td", {}, text),
    );
  return h(
    "details",
    { class: "as-table" },
    h("summary", {}, t("View as a table"), h("span", { class: "visually-hidden" }, `: ${title}`)),
    h("table", {}, h("tbody", {}, ...columns.map(row))),
  );
}

function bar(x, step, y, value) {
  const width = Math.min(step * 0.62, 44);
  const height = Math.max(y(0) - y(value), value > 0 ? 2 : 0);
  return draw("rect", { class: "bar", x: x - width / 2, y: y(0) - height, width, height, rx: Math.min(4, width / 4) });
}

/** @param {number} x @param {(value: number) => number} y @param {Column} column */
function point(x, y, { value, interval }) {
  const [low, high] = interval ?? [value ?? 0, value ?? 0];
  return [
    draw("path", { class: "whisker", d: `M${x} ${y(low)}V${y(high)}M${x - 5} ${y(low)}h10M${x - 5} ${y(high)}h10` }),
    draw("circle", { class: "point", cx: x, cy: y(value ?? 0), r: 4.5 }),
  ];
}

/** The next round number whose half is round too. */
function niceTop(highest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(highest, 1)));
  const top = power * (ROUND_NUMBERS.find((number) => number * power >= highest) ?? 10);
  return Math.max(top, 2);
}

/** @param {Column} column */
const describe = ({ name, text }) => `${name}: ${text}`;
