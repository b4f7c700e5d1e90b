/** The way to the service: one request after the other, each repeated for as long as there is no answer. */

import { ApiError } from "../http.js";
import { wait } from "./background.js";

const MAX_RETRY_MS = 15_000;
const TRANSIENT = new Set([0, 408, 429, 500, 502, 503, 504]); // 0: no response

/** Events: "changed" when the service stops or begins to answer. */
export class Connection extends EventTarget {
  constructor() {
    super();
    this.isConnected = true;
    this.backoff = new AbortController();
    this.generation = 0;
    /** @type {Promise<unknown>} */
    this.queue = Promise.resolve();
    addEventListener("online", () => this.retryNow());
  }

  /**
   * @template T
   * @param {() => Promise<T>} request
   * @param {() => boolean} isStale true if another attempt is pointless
   * @returns {Promise<T | null>} null if it became stale; retries for as long as there is no connection
   * @throws {ApiError} status 0 after a reset
   */
  send(request, isStale = () => false) {
    const { generation } = this;
    const result = this.queue.then(async () => {
      for (let attempt = 0; !isStale(); attempt += 1) {
        if (generation !== this.generation) throw new ApiError(0);
        try {
          const response = await request();
          if (generation !== this.generation) throw new ApiError(0);
          this.#set(true);
          return response;
        } catch (error) {
          if (generation !== this.generation) throw error;
          this.#set(!TRANSIENT.has(error.status));
          if (this.isConnected) throw error;
          const backoffMs = Math.min(MAX_RETRY_MS, 1000 * 2 ** attempt);
          await wait(Math.max(backoffMs, 1000 * (error.retryAfterS ?? 0)), this.backoff.signal);
        }
      }
      return null;
    });
    this.queue = result.catch(() => undefined);
    return result;
  }

  retryNow() {
    this.backoff.abort();
    this.backoff = new AbortController();
  }

  /** Ends all requests that are repeated or waiting. */
  reset() {
    this.generation += 1;
    this.retryNow();
    this.#set(true);
  }

  #set(isConnected) {
    if (isConnected === this.isConnected) return;
    this.isConnected = isConnected;
    this.dispatchEvent(new Event("changed"));
  }
}
