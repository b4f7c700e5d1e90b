/** Waiting, telling the time and making JPEGs at full pace, in a tab that nobody looks at too. */

const CLOCKS_APART_MS = 2000;

const worker = new Worker(new URL("./background_worker.js", import.meta.url));
/** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
const underWay = new Map();
let lastId = 0;

worker.addEventListener("message", ({ data }) => {
  const task = underWay.get(data.id);
  underWay.delete(data.id);
  if (data.error) task?.reject(new Error(data.error));
  else task?.resolve(data.result);
});

/**
 * @param {object} task
 * @param {Transferable[]} [transfer]
 * @returns {Promise<any>}
 */
function ask(task, transfer = []) {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    underWay.set(id, { resolve, reject });
    worker.postMessage({ id, ...task }, transfer);
  });
}

/**
 * Resolves after so long, or as soon as the signal is aborted.
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export async function wait(ms, signal) {
  if (signal?.aborted || ms <= 0) return;
  let end = () => undefined;
  const aborted = new Promise((resolve) => (end = () => resolve(undefined)));
  signal?.addEventListener("abort", end);
  await Promise.race([ask({ ms }), aborted]);
  signal?.removeEventListener("abort", end); // a session's signal lives for hours
}

/**
 * @param {HTMLVideoElement} video
 * @param {number} width
 * @param {number} height
 * @param {number} quality 0 to 1
 * @returns {Promise<() => Promise<Blob>>} the picture is taken; what comes back makes a JPEG of it
 */
export async function snapshot(video, width, height, quality) {
  if (typeof OffscreenCanvas === "function") {
    const bitmap = await createImageBitmap(video);
    return () => ask({ bitmap, width, height, quality }, [bitmap]);
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(video, 0, 0, width, height);
  return () =>
    new Promise((resolve, reject) => {
      const take = (blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be encoded.")));
      canvas.toBlob(take, "image/jpeg", quality);
    });
}

/**
 * A clock that never goes back, keeps going while the computer sleeps, and leaps only forward with the system's.
 * @returns {() => number} milliseconds since the epoch
 */
export function steadyClock() {
  let shift = Date.now() - performance.now();
  return () => {
    const ahead = Date.now() - (performance.now() + shift);
    if (ahead > CLOCKS_APART_MS) shift += ahead;
    return performance.now() + shift;
  };
}
