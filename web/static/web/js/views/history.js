/** The history: today, a day's sessions, charts of weeks and months, and one session's timeline. */

import { call, download } from "../api.js";
import { h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { Day, shifted } from "../history/day.js";
import { showSession } from "../history/session.js";
import { charts, facts, table, trendWords } from "../history/summary.js";
import { daySpan, setZone, t, today } from "../i18n.js";
import { segments } from "../settings/controls.js";

/** @typedef {import("../history/summary.js").Step} Step */

/** How long is looked at, by what. */
const DAYS = { day: 7, week: 84, month: 365 };

/** @type {Step} */
let step = "day";

/**
 * @param {HTMLElement} section
 * @param {string[]} rest "session" and a report's id, or nothing
 */
export async function enter(section, [what, id]) {
  const { time_zone } = await call("GET", "accounts/time-zone/");
  setZone(time_zone);
  if (what === "session") await showSession(section, id);
  else await showAll(section);
}

/** @param {HTMLElement} section */
async function showAll(section) {
  const now = today();
  const [ofToday, sessions] = await Promise.all([
    call("GET", `reports/summary/?bucket=day&from=${now}&to=${now}`),
    call("GET", "reports/?page_size=1"),
  ]);
  const title = h("h1", {}, t("History"));
  if (!sessions.length) {
    section.replaceChildren(title, nothingYet());
    return;
  }
  const day = new Day();
  const span = new Charts((date) => {
    day.show(date);
    day.title.focus();
  });
  const ofDay = ofToday.total.sessions
    ? facts(ofToday.total)
    : h("p", { class: "hint" }, t("No session yet today."), " ", h("a", { href: "#/desk" }, t("To the desk")));
  section.replaceChildren(
    title,
    h("section", { class: "panel" }, h("h2", {}, t("Today so far")), ofDay),
    span.element,
    day.element,
  );
  await Promise.all([span.show(), day.show(now)]);
}

function nothingYet() {
  return h(
    "div",
    { class: "panel empty" },
    h("h2", {}, t("Nothing here yet")),
    h(
      "p",
      {},
      t("After your first session you find here how you sat, how often you blinked, and when you took breaks."),
    ),
    h("a", { class: "button primary", href: "#/desk" }, t("To the desk")),
  );
}

/** Charts of a span of days that can be moved back and forth. */
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
    const move = (/** @type {number} */ direction) => () => this.show(shifted(this.last, direction * DAYS[step]));
    this.later = h("button", { type: "button", class: "button", "aria-label": t("Later"), onclick: move(1) }, "›");
    this.span = h("p", { class: "span", "aria-live": "polite" });
    this.body = h("div");
    this.element = h(
      "section",
      { class: "history-charts", "aria-label": t("Charts") },
      h(
        "div",
        { class: "charts-head" },
        segments(t("How long"), "step", options, step, (chosen) => {
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
    return shifted(this.last, 1 - DAYS[step]);
  }

  async show(last = this.last) {
    this.last = last < today() ? last : today();
    this.later.disabled = this.last >= today();
    this.span.textContent = daySpan(this.first, this.last);
    const asked = `${step} ${this.last}`;
    try {
      const summary = await call("GET", `reports/summary/?bucket=${step}&from=${this.first}&to=${this.last}`);
      if (asked === `${step} ${this.last}`) this.#draw(summary);
    } catch (error) {
      this.body.replaceChildren(h("p", { role: "alert" }, errorMessage(error)));
    }
  }

  #draw({ buckets, total, trends }) {
    if (!total.sessions) {
      this.body.replaceChildren(h("p", { class: "panel empty" }, t("No session in this time.")));
      return;
    }
    const open = (/** @type {string} */ day) => {
      if (step === "day") this.openDay(day);
      else this.#zoomTo(day);
    };
    const trend = trendWords(trends).map((words) => h("p", { class: "note" }, words));
    this.body.replaceChildren(...trend, charts(buckets, step, open), table(buckets, step));
  }

  /** From a bar of a week or month to that week's days, or that month's weeks' days. */
  #zoomTo(day) {
    const isMonth = step === "month";
    step = isMonth ? "week" : "day";
    const radio = /** @type {HTMLInputElement} */ (this.element.querySelector(`[name=step][value=${step}]`));
    radio.checked = true;
    this.show(shifted(day, isMonth ? 30 : 6));
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
