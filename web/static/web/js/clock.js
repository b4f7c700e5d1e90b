/**
 * The page's clock. It is monotonic, so it takes no step when the system's clock is set. While the computer sleeps, the
 * browser's monotonic clock may stand still: what the system's clock and the service's agree on is time asleep, and is
 * added. A step of the system's clock alone is not, nor is one of the service's.
 */

const MIN_SLEEP_MS = 5000; // the service tells its time in whole seconds, and answers take a while

/** Events: "slept" (detail: milliseconds), when the computer has been asleep. */
export class Clock extends EventTarget {
  constructor() {
    super();
    this.shift = Date.now() - performance.now();
    /** @type {{service: number, system: number, steady: number} | null} all clocks at the last answer */
    this.last = null;
    /** @type {((ms: number) => Promise<void>) | null} a test's timers, for a day in minutes; null: the worker's */
    this.timer = null;
  }

  /** @returns {number} milliseconds since the epoch, by the system's clock when the page was loaded */
  now() {
    return performance.now() + this.shift;
  }

  /** @returns {boolean} the system's clock jumped forward: the next answer tells whether the computer slept */
  get isInDoubt() {
    return this.last !== null && Date.now() - this.last.system - this.#passed() > MIN_SLEEP_MS;
  }

  /** @param {Response} response whose header tells the service's time */
  note(response) {
    const service = Date.parse(response.headers.get("Date") ?? "");
    if (Number.isNaN(service)) return;
    const now = { service, system: Date.now(), steady: performance.now() };
    const { last } = this;
    this.last = now;
    if (!last) return;
    const sleptMs = Math.min(service - last.service, now.system - last.system) - (now.steady - last.steady);
    if (sleptMs < MIN_SLEEP_MS) return;
    this.shift += sleptMs;
    this.dispatchEvent(new CustomEvent("slept", { detail: sleptMs }));
  }

  #passed() {
    return performance.now() - this.last.steady;
  }
}

export const clock = new Clock();
