/** The desk's place in the page; a session that runs goes on while another view is shown. */

import { Desk } from "../desk/desk.js";

/** @type {Desk | null} */
let desk = null;

/** @param {HTMLElement} section */
export function enter(section) {
  desk ??= new Desk(section);
  desk.shown();
}

export function leave() {
  desk?.hidden();
}
