/** A day's stored pictures, hour by hour, the newest first. Nothing of it is read before it is opened. */

import { h } from "../dom.js";
import { errorPanel } from "../errors.js";
import { clockTime, dayName, fileSize, hourStart, t, timeWithSeconds, tn } from "../i18n.js";
import { button } from "../settings/controls.js";
import { readMore, readPictures } from "./stored.js";
import { pictureLabel, verdictOf } from "./verdict.js";
import { Viewer } from "./viewer.js";

const PAGE = 60;
const HOUR_MS = 3600 * 1000;

/** @typedef {import("./stored.js").Picture} Picture */
/**
 * @typedef {object} Actions
 * @property {(day: import("./stored.js").StoredDay) => void} deleteDay
 * @property {(since: Date, until: Date) => void} deleteHour both ends included
 * @property {(picture: Picture) => void} onDeleted
 */

/** @param {import("./stored.js").Totals} totals */
export const totalsText = ({ frames, bytes }) =>
  tn("{count} picture, {size}", "{count} pictures, {size}", frames, { size: fileSize(bytes) });

export class PicturesOfDay {
  /**
   * @param {import("./stored.js").StoredDay} day
   * @param {import("./small_pictures.js").SmallPictures} small
   * @param {Actions} actions
   */
  constructor(day, small, actions) {
    this.day = day;
    this.small = small;
    this.actions = actions;
    /** @type {Picture[]} */
    this.pictures = [];
    /** @type {Map<string, {item: HTMLElement, image: HTMLImageElement, button: HTMLElement}>} by the picture's id */
    this.shown = new Map();
    /** @type {Map<number, HTMLElement>} lists, by the time at which their hour begins */
    this.hours = new Map();
    /** @type {string | null} */
    this.next = null;
    this.isRead = false;
    this.totals = h("span", { class: "totals" }, totalsText(day));
    this.body = h("div");
    this.more = h("p", { class: "actions" });
    this.element = h(
      "details",
      { class: "panel stored-day", ontoggle: () => this.element.open && this.#open() },
      h("summary", {}, h("h2", {}, dayName(day.day, { dateStyle: "full" })), this.totals),
      this.body,
      this.more,
      h("p", { class: "actions" }, button(t("Delete this day"), () => actions.deleteDay(day), "danger")),
    );
  }

  #open() {
    if (this.isRead) return;
    this.isRead = true;
    this.#read(() => readPictures({ from: this.day.since, to: this.day.until }, PAGE));
  }

  /** @param {() => Promise<{next: string | null, results: Picture[]}>} read */
  async #read(read) {
    this.more.replaceChildren(h("span", { class: "hint" }, t("Loading…")));
    try {
      const { next, results } = await read();
      const [first] = results.map((picture) => this.#add(picture));
      if (this.pictures.length > results.length) first?.focus(); // the button that was pressed is gone
      const readNext = () => this.#read(() => readMore(/** @type {string} */ (next)));
      this.more.replaceChildren(...(next ? [button(t("Show earlier pictures"), readNext)] : []));
    } catch (error) {
      this.more.replaceChildren(errorPanel(error, () => this.#read(read)));
    }
  }

  /** @param {Picture} picture @returns {HTMLElement} its button */
  #add(picture) {
    const { text, tone } = verdictOf(picture);
    const image = h("img", { alt: "", width: 160, height: 120 });
    const open = h(
      "button",
      { type: "button", "aria-label": pictureLabel(picture), onclick: () => this.#view(picture) },
      image,
      h("span", {}, timeWithSeconds(picture.captured_at)),
      h("span", { class: `verdict is-${tone}` }, text),
    );
    const item = h("li", {}, open);
    this.#hourOf(picture).append(item);
    this.pictures.push(picture);
    this.shown.set(picture.id, { item, image, button: open });
    this.small.add(image, `accounts/frames/${picture.id}/?size=thumb`);
    return open;
  }

  /** @param {Picture} picture @returns {HTMLElement} the list of its hour */
  #hourOf({ captured_at }) {
    const since = hourStart(captured_at);
    const until = new Date(since.getTime() + HOUR_MS - 1);
    const found = this.hours.get(since.getTime());
    if (found) return found;
    const list = h("ul", { class: "strip" });
    const span = `${clockTime(since)} – ${clockTime(new Date(until.getTime() + 1))}`;
    const label = t("Delete the pictures of {span}", { span });
    const remove = button(t("Delete this hour"), () => this.actions.deleteHour(since, until), "quiet");
    remove.setAttribute("aria-label", label);
    this.body.append(h("section", { class: "stored-hour" }, h("div", {}, h("h3", {}, span), remove), list));
    this.hours.set(since.getTime(), list);
    return list;
  }

  /** @param {Picture} picture */
  async #view(picture) {
    const viewer = new Viewer(picture, {
      next: (current, direction) => this.pictures[this.pictures.indexOf(current) - direction],
      onDeleted: (deleted) => this.#remove(deleted),
    });
    const last = await viewer.open();
    (this.shown.get(last.id)?.button ?? this.element.querySelector("summary"))?.focus();
  }

  /** @param {Picture} picture */
  #remove(picture) {
    const shown = this.shown.get(picture.id);
    if (!shown) return;
    this.small.remove(shown.image);
    const section = shown.item.closest("section");
    shown.item.remove();
    if (section && !section.querySelector("li")) {
      section.remove();
      this.hours.delete(hourStart(picture.captured_at).getTime());
    }
    this.shown.delete(picture.id);
    this.pictures.splice(this.pictures.indexOf(picture), 1);
    this.day.frames -= 1;
    this.day.bytes -= picture.size;
    this.totals.textContent = totalsText(this.day);
    this.element.hidden = this.day.frames <= 0;
    this.actions.onDeleted(picture);
  }
}
