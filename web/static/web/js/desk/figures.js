/** Drawings of the stretches. desk.css animates their parts: .figure-<name> .moves-<part>. */

import { draw } from "../dom.js";

/** @typedef {"turn" | "tuck" | "tilt" | "shrug" | "reach" | "far"} StretchName */

/** @type {Record<string, [string, Record<string, string | number>][]>} */
const PARTS = {
  body: [
    ["path", { class: "neck", d: "M60 70 V52" }],
    ["path", { class: "torso", d: "M60 66 C42 66 38 74 38 96 L40 126 H80 L82 96 C82 74 78 66 60 66 Z" }],
  ],
  head: [
    ["circle", { class: "skin", cx: 60, cy: 38, r: 17 }],
    ["path", { class: "hair", d: "M43 37 A17 17 0 0 1 77 37 C70 30 52 29 43 37 Z" }],
    ["circle", { class: "ink", cx: 54, cy: 40, r: 1.7 }],
    ["circle", { class: "ink", cx: 66, cy: 40, r: 1.7 }],
    ["path", { class: "line", d: "M55 47 Q60 50 65 47" }],
  ],
  arms: [
    ["path", { class: "limb", d: "M41 76 L33 100 L40 120" }],
    ["path", { class: "limb", d: "M79 76 L87 100 L80 120" }],
  ],
};

const SIDE_HEAD = [
  ["circle", { class: "skin", cx: 60, cy: 38, r: 17 }],
  ["path", { class: "hair", d: "M46 47 A17 17 0 0 1 72 26 C66 32 58 32 54 38 C53 42 50 46 46 47 Z" }],
  ["circle", { class: "ink", cx: 71, cy: 37, r: 1.7 }],
  ["path", { class: "skin", d: "M76 36 L80 42 L75 43 Z" }],
];

/** @type {Record<StretchName, [string, any[]][]>} */
const DRAWINGS = {
  tuck: [
    [
      "still",
      [
        ["path", { class: "aid", d: "M60 8 V130" }],
        ...PARTS.body,
        ["path", { class: "limb", d: "M60 78 L72 102 L92 104" }],
      ],
    ],
    ["head", SIDE_HEAD],
  ],
  tilt: [
    ["still", [...PARTS.body, ...PARTS.arms]],
    ["head", PARTS.head],
  ],
  turn: [
    ["still", [...PARTS.body, ...PARTS.arms, ["circle", { class: "skin", cx: 60, cy: 38, r: 17 }], PARTS.head[1]]],
    ["face", PARTS.head.slice(2)],
  ],
  shrug: [
    ["still", PARTS.body.slice(0, 1)],
    ["shoulders", [PARTS.body[1], ...PARTS.arms]],
    ["head", PARTS.head],
  ],
  reach: [
    [
      "body",
      [
        ...PARTS.body,
        ...PARTS.head,
        ["path", { class: "limb", d: "M42 74 L38 44 L56 12" }],
        ["path", { class: "limb", d: "M78 74 L82 44 L64 12" }],
      ],
    ],
  ],
  far: [
    ["still", [...PARTS.body, ...PARTS.arms, ...PARTS.head]],
    [
      "sight",
      [
        ["path", { class: "aid", d: "M80 40 H112" }],
        ["path", { class: "leaf", d: "M112 30 l6 12 h-12 Z M112 38 l7 14 h-14 Z" }],
      ],
    ],
  ],
};

/** @type {StretchName[]} */
export const STRETCHES = ["tuck", "tilt", "turn", "shrug", "reach", "far"];

/**
 * @param {StretchName} name
 * @returns {SVGSVGElement} hidden from screen readers, because its description is shown beside it
 */
export function figure(name) {
  const parts = DRAWINGS[name].map(([part, shapes]) =>
    draw("g", { class: `moves-${part}` }, ...shapes.map(([tag, attributes]) => draw(tag, attributes))),
  );
  const attributes = { viewBox: "0 0 120 132", class: `figure figure-${name}`, "aria-hidden": "true" };
  return /** @type {SVGSVGElement} */ (draw("svg", attributes, ...parts));
}
