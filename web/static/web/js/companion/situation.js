/** What the companion says in a few words about a snapshot of the engine. */

import { clockTime, t } from "../i18n.js";
import { alarmLabels, watchHeadline } from "../desk/labels.js";

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

/** @param {Snapshot} snapshot @returns {{title: string, tone: string, margins: any}} in the words of the header and the desk */
export function situation(snapshot) {
  const { session, isConnected, unseenS } = snapshot;
  const isUnseen = unseenS > 0 || (!isConnected && session?.state !== "paused");
  const { title, tone } = watchHeadline({ ...snapshot, unseenS: isUnseen ? Math.max(1, unseenS) : 0 });
  const isKnown = !isUnseen && session?.state === "monitoring" && ["good", "bad"].includes(session.posture.state);
  return { title, tone, margins: isKnown ? session.posture.margins : null };
}

/** @param {Alarm} alarm @returns {string} the figure's tone: a break or a stretch is nothing bad */
export const alarmTone = ({ kind }) => (kind === "rest" || kind === "stretching" ? "rest" : "bad");

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
