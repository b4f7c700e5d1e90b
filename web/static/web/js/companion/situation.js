/** What the companion says in a few words about a snapshot of the engine. */

import { clockTime, duration, t } from "../i18n.js";
import { alarmLabels, headline } from "../desk/labels.js";

/** @typedef {{id: number, kind: string, started_at: string, ended_at: string | null}} Alarm */
/** @typedef {{kind: string | null, until: string | null, reason: "snooze" | "meeting" | "quiet_hours"}} Snooze */
/** @typedef {{id: number, kind: string, in_s: number, postponements_left: number}} Upcoming */
/**
 * @typedef {object} Snapshot
 * @property {"none" | "leading" | "following"} role
 * @property {any} session the service's, with {snoozed: Snooze[], upcoming: Upcoming | null}; null without one
 * @property {boolean} isConnected
 * @property {{isOn: boolean, reason: string | null}} camera
 * @property {number} unseenS
 * @property {number} activeS
 * @property {Alarm | null} alarm
 */

const SAID_AFTER_S = 3; // a camera that has just been turned on needs a moment

/** @param {Snapshot} snapshot @returns {{title: string, tone: string, margins: any}} */
export function situation({ session, isConnected, unseenS }) {
  if (!session || session.state === "stopped") return { title: t("Not watching"), tone: "rest", margins: null };
  if (unseenS || (!isConnected && session.state !== "paused")) {
    const seconds = Math.max(1, unseenS);
    const title = seconds < SAID_AFTER_S ? t("One moment") : t("Not seen for {time}", { time: duration(seconds) });
    return { title, tone: "unsure", margins: null };
  }
  const isKnown = session.state === "monitoring" && ["good", "bad"].includes(session.posture.state);
  return { ...headline(session), margins: isKnown ? session.posture.margins : null };
}

/** @param {string} moment @returns {string} a time of day; midnight has a name */
export function timeLabel(moment) {
  const date = new Date(moment);
  return date.getHours() === 0 && date.getMinutes() === 0 ? t("midnight") : clockTime(date);
}

/** @param {Snooze} snooze @returns {string} */
export function snoozeText({ kind, until, reason }) {
  if (reason === "meeting") return t("In a meeting: alarms are silent");
  const time = until ? timeLabel(until) : "";
  if (reason === "quiet_hours") return t("Quiet hours until {time}", { time });
  if (kind === null) return t("Alarms are silent until {time}", { time });
  return t("“{alarm}” is silent until {time}", { alarm: alarmLabels(kind).title, time });
}
