/** The report that is shown after a session. */

import { blinkRateText } from "../blink_rate.js";
import { h } from "../dom.js";
import { percent, t } from "../i18n.js";
import { clock } from "./labels.js";

export class ReportPanel {
  /**
   * @param {any} report
   * @param {{restart: () => void}} actions
   */
  constructor(report, actions) {
    const known = (report.good_s ?? 0) + (report.bad_s ?? 0);
    const share = known > 0 ? report.good_s / known : null;
    const rate = report.blink_rate;
    const facts = {
      [t("Time at the desk")]: clock(report.active_s ?? 0),
      [t("Neck alarms")]: report.neck_cnt,
      [t("Blinks")]: rate ? `${report.blink_cnt} · ${blinkRateText(rate)}` : report.blink_cnt,
      [t("Stretches")]: report.stretching_cnt,
      [t("Breaks")]: report.rests ?? 0,
    };
    this.element = h(
      "div",
      { class: "panel report" },
      h("h2", {}, title(share)),
      share === null
        ? ""
        : h("p", { class: "share" }, h("strong", {}, percent(share)), " ", t("of the time in good posture")),
      h("dl", { class: "facts" }, ...Object.entries(facts).map(([name, value]) => fact(name, value))),
      h(
        "div",
        { class: "actions" },
        h("a", { class: "button primary", href: `#/history/session/${report.id}` }, t("View the history")),
        h("button", { type: "button", class: "button", onclick: actions.restart }, t("Start again")),
      ),
    );
  }
}

function fact(name, value) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, String(value)));
}

function title(share) {
  if (share === null) return t("That was a short session");
  if (share >= 0.8) return t("Great posture!");
  return share >= 0.5 ? t("Not bad") : t("More breaks would do your neck good");
}
