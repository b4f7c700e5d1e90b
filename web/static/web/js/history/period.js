/** The charts of a period that can be moved back and forth. */

import { call, download } from "../api.js";
import { h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { daySpan, t, today } from "../i18n.js";
import { segments } from "../settings/controls.js";
import { addDays } from "./day.js";
import { charts, periodText, trendTexts } from "./summary.js";

/** @typedef {import("./summary.js").Step} Step */

/** Days shown, by step. */
const SPAN_DAYS = { day: 7, week: 84, month: 365 };

/** @type {Step} */
let step = "day";

export class Charts {
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
    this.sheet = h("a", { class: "button" }, t("A week to print"));
    this.element = h(
      "section",
      { class: "history-charts" },
      h("h2", {}, t("Over time")),
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
        h(
          "div",
          { class: "actions" },
          this.sheet,
          h("button", { type: "button", class: "button", onclick: () => this.#download() }, t("Download as CSV")),
        ),
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
      const [summary, earlier] = await Promise.all([
        call("GET", `reports/summary/?bucket=${step}&from=${this.first}&to=${this.last}`),
        call("GET", `reports/summary/?bucket=${step}&from=${addDays(before, 1 - SPAN_DAYS[step])}&to=${before}`),
      ]);
      if (period === `${step} ${this.last}`) this.#draw(summary, earlier);
    } catch (error) {
      this.body.replaceChildren(h("p", { role: "alert" }, errorMessage(error)));
    }
  }

  #draw(summary, before) {
    const { buckets, total, trends } = summary;
    this.sheet.href = `#/history/week/${this.last}`;
    if (!total.sessions) {
      this.body.replaceChildren(h("p", { class: "panel empty" }, t("No sessions in this period.")));
      return;
    }
    const open = (/** @type {string} */ day) => {
      if (step === "day") this.openDay(day);
      else this.#zoomTo(day);
    };
    const trend = trendTexts(trends).map((text) => h("p", { class: "note" }, text));
    const period = h("p", { class: "period" }, periodText(summary, before, step));
    const invitation = step === "day" ? t("Select a bar to see its day.") : t("Select a bar to look closer.");
    this.body.replaceChildren(period, ...trend, h("p", { class: "hint" }, invitation), charts(buckets, step, open));
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
