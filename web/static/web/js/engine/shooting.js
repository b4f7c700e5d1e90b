/** The pictures that a session asks for: one at a time, or a film of bursts. */

import { Film } from "./film.js";

export class Shooting {
  /**
   * @param {import("./camera.js").Camera} camera
   * @param {() => Promise<void>} beforePicture
   */
  constructor(camera, beforePicture) {
    this.camera = camera;
    this.beforePicture = beforePicture;
    /** @type {Film | null} */
    this.film = null;
  }

  get isFilming() {
    return this.film !== null;
  }

  stop() {
    this.film?.stop();
    this.film = null;
  }

  /**
   * @param {import("./sessions.js").Session} session
   * @param {AbortSignal} signal ends a film
   * @returns {Promise<import("./camera.js").Picture[]>} none if there is no new one
   */
  async take({ next, burst, face }, signal) {
    if (next === "burst") return this.#takeBurst(burst, face, signal);
    this.stop();
    const picture = await this.camera.takePicture();
    return picture ? [picture] : [];
  }

  async #takeBurst({ frames, interval_ms }, face, signal) {
    if (!this.film || this.film.isOver) {
      this.film = new Film(this.camera, interval_ms, signal);
      this.film.beforePicture = this.beforePicture;
    }
    this.film.face = face;
    const pictures = await this.film.take(frames);
    return pictures.length === 1 && pictures[0].crop ? [] : pictures; // alone, a picture has to be whole
  }
}
