/** The open alarm in the tab's title and icon, for those who see only the tab. */

import { find } from "../dom.js";
import { alarmLabels } from "../desk/labels.js";

const PREFIX = "⚠ ";
const MARKED = /^[⚠○] /; // the header marks the title as well, while nothing is seen

export class TabSign {
  constructor() {
    this.title = "";
  }

  /** @param {string | null} kind */
  show(kind) {
    if (!MARKED.test(document.title)) this.title = document.title; // another view may have changed it since
    const isShown = document.title.startsWith(PREFIX);
    const title = kind ? PREFIX + alarmLabels(kind).title : isShown ? this.title : document.title;
    if (document.title !== title) document.title = title;
    const icon = find(document, "#icon");
    const current = icon.getAttribute("href");
    const href = current.replace(/icon(-alarm)?\.svg/, kind ? "icon-alarm.svg" : "icon.svg");
    if (href !== current) icon.setAttribute("href", href);
  }
}
