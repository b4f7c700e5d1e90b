/** The user's choice that pictures stay in the browser, and what finds faces in them there. */

import { call } from "../api.js";
import { WorkerTasks } from "../engine/worker_tasks.js";

const LIMIT_MS = 60_000; // the first task loads 14 MB
const MAX_PENDING = 2; // a slow computer finds faces in fewer pictures, not later and later

/**
 * @typedef {object} Found in a picture
 * @property {number} width of the picture
 * @property {number} height
 * @property {number[][] | null} points the face's 68, in pixels; null without a face
 * @property {number} faces how many there are
 * @property {[number, number, number, number][]} others left, top, right and bottom of the other faces
 * @property {number | null} brightness of the face, 0 to 1
 */

// Its address is not among the page's files: it has a policy of its own, which allows it WebAssembly.
const tasks = new WorkerTasks(() => new Worker("/landmarks.js", { type: "module" }), LIMIT_MS);

/** @returns {Promise<boolean>} as the user has chosen */
export async function picturesStayHere() {
  return (await call("GET", "accounts/privacy/")).privacy === "browser";
}

/** Loads what finds faces. @returns {Promise<boolean>} false if this browser cannot, or the service does not have it */
export async function getReady() {
  try {
    await tasks.run({});
    return true;
  } catch (error) {
    console.warn(error);
    return false;
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {number} width of the picture that is looked at
 * @param {number} height
 * @returns {Promise<(() => Promise<{found: Found, pixels: number}>) | null>} takes the picture at once; the returned
 *   function tells what is in it, with a checksum of its pixels. null: earlier ones are still being looked at
 */
export async function look(video, width, height) {
  if (tasks.pending.size >= MAX_PENDING) return null;
  const isSmaller = width < video.videoWidth;
  const size = isSmaller ? { resizeWidth: width, resizeHeight: height, resizeQuality: "medium" } : {};
  const bitmap = await createImageBitmap(video, size);
  return () => tasks.run({ bitmap }, [bitmap]);
}
