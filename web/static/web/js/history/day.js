/** One day, chosen by the user: its hours, its outlines and its sessions. */

import { call } from "../api.js";
import { running } from "../engine/sessions.js";
import { h } from "../dom.js";
import { errorPanel } from "../errors.js";
import { clockTime, dayName, percent, t, tn, today } from "../i18n.js";
import { readChoice } from "../privacy/choice.js";
import { dayOutlines } from "./day_outlines.js";
import { certainty, sentence } from "./insights.js";
import { alarmRateText, goodShare, neckPerHour } from "./labels.js";
import { stripTable } from "./strip.js";

/** @param {string} day @param {number} days @returns {string} */
export function addDays(day, days) {
  const moment = new Date(`${day}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}

export class Day {
  constructor() {
    this.input = h("input", {
      type: "date",
      id: "history-day",
      max: today(),
      onchange: () => this.input.value && this.show(this.input.value),
    });
    this.later = h(
      "button",
      {
        type: "button",
        class: "button",
        "aria-label": t("Next day"),
        onclick: () => this.show(addDays(this.input.value, 1)),
      },
      "›",
    );
    const earlier = h(
      "button",
      {
        type: "button",
        class: "button",
        "aria-label": t("Previous day"),
        onclick: () => this.show(addDays(this.input.value, -1)),
      },
      "‹",
    );
    this.title = h("h2", { tabindex: "-1" });
    this.strip = h("div", { class: "day-body" });
    this.list = h("ul", { class: "sessions", "aria-live": "polite" });
    this.pictures = h("a", {}, t("Pictures of this day"));
    this.picturesRow = h("p", { class: "day-pictures", hidden: true }, this.pictures);
    this.#offerPictures();
    this.insight = h("div", { class: "insight" });
    this.element = h(
      "section",
      { class: "panel day" },
      h(
        "div",
        { class: "day-head" },
        this.title,
        h(
          "div",
          { class: "actions" },
          h("label", { class: "visually-hidden", for: "history-day" }, t("Day")),
          earlier,
          this.input,
          this.later,
        ),
      ),
      this.insight,
      this.strip,
      h("h3", {}, t("Sessions")),
      this.list,
      this.picturesRow,
    );
  }

  /**
   * @param {import("./insights.js").Insight | undefined} insight the one thing to say of the last weeks, if any
   * @returns {HTMLElement}
   */
  withInsight(insight) {
    if (insight) {
      this.insight.replaceChildren(h("p", {}, sentence(insight)), h("p", { class: "hint" }, certainty(insight)));
    }
    return this.element;
  }

  /** Unless none are kept. */
  async #offerPictures() {
    const choice = await readChoice().catch(() => null);
    this.picturesRow.hidden = !choice || choice.keep_days === null;
  }

  /** @param {string} day */
  async show(day) {
    this.input.value = day;
    this.pictures.href = `#/pictures/${day}`;
    this.later.disabled = day >= today();
    this.title.textContent =
      day === today() ? t("Today, {day}", { day: dayName(day) }) : dayName(day, { dateStyle: "full" });
    try {
      const [reports, session, strip, outlines] = await Promise.all([
        sessionsOf(day),
        day === today() ? running() : null,
        call("GET", `reports/strip/?date=${day}`),
        call("GET", `reports/outlines/?date=${day}`),
      ]);
      const rows = [...(session ? [runningRow(session)] : []), ...reports.map(row)];
      if (this.input.value !== day) return;
      const drawn = [strip.hours.length ? stripTable(strip) : null, dayOutlines(outlines)];
      this.strip.replaceChildren(...drawn.filter((each) => each !== null));
      this.list.replaceChildren(...(rows.length ? rows : [h("li", { class: "hint" }, t("No sessions on this day."))]));
    } catch (error) {
      this.strip.replaceChildren();
      this.list.replaceChildren(
        h(
          "li",
          {},
          errorPanel(error, () => this.show(day)),
        ),
      );
    }
  }
}

/** The export, since the list of reports is version 1's, without a session's measures. @param {string} day */
const sessionsOf = (day) => call("GET", `reports/export/?format=json&date=${day}`);

function row(report) {
  const [from, to] = [report.start_time, report.end_time].map(timeOfDay);
  const share = goodShare(report);
  const rate = neckPerHour({ neck: report.neck_cnt, active_s: report.active_s ?? 0 });
  const counts = [
    share === null ? "" : t("{percent} good posture", { percent: percent(share) }),
    rate === null ? "" : alarmRateText(rate),
    tn("{count} blink", "{count} blinks", report.blink_cnt),
    tn("{count} stretch", "{count} stretches", report.stretching_cnt),
  ];
  return h(
    "li",
    {},
    h(
      "a",
      { href: `#/history/session/${report.id}` },
      h("strong", {}, `${from} – ${to}`),
      h("span", {}, counts.filter(Boolean).join(" · ")),
    ),
  );
}

/** @param {{started_at: string}} session */
function runningRow({ started_at }) {
  return h(
    "li",
    {},
    h(
      "a",
      { href: "#/desk" },
      h("strong", {}, t("Since {time}", { time: clockTime(started_at) })),
      h("span", {}, t("Still running")),
    ),
  );
}

/** @param {string} text ISO 8601, or YYMMDDHHmm from version-1 clients */
function timeOfDay(text) {
  const [, hours, minutes] = /^\d{6}(\d\d)(\d\d)$/.exec(text) ?? [];
  return hours ? `${hours}:${minutes}` : clockTime(text);
}

/** @param {number | string} id */
export const readTimeline = async (id) => {
  let response = await call("GET", `reports/${id}/timeline/?page_size=200`);
  const { report, episodes, best_outline: best } = response;
  while (response.next) {
    response = await call("GET", response.next.replace(/^.*?\/api\//, ""));
    episodes.push(...response.episodes);
  }
  return { report, episodes, best };
};
