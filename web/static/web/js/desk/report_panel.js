/** The report that is shown after a session: the result, one piece of advice, and the person's own last weeks. */

import { call } from "../api.js";
import { blinkRateText } from "../blink_rate.js";
import { h } from "../dom.js";
import { addDays } from "../history/day.js";
import { comparedText, goodShare, perHourText } from "../history/labels.js";
import { duration, percent, t, today } from "../i18n.js";
import { clock } from "./labels.js";

const COMPARED_DAYS = 28;
const SHORT_S = 300; // says little
const LONG_S = 3600; // without a break is too long
const FEW_BLINKS = 10; // a minute, surely below it

export class ReportPanel {
  /**
   * @param {any} report
   * @param {{restart: () => void}} actions
   */
  constructor(report, actions) {
    const share = goodShare(report);
    const rate = report.blink_rate;
    const facts = {
      [t("At the desk")]: clock(report.active_s ?? 0),
      [t("Neck alarms an hour")]: perHourText({ neck: report.neck_cnt, active_s: report.active_s ?? 0 }),
      [t("Blinks")]: rate ? `${report.blink_cnt} · ${blinkRateText(rate)}` : report.blink_cnt,
      [t("Stretches")]: report.stretching_cnt,
      [t("Breaks")]: report.rests ?? 0,
    };
    this.comparison = h("p", { class: "hint comparison" });
    this.element = h(
      "div",
      { class: "panel report" },
      h("h2", {}, title(share)),
      share === null
        ? ""
        : h("p", { class: "share" }, h("strong", {}, percent(share)), " ", t("of the time in good posture")),
      this.comparison,
      h("p", { class: "advice" }, advice(report, share)),
      h("dl", { class: "facts" }, ...Object.entries(facts).map(([name, value]) => fact(name, value))),
      h(
        "div",
        { class: "actions" },
        h("a", { class: "button primary", href: `#/history/session/${report.id}` }, t("View the history")),
        h("button", { type: "button", class: "button", onclick: actions.restart }, t("Start again")),
      ),
    );
    this.#compare(share);
  }

  /** @param {number | null} share */
  async #compare(share) {
    if (share === null) return;
    const [from, to] = [-COMPARED_DAYS, -1].map((days) => addDays(today(), days));
    const summary = await call("GET", `reports/summary/?bucket=month&from=${from}&to=${to}`).catch(() => null);
    const before = summary?.total.good_share ?? null;
    if (before === null) return;
    const weeks = t("In the four weeks before: {percent}", { percent: percent(before) });
    this.comparison.textContent = `${weeks} · ${comparedText(share, before)}`;
  }
}

function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, String(value)));
}

function title(share) {
  if (share === null) return t("That was a short session");
  if (share >= 0.8) return t("You sat well");
  return share >= 0.5 ? t("You sat well much of the time") : t("A hard day for your neck");
}

/** @param {any} report @param {number | null} share @returns {string} what would help most */
function advice({ active_s, bad_s, rests, blink_rate }, share) {
  if (share === null || (active_s ?? 0) < SHORT_S) return t("Longer sessions show more of how you sit.");
  if (active_s >= LONG_S && !rests) {
    return t("You took no break in {time}. Get up for a minute every hour.", { time: duration(active_s) });
  }
  if (share < 0.6) {
    return t("Your neck was bent for {time}. A higher or closer screen often helps.", { time: duration(bad_s) });
  }
  if (blink_rate && blink_rate.high < FEW_BLINKS) {
    return t("You blinked rarely. Now and then, look into the distance and blink a few times.");
  }
  return share >= 0.8 ? t("Nothing to change. See you next time.") : t("Sit back as soon as the figure leans.");
}
