/** The alarms in every view, and the stretch guide that they open. Only the tab that watches rings. */

import { call } from "../api.js";
import { h } from "../dom.js";
import { Alarms } from "./alarms.js";
import { StretchGuide } from "./stretch_guide.js";
import { unlock } from "./voices.js";

const GESTURES = ["pointerdown", "keydown"];

export class AlarmHost {
  /** @param {import("../engine/engine.js").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    this.voice = 1;
    /** @type {string | null} the session whose user's voice is loaded */
    this.loadedFor = null;
    const done = () => engine.countStretch().catch(() => undefined); // the desk shows that there is no connection
    this.guide = new StretchGuide(done);
    const banners = h("div", { class: "alarms", role: "alert" });
    document.body.append(banners);
    this.alarms = new Alarms(banners, {
      voice: () => this.voice,
      stretch: () => this.guide.open(),
      stretchDone: done,
      pause: () => engine.pause().catch(() => undefined),
    });
    for (const gesture of GESTURES) addEventListener(gesture, unlock, { once: true });
    addEventListener("hashchange", () => (this.loadedFor = null)); // the settings may have changed it
    engine.addEventListener("changed", (/** @type {any} */ { detail }) => this.#show(detail));
    this.#show(engine.snapshot);
  }

  /** @param {import("../engine/watching.js").Snapshot} snapshot */
  #show({ role, session, isConnected, alarm }) {
    const isRinging = role === "leading" && alarm !== null;
    this.alarms.update(isRinging ? session.alarms : []); // without pictures they would never end
    if (!session) this.guide.close();
    else if (isConnected && this.loadedFor !== session.id) this.#loadVoice(session.id);
  }

  async #loadVoice(id) {
    this.loadedFor = id;
    try {
      this.voice = (await call("GET", "accounts/alarms/")).alarm_sound;
    } catch {
      this.loadedFor = null; // tried again with the next state
    }
  }
}

/** @type {AlarmHost | null} */
let host = null;

/** @param {import("../engine/engine.js").Engine} engine @returns {AlarmHost} the page's only one */
export const alarmHost = (engine) => (host ??= new AlarmHost(engine));
