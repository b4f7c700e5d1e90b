/** The camera: which there are, what it sees, and why it does not work. */

import { snapshot, steadyClock, wait } from "./background.js";

const REMEMBERED = "posesmart.camera";
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
    return false; // a browser that does not tell
  }
}

/** Events: "lost" when the camera is taken away while on. */
export class Camera extends EventTarget {
  /** @param {HTMLVideoElement} video that shows what it sees */
  constructor(video) {
    super();
    this.video = video;
    this.now = steadyClock();
    /** @type {MediaStream | null} */
    this.stream = null;
    this.turn = 0; // so that a start that comes late does not undo a stop
  }

  get isOn() {
    return this.stream !== null;
  }

  /** @returns {string | null} the id of the camera that is on, else of the one chosen last */
  get chosen() {
    return this.stream?.getVideoTracks()[0].getSettings().deviceId ?? localStorage.getItem(REMEMBERED);
  }

  /**
   * @param {string} [deviceId] to be remembered; without one, the remembered one, or any
   * @throws {CameraError}
   */
  async start(deviceId) {
    if (deviceId) localStorage.setItem(REMEMBERED, deviceId);
    this.stop();
    const turn = this.turn;
    const stream = await opened(localStorage.getItem(REMEMBERED));
    if (turn !== this.turn) {
      stop(stream);
      return;
    }
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", () => this.#lost(stream));
    this.video.srcObject = stream;
    await this.video.play().catch(() => undefined); // stopped again meanwhile
  }

  stop() {
    this.turn += 1;
    if (this.stream) stop(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }

  /** @returns {Promise<Picture | null>} null where there is nothing to see yet */
  async picture() {
    const taken = await this.#taken(QUALITY.frame);
    return taken && { blob: await taken.encode(), capturedAt: taken.capturedAt };
  }

  /**
   * @param {number} count
   * @param {number} intervalMs
   * @param {AbortSignal} signal ends it early
   * @returns {Promise<Picture[]>} as many as the camera had new frames for, each later than the one before
   */
  async burst(count, intervalMs, signal) {
    const begun = performance.now();
    /** @type {Promise<Picture>[]} */
    const pictures = [];
    let lastCount = -1;
    for (let number = 0; number < count && !signal.aborted && this.isOn; number += 1) {
      await wait(begun + number * intervalMs - performance.now(), signal);
      const seen = this.#framesSeen();
      if (seen === lastCount) continue; // the same picture again would claim a rate that the camera does not have
      lastCount = seen;
      const taken = await this.#taken(QUALITY.burst);
      if (taken) pictures.push(taken.encode().then((blob) => ({ blob, capturedAt: taken.capturedAt })));
    }
    return Promise.all(pictures);
  }

  async #taken(quality) {
    const { videoWidth, videoHeight } = this.video;
    if (!this.isOn || !videoWidth) return null;
    const scale = Math.min(1, SHORT_SIDE_PX / Math.min(videoWidth, videoHeight));
    const capturedAt = new Date(this.now()).toISOString();
    const size = [videoWidth, videoHeight].map((side) => Math.round(side * scale));
    return { capturedAt, encode: await snapshot(this.video, size[0], size[1], quality) };
  }

  /** @returns {number} counts the camera's frames; in a hidden tab, where browsers stop counting, the moments */
  #framesSeen() {
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
async function opened(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraError(isSecureContext ? "unsupported" : "insecure");
  const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
  try {
    const wish = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: "user" };
    return await navigator.mediaDevices.getUserMedia({ video: { ...size, ...wish } });
  } catch (error) {
    if (deviceId && REASONS[error.name] === "missing") {
      localStorage.removeItem(REMEMBERED); // unplugged: any other will do
      return opened(null);
    }
    throw new CameraError(REASONS[error.name] ?? "unsupported");
  }
}

/** @param {MediaStream} stream */
function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}
