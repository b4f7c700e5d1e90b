/** One tab of this browser watches. It holds a lock; the next in the queue gets it when that tab closes or crashes. */

const LOCK = "posesmart.camera";

/** Events: "gained" after waiting in the queue, "lost" when another tab takes over. */
export class Leader extends EventTarget {
  constructor() {
    super();
    this.isLeading = false;
    this.queue = new AbortController();
    this.release = () => {};
  }

  /** @returns {Promise<boolean>} true if this tab leads now; otherwise it waits in the queue */
  async join() {
    if (this.isLeading) return true;
    await this.#request({ ifAvailable: true });
    if (!this.isLeading) this.#wait();
    return this.isLeading;
  }

  /** Leads at once, instead of the tab that did so far. */
  async takeOver() {
    if (!this.isLeading) await this.#request({ steal: true });
  }

  leave() {
    this.queue.abort();
    this.isLeading = false;
    this.release();
  }

  async #wait() {
    await this.#request({});
    if (this.isLeading) this.dispatchEvent(new Event("gained"));
  }

  /** @param {LockOptions} options @returns {Promise<void>} as soon as the lock is held, or cannot be */
  #request(options) {
    this.queue.abort();
    this.queue = new AbortController();
    const { signal } = this.queue;
    if (!navigator.locks) {
      this.isLeading = true; // an old browser: there, each tab is on its own
      return Promise.resolve();
    }
    const isQueued = !options.steal && !options.ifAvailable;
    return new Promise((resolve) => {
      const hold = (/** @type {Lock | null} */ lock) => {
        this.isLeading = lock !== null;
        resolve();
        return lock && new Promise((release) => (this.release = () => release(undefined)));
      };
      navigator.locks.request(LOCK, isQueued ? { signal } : options, hold).catch(() => {
        resolve();
        if (this.isLeading && !signal.aborted) this.#lose();
      });
    });
  }

  #lose() {
    this.isLeading = false;
    this.dispatchEvent(new Event("lost"));
    this.#wait();
  }
}
