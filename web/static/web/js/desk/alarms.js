/** Open alarms: a banner, the tab's title and icon, the sound, and a system notification where that is wished. */

import { find, h } from "../dom.js";
import { t } from "../i18n.js";
import { wait } from "./background.js";
import { STRETCHES, element, figure } from "./figures.js";
import { hush, isMuted, setMuted, sound } from "./voices.js";
import { alarmWords, stretchWords } from "./labels.js";

const NOTIFY = "posesmart.notify";
const AGAIN_AFTER_MS = 7000;
const PLEA = "⚠ ";

/** @typedef {import("./sessions.js").Alarm} Alarm */

export const canNotify = () => typeof Notification === "function" && Notification.permission !== "denied";
export const notifies = () =>
  canNotify() && Notification.permission === "granted" && localStorage.getItem(NOTIFY) === "1";

/** @param {boolean} wanted @returns {Promise<boolean>} whether they come now */
export async function setNotifies(wanted) {
  if (wanted && Notification.permission === "default") await Notification.requestPermission();
  localStorage.setItem(NOTIFY, wanted ? "1" : "0");
  return notifies();
}

export class Alarms {
  /**
   * @param {HTMLElement} host of the banners, a live region
   * @param {object} actions
   * @param {() => number} actions.voice the user's alarm_sound
   * @param {() => void} actions.stretch opens the guide
   * @param {() => void} actions.stretchDone
   * @param {() => void} actions.pause
   */
  constructor(host, actions) {
    this.host = host;
    this.actions = actions;
    /** @type {Map<number, {kind: string, banner: HTMLElement, over: AbortController}>} */
    this.open = new Map();
    this.title = "";
  }

  /** @param {Alarm[]} alarms those that are open, and those that have just ended */
  update(alarms) {
    const open = alarms.filter(({ ended_at }) => ended_at === null);
    for (const [id, { banner, over }] of this.open) {
      if (open.some((alarm) => alarm.id === id)) continue;
      over.abort();
      banner.remove();
      this.open.delete(id);
    }
    for (const { id, kind } of open) if (!this.open.has(id)) this.#begin(id, kind);
    if (!this.open.size) hush();
    this.#showInTab();
  }

  #begin(id, kind) {
    const over = new AbortController();
    const banner = this.#banner(kind);
    this.open.set(id, { kind, banner, over });
    this.host.append(banner);
    this.#repeat(kind, over.signal);
    if (document.hidden && notifies()) this.#notify(kind, over.signal);
  }

  async #repeat(kind, signal) {
    while (!signal.aborted) {
      sound(kind, this.actions.voice());
      await wait(AGAIN_AFTER_MS, signal);
    }
  }

  #notify(kind, signal) {
    const { title, ending } = alarmWords(kind);
    try {
      const note = new Notification(title, { body: ending, tag: `posesmart-${kind}` });
      note.addEventListener("click", () => window.focus());
      signal.addEventListener("abort", () => note.close(), { once: true });
    } catch {
      // Phones show them for installed pages only.
    }
  }

  #banner(kind) {
    const { title, ending } = alarmWords(kind);
    const words = h("div", { class: "alarm-words" }, h("strong", {}, title), h("span", {}, ending));
    return h(
      "div",
      { class: `alarm alarm-${kind}`, "data-alarm": kind },
      kind === "stretching" ? this.#example() : h("span", { class: "alarm-sign", "aria-hidden": "true" }, "!"),
      words,
      h("div", { class: "alarm-actions" }, ...this.#buttons(kind), muteButton()),
    );
  }

  #example() {
    return h(
      "figure",
      { class: "alarm-example" },
      figure(STRETCHES[0]),
      h("figcaption", {}, stretchWords(STRETCHES[0])[1]),
    );
  }

  #buttons(kind) {
    const button = (words, onclick) => h("button", { type: "button", class: "button", onclick }, words);
    if (kind === "stretching") {
      return [button(t("Start"), this.actions.stretch), button(t("Done"), this.actions.stretchDone)];
    }
    return kind === "rest" ? [button(t("Pause"), this.actions.pause)] : [];
  }

  /** The router may have given the tab another title meanwhile. */
  #showInTab() {
    const [first] = this.open.values();
    if (!document.title.startsWith(PLEA)) this.title = document.title;
    document.title = first ? PLEA + alarmWords(first.kind).title : this.title;
    const icon = find(document, "#icon");
    const address = icon.getAttribute("href");
    const wanted = address.replace(/icon(-alarm)?\.svg/, first ? "icon-alarm.svg" : "icon.svg");
    if (address !== wanted) icon.setAttribute("href", wanted);
  }
}

/** @returns {HTMLElement} a switch that tells and changes whether alarms sound */
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
    for (const each of document.querySelectorAll(".mute")) each.setAttribute("aria-pressed", pressed());
  };
  const attributes = { type: "button", class: "button quiet mute", "aria-label": t("Sound"), title: t("Sound") };
  return h("button", { ...attributes, "aria-pressed": pressed(), onclick }, sign);
}
