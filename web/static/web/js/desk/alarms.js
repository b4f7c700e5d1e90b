/** Open alarms: banner, the tab's title and icon, sound, and a system notification if the user wants one. */

import { find, h } from "../dom.js";
import { t } from "../i18n.js";
import { wait } from "../engine/background.js";
import { STRETCHES, element, figure } from "./figures.js";
import { alarmLabels, stretchLabels } from "./labels.js";
import { isMuted, playAlarm, setMuted, stopSpeech } from "./voices.js";

const NOTIFY_KEY = "posesmart.notify";
const REPEAT_AFTER_MS = 7000;
const TITLE_PREFIX = "⚠ ";

/** @typedef {import("../engine/sessions.js").Alarm} Alarm */

export const canNotify = () => typeof Notification === "function" && Notification.permission !== "denied";
export const notificationsAreOn = () =>
  canNotify() && Notification.permission === "granted" && localStorage.getItem(NOTIFY_KEY) === "1";

/** @param {boolean} isOn @returns {Promise<boolean>} true if notifications are on now */
export async function setNotifications(isOn) {
  if (isOn && Notification.permission === "default") await Notification.requestPermission();
  localStorage.setItem(NOTIFY_KEY, isOn ? "1" : "0");
  return notificationsAreOn();
}

export class Alarms {
  /**
   * @param {HTMLElement} host for the banners, a live region
   * @param {object} actions
   * @param {() => number} actions.voice the user's alarm_sound
   * @param {() => void} actions.stretch opens the guide
   * @param {() => void} actions.stretchDone
   * @param {() => void} actions.pause
   */
  constructor(host, actions) {
    this.host = host;
    this.actions = actions;
    /** @type {Map<number, {kind: string, banner: HTMLElement, ended: AbortController}>} */
    this.open = new Map();
    this.title = "";
  }

  /** @param {Alarm[]} alarms open alarms and those that have just ended */
  update(alarms) {
    const open = alarms.filter(({ ended_at }) => ended_at === null);
    for (const [id, { banner, ended }] of this.open) {
      if (open.some((alarm) => alarm.id === id)) continue;
      ended.abort();
      banner.remove();
      this.open.delete(id);
    }
    for (const { id, kind } of open) if (!this.open.has(id)) this.#start(id, kind);
    if (!this.open.size) stopSpeech();
    this.#showInTab();
  }

  #start(id, kind) {
    const ended = new AbortController();
    const banner = this.#banner(kind);
    this.open.set(id, { kind, banner, ended });
    this.host.append(banner);
    this.#repeat(kind, ended.signal);
    if (document.hidden && notificationsAreOn()) this.#notify(kind, ended.signal);
  }

  async #repeat(kind, signal) {
    while (!signal.aborted) {
      playAlarm(kind, this.actions.voice());
      await wait(REPEAT_AFTER_MS, signal);
    }
  }

  #notify(kind, signal) {
    const { title, ending } = alarmLabels(kind);
    try {
      const notification = new Notification(title, { body: ending, tag: `posesmart-${kind}` });
      notification.addEventListener("click", () => window.focus());
      signal.addEventListener("abort", () => notification.close(), { once: true });
    } catch {
      // Phones allow notifications only for installed pages.
    }
  }

  #banner(kind) {
    const { title, ending } = alarmLabels(kind);
    const text = h("div", { class: "alarm-text" }, h("strong", {}, title), h("span", {}, ending));
    return h(
      "div",
      { class: `alarm alarm-${kind}`, "data-alarm": kind },
      kind === "stretching" ? this.#example() : h("span", { class: "alarm-sign", "aria-hidden": "true" }, "!"),
      text,
      h("div", { class: "alarm-actions" }, ...this.#buttons(kind), muteButton()),
    );
  }

  #example() {
    return h(
      "figure",
      { class: "alarm-example" },
      figure(STRETCHES[0]),
      h("figcaption", {}, stretchLabels(STRETCHES[0])[1]),
    );
  }

  #buttons(kind) {
    const button = (text, onclick) => h("button", { type: "button", class: "button", onclick }, text);
    if (kind === "stretching") {
      return [button(t("Start"), this.actions.stretch), button(t("Done"), this.actions.stretchDone)];
    }
    return kind === "rest" ? [button(t("Pause"), this.actions.pause)] : [];
  }

  /** Shows the first open alarm; the router may have changed the title since. */
  #showInTab() {
    const [first] = this.open.values();
    if (!document.title.startsWith(TITLE_PREFIX)) this.title = document.title;
    document.title = first ? TITLE_PREFIX + alarmLabels(first.kind).title : this.title;
    const icon = find(document, "#icon");
    const current = icon.getAttribute("href");
    const href = current.replace(/icon(-alarm)?\.svg/, first ? "icon-alarm.svg" : "icon.svg");
    if (href !== current) icon.setAttribute("href", href);
  }
}

/** @returns {HTMLElement} a button that shows and toggles the sound of alarms */
export function muteButton() {
  const sign = element("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" });
  sign.append(
    element("path", { d: "M4 9v6h4l5 4V5L8 9Z" }),
    element("path", { class: "waves", d: "M16 9q3 3 0 6M18.5 6.5q5.5 5.5 0 11" }),
    element("path", { class: "slash", d: "M16 9l5 6M21 9l-5 6" }),
  );
  const pressed = () => String(!isMuted());
  const onclick = () => {
    setMuted(!isMuted());
    for (const button of document.querySelectorAll(".mute")) button.setAttribute("aria-pressed", pressed());
  };
  const attributes = { type: "button", class: "button quiet mute", "aria-label": t("Sound"), title: t("Sound") };
  return h("button", { ...attributes, "aria-pressed": pressed(), onclick }, sign);
}
