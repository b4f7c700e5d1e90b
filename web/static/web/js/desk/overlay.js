/** Draws over the camera's picture: the last outline of the face, and the outline it would have in good posture. */

import { draw } from "../dom.js";

/**
 * @typedef {object} Face
 * @property {number} width of the picture
 * @property {number} height of the picture
 * @property {{left: number, top: number, right: number, bottom: number}} box
 * @property {[number, number][]} outline the jaw's 17 points
 */

/**
 * @param {SVGSVGElement} svg covers the picture
 * @param {Face | null} face
 * @param {{closer: {value: number}, lower: {value: number}, tilted: {value: number}} | null} margins
 * @param {string} tone "good", "bad" or "unsure"
 */
export function drawFace(svg, face, margins, tone) {
  svg.replaceChildren();
  if (!face) return;
  svg.setAttribute("viewBox", `0 0 ${face.width} ${face.height}`);
  const path = headPath(face);
  if (margins) svg.append(draw("path", { d: path, class: "face-target", transform: toGoodPosture(face, margins) }));
  svg.append(draw("path", { d: path, class: `face-current face-${tone}` }));
}

/** The jaw's 17 points, closed by an arch over the forehead. */
function headPath({ outline }) {
  const [first] = outline;
  const last = outline[outline.length - 1];
  const radius = Math.hypot(last[0] - first[0], last[1] - first[1]) / 2;
  const jaw = outline.map(([x, y]) => `${x} ${y}`).join(" L");
  return `M${jaw} A${radius} ${radius * 1.15} 0 0 0 ${first[0]} ${first[1]} Z`;
}

/** The SVG transform that undoes the margins: rotates the outline back, scales it back and lifts it. */
function toGoodPosture({ outline }, margins) {
  const [first] = outline;
  const last = outline[outline.length - 1];
  const x = (first[0] + last[0]) / 2;
  const y = (first[1] + last[1]) / 2;
  const scale = 1 / margins.closer.value;
  const up = margins.lower.value * Math.hypot(last[0] - first[0], last[1] - first[1]) * scale;
  return `translate(${x} ${y - up}) rotate(${-margins.tilted.value}) scale(${scale}) translate(${-x} ${-y})`;
}
