/** Today's numbers, which a running session changes; before the first session, those of the last day at the desk. */

import { call } from "../api.js";
import { running } from "../engine/sessions.js";
import { h } from "../dom.js";
import { clockTime, dayName, t, today } from "../i18n.js";
import { addDays } from "./day.js";
import { facts } from "./summary.js";

const REFRESH_MS = 60_000;
const LOOK_BACK_DAYS = [14, 365];
/** @type {import("./summary.js").Totals} */
const NOTHING = {
  ...{ sessions: 0, active_s: 0, neck: 0, blinks: 0, stretches: 0, rests: 0 },
  ...{ good_share: null, blink_rate: null, wrong_alarms_per_8_h: null },
};

/**
 * @typedef {object} Start what the history starts with
 * @property {string} day today if there is a session of today, otherwise the last day with one
 * @property {{started_at: string} | null} session that is running
 * @property {import("./summary.js").Totals} totals of that day
 */

/** @returns {Promise<Start | null>} null for somebody without any session */
export async function readStart() {
  const now = today();
  const [{ total }, session, [any]] = await Promise.all([
    call("GET", `reports/summary/?bucket=day&from=${now}&to=${now}`),
    running(),
    call("GET", "reports/?page_size=1"),
  ]);
  if (total.sessions || session) return { day: now, session, totals: total };
  return any ? await lastDay() : null;
}

/** @returns {Promise<Start>} the last day with a session; where all are older than a year, today */
async function lastDay() {
  for (const days of LOOK_BACK_DAYS) {
    const { buckets } = await call("GET", `reports/summary/?bucket=day&from=${addDays(today(), -days)}&to=${today()}`);
    const last = buckets.reverse().find(({ sessions }) => sessions);
    if (last) return { day: last.first_day, session: null, totals: last };
  }
  return { day: today(), session: null, totals: NOTHING };
}

export class Today {
  /**
   * @param {Start} start
   * @param {{onNewDay: () => void, onRefresh: (start: Start) => Promise<void>}} listeners onNewDay: another day is to be shown;
   *   onRefresh: the numbers of a running session have changed
   */
  constructor(start, { onNewDay, onRefresh }) {
    this.day = start.day;
    this.onNewDay = onNewDay;
    this.onRefresh = onRefresh;
    this.title = h("h2");
    this.note = h("p", { class: "hint running-note" });
    this.numbers = h("div");
    this.element = h("section", { class: "panel today" }, this.title, this.numbers, this.note);
    this.#show(start);
    this.timer = setInterval(() => this.refresh(), REFRESH_MS);
  }

  close() {
    clearInterval(this.timer);
  }

  async refresh() {
    try {
      const start = await readStart();
      if (start?.day !== this.day) return this.onNewDay();
      this.#show(start);
      if (start.session) await this.onRefresh(start);
    } catch {
      // The numbers stay until the service can be reached again.
    }
  }

  /** @param {Start} start */
  #show({ day, session, totals }) {
    const isToday = day === today();
    this.title.textContent = isToday
      ? t("Today so far")
      : t("Your last day at the desk: {day}", { day: dayName(day) });
    this.numbers.replaceChildren(facts(totals));
    this.note.textContent = session
      ? t("A session has been running since {time}. It is included.", { time: clockTime(session.started_at) })
      : "";
  }
}
