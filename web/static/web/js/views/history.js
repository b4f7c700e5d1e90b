/** The history: today, one day's sessions, charts over days, weeks or months, and one session's timeline. */

import { call, download } from "../api.js";
import { h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { Day, addDays } from "../history/day.js";
import { showSession } from "../history/session.js";
import { charts, periodText, table, trendTexts } from "../history/summary.js";
import { Today, readStart } from "../history/today.js";
import { daySpan, setZone, t, today } from "../i18n.js";
import { segments } from "../settings/controls.js";

/** @typedef {import("../history/summary.js").Step} Step */

/** Days shown, by step. */
const SPAN_DAYS = { day: 7, week: 84, month: 365 };

/** @type {Step} */
let step = "day";
/** @type {Today | null} */
let shownToday = null;

/**
 * @param {HTMLElement} section
 * @param {string[]} rest "session" and a report's id, or nothing
 */
export async function enter(section, [part, id]) {
  leave();
  const { time_zone } = await call("GET", "accounts/time-zone/");
  setZone(time_zone);
  if (part === "session") await showSession(section, id);
  else await showAll(section);
}

export function leave() {
  shownToday?.close();
  shownToday = null;
}

/** @param {HTMLElement} section */
async function showAll(section) {
  const start = await readStart();
  const title = h("h1", {}, t("History"));
  leave();
  if (!start) {
    section.replaceChildren(title, emptyHistory());
    return;
  }
  shownToday = new Today(start, () => showAll(section));
  const day = new Day();
  const chartsSection = new Charts((date) => {
    day.show(date);
    day.title.focus();
  });
  section.replaceChildren(title, shownToday.element, chartsSection.element, day.element);
  await Promise.all([chartsSection.show(), day.show(start.day)]);
}

function emptyHistory() {
  return h(
    "div",
    { class: "panel empty" },
    h("h2", {}, t("Nothing here yet")),
    h(
      "p",
      {},
      t("After your first session, you can see here how you sat, how often you blinked and when you took breaks."),
    ),
    h("a", { class: "button primary", href: "#/desk" }, t("Go to the desk")),
  );
}

/** Charts of a period that can be moved back and forth. */
class Charts {
  /** @param {(day: string) => void} openDay */
  constructor(openDay) {
    this.openDay = openDay;
    this.last = today();
    const options = /** @type {[string, string][]} */ ([
      ["day", t("7 days")],
      ["week", t("12 weeks")],
      ["month", t("12 months")],
    ]);
    const move = (/** @type {number} */ direction) => () => this.show(addDays(this.last, direction * SPAN_DAYS[step]));
    this.later = h("button", { type: "button", class: "button", "aria-label": t("Later"), onclick: move(1) }, "›");
    this.span = h("p", { class: "span", "aria-live": "polite" });
    this.body = h("div");
    this.element = h(
      "section",
      { class: "history-charts", "aria-label": t("Charts") },
      h(
        "div",
        { class: "charts-head" },
        segments(t("Period"), "step", options, step, (chosen) => {
          step = /** @type {Step} */ (chosen);
          this.show(today());
        }),
        h(
          "div",
          { class: "actions" },
          h("button", { type: "button", class: "button", "aria-label": t("Earlier"), onclick: move(-1) }, "‹"),
          this.span,
          this.later,
        ),
        h("button", { type: "button", class: "button", onclick: () => this.#download() }, t("Download as CSV")),
      ),
      this.body,
    );
  }

  get first() {
    return addDays(this.last, 1 - SPAN_DAYS[step]);
  }

  async show(last = this.last) {
    this.last = last < today() ? last : today();
    this.later.disabled = this.last >= today();
    this.span.textContent = daySpan(this.first, this.last);
    const period = `${step} ${this.last}`;
    try {
      const before = addDays(this.first, -1);
      const [summary, { total }] = await Promise.all([
        call("GET", `reports/summary/?bucket=${step}&from=${this.first}&to=${this.last}`),
        call("GET", `reports/summary/?bucket=month&from=${addDays(before, 1 - SPAN_DAYS[step])}&to=${before}`),
      ]);
      if (period === `${step} ${this.last}`) this.#draw(summary, total);
    } catch (error) {
      this.body.replaceChildren(h("p", { role: "alert" }, errorMessage(error)));
    }
  }

  #draw({ buckets, total, trends }, before) {
    if (!total.sessions) {
      this.body.replaceChildren(h("p", { class: "panel empty" }, t("No sessions in this period.")));
      return;
    }
    const open = (/** @type {string} */ day) => {
      if (step === "day") this.openDay(day);
      else this.#zoomTo(day);
    };
    const trend = trendTexts(trends).map((text) => h("p", { class: "note" }, text));
    const summary = h("p", { class: "period" }, periodText(total, before));
    const invitation = step === "day" ? t("Select a bar to see its day.") : t("Select a bar to look closer.");
    const hint = h("p", { class: "hint" }, invitation);
    this.body.replaceChildren(summary, ...trend, charts(buckets, step, open), hint, table(buckets, step));
  }

  /** Zooms from a week to its days, or from a month to its weeks. */
  #zoomTo(day) {
    const isMonth = step === "month";
    step = isMonth ? "week" : "day";
    const radio = /** @type {HTMLInputElement} */ (this.element.querySelector(`[name=step][value=${step}]`));
    radio.checked = true;
    this.show(addDays(day, isMonth ? 30 : 6));
  }

  async #download() {
    try {
      await download(
        `reports/export/?format=csv&from=${this.first}&to=${this.last}`,
        `pose-smart-${this.first}-${this.last}.csv`,
      );
    } catch (error) {
      this.body.prepend(h("p", { class: "note", role: "alert" }, errorMessage(error)));
    }
  }
}
