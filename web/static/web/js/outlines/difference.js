/** How a face's outline differs from the one in good posture, in numbers and in words. */

import { number, percent, t } from "../i18n.js";

const BROWS_AND_NOSE = 17; // the first of those points; before it is the jaw, which leaning in pushes down
const JAW_END = 16;
const LIMITS = { closer: 0.1, lower: 0.15, tilted: 10 }; // the service's, at the usual sensitivity
/** Less is how people sit anyway. */
const WORTH_SAYING = { closer: 0.04, lower: 0.08, tilted: 4 };

/** @typedef {{width: number, height: number, points: [number, number][]}} Outline in pixels of a picture, not mirrored */
/**
 * @typedef {object} Difference
 * @property {number} closer 0.12 where the face is 12 % larger
 * @property {number} lower in widths of the face in good posture
 * @property {number} tilted degrees, clockwise in the picture: to the person's own left
 */

/** @param {Outline} now @param {Outline} best @returns {Difference} */
export function difference(now, best) {
  const [moved, still] = [centred(now.points), centred(best.points)];
  let [dot, cross] = [0, 0];
  still.forEach(([x, y], index) => {
    const [toX, toY] = moved[index];
    dot += x * toX + y * toY;
    cross += x * toY - y * toX;
  });
  const down = centre(now.points.slice(BROWS_AND_NOSE))[1] - centre(best.points.slice(BROWS_AND_NOSE))[1];
  return {
    closer: size(moved) / size(still) - 1,
    lower: down / faceWidth(best),
    tilted: (Math.atan2(cross, dot) * 180) / Math.PI,
  };
}

/** @param {Outline} now @param {Outline} best @returns {string} such as: lower by a third of your face, closer by 12% */
export function differenceText(now, best) {
  const { closer, lower, tilted } = difference(now, best);
  const [share, part] = [percent(Math.abs(closer)), fraction(Math.abs(lower))];
  const degrees = number(Math.abs(tilted), { maximumFractionDigits: 0 });
  const parts = [
    Math.abs(lower) >= WORTH_SAYING.lower &&
      (lower > 0 ? t("lower by {part} of your face", { part }) : t("higher by {part} of your face", { part })),
    Math.abs(closer) >= WORTH_SAYING.closer &&
      (closer > 0 ? t("closer by {share}", { share }) : t("farther by {share}", { share })),
    Math.abs(tilted) >= WORTH_SAYING.tilted &&
      (tilted > 0 ? t("tilted {degrees}° to the left", { degrees }) : t("tilted {degrees}° to the right", { degrees })),
  ].filter(Boolean);
  return parts.length ? parts.join(", ") : t("as at your best");
}

/** @param {Outline} now @param {Outline} best @returns {number} how far posture is from good; 1 is at the usual limits */
export function farness(now, best) {
  const { closer, lower, tilted } = difference(now, best);
  return Math.max(closer / LIMITS.closer, lower / LIMITS.lower, Math.abs(tilted) / LIMITS.tilted);
}

/** @param {Outline} outline */
export const faceWidth = ({ points }) => distance(points[0], points[JAW_END]);

/** @param {[number, number][]} points @returns {[number, number]} */
export function centre(points) {
  const sum = (/** @type {0 | 1} */ axis) => points.reduce((total, point) => total + point[axis], 0);
  return [sum(0) / points.length, sum(1) / points.length];
}

/** @param {[number, number][]} points @returns {[number, number][]} */
function centred(points) {
  const [x, y] = centre(points);
  return points.map((point) => [point[0] - x, point[1] - y]);
}

const distance = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]);

/** @param {[number, number][]} points around their centre */
const size = (points) => Math.hypot(...points.flat());

/** @param {number} share @returns {string} the nearest part that has a name, up to a whole */
function fraction(share) {
  const named = /** @type {[number, string][]} */ ([
    [0.1, t("a tenth")],
    [0.2, t("a fifth")],
    [0.25, t("a quarter")],
    [0.33, t("a third")],
    [0.5, t("half")],
    [0.67, t("two thirds")],
    [0.8, percent(share)],
  ]);
  const off = (/** @type {[number, string]} */ [part]) => Math.abs(part - share);
  return named.reduce((nearest, each) => (off(each) < off(nearest) ? each : nearest))[1];
}
