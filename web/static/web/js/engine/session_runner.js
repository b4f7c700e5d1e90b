/** Runs a session: sends pictures at the pace the service asks for, one request at a time, and retries in silence. */

import { clock } from "../clock.js";
import { ApiError } from "../http.js";
import { picturesStayHere } from "../landmarks/finder.js";
import { wait } from "./background.js";
import { Connection } from "./connection.js";
import { Film } from "./film.js";
import * as sessions from "./sessions.js";
import { shouldWatch } from "./watching.js";

const STALE_AFTER_MS = 8000; // then a new picture says more than sending the old one again
const NO_PICTURE_WAIT_MS = 500;
const FAILED_WAIT_MS = 1000;
const UNABLE_WAIT_MS = 5000; // until it is tried again to find faces here
const SUSPENDED_AFTER_MS = 20_000;

/** @typedef {import("./sessions.js").Session} Session */

/**
 * Events: "updated" (detail: Session), "seen" when the service has judged a picture, "suspended" (detail: seconds),
 * "ended" (detail: the error; 409 and 404 mean that the session was ended elsewhere).
 */
export class SessionRunner extends EventTarget {
  /** @param {import("./camera.js").Camera} camera */
  constructor(camera) {
    super();
    this.camera = camera;
    /** @type {Session | null} */
    this.session = null;
    this.connection = new Connection();
    /** @type {Film | null} */
    this.film = null;
    this.watching = new AbortController();
    this.isChecking = false;
    clock.addEventListener("slept", (/** @type {any} */ { detail }) => this.#noteSleep(detail));
  }

  /**
   * @param {number | null} profile id of a saved profile; null calibrates first
   * @param {object} [options] more of the request's fields
   */
  async start(profile, options) {
    this.#watch(await sessions.start(profile, this.camera.name, options));
  }

  /**
   * Goes on with a session that runs already.
   * @param {string} id
   * @param {Session | null} known its last state, for as long as the service does not answer; a paused one stays paused
   */
  async attach(id, known = null) {
    if (known) this.#update(known);
    try {
      const session = await this.connection.send(() => sessions.read(id));
      if (session.state === "stopped") throw new ApiError(409);
      await this.#goOn(session, known);
    } catch (error) {
      if (known && this.session?.id === id) this.session = null;
      throw error;
    }
  }

  /** @param {Session} session @param {Session | null} known */
  async #goOn(session, known) {
    const wasPaused = known?.state === "paused";
    if (known && !wasPaused && this.session?.state === "paused") return; // paused meanwhile: that request comes next
    this.#watch(session);
    if (wasPaused && session.state !== "paused") await this.pause(); // the request may not have reached the service
  }

  /** Stops watching at once, and pauses as soon as the service can be reached. */
  async pause() {
    this.#stopWatching();
    this.#update({ ...this.session, state: "paused", alarms: [] });
    await this.command("pause");
  }

  /** @param {import("./sessions.js").Command} command one that leads to another state */
  async command(command) {
    this.#stopWatching();
    const { id } = this.session;
    try {
      this.#watch(await this.connection.send(() => sessions.command(id, command)));
    } catch (error) {
      await this.#recover(error);
    }
  }

  /** @param {(id: string) => Promise<any>} request one that changes the session without leading to another state */
  async change(request) {
    const { id } = this.session;
    const answer = await this.connection.send(() => request(id));
    this.#update(answer?.state ? answer : await this.connection.send(() => sessions.read(id)));
  }

  /** Calibrates again and learns the face. Watches on if the password is wrong. */
  async confirmFace(password, keep) {
    const { id } = this.session;
    this.#watch(await this.connection.send(() => sessions.confirmFace(id, password, keep)));
  }

  /** Counts a stretch once, even if the response is lost. */
  async countStretch() {
    const { id, counts } = this.session;
    let isSent = false;
    this.#update(
      await this.connection.send(async () => {
        if (isSent) {
          const session = await sessions.read(id);
          if (session.counts.stretches > counts.stretches) return session;
        }
        isSent = true;
        return sessions.command(id, "stretches");
      }),
    );
  }

  /** @returns {Promise<object | null>} the report, if there is one */
  async stop() {
    this.#stopWatching();
    const { id } = this.session;
    try {
      const { report } = await this.connection.send(() => sessions.command(id, "stop"));
      this.#stopWatching(); // which may have begun meanwhile, after a reload
      this.session = null;
      return report;
    } catch (error) {
      await this.#recover(error);
      return null;
    }
  }

  /** Nothing is heard of a paused session: it may have been ended or gone on with elsewhere. */
  async check() {
    if (this.session?.state !== "paused" || this.isChecking) return;
    this.isChecking = true; // without a connection this takes long, and once is enough
    try {
      const { state } = await this.connection.send(() => sessions.read(this.session.id));
      if (state !== "paused" && this.session?.state === "paused") this.#end(new ApiError(409));
    } catch (error) {
      if (error.status === 404) this.#end(error);
    } finally {
      this.isChecking = false;
    }
  }

  /** Stops watching without ending the session. */
  leave() {
    this.#stopWatching();
    this.session = null;
    this.connection.reset();
  }

  #watch(session) {
    this.#stopWatching();
    this.watching = new AbortController();
    this.camera.isPrivate = null; // the user may have chosen anew
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
    this.connection.retryNow();
  }

  #update(session) {
    this.session = session;
    this.dispatchEvent(new CustomEvent("updated", { detail: session }));
  }

  /** Only the service ends a session: a failure on this page is logged, and the next picture may succeed. */
  async #sendPictures(signal) {
    while (!signal.aborted && shouldWatch(this.session)) {
      try {
        if (this.camera.isPrivate === null) await this.#prepare(signal);
        else await this.#sendNext(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ApiError) return this.#end(error);
        console.warn(error);
        this.#stopFilm();
        await wait(FAILED_WAIT_MS, signal);
      }
    }
  }

  /** What becomes of pictures is the user's choice. @param {AbortSignal} signal */
  async #prepare(signal) {
    this.#stopFilm();
    const isPrivate = await this.connection.send(picturesStayHere, () => signal.aborted);
    if (signal.aborted) return;
    await this.camera.prepare(isPrivate);
    if (this.camera.isPrivate === null) await wait(UNABLE_WAIT_MS, signal);
  }

  /** @param {AbortSignal} signal */
  async #sendNext(signal) {
    // While a film runs, the next burst follows the last one without a gap.
    if (!this.film || this.session.next !== "burst") await wait(this.session.next_after_ms, signal);
    await this.#settleClock();
    const pictures = await this.#takePictures(signal);
    if (signal.aborted) return;
    if (pictures.length) await this.#send(pictures, signal);
    else await wait(NO_PICTURE_WAIT_MS, signal);
  }

  /** After a refused command the session goes on, unless it has ended. @param {any} error */
  async #recover(error) {
    const session = error.status === 409 ? await this.connection.send(() => sessions.read(this.session.id)) : this.session;
    if (error.status === 404 || session?.state === "stopped") return this.#end(error);
    if (session) this.#watch(session);
    throw error;
  }

  /** @param {ApiError} error */
  #end(error) {
    this.leave();
    this.dispatchEvent(new CustomEvent("ended", { detail: error }));
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
    const camera = this.camera.name;
    const takenAt = clock.now();
    const isStale = () => signal.aborted || clock.now() - takenAt > STALE_AFTER_MS;
    try {
      const session = await this.connection.send(() => sessions.send(id, pictures, camera, key), isStale);
      if (!session || signal.aborted) return;
      this.dispatchEvent(new Event("seen"));
      this.#update(session);
    } catch (error) {
      if (error.status === 409 && !this.camera.isPrivate && (await this.connection.send(picturesStayHere))) {
        this.camera.isPrivate = null; // chosen elsewhere: the picture was refused, and the session goes on
        return;
      }
      if (error.status !== 400 && error.status !== 413) throw error;
      await wait(NO_PICTURE_WAIT_MS, signal); // this picture could not be read; the next one may be
    }
  }
}
