/** Timers and JPEG encoding that keep their pace in a hidden tab. */

const worker = new Worker(new URL("./background_worker.js", import.meta.url));
/** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
const pending = new Map();
let lastId = 0;

worker.addEventListener("message", ({ data }) => {
  const task = pending.get(data.id);
  pending.delete(data.id);
  if (data.error) task?.reject(new Error(data.error));
  else task?.resolve(data.result);
});
worker.addEventListener("error", (event) => {
  for (const { reject } of pending.values()) reject(new Error(`The background worker failed: ${event.message}`));
  pending.clear();
});

/**
 * @param {object} task
 * @param {Transferable[]} [transfer]
 * @returns {Promise<any>}
 */
function runInWorker(task, transfer = []) {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    pending.set(id, { resolve, reject });
    worker.postMessage({ id, ...task }, transfer);
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
  await Promise.race([runInWorker({ ms }), aborted]);
  signal?.removeEventListener("abort", resolveAborted); // a session's signal lives for hours
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
  if (typeof OffscreenCanvas === "function") {
    const bitmap = await createImageBitmap(video, ...source);
    return () => runInWorker({ bitmap, width, height, quality }, [bitmap]);
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(video, ...source, 0, 0, width, height);
  return () =>
    new Promise((resolve, reject) => {
      // Without a worker pictures are not compared: reading pixels would take too long in the page.
      const settle = (blob) =>
        blob ? resolve({ blob, pixels: performance.now() }) : reject(new Error("The picture could not be encoded."));
      canvas.toBlob(settle, "image/jpeg", quality);
    });
}
