/** Keeps the camera on for as long as it is wanted, whatever happens to it, and knows why there is no picture. */

import { h } from "../dom.js";
import { wait } from "./background.js";
import { Camera, CameraError, isAllowed } from "./camera.js";

const RETRY_AFTER_MS = 10_000;
const MAY_COME_BACK = new Set(["lost", "missing", "in_use"]);

/**
 * @typedef {import("./camera.js").CameraReason | "lost" | "still" | "muted" | "asleep" | "unable"} Reason
 *   asleep: until a click; unable: to find faces in this browser, where pictures are to stay
 */

/** Events: "changed" when the camera goes on or off for any reason, or another one is connected. */
export class CameraKeeper extends EventTarget {
  constructor() {
    super();
    // Its picture is shown by views, from the same stream: an element that is moved around would stop.
    const video = h("video", { muted: true, playsinline: true });
    this.host = h("div", { class: "camera-host", "aria-hidden": "true" }, video);
    this.camera = new Camera(video);
    this.isWanted = false;
    this.isAsking = false;
    /** @type {Reason | null} */
    this.reason = null;
    this.retrying = new AbortController();
    this.camera.addEventListener("lost", () => this.#trouble("lost"));
    this.camera.addEventListener("still", (/** @type {any} */ { detail }) => this.#onStill(detail));
    this.camera.addEventListener("muted", (/** @type {any} */ { detail }) => this.#set(detail ? "muted" : null));
    this.camera.addEventListener("unable", (/** @type {any} */ { detail }) => this.#onUnable(detail));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#onDevices());
  }

  get isOn() {
    return this.camera.isOn;
  }

  /**
   * @param {string} [deviceId]
   * @returns {Promise<boolean>} true if the camera is on; otherwise there is a reason
   */
  async turnOn(deviceId) {
    if (!this.host.isConnected) document.body.append(this.host);
    this.isWanted = true;
    this.isAsking = true;
    this.#set(null);
    const reason = await this.#start(deviceId);
    this.isAsking = false;
    if (reason) this.#trouble(reason);
    else this.#set(null);
    return this.isOn;
  }

  /** Turns the camera on without a question to the user, or waits for a click. */
  async wake() {
    if (this.isOn) return true;
    if (await isAllowed()) return this.turnOn();
    this.#set("asleep");
    return false;
  }

  turnOff() {
    this.isWanted = false;
    this.retrying.abort();
    this.camera.stop();
    this.camera.isPrivate = null; // the next to turn it on may be somebody else, or have chosen otherwise
    this.#set(null);
  }

  /** @param {string} [deviceId] @returns {Promise<Reason | null>} */
  async #start(deviceId) {
    try {
      await this.camera.start(deviceId);
      return null;
    } catch (error) {
      if (!(error instanceof CameraError)) throw error;
      return error.reason;
    }
  }

  /** @param {Reason} reason */
  #trouble(reason) {
    this.#set(reason);
    if (MAY_COME_BACK.has(reason)) this.#retryLater();
  }

  /** A camera may stand still in silence, for example after another program has used it: started again, it may go on. */
  async #onStill(isStill) {
    this.#set(isStill ? "still" : null);
    if (!isStill) return;
    const reason = await this.#start();
    if (reason) this.#trouble(reason);
  }

  #onUnable(isUnable) {
    if (isUnable) this.#set("unable");
    else if (this.reason === "unable") this.#set(null);
  }

  async #retryLater() {
    this.retrying.abort();
    this.retrying = new AbortController();
    const { signal } = this.retrying;
    await wait(RETRY_AFTER_MS, signal);
    if (!signal.aborted) this.#retry();
  }

  async #retry() {
    if (!this.isWanted || this.isOn || this.isAsking || !(await isAllowed())) return;
    const reason = await this.#start();
    if (reason) this.#trouble(reason);
    else this.#set(null);
  }

  #onDevices() {
    if (this.reason && MAY_COME_BACK.has(this.reason)) this.#retry();
    this.dispatchEvent(new Event("changed"));
  }

  /** @param {Reason | null} reason */
  #set(reason) {
    this.reason = reason;
    this.dispatchEvent(new Event("changed"));
  }
}
