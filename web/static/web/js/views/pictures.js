/** The gallery: exactly the pictures that are stored of the user, by day, to look at and to delete. */

import { confirmAction } from "../dialog.js";
import { focus, h } from "../dom.js";
import { errorMessage, errorPanel } from "../errors.js";
import { addDays } from "../history/day.js";
import { clockTime, dayName, t, tn } from "../i18n.js";
import { PicturesOfDay, totalsText } from "../pictures/day.js";
import { SmallPictures } from "../pictures/small_pictures.js";
import { countPictures, deletePictures, readDays } from "../pictures/stored.js";
import { readChoice } from "../privacy/choice.js";
import { button } from "../settings/controls.js";

/** @typedef {import("../pictures/stored.js").Span} Span */

/** @type {Gallery | null} */
let gallery = null;

/** @param {HTMLElement} section @param {string[]} rest a day, or nothing */
export async function enter(section, [day]) {
  leave();
  gallery = new Gallery(section, day);
  await gallery.show();
}

export function leave() {
  gallery?.close();
  gallery = null;
}

class Gallery {
  /** @param {HTMLElement} section @param {string} [day] the newest that is shown */
  constructor(section, day) {
    this.day = day;
    this.total = { frames: 0, bytes: 0 };
    this.small = new SmallPictures();
    this.totals = h("p", { class: "lead" });
    this.message = h("p", { class: "form-message", role: "status" });
    this.days = h("div", { class: "stored-days" });
    this.more = h("p", { class: "actions" });
    this.everything = h("p", { class: "actions", hidden: true });
    section.replaceChildren(
      h("p", {}, h("a", { href: "#/settings" }, t("Back to the settings"))),
      h("h1", {}, t("Stored pictures")),
      this.totals,
      this.message,
      this.everything,
      this.days,
      this.more,
    );
    this.everything.append(
      ...(day ? [h("a", { class: "button", href: "#/pictures" }, t("Show all days"))] : []),
      button(t("Delete all pictures"), () => this.#deleteAll(), "danger"),
    );
  }

  close() {
    this.small.close();
  }

  async show() {
    this.small.close();
    this.small = new SmallPictures();
    const first = this.day ? { cursor: addDays(this.day, 1) } : {};
    const [choice, { total, ...newest }, page] = await Promise.all([
      readChoice(),
      readDays({ page_size: 1 }),
      readDays(first),
    ]);
    this.total = total ?? { frames: 0, bytes: 0 };
    this.#showTotal();
    this.everything.hidden = !newest.results.length;
    const isWithout = this.day && page.results[0]?.day !== this.day;
    if (!newest.results.length) this.days.replaceChildren(emptyGallery(choice));
    else this.days.replaceChildren(...(isWithout ? [noneOf(/** @type {string} */ (this.day))] : []));
    this.#addDays(page);
    const opened = this.days.querySelector("details");
    if (opened && !isWithout) opened.open = true;
  }

  #showTotal() {
    this.totals.textContent = this.total.frames ? totalsText(this.total) : "";
  }

  /** @param {Awaited<ReturnType<typeof readDays>>} page */
  #addDays({ next, results }) {
    const days = results.map((day) => new PicturesOfDay(day, this.small, this.#actions()).element);
    this.days.append(...days);
    this.more.replaceChildren(...(next ? [button(t("Show earlier days"), () => this.#readMore(next))] : []));
    return days;
  }

  /** @param {string} cursor */
  async #readMore(cursor) {
    try {
      const [first] = this.#addDays(await readDays({ cursor }));
      first?.querySelector("summary")?.focus();
    } catch (error) {
      this.more.replaceChildren(errorPanel(error, () => this.#readMore(cursor)));
    }
  }

  /** @returns {import("../pictures/day.js").Actions} */
  #actions() {
    return {
      deleteDay: ({ day, since, until, frames }) => {
        const question = t("Delete the pictures of {day}?", { day: dayName(day) });
        this.#delete(question, async () => frames, { from: since, to: until });
      },
      deleteHour: (since, until) => {
        const span = { from: since.toISOString(), to: until.toISOString() };
        const question = t("Delete the pictures of the hour from {time}?", { time: clockTime(since) });
        this.#delete(question, () => countPictures(span), span);
      },
      onDeleted: ({ size }) => {
        this.total = { frames: this.total.frames - 1, bytes: this.total.bytes - size };
        this.#showTotal();
        if (!this.total.frames) this.show().catch((error) => this.#say(errorMessage(error), true));
      },
    };
  }

  #deleteAll() {
    this.#delete(t("Delete all pictures?"), async () => this.total.frames, {});
  }

  /** @param {string} question @param {() => Promise<number>} count @param {Span} span */
  async #delete(question, count, span) {
    try {
      const consequence = tn("{count} picture is deleted.", "{count} pictures are deleted.", await count());
      const isSure = await confirmAction(
        question,
        `${consequence} ${t("They cannot be restored. Your reports are not affected.")}`,
        t("Delete"),
      );
      if (!isSure) return;
      await deletePictures(span, (text) => this.#say(text));
      await this.show();
      focus(this.message);
    } catch (error) {
      this.#say(errorMessage(error), true);
    }
  }

  /** @param {string} text @param {boolean} [isWrong] */
  #say(text, isWrong = false) {
    this.message.classList.toggle("wrong", isWrong);
    this.message.textContent = text;
  }
}

/** @param {string} day */
const noneOf = (day) => h("p", { class: "panel empty" }, t("No picture of {day} is stored.", { day: dayName(day) }));

/** @param {import("../privacy/choice.js").Choice} choice */
function emptyGallery({ privacy, keep_days }) {
  const text =
    privacy === "browser"
      ? t("Your pictures stay in the browser, so there are none here.")
      : keep_days === null
        ? t("Each picture is analysed and forgotten, so there are none here.")
        : t("The pictures of your next session appear here.");
  return h(
    "div",
    { class: "panel empty" },
    h("h2", {}, t("No picture is stored")),
    h("p", {}, text),
    h("a", { class: "button", href: "#/settings" }, t("What happens to your pictures")),
  );
}
