/** Which alarm is shown, and what it may do by now. Pure functions. */

/** @typedef {import("../desk/sessions.js").Alarm} Alarm */
/** @typedef {"figure" | "edge" | "banner" | "sound"} Step */

/**
 * From most to least weight. Who is at the desk comes first: with a stranger there, every other alarm is about somebody
 * else, and who stands behind somebody is soon gone. What strains now comes before what is merely due, and a break
 * before a stretch, because it is one.
 */
const WEIGHTS = ["stranger", "someone_behind", "neck", "blink", "rest", "stretching"];
/** These are for the moment: they take no steps. */
const URGENT = new Set(["stranger", "someone_behind"]);
/** @type {Step[]} from the quietest to the loudest */
const STEPS = ["figure", "edge", "banner", "sound"];
const STEP_EVERY_S = 5;

/** @param {Alarm[]} alarms @returns {Alarm | null} the open one of most weight */
export function heaviest(alarms) {
  const open = alarms.filter(({ ended_at }) => ended_at === null);
  open.sort((one, other) => weight(one.kind) - weight(other.kind));
  return open[0] ?? null;
}

/**
 * @param {string} kind
 * @param {number} lastedS for how long the alarm has been shown
 * @param {readonly string[]} used the steps that the user wants, in any order
 * @returns {Set<Step>} those due by now: each comes if the condition outlasts the one before it
 */
export function stepsDue(kind, lastedS, used) {
  const wanted = STEPS.filter((step) => used.includes(step));
  if (URGENT.has(kind)) return new Set(wanted);
  return new Set(wanted.slice(0, 1 + Math.floor(lastedS / STEP_EVERY_S)));
}

/** @param {string} kind */
function weight(kind) {
  const place = WEIGHTS.indexOf(kind);
  return place < 0 ? WEIGHTS.length : place;
}
