/** Pictures taken at a steady interval, also while earlier ones are on their way to the service. */

import { clock } from "../clock.js";
import { wait } from "./background.js";

const MAX_PICTURES = 75; // in a request; without a connection the oldest are dropped

export class Film {
  /**
   * @param {import("./camera.js").Camera} camera
   * @param {number} intervalMs
   * @param {AbortSignal} signal ends it, as stop() does
   */
  constructor(camera, intervalMs, signal) {
    this.camera = camera;
    this.intervalMs = intervalMs;
    this.ending = new AbortController();
    signal.addEventListener("abort", () => this.stop(), { signal: this.ending.signal });
    if (signal.aborted) this.stop();
    /** @type {import("../desk/overlay.js").Face | null} in the last answer: most pictures need only show its surroundings */
    this.face = null;
    /** @type {Promise<import("./camera.js").Shot | null>[]} */
    this.shots = [];
    this.isFull = () => {};
    /** Called before each picture. */
    this.beforePicture = async () => {};
    this.#run();
  }

  get isOver() {
    return this.ending.signal.aborted || !this.camera.isOn;
  }

  stop() {
    this.ending.abort();
  }

  /**
   * @param {number} count
   * @returns {Promise<import("./camera.js").Picture[]>} those taken since the last call, as soon as there are so many;
   *   without repeated ones, so there may be fewer. Fewer, too, once the film is over
   */
  async take(count) {
    const wanted = Math.min(count, MAX_PICTURES);
    if (this.shots.length < wanted && !this.isOver) {
      await new Promise((resolve) => {
        this.isFull = () => (this.shots.length >= wanted || this.isOver) && resolve(undefined);
      });
    }
    const shots = await Promise.all(this.shots.splice(0));
    return this.camera.withoutRepeats(shots.filter((shot) => shot !== null));
  }

  /** The first picture that is sent together with others is a whole one, in which other people are seen, too. */
  #capture() {
    return this.camera.capture(undefined, this.shots.length ? this.face : null);
  }

  async #run() {
    let dueAt = clock.now();
    while (!this.isOver) {
      await wait(dueAt - clock.now(), this.ending.signal);
      await this.beforePicture();
      dueAt = Math.max(dueAt + this.intervalMs, clock.now()); // what was missed is not made up for
      const capture = this.isOver ? null : await this.#capture().catch(() => null);
      this.shots.push(capture ? capture.encode().catch(() => null) : Promise.resolve(null));
      if (this.shots.length > MAX_PICTURES) this.shots.shift();
      this.isFull();
    }
    this.stop(); // also if the camera was lost: it may be on again, but nothing is taken here any more
    this.isFull();
  }
}
