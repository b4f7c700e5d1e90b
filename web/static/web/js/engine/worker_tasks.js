/** Tasks for a worker. One that fails or hangs is replaced. */

const CHECK_EVERY_MS = 2000;

/** @typedef {{resolve: (result: any) => void, reject: (error: Error) => void, dueAt: number}} Task */

export class WorkerTasks {
  /**
   * @param {() => Worker} start it answers each message with its id, and a result or an error
   * @param {number} limitMs no task takes so long, besides the time that it waits
   */
  constructor(start, limitMs) {
    this.start = start;
    this.limitMs = limitMs;
    /** @type {Worker | null} */
    this.worker = null;
    /** @type {Map<number, Task>} */
    this.pending = new Map();
    this.lastId = 0;
    // An interval of the page: slow in a hidden tab, but it does not depend on what it watches.
    setInterval(() => {
      const isLate = [...this.pending.values()].some(({ dueAt }) => performance.now() > dueAt);
      if (this.worker && isLate) this.#replace(this.worker, "no answer");
    }, CHECK_EVERY_MS);
  }

  /**
   * @param {{ms?: number, [name: string]: any}} task
   * @param {Transferable[]} [transfer]
   * @returns {Promise<any>}
   */
  run(task, transfer = []) {
    const id = ++this.lastId;
    this.worker ??= this.#started();
    const current = this.worker;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject, dueAt: performance.now() + this.limitMs + (task.ms ?? 0) });
      current.postMessage({ id, ...task }, transfer);
    });
  }

  #started() {
    const started = this.start();
    started.addEventListener("message", ({ data }) => {
      const task = this.pending.get(data.id);
      this.pending.delete(data.id);
      if (data.error) task?.reject(new Error(data.error));
      else task?.resolve(data.result);
    });
    started.addEventListener("error", ({ message }) => this.#replace(started, message));
    started.addEventListener("messageerror", () => this.#replace(started, "unreadable message"));
    return started;
  }

  /** The next task starts another one. */
  #replace(failed, reason) {
    if (this.worker !== failed) return;
    failed.terminate();
    this.worker = null;
    for (const { reject } of this.pending.values()) reject(new Error(`The background worker failed: ${reason}`));
    this.pending.clear();
  }
}
