/** Timers and JPEG encoding that keep their pace in a hidden tab. A worker that fails or hangs is replaced. */

import { clock } from "../clock.js";

const LIMIT_MS = 10_000; // no task takes so long, besides the time that it waits
const CHECK_EVERY_MS = 2000;
const WITHOUT_WORKER_MS = 500; // until another one is tried: the service, from which it is loaded, may be restarting

/** @typedef {{resolve: (result: any) => void, reject: (error: Error) => void, dueAt: number}} Task */

/** @type {Worker | null} */
let worker = null;
/** @type {Map<number, Task>} */
const pending = new Map();
let lastId = 0;

function startWorker() {
  const started = new Worker(new URL("./background_worker.js", import.meta.url));
  started.addEventListener("message", ({ data }) => {
    const task = pending.get(data.id);
    pending.delete(data.id);
    if (data.error) task?.reject(new Error(data.error));
    else task?.resolve(data.result);
  });
  started.addEventListener("error", ({ message }) => replaceWorker(started, message));
  started.addEventListener("messageerror", () => replaceWorker(started, "unreadable message"));
  return started;
}

/** The next task starts another one. */
function replaceWorker(failed, reason) {
  if (worker !== failed) return;
  failed.terminate();
  worker = null;
  for (const { reject } of pending.values()) reject(new Error(`The background worker failed: ${reason}`));
  pending.clear();
}

// An interval of the page: slow in a hidden tab, but it does not depend on what it watches.
setInterval(() => {
  const isLate = [...pending.values()].some(({ dueAt }) => performance.now() > dueAt);
  if (worker && isLate) replaceWorker(worker, "no answer");
}, CHECK_EVERY_MS);

/**
 * @param {{ms?: number, [name: string]: any}} task
 * @param {Transferable[]} [transfer]
 * @returns {Promise<any>}
 */
function runInWorker(task, transfer = []) {
  const id = ++lastId;
  worker ??= startWorker();
  const current = worker;
  return new Promise((resolve, reject) => {
    pending.set(id, { resolve, reject, dueAt: performance.now() + LIMIT_MS + (task.ms ?? 0) });
    current.postMessage({ id, ...task }, transfer);
  });
}

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
      return await runInWorker({ ms: left });
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
  return () => runInWorker({ bitmap, width, height, quality }, [bitmap]);
}
