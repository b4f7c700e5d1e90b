/** Timers and JPEG encoding that keep their pace in a hidden tab. */

import { clock } from "../clock.js";
import { WorkerTasks } from "./worker_tasks.js";

const LIMIT_MS = 10_000;
const WITHOUT_WORKER_MS = 500; // until another one is tried: the service, from which it is loaded, may be restarting

const tasks = new WorkerTasks(() => new Worker(new URL("./background_worker.js", import.meta.url)), LIMIT_MS);

/**
 * Resolves after the given time, or as soon as the signal is aborted.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export async function wait(ms, signal) {
  if (signal?.aborted || ms <= 0) return;
  let resolveAborted = () => undefined;
  const aborted = new Promise((resolve) => (resolveAborted = () => resolve(undefined)));
  signal?.addEventListener("abort", resolveAborted);
  await Promise.race([clock.timer ? clock.timer(ms) : waitInWorker(ms), aborted]);
  signal?.removeEventListener("abort", resolveAborted); // a session's signal lives for hours
}

/** Goes on in the next worker if one fails. @param {number} ms */
async function waitInWorker(ms) {
  const dueAt = performance.now() + ms;
  for (let left = ms; left > 0; left = dueAt - performance.now()) {
    try {
      return await tasks.run({ ms: left });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, WITHOUT_WORKER_MS)));
    }
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {{left: number, top: number, width: number, height: number}} area
 * @param {number} quality 0 to 1
 * @param {boolean} isPart take this area of the video; otherwise, the whole in this size
 * @returns {Promise<() => Promise<{blob: Blob, pixels: number}>>} takes the picture at once; the returned function
 *   encodes it as JPEG, with a checksum of its pixels
 */
export async function snapshot(video, { left, top, width, height }, quality, isPart) {
  const source = isPart ? [left, top, width, height] : [0, 0, video.videoWidth, video.videoHeight];
  const bitmap = await createImageBitmap(video, ...source);
  return () => tasks.run({ bitmap, width, height, quality }, [bitmap]);
}
