/** What was said about a stored picture when it was judged. */

import { episodeLabel } from "../history/labels.js";
import { t, timeWithSeconds } from "../i18n.js";

/** @typedef {import("./stored.js").Picture} Picture */

const WRONG = new Set(["bad_posture", "neck", "stranger", "someone_behind"]);

/** @param {Picture} picture @returns {{text: string, tone: "bad" | "unsure" | "plain"}} */
export function verdictOf({ events, face_found }) {
  const text = [...new Set(events)].map(episodeLabel).join(" · ");
  const isWrong = events.some((kind) => WRONG.has(kind));
  if (!face_found) return { text: text || t("No face"), tone: isWrong ? "bad" : "unsure" };
  return { text: text || t("Nothing noted"), tone: isWrong ? "bad" : "plain" };
}

/** @param {Picture} picture */
export const pictureLabel = (picture) => `${timeWithSeconds(picture.captured_at)}, ${verdictOf(picture).text}`;
