/** Runs a session: sends pictures at the pace the service asks for, one request at a time, and retries in silence. */

import { clock } from "../clock.js";
import { wait } from "./background.js";
import { Film } from "./film.js";
import * as sessions from "./sessions.js";

const STALE_AFTER_MS = 8000; // then a new picture says more than sending the old one again
const MAX_RETRY_MS = 15_000;
const NO_PICTURE_WAIT_MS = 500;
const SUSPENDED_AFTER_MS = 20_000;
const TRANSIENT = new Set([0, 408, 429, 500, 502, 503, 504]); // 0: no response
const WATCHED_STATES = new Set(["calibrating", "monitoring", "away"]);

/** @typedef {import("./sessions.js").Session} Session */

/**
 * Events: "updated" (detail: Session), "connection" (detail: true if connected), "suspended" (detail: seconds),
 * "ended" (detail: the error; 409 and 404 mean that the session was ended elsewhere).
 */
export class SessionRunner extends EventTarget {
  /** @param {import("./camera.js").Camera} camera */
  constructor(camera) {
    super();
    this.camera = camera;
    /** @type {Session | null} */
    this.session = null;
    this.isConnected = true;
    /** @type {Film | null} */
    this.film = null;
    this.watching = new AbortController();
    this.backoff = new AbortController();
    /** @type {Promise<unknown>} */
    this.queue = Promise.resolve();
    addEventListener("online", () => this.#skipBackoff());
    clock.addEventListener("slept", (/** @type {any} */ { detail }) => this.#noteSleep(detail));
  }

  /** @param {number | null} profile id of a saved profile; null calibrates first */
  async start(profile) {
    this.#watch(await sessions.start(profile, this.camera.chosen ?? ""));
  }

  /** @param {string} id of a running session */
  async resume(id) {
    const session = await sessions.read(id);
    this.#watch(session.state === "paused" ? await sessions.command(id, "resume") : session);
  }

  /** @param {"pause" | "resume" | "recalibrate"} command */
  async command(command) {
    this.#stopWatching();
    const { id } = this.session;
    this.#watch(await this.#retry(() => sessions.command(id, command)));
  }

  /** Calibrates again and learns the face. Watches on if the password is wrong. */
  async confirmFace(password, keep) {
    const { id } = this.session;
    this.#watch(await this.#retry(() => sessions.confirmFace(id, password, keep)));
  }

  /** @param {boolean} hasMoved the answer to the question whether the camera was moved */
  async answerCameraMoved(hasMoved) {
    const { id } = this.session;
    this.#update(await this.#retry(() => sessions.answerCameraMoved(id, hasMoved)));
  }

  /** Counts a stretch once, even if the response is lost. */
  async countStretch() {
    const { id, counts } = this.session;
    let isSent = false;
    this.#update(
      await this.#retry(async () => {
        if (isSent) {
          const session = await sessions.read(id);
          if (session.counts.stretches > counts.stretches) return session;
        }
        isSent = true;
        return sessions.command(id, "stretches");
      }),
    );
  }

  /** @returns {Promise<object>} the report */
  async stop() {
    this.#stopWatching();
    const { id } = this.session;
    const { report } = await this.#retry(() => sessions.command(id, "stop"));
    this.session = null;
    return report;
  }

  /** Stops watching without ending the session. */
  leave() {
    this.#stopWatching();
    this.session = null;
    this.#setConnected(true);
  }

  #watch(session) {
    this.#stopWatching();
    this.watching = new AbortController();
    this.#update(session);
    this.#sendPictures(this.watching.signal);
  }

  #startFilm(intervalMs, signal) {
    this.film = new Film(this.camera, intervalMs, signal);
    this.film.beforePicture = () => this.#settleClock();
  }

  #stopFilm() {
    this.film?.stop();
    this.film = null;
  }

  #stopWatching() {
    this.watching.abort();
    this.#stopFilm();
    this.#skipBackoff();
  }

  #skipBackoff() {
    this.backoff.abort();
    this.backoff = new AbortController();
  }

  #update(session) {
    this.session = session;
    this.dispatchEvent(new CustomEvent("updated", { detail: session }));
  }

  /** @param {AbortSignal} signal */
  async #sendPictures(signal) {
    try {
      while (!signal.aborted && WATCHED_STATES.has(this.session?.state)) {
        // While a film runs, the next burst follows the last one without a gap.
        if (!this.film || this.session.next !== "burst") await wait(this.session.next_after_ms, signal);
        await this.#settleClock();
        const pictures = await this.#takePictures(signal);
        if (signal.aborted) return;
        if (pictures.length) await this.#send(pictures, signal);
        else await wait(NO_PICTURE_WAIT_MS, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.leave();
      this.dispatchEvent(new CustomEvent("ended", { detail: error }));
    }
  }

  /** After a jump of the system's clock: an answer of the service tells whether the computer slept. */
  async #settleClock() {
    if (clock.isInDoubt && this.session) await sessions.read(this.session.id).catch(() => undefined);
  }

  #noteSleep(ms) {
    if (!this.session || ms < SUSPENDED_AFTER_MS) return;
    this.dispatchEvent(new CustomEvent("suspended", { detail: ms / 1000 }));
  }

  async #takePictures(signal) {
    const { next, burst } = this.session;
    if (next === "burst") {
      if (!this.film || this.film.isOver) this.#startFilm(burst.interval_ms, signal);
      this.film.face = this.session.face;
      const pictures = await this.film.take(burst.frames);
      return pictures.length === 1 && pictures[0].crop ? [] : pictures; // alone, a picture has to be whole
    }
    this.#stopFilm();
    const picture = await this.camera.takePicture();
    return picture ? [picture] : [];
  }

  async #send(pictures, signal) {
    const { id } = this.session;
    const key = crypto.randomUUID();
    const camera = this.camera.chosen ?? "";
    const takenAt = clock.now();
    const isStale = () => signal.aborted || clock.now() - takenAt > STALE_AFTER_MS;
    try {
      const session = await this.#retry(() => sessions.send(id, pictures, camera, key), isStale);
      if (session && !signal.aborted) this.#update(session);
    } catch (error) {
      if (error.status !== 400 && error.status !== 413) throw error;
      await wait(NO_PICTURE_WAIT_MS, signal); // this picture could not be read; the next one may be
    }
  }

  /**
   * @template T
   * @param {() => Promise<T>} request
   * @param {() => boolean} isStale true if another attempt is pointless
   * @returns {Promise<T | null>} null if it became stale; retries for as long as there is no connection
   */
  #retry(request, isStale = () => false) {
    const result = this.queue.then(async () => {
      for (let attempt = 0; !isStale(); attempt += 1) {
        try {
          const response = await request();
          this.#setConnected(true);
          return response;
        } catch (error) {
          if (!TRANSIENT.has(error.status)) throw error;
          this.#setConnected(false);
          const backoffMs = Math.min(MAX_RETRY_MS, 1000 * 2 ** attempt);
          await wait(Math.max(backoffMs, 1000 * (error.retryAfterS ?? 0)), this.backoff.signal);
        }
      }
      return null;
    });
    this.queue = result.catch(() => undefined);
    return result;
  }

  #setConnected(isConnected) {
    if (isConnected === this.isConnected) return;
    this.isConnected = isConnected;
    this.dispatchEvent(new CustomEvent("connection", { detail: isConnected }));
  }
}
