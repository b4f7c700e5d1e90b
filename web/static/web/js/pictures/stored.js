/** The pictures that the service keeps of the user: their days, and deleting them. */

import { call } from "../api.js";
import { t, tn } from "../i18n.js";

const PAGE = 200; // the service's longest
const LOOK_AGAIN_MS = 2000;

/** @typedef {{frames: number, bytes: number}} Totals */
/** @typedef {Totals & {day: string, since: string, until: string}} StoredDay */
/** @typedef {{id: string, captured_at: string, size: number, face_found: boolean, events: string[]}} Picture */
/** @typedef {{from?: string, to?: string}} Span all, without its ends */

/** @param {string} address of a next page @returns {string} the same for call() */
const pathOf = (address) => address.replace(/^.*?\/api\//, "");

/**
 * @param {Record<string, string | number>} [query]
 * @returns {Promise<{total: Totals | null, next: string | null, results: StoredDay[]}>}
 */
export async function readDays(query = {}) {
  const parameters = new URLSearchParams(/** @type {any} */ (query));
  const page = await call("GET", `accounts/frames/days/?${parameters}`);
  return { ...page, next: page.next && new URL(page.next).searchParams.get("cursor") };
}

/** @returns {Promise<Totals>} */
export const readTotal = async () => /** @type {Totals} */ ((await readDays({ page_size: 1 })).total);

/** @param {string} day YYYY-MM-DD @returns {Promise<Totals>} of the days before it */
export async function totalBefore(day) {
  const total = { frames: 0, bytes: 0 };
  for (let cursor = /** @type {string | null} */ (day); cursor; ) {
    const { results, next } = await readDays({ cursor, page_size: 31 });
    for (const { frames, bytes } of results) {
      total.frames += frames;
      total.bytes += bytes;
    }
    cursor = next;
  }
  return total;
}

/**
 * @param {Span} span
 * @param {number} [pageSize]
 * @returns {Promise<{next: string | null, results: Picture[]}>} newest first
 */
export const readPictures = (span, pageSize = PAGE) =>
  call("GET", `accounts/frames/?${new URLSearchParams({ ...span, page_size: String(pageSize) })}`);

/** @param {string} next @returns {Promise<{next: string | null, results: Picture[]}>} */
export const readMore = (next) => call("GET", pathOf(next));

/** @param {Span} span @returns {Promise<number>} */
export async function countPictures(span) {
  let page = await readPictures(span);
  let count = page.results.length;
  while (page.next) {
    page = await readMore(page.next);
    count += page.results.length;
  }
  return count;
}

/** @param {number} count */
export const deletedText = (count) => tn("{count} picture was deleted.", "{count} pictures were deleted.", count);

/**
 * @param {Span} span
 * @param {(text: string) => void} say what has come of it so far
 */
export async function deletePictures(span, say) {
  const { deleted, pending } = await call("DELETE", `accounts/frames/?${new URLSearchParams(span)}`);
  const now = new Date().toISOString(); // a running session goes on storing
  if (pending) await followDeletion({ ...span, to: span.to && span.to < now ? span.to : now }, say);
  else say(deletedText(deleted));
}

/**
 * Says how far a deletion has come that the service completes by itself.
 * @param {Span} span
 * @param {(text: string) => void} say
 */
export async function followDeletion(span, say) {
  try {
    while ((await readPictures(span, 1)).results.length) {
      const { frames } = await readTotal();
      say(tn("Deleting… {count} picture is still stored.", "Deleting… {count} pictures are still stored.", frames));
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
    say(t("All of these pictures were deleted."));
  } catch {
    say(t("Some pictures will be deleted a little later, because the archive is unavailable."));
  }
}
