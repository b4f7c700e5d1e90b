/** System notifications, for those who look at another window. Their buttons reach the page by the service worker. */

import { t } from "../i18n.js";
import { alarmLabels } from "../desk/labels.js";

const NOTIFY_KEY = "posesmart.notify";
const TAG = "posesmart-alarm";
const WORKER = "/sw.js";
const ICON = "/icon-any-192.png";

/** @typedef {import("./situation.js").Alarm} Alarm */

export const canNotify = () => typeof Notification === "function" && Notification.permission !== "denied";
export const notificationsAreOn = () =>
  canNotify() && Notification.permission === "granted" && localStorage.getItem(NOTIFY_KEY) === "1";

/** @param {boolean} isOn @returns {Promise<boolean>} true if notifications are on now */
export async function setNotifications(isOn) {
  if (isOn && Notification.permission === "default") await Notification.requestPermission();
  localStorage.setItem(NOTIFY_KEY, isOn ? "1" : "0");
  return notificationsAreOn();
}

/** Registers the worker that keeps the page for times without a network. Browsers allow it only on secure pages. */
export async function registerWorker() {
  await navigator.serviceWorker?.register(WORKER).catch(() => undefined);
}

/** @param {(action: string, alarm: Alarm) => void} act what to do if a notification's button was pressed */
export function listenToNotifications(act) {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (data?.type === "alarm-action") act(data.action, data.alarm);
  });
}

export class Notifier {
  constructor() {
    /** @type {number | null} id of the alarm that the notification is about */
    this.shown = null;
  }

  /** @param {Alarm | null} alarm null closes the notification */
  async show(alarm) {
    if (this.shown === (alarm?.id ?? null)) return;
    this.shown = alarm?.id ?? null;
    const registration = await navigator.serviceWorker?.getRegistration();
    if (!registration) return;
    if (alarm) await this.#open(registration, alarm);
    else for (const open of await registration.getNotifications({ tag: TAG })) open.close();
  }

  /** @param {ServiceWorkerRegistration} registration @param {Alarm} alarm */
  async #open(registration, alarm) {
    const { title, ending } = alarmLabels(alarm.kind);
    const actions = [
      { action: "snooze", title: t("5 minutes") },
      { action: "pause", title: t("Pause") },
    ];
    const options = { body: ending, tag: TAG, icon: ICON, silent: true, actions, data: { alarm } };
    await registration.showNotification(title, options).catch(() => undefined); // the permission was taken back
  }
}

/** @returns {boolean} the user looks at something else, and wants to be told there */
export const isLookedAway = () => notificationsAreOn() && (document.hidden || !document.hasFocus());
