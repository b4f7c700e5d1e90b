/**
 * The engine: camera, session and their state, for all views and all tabs of this browser.
 *
 * It is started by the page, not by a view. One tab leads: it has the camera and sends its pictures. The others follow:
 * they show its state, have it do what the user asks for, and one of them goes on when it closes or crashes.
 */

import { clock } from "../clock.js";
import { ApiError } from "../http.js";
import { CameraKeeper } from "./camera_keeper.js";
import { commandsOf } from "./commands.js";
import { Leader } from "./leader.js";
import { SessionRunner } from "./session_runner.js";
import { Tabs, plain } from "./tabs.js";
import { ActiveTime, NOTHING, heaviestAlarm, shouldWatch, unseenSeconds } from "./watching.js";

const KEY = "posesmart.session"; // what this browser watches, for the tab that goes on with it
const TICK_MS = 1000;
const SILENT_AFTER_MS = 5000; // then the leading tab hangs, or the browser has frozen it
const FIRST_STATE_WITHIN_MS = 1000;
const CHECK_PAUSED_EVERY_MS = 30_000;

/** @typedef {import("./watching.js").Snapshot} Snapshot */

/**
 * Events: "changed" (detail: Snapshot), at least each second while a session runs; "ended" (detail: {report, error}: the
 * report of a session that was stopped, or why it could not go on); "suspended" (detail: seconds asleep).
 */
class SharedEngine extends EventTarget {
  constructor() {
    super();
    this.keeper = new CameraKeeper();
    this.runner = new SessionRunner(this.keeper.camera);
    this.commands = commandsOf(this.runner, this.keeper);
    this.leader = new Leader();
    this.tabs = new Tabs((name, args) => (this.#isLeading ? this.#execute(name, args) : null));
    /** @type {Snapshot} */
    this.snapshot = NOTHING;
    /** @type {{snapshot: Snapshot, at: number}} the leading tab's state, and when it told it */
    this.told = { snapshot: NOTHING, at: 0 };
    /** @type {number | null} */
    this.lastSeenAt = null;
    this.active = new ActiveTime("");
    this.isRunning = false;
    /** @type {Promise<void>} until it is known whether a session is to be gone on with, or another tab watches */
    this.ready = Promise.resolve();
    // Each command is done in whichever tab watches.
    for (const name of Object.keys(this.commands)) {
      this[name] = (/** @type {any[]} */ ...args) =>
        this.snapshot.role === "following" ? this.tabs.call(name, args) : this.#execute(name, args);
    }
    this.#listen();
  }

  /** Starts for the user who is logged in. */
  begin() {
    if (this.isRunning) return;
    this.isRunning = true;
    this.ready = this.#join();
  }

  /** Stops for a user who is logged out. The session goes on at the service, unless it was stopped. */
  end() {
    this.isRunning = false;
    this.leader.leave();
    this.keeper.turnOff();
    this.runner.leave();
    this.#forget();
  }

  /**
   * Starts a session in this tab.
   * @param {number | null} profile id of a saved profile; null calibrates first
   * @param {object} [options] more of the request's fields
   */
  async start(profile, options) {
    await this.leader.takeOver();
    if (this.keeper.isOn || (await this.keeper.turnOn())) await this.runner.start(profile, options);
  }

  /** Goes on here with a session that runs in another tab or on another device. @param {string} [id] */
  async watchHere(id = this.snapshot.session?.id) {
    if (!id) return;
    await this.leader.takeOver();
    const isOn = await this.keeper.turnOn();
    try {
      await this.runner.attach(id);
    } catch (error) {
      if (!error.status) throw error; // another tab has taken over in the meantime
      return this.#onEnded(null, error);
    }
    if (isOn && this.runner.session?.state === "paused") await this.runner.command("resume");
  }

  get #isLeading() {
    return this.leader.isLeading && this.isRunning;
  }

  #listen() {
    this.runner.addEventListener("updated", () => this.#onUpdated());
    this.runner.addEventListener("seen", () => (this.lastSeenAt = clock.now()));
    this.runner.connection.addEventListener("changed", () => this.#publish());
    this.runner.addEventListener("suspended", ({ detail }) => this.#announce("suspended", detail));
    this.runner.addEventListener("ended", ({ detail }) => this.#onEnded(null, detail));
    this.keeper.addEventListener("changed", () => this.#publish());
    this.leader.addEventListener("gained", () => this.#resumeKept());
    this.leader.addEventListener("lost", () => this.#onLost());
    this.tabs.addEventListener("asked", () => this.#isLeading && this.#publish());
    this.tabs.addEventListener("state", ({ detail }) => this.#onTold(detail));
    for (const name of ["ended", "suspended"]) {
      this.tabs.addEventListener(name, ({ detail }) => this.dispatchEvent(new CustomEvent(name, { detail })));
    }
    addEventListener("focus", () => this.runner.check());
    addEventListener("pagehide", () => this.#keep());
    setInterval(() => this.snapshot.session && this.#publish(), TICK_MS);
    setInterval(() => this.runner.check(), CHECK_PAUSED_EVERY_MS);
  }

  async #join() {
    if (await this.leader.join()) return this.#resumeKept();
    const state = new Promise((resolve) => this.tabs.addEventListener("state", resolve, { once: true }));
    this.tabs.tell("asked");
    await Promise.race([state, new Promise((resolve) => setTimeout(resolve, FIRST_STATE_WITHIN_MS))]);
  }

  /** Goes on with this browser's session, after a reload or in place of another tab. */
  async #resumeKept() {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (!kept || !this.isRunning) return this.#forget();
    this.active = new ActiveTime(kept.part, kept.activeS);
    this.lastSeenAt = kept.lastSeenAt;
    try {
      await this.runner.attach(kept.session.id, kept.session);
    } catch (error) {
      if (error.status) this.#forget(); // it has ended in the meantime; 0: another tab has taken over
      return;
    }
    if (shouldWatch(this.runner.session)) await this.keeper.wake();
  }

  /** @param {string} name @param {any[]} args */
  async #execute(name, args) {
    if (!this.runner.session) throw new ApiError(409);
    const result = await this.commands[name](...args);
    if (name === "stop" && !this.runner.session) this.#onEnded(result, null);
    return result;
  }

  /** Another tab watches from now on; until it tells its state, the last one of this tab is shown. */
  #onLost() {
    this.told = { snapshot: this.snapshot, at: clock.now() };
    this.keeper.turnOff();
    this.runner.leave();
    this.#publish();
  }

  #onUpdated() {
    const { session } = this.runner;
    const now = clock.now();
    const part = `${session.id} ${session.started_at}`;
    if (this.active.part !== part) this.active = new ActiveTime(part);
    if (!shouldWatch(session)) this.lastSeenAt = null;
    else this.lastSeenAt ??= now;
    this.active.note(session, now);
    this.told = { snapshot: NOTHING, at: 0 };
    this.#keep();
    this.#publish();
  }

  #keep() {
    const { session } = this.runner;
    if (!session) return;
    const { part, shownS } = this.active;
    const { lastSeenAt } = this;
    const kept = { session: { ...session, alarms: [], face: null }, lastSeenAt, part, activeS: shownS };
    localStorage.setItem(KEY, JSON.stringify(kept));
  }

  /** @param {object | null} report @param {any} error */
  #onEnded(report, error) {
    this.#announce("ended", { report, error: error && plain(error) });
    this.keeper.turnOff();
    this.#forget();
  }

  #forget() {
    localStorage.removeItem(KEY);
    this.active = new ActiveTime("");
    this.lastSeenAt = null;
    this.told = { snapshot: NOTHING, at: 0 };
    this.#publish();
  }

  #announce(name, detail) {
    this.tabs.tell(name, detail);
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {Snapshot} snapshot of the tab that leads */
  #onTold(snapshot) {
    if (this.#isLeading || !this.isRunning) return;
    if (snapshot.session && this.keeper.isWanted) this.keeper.turnOff(); // the camera was only tried
    this.told = { snapshot, at: clock.now() };
    this.#publish();
  }

  #publish() {
    const isOwn = this.runner.session !== null || this.told.snapshot.session === null;
    this.snapshot = isOwn ? this.#own() : this.#followed();
    if (isOwn && this.#isLeading) this.tabs.tell("state", this.snapshot);
    this.dispatchEvent(new CustomEvent("changed", { detail: this.snapshot }));
  }

  /** @returns {Snapshot} */
  #own() {
    const now = clock.now();
    const { session, connection } = this.runner;
    const { isConnected } = connection;
    const camera = { isOn: this.keeper.isOn, reason: this.keeper.reason };
    const state = { session, isConnected, camera, lastSeenAt: this.lastSeenAt };
    return {
      ...state,
      role: session ? "leading" : "none",
      unseenS: unseenSeconds(state, now),
      activeS: session ? this.active.at(now) : 0,
      alarm: isConnected && camera.isOn ? heaviestAlarm(session, Date.now()) : null,
    };
  }

  /** @returns {Snapshot} */
  #followed() {
    const { snapshot, at } = this.told;
    const silentMs = clock.now() - at;
    const isSilent = silentMs > SILENT_AFTER_MS && shouldWatch(snapshot.session);
    return { ...snapshot, role: "following", unseenS: snapshot.unseenS + (isSilent ? silentMs / 1000 : 0) };
  }
}

/** @typedef {SharedEngine & ReturnType<typeof commandsOf>} Engine */

export const engine = /** @type {Engine} */ (new SharedEngine());
