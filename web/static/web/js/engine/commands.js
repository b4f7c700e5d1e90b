/** What can be done with a running session, in the tab that watches. Other tabs have it done there, by these names. */

import * as sessions from "./sessions.js";

/**
 * @param {import("./session_runner.js").SessionRunner} runner
 * @param {import("./camera_keeper.js").CameraKeeper} keeper
 */
export const commandsOf = (runner, keeper) => ({
  async pause() {
    keeper.turnOff();
    await runner.pause();
  },

  async resume() {
    if (await keeper.turnOn()) await runner.command("resume");
  },

  /** @returns {Promise<object | null>} the report, if there is one */
  stop() {
    keeper.turnOff();
    return runner.stop();
  },

  /** @param {import("./sessions.js").Command} name */
  command: (name) => runner.command(name),

  countStretch: () => runner.countStretch(),

  /** @param {string} password @param {boolean} keep the faces learned so far */
  confirmFace: (password, keep) => runner.confirmFace(password, keep),

  /** @param {boolean} moved */
  answerCameraMoved: (moved) => runner.change((id) => sessions.answerCameraMoved(id, moved)),

  /** @param {import("./sessions.js").Snooze} wish */
  snooze: (wish) => runner.change((id) => sessions.snooze(id, wish)),

  /** @param {number} alarm its id */
  dismiss: (alarm) => runner.change((id) => sessions.answerAlarm(id, alarm, "dismiss")),

  /** @param {number} alarm its id */
  reportWrong: (alarm) => runner.change((id) => sessions.answerAlarm(id, alarm, "wrong")),

  /** @param {number} alarm its id */
  takeBackWrong: (alarm) => runner.change((id) => sessions.takeBackWrong(id, alarm)),

  /** @param {number} alarm its id */
  postpone: (alarm) => runner.change((id) => sessions.answerAlarm(id, alarm, "postpone")),

  /** Turns the camera on again, after it was lost, blocked or waited for a click. */
  turnCameraOn: () => keeper.turnOn(),
});
