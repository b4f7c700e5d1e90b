/** The camera: the available devices, pictures, and the reasons why it cannot be used. */

import { snapshot, steadyClock, wait } from "./background.js";

const CHOSEN_KEY = "posesmart.camera";
const SHORT_SIDE_PX = 480;
const QUALITY = { frame: 0.85, burst: 0.7 };

/** @typedef {"denied" | "missing" | "in_use" | "insecure" | "unsupported"} CameraReason */
/** @typedef {{blob: Blob, capturedAt: string}} Picture */

const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

export class CameraError extends Error {
  /** @param {CameraReason} reason */
  constructor(reason) {
    super(`The camera cannot be used: ${reason}`);
    this.reason = reason;
  }
}

/** @returns {Promise<{id: string, label: string}[]>} without labels until the camera has been allowed once */
export async function cameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter(({ kind, deviceId }) => kind === "videoinput" && deviceId)
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

/** @returns {Promise<boolean>} the camera may be used without asking again */
export async function isAllowed() {
  try {
    return (await navigator.permissions.query({ name: /** @type {any} */ ("camera") })).state === "granted";
  } catch {
    return false; // not every browser answers this query
  }
}

/** Events: "lost" when the camera becomes unavailable while it is on. */
export class Camera extends EventTarget {
  /** @param {HTMLVideoElement} video shows the camera's picture */
  constructor(video) {
    super();
    this.video = video;
    this.now = steadyClock();
    /** @type {MediaStream | null} */
    this.stream = null;
    this.generation = 0; // a start that completes after a stop must not undo it
  }

  get isOn() {
    return this.stream !== null;
  }

  /** @returns {string | null} id of the camera that is on, otherwise of the one chosen last */
  get chosen() {
    return this.stream?.getVideoTracks()[0].getSettings().deviceId ?? localStorage.getItem(CHOSEN_KEY);
  }

  /**
   * @param {string} [deviceId] saved as the chosen camera; default: the camera chosen last, or any
   * @throws {CameraError}
   */
  async start(deviceId) {
    if (deviceId) localStorage.setItem(CHOSEN_KEY, deviceId);
    this.stop();
    const generation = this.generation;
    const stream = await openStream(localStorage.getItem(CHOSEN_KEY));
    if (generation !== this.generation) {
      stopTracks(stream);
      return;
    }
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => this.#lost(stream));
    this.video.srcObject = stream;
    await this.video.play().catch(() => undefined); // stopped in the meantime
  }

  stop() {
    this.generation += 1;
    if (this.stream) stopTracks(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }

  /** @returns {Promise<Picture | null>} null if there is no picture yet */
  async takePicture() {
    const capture = await this.#capture(QUALITY.frame);
    return capture && { blob: await capture.encode(), capturedAt: capture.capturedAt };
  }

  /**
   * @param {number} count
   * @param {number} intervalMs
   * @param {AbortSignal} signal ends the burst early
   * @returns {Promise<Picture[]>} in the order they were taken; fewer than count if the camera is slower
   */
  async takeBurst(count, intervalMs, signal) {
    const startedAt = performance.now();
    /** @type {Promise<Picture>[]} */
    const pictures = [];
    let lastFrame = -1;
    for (let index = 0; index < count && !signal.aborted && this.isOn; index += 1) {
      await wait(startedAt + index * intervalMs - performance.now(), signal);
      const frame = this.#frameNumber();
      if (frame === lastFrame) continue; // repeating it would claim a higher frame rate than the camera has
      lastFrame = frame;
      const capture = await this.#capture(QUALITY.burst);
      if (capture) pictures.push(capture.encode().then((blob) => ({ blob, capturedAt: capture.capturedAt })));
    }
    return Promise.all(pictures);
  }

  async #capture(quality) {
    const { videoWidth, videoHeight } = this.video;
    if (!this.isOn || !videoWidth) return null;
    const scale = Math.min(1, SHORT_SIDE_PX / Math.min(videoWidth, videoHeight));
    const capturedAt = new Date(this.now()).toISOString();
    const size = [videoWidth, videoHeight].map((side) => Math.round(side * scale));
    return { capturedAt, encode: await snapshot(this.video, size[0], size[1], quality) };
  }

  /** @returns {number} changes with each camera frame; with each call in a hidden tab, where browsers do not count */
  #frameNumber() {
    if (document.hidden || !this.video.getVideoPlaybackQuality) return performance.now();
    return this.video.getVideoPlaybackQuality().totalVideoFrames;
  }

  #lost(stream) {
    if (this.stream !== stream) return;
    this.stop();
    this.dispatchEvent(new Event("lost"));
  }
}

/**
 * @param {string | null} deviceId
 * @returns {Promise<MediaStream>}
 */
async function openStream(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraError(isSecureContext ? "unsupported" : "insecure");
  const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  try {
    const constraint = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "user" };
    return await navigator.mediaDevices.getUserMedia({ video: { ...size, ...constraint } });
  } catch (error) {
    if (deviceId && REASONS[error.name] === "missing") {
      localStorage.removeItem(CHOSEN_KEY); // unplugged: use any other
      return openStream(null);
    }
    throw new CameraError(REASONS[error.name] ?? "unsupported");
  }
}

/** @param {MediaStream} stream */
function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}
