/** The companion in the header of every view: the figure, the small window, the meeting switch, and what is silent. */

import { draw, h } from "../dom.js";
import { t } from "../i18n.js";
import { Figure } from "./figure.js";
import { isInMeeting } from "./meeting.js";
import { alarmTone, situation, snoozeText, timeLabel } from "./situation.js";

/** @typedef {import("./situation.js").Snapshot} Snapshot */

const WINDOW_SIGN = "M3 5h18v14H3ZM13 12h6v5h-6Z";
const SILENT_SIGN = "M6 16V11a6 6 0 0 1 10-4.4M18 11v5H8M10.5 19.5h3M4 20 20 4";
const MEETING_SIGN = "M4 5h16v11h-9l-5 4v-4H4ZM8 9.2h8M8 12h5";

export class Controls {
  /**
   * @param {import("./answers.js").Answers} answers
   * @param {{toggleWindow: () => void, showAlarm: () => void, allowSound: () => void}} actions
   * @param {boolean} hasSmallWindow false on phones and in windows as small as that
   */
  constructor(answers, actions, hasSmallWindow) {
    this.answers = answers;
    this.figure = new Figure();
    this.alarm = h("button", { type: "button", class: "figure-button", onclick: actions.showAlarm }, this.figure.element);
    this.window = signButton(t("Small window"), WINDOW_SIGN, actions.toggleWindow);
    this.window.hidden = !hasSmallWindow;
    this.meeting = signButton(t("In a meeting"), MEETING_SIGN, () => answers.setMeeting(!this.isInMeeting));
    this.sound = h("button", { type: "button", class: "button small", onclick: actions.allowSound, hidden: true });
    this.sound.textContent = t("Click once for sound");
    this.until = h("span", {});
    this.snoozed = signButton("", SILENT_SIGN, () => this.#endSnooze());
    this.snoozed.append(this.until);
    /** @type {import("./situation.js").Snooze | null} what is shown as silent */
    this.snooze = null;
    this.isInMeeting = false;
    this.element = h(
      "div",
      { class: "companion", role: "group", "aria-label": t("Companion"), hidden: true },
      this.alarm,
      this.window,
      this.meeting,
      this.sound,
      this.snoozed,
    );
  }

  /**
   * @param {Snapshot} snapshot
   * @param {{needsClick: boolean, isWindowOpen: boolean}} page
   */
  show(snapshot, { needsClick, isWindowOpen }) {
    const { session, alarm } = snapshot;
    this.element.hidden = !session || session.state === "stopped";
    if (!session) return;
    const { title, tone, margins } = situation(snapshot);
    this.figure.show(alarm ? alarmTone(alarm) : tone, margins);
    this.alarm.disabled = !alarm;
    this.alarm.setAttribute("aria-label", alarm ? t("Show the alarm") : title);
    this.isInMeeting = isInMeeting(snapshot);
    this.meeting.setAttribute("aria-pressed", String(this.isInMeeting));
    this.window.setAttribute("aria-pressed", String(isWindowOpen));
    this.sound.hidden = !needsClick;
    this.#showSnoozed(session.snoozed ?? []);
  }

  /** @param {import("./situation.js").Snooze[]} snoozed */
  #showSnoozed(snoozed) {
    this.snooze = snoozed.find(({ reason }) => reason !== "meeting") ?? null; // its switch says it
    this.snoozed.hidden = !this.snooze;
    if (!this.snooze) return;
    const { reason, until } = this.snooze;
    const what = reason === "snooze" ? t("End this") : t("Settings");
    name(this.snoozed, `${snoozeText(this.snooze)}. ${what}`);
    this.until.textContent = until ? timeLabel(until) : "";
  }

  /** Quiet hours end by their settings, everything else at once. */
  #endSnooze() {
    if (this.snooze?.reason === "snooze") this.answers.endSnooze(this.snooze.kind);
    else location.hash = "#/settings";
  }
}

/** @param {string} text @param {string} path @param {() => void} onclick */
function signButton(text, path, onclick) {
  const sign = draw("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, draw("path", { d: path }));
  const button = h("button", { type: "button", class: "button quiet sign-button", onclick }, sign);
  name(button, text);
  return button;
}

/** @param {HTMLElement} button @param {string} text */
function name(button, text) {
  button.title = text;
  button.setAttribute("aria-label", text);
}
