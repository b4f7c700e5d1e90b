/** A calm figure that sits as the person does, as in a mirror: it leans, sinks and tilts. companion.css moves it. */

import { draw } from "../dom.js";

const MAX_SHARE = 1.6; // of the limit: beyond it the figure would fall over
const TILT_AT_LIMIT_DEG = 16;

/** @typedef {{value: number, limit: number}} Margin */
/** @typedef {{closer: Margin, lower: Margin, tilted: Margin}} Margins */

export class Figure {
  constructor() {
    this.head = draw(
      "g",
      { class: "sitter-head" },
      draw("circle", { class: "sitter-skin", cx: 32, cy: 22, r: 10.5 }),
      draw("path", { class: "sitter-hair", d: "M21.5 21.5A10.5 10.5 0 0 1 42.5 21.5C38 17 27 16.5 21.5 21.5Z" }),
      draw("path", { class: "sitter-eyes", d: "M28.2 23v.2M35.8 23v.2" }),
      draw("path", { class: "sitter-mouth", d: "M29 27.4Q32 29.2 35 27.4" }),
    );
    this.body = draw(
      "g",
      { class: "sitter-body" },
      draw("path", { class: "sitter-neck", d: "M32 38V30" }),
      draw("path", { class: "sitter-coat", d: "M12 60C12 44 20 37 32 37S52 44 52 60Z" }),
      this.head,
    );
    this.element = draw(
      "svg",
      { class: "sitter", viewBox: "0 0 64 64", "aria-hidden": "true" },
      draw("circle", { class: "sitter-ground", cx: 32, cy: 32, r: 32 }),
      this.body,
    );
  }

  /**
   * @param {string} tone
   * @param {Margins | null} margins null where the posture is not known: the figure sits upright
   */
  show(tone, margins) {
    this.element.dataset.tone = tone;
    const { closer, lower, tilted } = pose(margins);
    this.element.style.setProperty("--closer", String(closer));
    this.element.style.setProperty("--lower", String(lower));
    this.element.style.setProperty("--tilt", `${tilted * TILT_AT_LIMIT_DEG}deg`);
  }
}

/**
 * @param {Margins | null} margins
 * @returns {{closer: number, lower: number, tilted: number}} shares of the limits; tilted is positive clockwise, as seen
 */
export function pose(margins) {
  if (!margins) return { closer: 0, lower: 0, tilted: 0 };
  const { closer, lower, tilted } = margins;
  const bounded = (share) => Math.round(100 * Math.min(MAX_SHARE, Math.max(-MAX_SHARE, share))) / 100;
  return {
    closer: bounded((closer.value - 1) / (closer.limit - 1)),
    lower: bounded(lower.value / lower.limit),
    tilted: bounded(-tilted.value / tilted.limit), // the picture's right is the mirror's left
  };
}
