/** A session under way: looks in the rhythm that the service asks for, one request at a time, and insists quietly. */

import { wait } from "./background.js";
import * as sessions from "./sessions.js";

const STALE_AFTER_MS = 8000; // what an old picture shows is better asked of a new one
const LONGEST_RETRY_MS = 15_000;
const NOTHING_SEEN_MS = 500;
const SLEPT_FROM_MS = 20_000;
const PASSING = new Set([0, 408, 429, 500, 502, 503, 504]); // 0: no answer came
const WATCHED = new Set(["calibrating", "monitoring", "away"]);

/** @typedef {import("./sessions.js").Answer} Answer */

/**
 * Events: "answer" (detail: Answer), "connection" (detail: is it there), "slept" (detail: seconds),
 * "over" (detail: the error; 409 and 404 say that the session has ended elsewhere).
 */
export class Watch extends EventTarget {
  /** @param {import("./camera.js").Camera} camera */
  constructor(camera) {
    super();
    this.camera = camera;
    /** @type {Answer | null} */
    this.answer = null;
    this.isConnected = true;
    this.looking = new AbortController();
    this.retry = new AbortController();
    /** @type {Promise<unknown>} */
    this.queue = Promise.resolve();
    addEventListener("online", () => this.#hurry());
  }

  /** @param {number | null} profile a kept one's id; null calibrates first */
  async begin(profile) {
    this.#take(await sessions.start(profile));
  }

  /** @param {string} id of a session that runs already */
  async carryOn(id) {
    const answer = await sessions.read(id);
    this.#take(answer.state === "paused" ? await sessions.command(id, "resume") : answer);
  }

  /** @param {"pause" | "resume" | "recalibrate"} command */
  async command(command) {
    this.#rest();
    const { id } = this.answer;
    this.#take(await this.#insist(() => sessions.command(id, command)));
  }

  /** Counts a stretch once, even where the answer to it was lost. */
  async stretchDone() {
    const { id, counts } = this.answer;
    let isSent = false;
    this.#tell(
      await this.#insist(async () => {
        if (isSent) {
          const now = await sessions.read(id);
          if (now.counts.stretches > counts.stretches) return now;
        }
        isSent = true;
        return sessions.command(id, "stretches");
      }),
    );
  }

  /** @returns {Promise<object>} the report */
  async stop() {
    this.#rest();
    const { id } = this.answer;
    const { report } = await this.#insist(() => sessions.command(id, "stop"));
    this.answer = null;
    return report;
  }

  /** Leaves the session to whoever has taken it over. */
  leave() {
    this.#rest();
    this.answer = null;
    this.#connection(true);
  }

  #take(answer) {
    this.#rest();
    this.looking = new AbortController();
    this.#tell(answer);
    this.#look(this.looking.signal);
  }

  #rest() {
    this.looking.abort();
    this.#hurry();
  }

  #hurry() {
    this.retry.abort();
    this.retry = new AbortController();
  }

  #tell(answer) {
    this.answer = answer;
    this.dispatchEvent(new CustomEvent("answer", { detail: answer }));
  }

  /** @param {AbortSignal} signal */
  async #look(signal) {
    try {
      while (!signal.aborted && WATCHED.has(this.answer?.state)) {
        await this.#pause(this.answer.next_after_ms, signal);
        const pictures = await this.#pictures(signal);
        if (signal.aborted) return;
        if (pictures.length) await this.#show(pictures, signal);
        else await wait(NOTHING_SEEN_MS, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.leave();
      this.dispatchEvent(new CustomEvent("over", { detail: error }));
    }
  }

  async #pause(ms, signal) {
    const begun = Date.now();
    await wait(ms, signal);
    const late = Date.now() - begun - ms;
    if (late > SLEPT_FROM_MS) this.dispatchEvent(new CustomEvent("slept", { detail: late / 1000 }));
  }

  async #pictures(signal) {
    const { next, burst } = this.answer;
    if (next === "burst") return this.camera.burst(burst.frames, burst.interval_ms, signal);
    const picture = await this.camera.picture();
    return picture ? [picture] : [];
  }

  async #show(pictures, signal) {
    const { id } = this.answer;
    const key = crypto.randomUUID();
    const takenAt = Date.now();
    const isStale = () => signal.aborted || Date.now() - takenAt > STALE_AFTER_MS;
    try {
      const answer = await this.#insist(() => sessions.send(id, pictures, key), isStale);
      if (answer && !signal.aborted) this.#tell(answer);
    } catch (error) {
      if (error.status !== 400 && error.status !== 413) throw error;
      await wait(NOTHING_SEEN_MS, signal); // this one could not be read; the next may be
    }
  }

  /**
   * @template T
   * @param {() => Promise<T>} request
   * @param {() => boolean} isStale no further try is worth it
   * @returns {Promise<T | null>} null where it became stale; while there is no connection it is tried again and again
   */
  #insist(request, isStale = () => false) {
    const mine = this.queue.then(async () => {
      for (let tries = 0; !isStale(); tries += 1) {
        try {
          const answer = await request();
          this.#connection(true);
          return answer;
        } catch (error) {
          if (!PASSING.has(error.status)) throw error;
          this.#connection(false);
          const backoff = Math.min(LONGEST_RETRY_MS, 1000 * 2 ** tries);
          await wait(Math.max(backoff, 1000 * (error.retryAfterS ?? 0)), this.retry.signal);
        }
      }
      return null;
    });
    this.queue = mine.catch(() => undefined);
    return mine;
  }

  #connection(isThere) {
    if (isThere === this.isConnected) return;
    this.isConnected = isThere;
    this.dispatchEvent(new CustomEvent("connection", { detail: isThere }));
  }
}
