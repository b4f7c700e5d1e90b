/** What is known of a running session at a moment: for how long nothing was seen, the time at the desk, the alarm. */

const WATCHED_STATES = new Set(["calibrating", "monitoring", "away"]);
const UNSEEN_AFTER_S = 6; // besides the service's own pace; a burst of pictures and its answer take up to 5 s
const AHEAD_S = 4; // of the service's count of the time: as long as an answer usually takes
/**
 * Alarms by weight: first what concerns others at the desk, then what can be put right at once, then what takes a while.
 * A break comes before a stretch, because it is one.
 */
const WEIGHTS = ["stranger", "someone_behind", "neck", "blink", "rest", "stretching"];

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {import("./sessions.js").Alarm} Alarm */

/**
 * @typedef {object} Snapshot the state that all tabs show
 * @property {"none" | "leading" | "following"} role of this tab; none without a session in this browser
 * @property {Session | null} session
 * @property {boolean} isConnected the service answers
 * @property {{isOn: boolean, reason: string | null}} camera
 * @property {number | null} lastSeenAt by the page's clock, when the last picture was judged
 * @property {number} unseenS seconds without a judged picture while there should be some; 0 while it is watched
 * @property {number} activeS time at the desk, which never goes back
 * @property {Alarm | null} alarm the open alarm of most weight
 */

/** @type {Snapshot} */
export const NOTHING = {
  role: "none",
  session: null,
  isConnected: true,
  camera: { isOn: false, reason: null },
  lastSeenAt: null,
  unseenS: 0,
  activeS: 0,
  alarm: null,
};

/** @param {Session | null} session @returns {boolean} pictures should be judged now */
export const shouldWatch = (session) => WATCHED_STATES.has(session?.state ?? "");

/**
 * @param {Pick<Snapshot, "session" | "isConnected" | "camera" | "lastSeenAt">} state
 * @param {number} now by the page's clock
 * @returns {number} as Snapshot's unseenS; at least 1 as soon as it is certain that nothing is seen
 */
export function unseenSeconds({ session, isConnected, camera, lastSeenAt }, now) {
  if (!session || !shouldWatch(session)) return 0;
  const passedS = Math.max(0, (now - (lastSeenAt ?? now)) / 1000);
  const isBlind = !isConnected || !camera.isOn || camera.reason !== null;
  if (isBlind) return Math.max(1, passedS);
  return passedS > UNSEEN_AFTER_S + session.next_after_ms / 1000 ? passedS : 0;
}

/** @param {Session | null} session @param {number} now in ms since the epoch @returns {Alarm | null} */
export function heaviestAlarm(session, now) {
  const silent = (session?.snoozed ?? []).filter(({ until }) => until === null || Date.parse(until) > now);
  const isSilent = (/** @type {Alarm} */ { kind }) => silent.some((each) => each.kind === null || each.kind === kind);
  const open = (session?.alarms ?? []).filter((alarm) => alarm.ended_at === null && !isSilent(alarm));
  const weight = (/** @type {Alarm} */ { kind }) => (WEIGHTS.includes(kind) ? WEIGHTS.indexOf(kind) : WEIGHTS.length);
  return open.sort((one, other) => weight(one) - weight(other))[0] ?? null;
}

/** The time at the desk. Between two answers it goes on, a little ahead of the service, and waits for it if need be. */
export class ActiveTime {
  /** @param {string} part of a session: the service divides one at midnight @param {number} [seconds] shown before */
  constructor(part, seconds = 0) {
    this.part = part;
    this.shownS = seconds;
    this.last = { seconds: 0, at: 0, isRunning: false };
  }

  /** @param {Session} session as just judged @param {number} now */
  note(session, now) {
    this.last = { seconds: session.active_s, at: now, isRunning: session.state === "monitoring" };
  }

  /** @param {number} now @returns {number} seconds; they never go back */
  at(now) {
    const { seconds, at, isRunning } = this.last;
    const aheadS = isRunning ? Math.min(AHEAD_S, Math.max(0, (now - at) / 1000)) : 0;
    this.shownS = Math.max(this.shownS, seconds + aheadS);
    return this.shownS;
  }
}
