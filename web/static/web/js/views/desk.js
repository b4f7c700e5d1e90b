/** The desk view. */

import { Desk } from "../desk/desk.js";
import { engine } from "../engine/engine.js";
import { askForChoice } from "../privacy/question.js";

/** @type {Desk | null} */
let desk = null;

/** @param {HTMLElement} section */
export function enter(section) {
  engine.begin(); // the page does so, too, but may be later
  desk ??= new Desk(section, engine);
  desk.onShow();
  askForChoice(section);
}

export function leave() {
  desk?.onHide();
}
