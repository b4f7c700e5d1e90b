/** Alarms of the desk, until the page's engine drives the companion: a stand-in that knows only the open alarms. */

import { companion } from "../companion/companion.js";

export { canNotify, notificationsAreOn, setNotifications } from "../companion/notifications.js";
export { muteButton } from "../companion/sound_button.js";

/** @typedef {import("./sessions.js").Alarm} Alarm */

export class Alarms extends EventTarget {
  /**
   * @param {HTMLElement} _host
   * @param {{stretchDone: () => void, pause: () => void}} actions
   */
  constructor(_host, actions) {
    super();
    this.pause = actions.pause;
    this.countStretch = actions.stretchDone;
    this.snapshot = { ...snapshot([]), session: null };
    companion(this);
  }

  /** @param {Alarm[]} alarms open alarms and those that have just ended */
  update(alarms) {
    this.snapshot = snapshot(alarms);
    this.dispatchEvent(new Event("changed"));
  }
}

/** @param {Alarm[]} alarms */
function snapshot(alarms) {
  const session = { id: "desk", state: "monitoring", posture: { state: "unknown" }, alarms };
  return {
    role: "leading",
    session,
    isConnected: true,
    camera: { isOn: Boolean(/** @type {any} */ (document.querySelector("video"))?.srcObject?.active), reason: null },
    unseenS: 0,
    activeS: 0,
    alarm: alarms.find(({ ended_at }) => ended_at === null) ?? null,
  };
}
