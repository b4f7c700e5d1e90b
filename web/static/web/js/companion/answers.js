/** What a user can answer to an alarm. Each answer is given once, wherever its button is: page, small window, or notice. */

import { clock } from "../clock.js";
import { errorMessage } from "../errors.js";
import { t } from "../i18n.js";
import { snoozeText } from "./situation.js";
import { fiveMinutes, longSpan, untilMidnight } from "./spans.js";

/** @typedef {import("./situation.js").Alarm} Alarm */
/** @typedef {{text: string, undo?: () => unknown}} Toast */
/** @typedef {{label: string, name: string, answer: () => void}} Choice */

/** Events: "answered" (detail: the alarm's id, or null), "toast" (detail: Toast), "failed". */
export class Answers extends EventTarget {
  /**
   * @param {any} engine
   * @param {{open: () => void, close: () => void}} guide the stretch guide
   */
  constructor(engine, guide) {
    super();
    this.engine = engine;
    this.guide = guide;
  }

  /** @param {Alarm} alarm @returns {Choice[]} what the alarm is about, first; then how to be left alone */
  choices(alarm) {
    return [...this.#does(alarm), ...this.#silences(alarm)];
  }

  /** @param {Alarm} alarm */
  dismiss(alarm) {
    return this.#give(alarm.id, () => this.engine.dismiss(alarm.id));
  }

  /** @param {Alarm} alarm "5 minutes": a break is put off, everything else is silent so long */
  putOff(alarm) {
    if (alarm.kind !== "rest") return this.#snooze(alarm.id, null, fiveMinutes().seconds);
    return this.#give(alarm.id, () => this.#postponeOrSnooze(alarm.id), { text: t("The break comes in 5 minutes.") });
  }

  /** @param {import("./situation.js").Upcoming} upcoming a break that is not due yet */
  postpone({ id }) {
    return this.#give(null, () => this.engine.postpone(id), { text: t("The break comes in 5 minutes.") });
  }

  pause() {
    return this.#give(null, () => this.engine.pause());
  }

  resume() {
    return this.#give(null, () => this.engine.resume());
  }

  countStretch() {
    return this.#give(null, () => this.engine.countStretch());
  }

  /** @param {string | null} kind */
  endSnooze(kind) {
    return this.#give(null, () => this.engine.snooze({ kind, seconds: 0 }));
  }

  /** @param {boolean} isInMeeting */
  setMeeting(isInMeeting) {
    return this.#give(null, () => this.engine.snooze({ meeting: isInMeeting }));
  }

  #does({ id, kind }) {
    if (kind === "stretching") {
      return [
        { name: "stretch", label: t("Start"), answer: () => this.#stretch() },
        { name: "done", label: t("Done"), answer: () => this.#give(id, () => this.engine.countStretch()) },
      ];
    }
    return kind === "rest" ? [{ name: "pause", label: t("Take the break"), answer: () => this.pause() }] : [];
  }

  #silences(alarm) {
    const { id, kind } = alarm;
    const long = longSpan(clock.now());
    return [
      { name: "snooze", label: fiveMinutes().label, answer: () => this.putOff(alarm) },
      { name: "long", label: long.label, answer: () => this.#snooze(id, null, longSpan(clock.now()).seconds) },
      { name: "wrong", label: t("This was wrong"), answer: () => this.#reportWrong(alarm) },
      {
        name: "silence",
        label: t("Silence this kind"),
        answer: () => this.#snooze(id, kind, untilMidnight(clock.now())),
      },
    ];
  }

  #stretch() {
    window.focus(); // the button may be in the small window
    this.guide.open();
  }

  #snooze(alarmId, kind, seconds) {
    const until = new Date(clock.now() + seconds * 1000).toISOString();
    const text = snoozeText({ kind, until, reason: "snooze" });
    const undo = () => this.endSnooze(kind);
    return this.#give(alarmId, () => this.engine.snooze({ kind, seconds }), { text, undo });
  }

  #reportWrong({ id, kind }) {
    const isTuned = kind === "neck" || kind === "blink";
    const text = isTuned ? t("Thank you. This alarm will be a little more patient.") : t("Thank you, it is noted.");
    const undo = () =>
      this.#give(null, () => this.engine.takeBackWrong(id), { text: t("Taken back.") });
    return this.#give(id, () => this.engine.reportWrong(id), { text, undo });
  }

  /** A break can be postponed twice; after that its alarm can still be silenced. @param {number} alarmId */
  async #postponeOrSnooze(alarmId) {
    try {
      await this.engine.postpone(alarmId);
    } catch (error) {
      if (error.status !== 409) throw error;
      await this.engine.snooze({ kind: "rest", seconds: fiveMinutes().seconds });
    }
  }

  /** @param {number | null} alarmId @param {() => unknown} act @param {Toast | null} toast once it is done */
  async #give(alarmId, act, toast = null) {
    this.#tell("answered", alarmId);
    try {
      await act();
      if (toast) this.#tell("toast", toast);
    } catch (error) {
      this.#tell("failed", null);
      this.#tell("toast", { text: errorMessage(error) });
    }
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
