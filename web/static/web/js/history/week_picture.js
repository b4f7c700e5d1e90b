/** The picture of a week for paper and for a file. Its colours are its own: paper is white in the dark theme, too. */

import { draw } from "../dom.js";
import { dayName, duration, number, t } from "../i18n.js";
import { rateText, shareText } from "./labels.js";

/** @typedef {import("./strip.js").StripTotals} StripTotals */
/** @typedef {{first_day: string, last_day: string, days: (StripTotals & {date: string})[], total: StripTotals,
 *   before: {weeks: number, desk_s: number | null, good_share: number | null, neck_per_hour: number | null}}} Week */

const [WIDTH, HEIGHT] = [900, 560];
const NAMES = 190; // the width of the rows' names
const [BARS_TOP, BARS_HEIGHT] = [90, 210];
const [ROWS_TOP, ROW_HEIGHT] = [350, 34];
const INK = { text: "#1a2726", quiet: "#526160", line: "#dcdfd7", good: "#1d7046", bad: "#c9673b", unknown: "#c9cec8" };
const FONT = 'system-ui, "Noto Sans KR", "Noto Sans CJK KR", "Malgun Gothic", sans-serif';
const WEEK_DAYS = 7;
const ONE_DIGIT = { maximumFractionDigits: 1 };

/** @param {Week} week @param {string} title @param {string[]} dates its seven days @returns {SVGElement} */
export function weekPicture(week, title, dates) {
  const days = dates.map((date) => week.days.find((day) => day.date === date) ?? null);
  const columnWidth = (WIDTH - NAMES - 20) / WEEK_DAYS;
  const x = (/** @type {number} */ index) => NAMES + columnWidth * (index + 0.5);
  const highest = Math.max(1, ...days.map((day) => Math.ceil((day?.desk_s ?? 0) / 3600)));
  return draw(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      class: "week-picture",
      "font-family": FONT,
      role: "img",
      "aria-label": title,
    },
    draw("rect", { width: WIDTH, height: HEIGHT, fill: "#ffffff" }),
    text(20, 38, title, { size: 22, weight: 700 }),
    ...legend(),
    ...[0, highest / 2, highest].flatMap((hours) => gridLine(hours, highest)),
    ...days.flatMap((day, index) => (day ? column(day, x(index), Math.min(64, columnWidth * 0.62), highest) : [])),
    ...dates.map((date, index) => dayLabel(date, x(index))),
    ...rows().flatMap(([name, value], row) => tableRow(name, days.map((day) => (day ? value(day) : "–")), row, x)),
    text(20, HEIGHT - 14, t("Estimated by Pose Smart with a webcam. No medical device, no diagnosis."), {
      size: 13,
      fill: INK.quiet,
    }),
  );
}

/** @returns {[string, (day: StripTotals) => string][]} */
const rows = () => [
  [t("Good posture"), ({ good_share }) => shareText(good_share)],
  [t("At the desk"), ({ desk_s }) => duration(desk_s)],
  [t("Blinks a minute"), ({ blink_rate }) => rateText(blink_rate)],
  [t("Breaks"), ({ rests }) => number(rests)],
  [t("Neck alarms an hour"), ({ neck_per_hour: rate }) => (rate === null ? "–" : number(rate, ONE_DIGIT))],
];

/** @param {string} name @param {string[]} values @param {number} row @param {(index: number) => number} x */
function tableRow(name, values, row, x) {
  const y = ROWS_TOP + ROW_HEIGHT * row;
  return [
    draw("path", { d: `M20 ${y}H${WIDTH - 20}`, stroke: INK.line }),
    text(20, y + 23, name, { fill: INK.quiet }),
    ...values.map((value, index) => text(x(index), y + 23, value, { anchor: "middle", size: 14 })),
  ];
}

/** @param {string} date @param {number} x */
function dayLabel(date, x) {
  const name = dayName(date, { weekday: "short", day: "numeric" });
  return text(x, BARS_TOP + BARS_HEIGHT + 24, name, { anchor: "middle", weight: 600 });
}

/** What the bars' colours mean. */
function legend() {
  const colours = [
    [INK.good, t("Good posture")],
    [INK.bad, t("Bad posture")],
    [INK.unknown, t("Not known")],
  ];
  return colours.flatMap(([fill, name], index) => [
    draw("rect", { x: 20 + 170 * index, y: 52, width: 14, height: 14, rx: 3, fill }),
    text(41 + 170 * index, 64, name, { fill: INK.quiet }),
  ]);
}

function gridLine(hours, highest) {
  const y = BARS_TOP + BARS_HEIGHT * (1 - hours / highest);
  const label = t("{hours} h", { hours: number(hours, { maximumFractionDigits: 1 }) });
  return [
    draw("path", { d: `M${NAMES - 10} ${y}H${WIDTH - 20}`, stroke: INK.line }),
    text(NAMES - 20, y + 5, label, { anchor: "end", size: 14, fill: INK.quiet }),
  ];
}

/** @param {StripTotals} day */
function column({ desk_s, good_s, bad_s, good_share }, x, width, highest) {
  const tall = (/** @type {number} */ seconds) => (BARS_HEIGHT * seconds) / 3600 / highest;
  const bottom = BARS_TOP + BARS_HEIGHT;
  const part = (fill, from, to) =>
    draw("rect", { x: x - width / 2, y: bottom - tall(to), width, height: Math.max(0, tall(to) - tall(from)), fill });
  return [
    part(INK.good, 0, good_s),
    part(INK.bad, good_s, good_s + bad_s),
    part(INK.unknown, good_s + bad_s, Math.max(desk_s, good_s + bad_s)),
    text(x, bottom - tall(Math.max(desk_s, good_s + bad_s)) - 7, shareText(good_share), { anchor: "middle", weight: 700 }),
  ];
}

function text(x, y, content, { anchor = "start", size = 15, weight = 400, fill = INK.text } = {}) {
  return draw("text", { x, y, "text-anchor": anchor, "font-size": size, "font-weight": weight, fill }, content);
}

/** @param {SVGElement} svg @returns {Promise<Blob>} twice as large, sharp on paper */
export async function toPng(svg) {
  const source = new Blob([new XMLSerializer().serializeToString(svg)], { type: "image/svg+xml" });
  const url = URL.createObjectURL(source);
  try {
    const image = new Image(2 * WIDTH, 2 * HEIGHT);
    image.src = url;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * WIDTH, height: 2 * HEIGHT });
    canvas.getContext("2d")?.drawImage(image, 0, 0, 2 * WIDTH, 2 * HEIGHT);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made"))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
