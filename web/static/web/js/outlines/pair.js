/** Two outlines of a face, as in a mirror: as it is, over the dashed one in good posture. No picture is needed for it. */

import { draw } from "../dom.js";
import { t } from "../i18n.js";
import { centre, differenceText, faceWidth } from "./difference.js";

const LINES = [
  [17, 22], // the brows
  [22, 27],
  [27, 31], // the nose
  [31, 36],
];
const JAW = 17;
/** What is shown around the face in good posture, in its widths: room to lean in, sink and tilt. */
const VIEW = { side: 0.95, above: 1.1, below: 1.3 };
const MAX_ASIDE = 0.3; // sitting a little aside is no fault, and would be cut off

/** @typedef {import("./difference.js").Outline} Outline */

export class OutlinePair {
  constructor() {
    this.element = draw("svg", { class: "outlines", role: "img" });
    this.words = "";
  }

  /**
   * @param {Outline | null | undefined} now null keeps what is shown
   * @param {Outline | null | undefined} best
   * @param {string} [title] what the first of the two is
   * @returns {boolean} there is something to see
   */
  show(now, best, title = t("You now, and at your best")) {
    if (!now || !best) return this.words !== "";
    this.words = differenceText(now, best);
    this.element.setAttribute("aria-label", `${title}: ${this.words}`);
    this.element.setAttribute("viewBox", viewBox(best));
    this.element.replaceChildren(head(best, "outline-best", 0), head(now, "outline-now", aside(now, best)));
    return true;
  }
}

/** @param {Outline} best */
function viewBox(best) {
  const [x, y] = centre(mirrored(best));
  const width = faceWidth(best);
  const box = [x - VIEW.side * width, y - VIEW.above * width, 2 * VIEW.side * width, (VIEW.above + VIEW.below) * width];
  return box.map(Math.round).join(" ");
}

/** @param {Outline} now @param {Outline} best @returns {number} how far to move the first back to the side */
function aside(now, best) {
  const off = centre(mirrored(now))[0] - centre(mirrored(best))[0];
  const most = MAX_ASIDE * faceWidth(best);
  return Math.min(most, Math.max(-most, off)) - off;
}

/** @param {Outline} outline @param {string} name @param {number} right */
function head(outline, name, right) {
  const points = mirrored(outline);
  const [first] = points;
  const radius = Math.round(faceWidth(outline) / 2);
  // The mirror turns the arch over the forehead around, too.
  const arch = `A${radius} ${Math.round(radius * 1.15)} 0 0 1 ${first[0]} ${first[1]}Z`;
  const paths = [`${line(points.slice(0, JAW))}${arch}`, ...LINES.map(([from, to]) => line(points.slice(from, to)))];
  const transform = `translate(${Math.round(right)} 0)`;
  return draw("g", { class: name, transform }, ...paths.map((d) => draw("path", { d })));
}

/** @param {Outline} outline @returns {[number, number][]} */
const mirrored = ({ width, points }) => points.map(([x, y]) => [width - x, y]);

const line = (points) => `M${points.map((point) => point.join(" ")).join("L")}`;
