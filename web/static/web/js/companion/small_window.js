/**
 * The small window that stays in front of all others: a picture-in-picture document where there is one, otherwise a
 * popup. It has no timers, video or state of its own: browsers throttle its timers when it is covered. The page draws it.
 */

import { h, setText } from "../dom.js";
import { duration, t } from "../i18n.js";
import { alarmLabels } from "../desk/labels.js";
import { OutlinePair } from "../outlines/pair.js";
import { button } from "./alarm_bar.js";
import { Figure } from "./figure.js";
import { alarmTone, situation } from "./situation.js";

/** @typedef {import("./situation.js").Snapshot} Snapshot */
/** @typedef {import("./situation.js").Alarm} Alarm */

const SIZE = { width: 340, height: 96 };
/** The answers there is room for; "wrong" only where the alarm is not about something to do. */
const IN_WINDOW = new Set(["stretch", "done", "pause", "snooze"]);
const NAME = "posesmart-companion";

/** Events: "changed" when it was opened or closed. */
export class SmallWindow extends EventTarget {
  /**
   * @param {import("./answers.js").Answers} answers
   * @param {() => void} allowSound
   */
  constructor(answers, allowSound) {
    super();
    this.answers = answers;
    /** @type {Window | null} */
    this.opened = null;
    /** @type {number | null} */
    this.shownAlarm = null;
    this.figure = new Figure();
    this.pair = new OutlinePair();
    this.title = h("h1", {});
    this.detail = h("span", {});
    this.actions = h("div", { class: "mini-actions" });
    this.pause = button("", () => (this.isPaused ? answers.resume() : answers.pause()));
    this.sound = button(t("Click once for sound"), allowSound);
    this.isPaused = false;
    this.text = h("div", { class: "mini-text", role: "status" }, this.title, this.detail);
    this.element = h("main", { class: "mini" }, this.figure.element, this.pair.element, this.text, this.actions);
    addEventListener("pagehide", () => this.close());
  }

  get isOpen() {
    return this.opened !== null;
  }

  /** Must be called from a click or key handler. */
  async toggle() {
    if (this.isOpen) return this.close();
    const opened = await openWindow();
    if (!opened) return; // the browser blocks it
    this.opened = opened;
    this.shownAlarm = null;
    dress(opened.document);
    opened.document.body.replaceChildren(this.element);
    opened.addEventListener("pagehide", () => this.#onClosed(opened));
    this.dispatchEvent(new Event("changed"));
  }

  close() {
    const { opened } = this;
    if (!opened) return;
    this.#onClosed(opened);
    opened.close();
  }

  /**
   * @param {Snapshot} snapshot
   * @param {Alarm | null} alarm
   * @param {boolean} needsClick for sound
   */
  show(snapshot, alarm, needsClick) {
    if (!this.opened) return;
    if (this.opened.closed) return this.#onClosed(this.opened); // Firefox's popups do not always tell
    const { title, tone, margins } = situation(snapshot);
    this.figure.show(alarm ? alarmTone(alarm) : tone, margins);
    this.#showOutlines(snapshot.session?.outlines, alarm ? alarm.kind === "neck" : tone === "bad");
    const labels = alarm && alarmLabels(alarm.kind);
    setText(this.title, labels?.title ?? title);
    setText(this.detail, labels?.ending ?? duration(snapshot.activeS));
    this.element.dataset.alarm = alarm?.kind ?? "";
    this.element.classList.toggle("has-more", Boolean(alarm) || needsClick);
    this.isPaused = snapshot.session?.state === "paused";
    setText(this.pause, this.isPaused ? t("Resume") : t("Pause"));
    this.pause.hidden = !snapshot.session;
    this.sound.hidden = !needsClick;
    this.#showActions(alarm);
  }

  /**
   * In bad posture, in place of the figure.
   * @param {import("./alarm_bar.js").Outlines | undefined} outlines
   * @param {boolean} isBad
   */
  #showOutlines(outlines, isBad) {
    const isShown = isBad && this.pair.show(outlines?.now, outlines?.best);
    this.pair.element.toggleAttribute("hidden", !isShown);
    this.figure.element.toggleAttribute("hidden", isShown);
  }

  #showActions(alarm) {
    if (this.actions.childElementCount && this.shownAlarm === (alarm?.id ?? null)) return;
    this.shownAlarm = alarm?.id ?? null;
    this.actions.replaceChildren(...(alarm ? this.#answerButtons(alarm) : [this.pause]), this.sound);
  }

  #answerButtons(alarm) {
    const choices = this.answers.choices(alarm);
    const hasRoom = ({ name }) => IN_WINDOW.has(name) || (name === "wrong" && choices[0].name === "snooze");
    return choices.filter(hasRoom).map(({ name, label, answer }) => button(label, answer, name));
  }

  #onClosed(opened) {
    if (this.opened !== opened) return;
    this.opened = null;
    this.element.remove();
    this.dispatchEvent(new Event("changed"));
  }
}

/** @returns {Promise<Window | null>} */
async function openWindow() {
  const pictureInPicture = /** @type {any} */ (globalThis).documentPictureInPicture;
  if (pictureInPicture) return pictureInPicture.requestWindow(SIZE).catch(() => null); // without a gesture
  return open("", NAME, `popup,width=${SIZE.width},height=${SIZE.height}`);
}

/** Gives the empty document the page's style sheets, language and theme. @param {Document} document_ */
function dress(document_) {
  const { lang, dataset } = document.documentElement;
  document_.documentElement.lang = lang;
  if (dataset.theme) document_.documentElement.dataset.theme = dataset.theme;
  document_.documentElement.classList.add("mini-page");
  document_.title = t("Pose Smart");
  for (const { href } of /** @type {NodeListOf<HTMLLinkElement>} */ (document.querySelectorAll("link[rel=stylesheet]"))) {
    document_.head.append(h("link", { rel: "stylesheet", href }));
  }
}
