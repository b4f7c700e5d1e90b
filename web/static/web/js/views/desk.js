/** The desk view. A running session continues while another view is shown. */

import { Desk } from "../desk/desk.js";

/** @type {Desk | null} */
let desk = null;

/** @param {HTMLElement} section */
export function enter(section) {
  desk ??= new Desk(section);
  desk.onShow();
}

export function leave() {
  desk?.onHide();
}
