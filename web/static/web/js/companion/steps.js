/** What an alarm may do by now. */

/** @typedef {"figure" | "edge" | "banner" | "sound"} Step */

/** These are for the moment: they take no steps. */
const URGENT = new Set(["stranger", "someone_behind"]);
/** @type {Step[]} from the quietest to the loudest */
const STEPS = ["figure", "edge", "banner", "sound"];
const STEP_EVERY_S = 5;

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
