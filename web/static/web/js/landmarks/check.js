/** The check of a picture that stays in the browser, as the service makes it of one that is sent (camera_check.py). */

const MIN_FACE_PX = 100;
const NEAR_WIDTH = 0.45; // of the picture's longer side
const MIN_LIGHT = 40 / 255;

/** @typedef {import("./finder.js").Found} Found */

/** @param {Found} found @returns {import("../engine/sessions.js").Check} */
export function checkOf({ points, faces, brightness, width, height }) {
  if (!points) return { face_found: false, faces, hint: "no_face", distance: null, light: null };
  const [right] = points;
  const left = points[16]; // the jaw's ends
  const face = Math.hypot(left[0] - right[0], left[1] - right[1]);
  const isFar = face < MIN_FACE_PX;
  const isDark = brightness !== null && brightness < MIN_LIGHT;
  const hint = (faces > 1 && "more_than_one_face") || (isFar && "face_too_small") || (isDark && "too_dark") || null;
  const distance = isFar ? "far" : face > NEAR_WIDTH * Math.max(width, height) ? "near" : "good";
  return { face_found: true, faces, hint, distance, light: isDark ? "dark" : "good" };
}
