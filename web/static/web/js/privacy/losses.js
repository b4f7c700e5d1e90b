/** What a change of the choice would delete, said in numbers before it happens. */

import { call } from "../api.js";
import { confirmAction } from "../dialog.js";
import { fileSize, isoDay, t, tn } from "../i18n.js";
import { readTotal, totalBefore } from "../pictures/stored.js";

const DAY_MS = 24 * 3600 * 1000;

/** @typedef {import("./choice.js").Request} Request */
/** @typedef {import("../pictures/stored.js").Totals} Totals */
/** @typedef {{pictures: Totals | null, hasFace: boolean}} Losses pictures: null if unknown */

/** @param {Request} request @returns {Date | null} pictures from before it are deleted; null: none is */
export function limitOf({ privacy, keep_days }) {
  if (privacy !== "kept") return new Date();
  return keep_days ? new Date(Date.now() - keep_days * DAY_MS) : null;
}

/**
 * Asks the user if something would be deleted.
 * @param {Request} request
 * @returns {Promise<boolean>} false if they do not want to lose it
 */
export async function acceptLosses(request) {
  const { pictures, hasFace } = await lossesOf(request);
  if (pictures && !pictures.frames && !hasFace) return true;
  const texts = [picturesText(request, pictures), hasFace ? t("The face data that was learned is deleted, too.") : ""];
  const consequence = [...texts, t("This cannot be undone. Your reports are not affected.")].filter(Boolean).join(" ");
  return confirmAction(t("Change what happens to your pictures?"), consequence, t("Change and delete"));
}

/** @param {Request} request @returns {Promise<Losses>} */
async function lossesOf(request) {
  const limit = limitOf(request);
  const counted = request.privacy === "kept" ? () => totalBefore(isoDay(/** @type {Date} */ (limit))) : readTotal;
  const [pictures, face] = await Promise.all([
    limit ? counted().catch(() => null) : { frames: 0, bytes: 0 }, // the archive may be down
    request.privacy === "browser" ? call("GET", "accounts/face/") : null,
  ]);
  return { pictures, hasFace: Boolean(face?.enrolled) };
}

/** @param {Request} request @param {Losses["pictures"]} pictures */
function picturesText({ privacy, keep_days }, pictures) {
  if (pictures && !pictures.frames) return "";
  if (!pictures) {
    return t("Stored pictures that the new choice does not keep are deleted once the archive is available again.");
  }
  const size = fileSize(pictures.bytes);
  if (privacy !== "kept") {
    return tn(
      "{count} stored picture ({size}) is deleted.",
      "All {count} stored pictures ({size}) are deleted.",
      pictures.frames,
      { size },
    );
  }
  const days = tn("{count} day", "{count} days", keep_days ?? 0);
  return tn(
    "{count} stored picture ({size}) is older than {days} and is deleted.",
    "{count} stored pictures ({size}) are older than {days} and are deleted.",
    pictures.frames,
    { size, days },
  );
}
