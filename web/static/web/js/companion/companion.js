/**
 * The companion: what the page does beside its views while a session runs. It shows alarms step by step in the page, the
 * tab, the small window and in notifications, and plays them. All of it follows the engine's "changed" events.
 */

import { clock } from "../clock.js";
import { find } from "../dom.js";
import { StretchGuide } from "../desk/stretch_guide.js";
import { isMuted, needsClick, playAlarm, prepareSound, stopSpeech, unlock } from "../desk/voices.js";
import { alarmSettings } from "./alarm_settings.js";
import { AlarmBar } from "./alarm_bar.js";
import { Answers } from "./answers.js";
import { Controls } from "./controls.js";
import { Meeting } from "./meeting.js";
import { Notifier, isLookedAway, listenToNotifications, registerWorker } from "./notifications.js";
import { SmallWindow } from "./small_window.js";
import { stepsDue } from "./steps.js";
import { TabSign } from "./tab_sign.js";

/** @typedef {import("./situation.js").Snapshot} Snapshot */
/** @typedef {import("./situation.js").Alarm} Alarm */
/** @typedef {import("./alarm_settings.js").AlarmSettings} AlarmSettings */

const SOUND_EVERY_MS = 15_000;

/** @type {Companion | null} */
let running = null;

/** @param {any} engine @param {AlarmSettings} [settings] @returns {Companion} the page's only one */
export const companion = (engine, settings = alarmSettings) => (running ??= new Companion(engine, settings));

class Companion {
  /** @param {any} engine @param {AlarmSettings} settings */
  constructor(engine, settings) {
    registerWorker();
    this.engine = engine;
    this.settings = settings;
    /** @type {{id: number, since: number, soundedAt: number, isAsked: boolean} | null} the alarm that is shown */
    this.current = null;
    /** @type {number | null} an answered alarm stays away until the service has ended it */
    this.answered = null;
    /** @type {string | null} */
    this.sessionId = null;
    this.guide = new StretchGuide(() => this.answers.countStretch());
    this.answers = new Answers(engine, this.guide);
    this.bar = new AlarmBar(this.answers);
    this.tab = new TabSign();
    this.notifier = new Notifier();
    this.meeting = new Meeting(this.answers);
    this.window = new SmallWindow(this.answers, () => this.#allowSound());
    this.controls = this.#createControls();
    this.#listen();
    this.#update();
  }

  #createControls() {
    const actions = {
      toggleWindow: () => this.window.toggle(),
      showAlarm: () => this.#showBanner(),
      allowSound: () => this.#allowSound(),
    };
    const controls = new Controls(this.answers, actions, matchMedia("(hover: hover) and (min-width: 30rem)").matches);
    (document.querySelector("#watch") ?? find(document, ".top-end")).append(controls.element);
    return controls;
  }

  #listen() {
    this.engine.addEventListener("changed", () => this.#update());
    this.window.addEventListener("changed", () => this.#update());
    this.answers.addEventListener("answered", (/** @type {any} */ { detail }) => {
      if (detail !== null) this.answered = detail;
      this.#update();
    });
    this.answers.addEventListener("failed", () => {
      this.answered = null;
      this.#update();
    });
    this.settings.addEventListener("changed", () => this.#update());
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => needsClick() && unlock());
    addEventListener("hashchange", () => this.sessionId && this.#load()); // the settings may have been left
    document.addEventListener("visibilitychange", () => document.hidden || (this.sessionId && this.#load()));
    listenToNotifications((action, alarm) => this.#onNotification(action, alarm));
  }

  async #load() {
    await this.settings.load().catch(() => undefined); // those known before stay in force
  }

  #update() {
    /** @type {Snapshot} */
    const snapshot = this.engine.snapshot;
    const id = snapshot.session?.id ?? null;
    if (id !== this.sessionId) {
      this.sessionId = id;
      if (id === null) this.guide.close();
      else this.#load();
    }
    const wantsSound = snapshot.role === "leading" && this.settings.current.sound !== "off" && !isMuted();
    if (wantsSound && snapshot.camera.isOn) prepareSound();
    const isSilenced = wantsSound && needsClick();
    const alarm = this.#alarm(snapshot);
    this.#show(alarm, snapshot, wantsSound);
    this.bar.showUpcoming(alarm ? null : (snapshot.session?.upcoming ?? null));
    this.window.show(snapshot, alarm, isSilenced);
    this.controls.show({ ...snapshot, alarm }, { needsClick: isSilenced, isWindowOpen: this.window.isOpen });
    this.meeting.update(snapshot);
  }

  /** @param {Snapshot} snapshot @returns {Alarm | null} */
  #alarm({ alarm }) {
    if (alarm?.id !== this.answered) this.answered = null;
    return alarm && alarm.id !== this.answered ? alarm : null;
  }

  /** @param {Alarm | null} alarm @param {Snapshot} snapshot @param {boolean} wantsSound */
  #show(alarm, snapshot, wantsSound) {
    const now = clock.now();
    if (!alarm) {
      if (this.current) stopSpeech();
      this.current = null;
    } else if (this.current?.id !== alarm.id) {
      this.current = { id: alarm.id, since: now, soundedAt: -Infinity, isAsked: false };
    }
    const steps = alarm ? this.#steps(alarm, now) : new Set();
    this.bar.showAlarm(alarm, steps, snapshot.session?.outlines);
    this.tab.show(alarm && !snapshot.unseenS ? alarm.kind : null);
    this.notifier.show(this.#isToBeNotified(alarm, steps, snapshot) ? alarm : null);
    if (alarm && wantsSound && steps.has("sound")) this.#sound(alarm, now);
  }

  /** A notification stays until its alarm ends, also when the page is looked at again. */
  #isToBeNotified(alarm, steps, { role }) {
    if (this.notifier.shown === alarm?.id) return true;
    return role === "leading" && steps.has("banner") && isLookedAway();
  }

  /** @param {Alarm} alarm @param {number} now */
  #steps({ kind }, now) {
    const lastedS = (now - this.current.since) / 1000;
    const steps = new Set(stepsDue(kind, lastedS, [...this.settings.current.steps, "sound"]));
    if (this.current.isAsked) steps.add("banner");
    return steps;
  }

  #sound(alarm, now) {
    if (now - this.current.soundedAt < SOUND_EVERY_MS) return;
    this.current.soundedAt = now;
    playAlarm(alarm.kind, this.settings.current);
  }

  #showBanner() {
    if (this.current) this.current.isAsked = true;
    this.#update();
  }

  #allowSound() {
    unlock();
    this.#update();
  }

  /** @param {string} action @param {Alarm} alarm */
  #onNotification(action, alarm) {
    if (this.engine.snapshot.role !== "leading") return;
    if (action === "pause") this.answers.pause();
    else this.answers.putOff(alarm);
  }
}
