/** The user's settings for alarms, as last read. Fields that the service does not send have an older service's values. */

import { call } from "../api.js";

const PATH = "accounts/alarms/";

/** @typedef {"off" | "tones" | "voice"} Sound */
/** @typedef {{sound: Sound, volume: number, voice: number, steps: readonly string[]}} Values voice: 1 to 4 */

/** @type {Values} silent until the user's own are known */
const UNKNOWN = { sound: "off", volume: 100, voice: 1, steps: ["figure", "edge", "banner"] };

/** Events: "changed". */
export class AlarmSettings extends EventTarget {
  /** @type {Values} */
  current = UNKNOWN;

  async load() {
    this.#take(await call("GET", PATH));
  }

  /** @param {Sound} sound */
  async saveSound(sound) {
    this.#take(await call("PUT", PATH, { sound }));
  }

  #take({ sound = "voice", volume = UNKNOWN.volume, steps = UNKNOWN.steps, alarm_sound: voice }) {
    this.current = { sound, volume, voice, steps };
    this.dispatchEvent(new Event("changed"));
  }
}

export const alarmSettings = new AlarmSettings();
