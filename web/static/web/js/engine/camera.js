/** The camera: the available devices, pictures, and the reasons why it cannot be used. */

import { clock } from "../clock.js";
import { getReady, look } from "../landmarks/finder.js";
import { snapshot } from "./background.js";

const CHOSEN_KEY = "posesmart.camera";
const NAME_KEY = "posesmart.camera.label";
const MAX_NAME_LENGTH = 128; // that the service takes
const SHORT_SIDE_PX = 480;
const QUALITY = { frame: 0.85, burst: 0.7 };
const FACE_MARGIN = 0.6; // of the face's width, on each side: a head moves by less between two answers
const MAX_AREA = 0.7; // of the picture; above it, the whole one costs hardly more
const MAX_CROP_PX = 1280;
const AREA_STEP_PX = 16;
const MAX_AREAS = 4;
const STILL_AFTER_MS = 5000; // a camera that works is never without a new picture for so long

/** @typedef {"denied" | "missing" | "in_use" | "insecure" | "unsupported"} CameraReason */
/** @typedef {import("../landmarks/finder.js").Found} Found */
/**
 * @typedef {object} Picture
 * @property {Blob} [blob] none if pictures stay in the browser
 * @property {Found} [found] in the picture, instead
 * @property {string} capturedAt
 * @property {string} [crop] its place, empty for a whole picture
 */
/** @typedef {Picture & {pixels: number, frames: number}} Shot pixels: their checksum; frames: the browser's count */

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

/**
 * Events: "lost" when the camera becomes unavailable while it is on; "still" (detail: boolean) when it has given no new
 * picture for STILL_AFTER_MS, and when it gives one again; "muted" (detail: boolean) when the system takes its pictures
 * away, and when it gives them back; "unable" (detail: boolean) when pictures are to stay here, but what finds faces in
 * them cannot be had, and when that is over.
 */
export class Camera extends EventTarget {
  /** @param {HTMLVideoElement} video shows the camera's picture */
  constructor(video) {
    super();
    this.video = video;
    /** @type {MediaStream | null} */
    this.stream = null;
    this.generation = 0; // a start that completes after a stop must not undo it
    this.last = { frames: 0, at: clock.now() };
    /** @type {Map<string, number>} the last checksum of each area that was taken */
    this.checksums = new Map();
    this.isStill = false;
    /** @type {boolean | null} its pictures stay in this browser; none is taken until it is known, by prepare() */
    this.isPrivate = null;
  }

  get isOn() {
    return this.stream !== null;
  }

  /** @returns {string | null} id of the camera that is on, otherwise of the one chosen last */
  get chosen() {
    return this.stream?.getVideoTracks()[0].getSettings().deviceId ?? localStorage.getItem(CHOSEN_KEY);
  }

  /**
   * What the service knows it by: its label, which unlike its id is the same at each address and outlives the browser's data.
   * @returns {string} of the camera that is on, otherwise of the one used last
   */
  get name() {
    const name = this.stream?.getVideoTracks()[0].label || localStorage.getItem(NAME_KEY) || this.chosen || "";
    return name.slice(0, MAX_NAME_LENGTH);
  }

  /** @returns {number | null} the width of its pictures over their height; null until it is on */
  get shape() {
    return this.isOn && this.video.videoHeight ? this.video.videoWidth / this.video.videoHeight : null;
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
    this.last = { frames: Infinity, at: clock.now() }; // its count begins anew
    const [track] = stream.getVideoTracks();
    localStorage.setItem(NAME_KEY, track.label);
    track.addEventListener("ended", () => this.#lost(stream));
    for (const name of ["mute", "unmute"]) {
      track.addEventListener(name, () => this.dispatchEvent(new CustomEvent("muted", { detail: track.muted })));
    }
    this.video.srcObject = stream;
    await this.video.play().catch(() => undefined); // stopped in the meantime
  }

  stop() {
    this.generation += 1;
    if (this.stream) stopTracks(this.stream);
    this.stream = null;
    this.video.srcObject = null;
  }

  /** @param {boolean} isPrivate the user has chosen that pictures stay in this browser */
  async prepare(isPrivate) {
    const isAble = !isPrivate || (await getReady());
    this.isPrivate = isAble ? isPrivate : null;
    this.dispatchEvent(new CustomEvent("unable", { detail: !isAble }));
  }

  /** @returns {Promise<Picture | null>} null if there is no picture, or none but one that has stood still for long */
  async takePicture() {
    const capture = await this.capture(QUALITY.frame);
    const shot = capture && (await capture.encode());
    if (!shot) return null;
    this.#note(shot);
    return this.isStill ? null : { blob: shot.blob, found: shot.found, capturedAt: shot.capturedAt };
  }

  /**
   * @param {Shot[]} shots
   * @returns {Shot[]} without repeated pictures, which would claim a higher frame rate than the camera has
   */
  withoutRepeats(shots) {
    return shots.filter((shot) => this.#note(shot));
  }

  /**
   * @param {number} [quality] 0 to 1
   * @param {import("../desk/overlay.js").Face | null} [face] take only its surroundings, at the camera's own resolution
   * @returns {Promise<{capturedAt: string, encode: () => Promise<Shot>} | null>}
   */
  async capture(quality = QUALITY.burst, face = null) {
    const { videoWidth, videoHeight } = this.video;
    if (!this.isOn || !videoWidth || this.isPrivate === null) return null;
    const area = face && !this.isPrivate && surroundings(face, videoWidth, videoHeight);
    const scale = area ? 1 : Math.min(1, SHORT_SIDE_PX / Math.min(videoWidth, videoHeight));
    const capturedAt = new Date(clock.now()).toISOString();
    const [width, height] = [videoWidth, videoHeight].map((side) => Math.round(side * scale));
    const frames = this.video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
    const encode = this.isPrivate
      ? await look(this.video, width, height)
      : await snapshot(this.video, area || { left: 0, top: 0, width, height }, quality, Boolean(area));
    if (!encode) return null;
    const crop = area ? [area.left, area.top, videoWidth, videoHeight].join(",") : "";
    return { capturedAt, encode: async () => ({ ...(await encode()), capturedAt, frames, crop }) };
  }

  /** @returns {boolean} true for a new picture. The browser's count of frames helps where there is one: not in Firefox */
  #note({ pixels, frames, crop }) {
    const isNew = pixels !== this.checksums.get(crop) || frames > this.last.frames;
    const now = clock.now();
    if (isNew) this.last = { frames, at: now };
    else if (this.last.frames === Infinity) this.last.frames = frames;
    this.checksums.delete(crop); // so that the oldest area comes first
    this.checksums.set(crop, pixels);
    if (this.checksums.size > MAX_AREAS) this.checksums.delete(this.checksums.keys().next().value);
    const isStill = now - this.last.at >= STILL_AFTER_MS;
    if (isStill !== this.isStill) {
      this.isStill = isStill;
      this.dispatchEvent(new CustomEvent("still", { detail: isStill }));
    }
    return isNew;
  }

  #lost(stream) {
    if (this.stream !== stream) return;
    this.stop();
    this.dispatchEvent(new Event("lost"));
  }
}

/**
 * @param {import("../desk/overlay.js").Face} face
 * @param {number} width of the camera's picture
 * @param {number} height
 * @returns {{left: number, top: number, width: number, height: number} | null} null if nearly all would be taken
 */
function surroundings({ box, width: faceWidth }, width, height) {
  const scale = width / faceWidth;
  const margin = FACE_MARGIN * scale * (box.right - box.left);
  // In steps, so that a face that hardly moves has the same area and its pictures can be compared.
  const left = Math.max(0, AREA_STEP_PX * Math.floor((scale * box.left - margin) / AREA_STEP_PX));
  const top = Math.max(0, AREA_STEP_PX * Math.floor((scale * box.top - margin) / AREA_STEP_PX));
  const right = Math.min(width, AREA_STEP_PX * Math.ceil((scale * box.right + margin) / AREA_STEP_PX));
  const bottom = Math.min(height, AREA_STEP_PX * Math.ceil((scale * box.bottom + margin) / AREA_STEP_PX));
  const area = { left, top, width: right - left, height: bottom - top };
  const isSmall = area.width * area.height < MAX_AREA * width * height;
  return isSmall && area.width > 0 && area.height > 0 && Math.max(area.width, area.height) <= MAX_CROP_PX ? area : null;
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
      localStorage.removeItem(CHOSEN_KEY); // unplugged, or its id has changed: by its label, or any other
      const name = localStorage.getItem(NAME_KEY);
      return openStream((await cameras()).find(({ id, label }) => label === name && id !== deviceId)?.id ?? null);
    }
    throw new CameraError(REASONS[error.name] ?? "unsupported");
  }
}

/** @param {MediaStream} stream */
function stopTracks(stream) {
  for (const track of stream.getTracks()) track.stop();
}
