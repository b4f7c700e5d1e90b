/**
 * The alarm's own place at the window's lower edge: the banner, the notice of a break, and what an answer did. The page
 * gets as much room below as the bar takes, so nothing of it stays hidden.
 */

import { h, setText } from "../dom.js";
import { t } from "../i18n.js";
import { STRETCHES, figure } from "../desk/figures.js";
import { alarmLabels, stretchLabels } from "../desk/labels.js";
import { OutlinePair } from "../outlines/pair.js";

/** @typedef {import("./situation.js").Alarm} Alarm */
/** @typedef {import("./answers.js").Answers} Answers */
/** @typedef {import("./answers.js").Toast} Toast */
/** @typedef {import("./situation.js").Upcoming} Upcoming */
/** @typedef {import("../outlines/difference.js").Outline} Outline */
/** @typedef {{now: Outline | null, best: Outline | null}} Outlines */

const TOAST_MS = 10_000;

export class AlarmBar {
  /** @param {Answers} answers */
  constructor(answers) {
    this.answers = answers;
    /** @type {number | null} id of the alarm that is shown */
    this.shown = null;
    this.toastTimer = 0;
    this.text = h("div", { class: "alarm-text", role: "alert" });
    this.extras = h("div", { class: "alarm-extras" });
    this.pair = new OutlinePair();
    this.differs = h("figcaption", {}); // outside of the alert: it changes with each picture
    this.buttons = h("div", { class: "alarm-actions" });
    this.banner = h("div", { class: "alarm", hidden: true }, this.extras, this.text, this.buttons);
    this.noticeText = h("span", {});
    /** @type {Upcoming | null} */
    this.upcoming = null;
    this.later = button(t("In 5 minutes"), () => answers.postpone(this.upcoming));
    this.notice = h(
      "div",
      { class: "alarm notice", role: "status", hidden: true },
      this.noticeText,
      h("div", { class: "alarm-actions" }, this.later, button(t("Take the break"), () => answers.pause())),
    );
    this.toast = h("div", { class: "toast", role: "status" });
    this.element = h("aside", { class: "alarm-bar", "aria-label": t("Alarm") }, this.toast, this.notice, this.banner);
    this.edge = h("div", { class: "alarm-edge", "aria-hidden": "true", hidden: true });
    document.body.append(this.edge, this.element);
    new ResizeObserver(() => this.#takeRoom()).observe(this.element);
    answers.addEventListener("toast", (/** @type {any} */ { detail }) => this.#showToast(detail));
  }

  /**
   * @param {Alarm | null} alarm
   * @param {Set<string>} steps
   * @param {Outlines} [outlines] of the session
   */
  showAlarm(alarm, steps, outlines) {
    if (alarm?.kind === "neck" && this.pair.show(outlines?.now, outlines?.best)) setText(this.differs, this.pair.words);
    this.edge.hidden = !alarm || !steps.has("edge");
    if (alarm) this.edge.dataset.kind = alarm.kind;
    const shown = alarm && steps.has("banner") ? alarm : null;
    if (this.shown === (shown?.id ?? null)) return;
    this.shown = shown?.id ?? null;
    const hadFocus = this.banner.contains(document.activeElement);
    this.banner.hidden = !shown;
    if (shown) this.#fill(shown);
    else this.#empty();
    if (hadFocus && !shown) document.getElementById("main")?.focus({ preventScroll: true });
  }

  /** @param {Upcoming | null} upcoming */
  showUpcoming(upcoming) {
    this.notice.hidden = !upcoming;
    this.upcoming = upcoming;
    if (!upcoming) return;
    const seconds = 10 * Math.max(1, Math.ceil(upcoming.in_s / 10)); // read out every ten seconds, not every one
    const text = t("Break in {seconds} seconds", { seconds });
    setText(this.noticeText, text);
    this.later.hidden = upcoming.postponements_left < 1;
  }

  /** @param {Alarm} alarm */
  #fill(alarm) {
    const { title, ending } = alarmLabels(alarm.kind);
    this.banner.dataset.alarm = alarm.kind;
    this.text.replaceChildren(h("strong", {}, title), h("span", {}, ending));
    this.extras.replaceChildren(this.#picture(alarm));
    const choices = this.answers.choices(alarm).map(({ name, label, answer }) => button(label, answer, name));
    const dismiss = button("×", () => this.answers.dismiss(alarm), "dismiss");
    dismiss.setAttribute("aria-label", t("Dismiss"));
    this.buttons.replaceChildren(...choices, dismiss);
  }

  /** @param {Alarm} alarm */
  #picture({ kind }) {
    if (kind === "stretching") return example();
    if (kind !== "neck" || !this.pair.words) return sign();
    return h("figure", { class: "alarm-outlines" }, this.pair.element, this.differs);
  }

  #empty() {
    delete this.banner.dataset.alarm;
    this.text.replaceChildren();
    this.buttons.replaceChildren();
  }

  /** @param {Toast} toast */
  #showToast({ text, undo }) {
    clearTimeout(this.toastTimer);
    const hide = () => this.toast.replaceChildren();
    const take = () => {
      hide();
      undo?.();
    };
    this.toast.replaceChildren(h("span", {}, text), ...(undo ? [button(t("Undo"), take, "undo")] : []));
    this.toastTimer = setTimeout(hide, TOAST_MS);
  }

  #takeRoom() {
    const { height, top } = this.element.getBoundingClientRect();
    document.documentElement.style.setProperty("--alarm-room", `${Math.ceil(height)}px`);
    if (height) scrollBy({ top: coveredPx(top), behavior: "instant" });
  }
}

/** @param {number} top of the bar @returns {number} how far the verdict reaches below it, if it is in view */
function coveredPx(top) {
  const verdict = document.querySelector(".state")?.getBoundingClientRect();
  if (!verdict?.height || verdict.top < 0 || verdict.top > innerHeight) return 0;
  return Math.max(0, Math.min(verdict.bottom - top, verdict.top));
}

const sign = () => h("span", { class: "alarm-sign", "aria-hidden": "true" }, "!");

function example() {
  const [name] = STRETCHES;
  return h("figure", { class: "alarm-example" }, figure(name), h("figcaption", {}, stretchLabels(name)[1]));
}

/** @param {string} text @param {() => void} onclick @param {string} [name] */
export function button(text, onclick, name = "") {
  return h("button", { type: "button", class: "button small", "data-answer": name || false, onclick }, text);
}
