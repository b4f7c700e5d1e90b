/** Loads small pictures as they come near the screen, a few at a time, and lets go of those that were seen long ago. */

import { readBlob } from "../api.js";

const AT_ONCE = 4;
const MAX_HELD = 400;
const MARGIN = "300px";

export class SmallPictures {
  constructor() {
    /** @type {Map<Element, string>} images near the screen that wait, with their addresses */
    this.waiting = new Map();
    /** @type {Map<Element, string>} images with a picture, and its blob's URL; the oldest first */
    this.held = new Map();
    /** @type {Map<Element, string>} every image, with its address */
    this.paths = new Map();
    this.loading = 0;
    this.aborter = new AbortController();
    this.observer = new IntersectionObserver((entries) => entries.forEach((entry) => this.#onMoved(entry)), {
      rootMargin: MARGIN,
    });
  }

  /** @param {HTMLImageElement} image @param {string} path under /api/ */
  add(image, path) {
    this.paths.set(image, path);
    this.observer.observe(image);
  }

  /** @param {HTMLImageElement} image */
  remove(image) {
    this.observer.unobserve(image);
    this.paths.delete(image);
    this.waiting.delete(image);
    this.#release(image);
  }

  close() {
    this.observer.disconnect();
    this.aborter.abort();
    this.waiting.clear();
    for (const url of this.held.values()) URL.revokeObjectURL(url);
    this.held.clear();
  }

  /** @param {IntersectionObserverEntry} entry */
  #onMoved({ target, isIntersecting }) {
    if (!isIntersecting) this.waiting.delete(target);
    else if (!this.held.has(target)) this.waiting.set(target, this.paths.get(target) ?? "");
    this.#loadNext();
  }

  #loadNext() {
    for (const [image, path] of this.waiting) {
      if (this.loading >= AT_ONCE) return;
      this.waiting.delete(image);
      this.#load(/** @type {HTMLImageElement} */ (image), path);
    }
  }

  /** @param {HTMLImageElement} image @param {string} path */
  async #load(image, path) {
    this.loading += 1;
    try {
      const blob = await readBlob(path, { signal: this.aborter.signal });
      if (this.paths.has(image) && !this.aborter.signal.aborted) this.#hold(image, URL.createObjectURL(blob));
    } catch {
      image.closest("li")?.classList.add("is-missing"); // deleted elsewhere, or unreadable: its place stays empty
    }
    this.loading -= 1;
    this.#loadNext();
  }

  /** @param {HTMLImageElement} image @param {string} url */
  #hold(image, url) {
    this.#release(image);
    image.src = url;
    this.held.set(image, url);
    const [oldest] = this.held.keys();
    if (this.held.size > MAX_HELD) this.#loadAgainWhenSeen(/** @type {HTMLImageElement} */ (oldest));
  }

  /** @param {HTMLImageElement} image */
  #loadAgainWhenSeen(image) {
    this.#release(image);
    this.observer.unobserve(image);
    this.observer.observe(image);
  }

  /** @param {Element} image */
  #release(image) {
    const url = this.held.get(image);
    if (!url) return;
    URL.revokeObjectURL(url);
    image.removeAttribute("src");
    this.held.delete(image);
  }
}
