/** The desk: from the camera's set-up over calibrating and monitoring to the report. */

import { call } from "../api.js";
import { focus, h } from "../dom.js";
import { inWords } from "../errors.js";
import { t } from "../i18n.js";
import { logins } from "../login.js";
import { Alarms } from "./alarms.js";
import { isAllowed } from "./camera.js";
import { CalibrationPanel } from "./calibration_panel.js";
import { MonitoringPanel } from "./monitoring_panel.js";
import { ReportPanel } from "./report_panel.js";
import * as sessions from "./sessions.js";
import { SetupPanel } from "./setup_panel.js";
import { Stage } from "./stage.js";
import { StretchGuide } from "./stretch_guide.js";
import { unlock } from "./voices.js";
import { Watch } from "./watch.js";
import { clock, headline } from "./labels.js";

const MINE = "posesmart.session"; // in this tab: a reload goes on with it

export class Desk {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.stage = new Stage();
    this.watch = new Watch(this.stage.camera);
    this.guide = new StretchGuide(() => this.#stretchDone());
    this.message = h("div", { class: "desk-message", role: "status" });
    this.banners = h("div", { class: "alarms", role: "alert" });
    this.side = h("div", { class: "side" });
    this.voice = 1;
    this.isBusy = false;
    /** @type {any} the one that is shown */
    this.panel = null;
    this.alarms = new Alarms(this.banners, {
      voice: () => this.voice,
      stretch: () => this.guide.open(),
      stretchDone: () => this.#stretchDone(),
      pause: () => this.#pause(),
    });
    section.replaceChildren(
      h("h1", { class: "visually-hidden" }, t("At the desk")),
      this.message,
      h("div", { class: "desk" }, this.stage.element, this.side),
    );
    document.body.append(this.banners);
    this.tabs = new BroadcastChannel("posesmart.desk");
    this.tabs.addEventListener("message", () => this.#takenOver());
    this.#listen();
  }

  #listen() {
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, unlock, { once: true });
    logins.addEventListener("ended", () => this.#reset());
    this.stage.addEventListener("changed", () => this.#cameraChanged());
    this.watch.addEventListener("answer", ({ detail }) => this.#show(detail));
    this.watch.addEventListener("connection", ({ detail }) => this.#connectionChanged(detail));
    this.watch.addEventListener("over", ({ detail }) => this.#over(detail));
    this.watch.addEventListener("slept", ({ detail }) =>
      this.#tell(t("Nothing was seen for {time}. It does not count.", { time: clock(detail) })),
    );
  }

  /** The section has come into view. */
  async shown() {
    if (!this.panel) await this.#setUp();
    else if (this.watch.answer) await this.#try(() => this.#learnVoice()); // it may come from the settings
  }

  /** The section is out of view: without a session the camera has nothing to do. */
  hidden() {
    if (!this.watch.answer) this.stage.turnOff();
  }

  /** Nobody is signed in any more, or somebody else. */
  #reset() {
    this.watch.leave();
    this.guide.close();
    this.stage.turnOff();
    this.#replacePanel(null);
  }

  // --- Before a session ---

  async #setUp() {
    const panel = new SetupPanel({
      preview: (deviceId) => this.stage.turnOn(deviceId),
      start: (profile) => this.#begin(() => this.watch.begin(profile)),
      forget: async (profile) => {
        await this.#try(() => sessions.deleteProfile(profile.id));
        await this.#showProfiles(panel);
      },
    });
    this.#replacePanel(panel);
    await Promise.all([this.#showProfiles(panel), this.#offerRunning(panel)]);
  }

  async #showProfiles(panel) {
    await this.#try(async () => panel.showProfiles(await sessions.profiles()));
  }

  async #offerRunning(panel) {
    await this.#try(async () => {
      const session = await sessions.running();
      if (!session || this.panel !== panel) return;
      const carryOn = () => this.#begin(() => this.watch.carryOn(session.id));
      const isMine = sessionStorage.getItem(MINE) === session.id;
      if (isMine && session.state !== "paused" && (await isAllowed())) return carryOn();
      panel.offer(session, {
        carryOn,
        stop: () => this.#try(async () => this.#report((await sessions.command(session.id, "stop")).report)),
      });
    });
  }

  /** @param {() => Promise<void>} start */
  async #begin(start) {
    unlock();
    await this.#once(async () => {
      this.#tell("");
      if (!this.stage.camera.isOn && !(await this.stage.turnOn())) return;
      await this.#learnVoice();
      this.tabs.postMessage("taken");
      await start();
    });
  }

  async #learnVoice() {
    this.voice = (await call("GET", "accounts/alarms/")).alarm_sound;
  }

  // --- In a session ---

  /** @param {sessions.Answer} answer */
  #show(answer) {
    const Panel = answer.state === "calibrating" ? CalibrationPanel : MonitoringPanel;
    if (!(this.panel instanceof Panel)) this.#replacePanel(this.#made(Panel));
    sessionStorage.setItem(MINE, answer.id);
    this.panel.show(answer);
    this.alarms.update(answer.alarms);
    this.stage.showFace(answer, headline(answer).tone);
  }

  #made(Panel) {
    return new Panel({
      pause: () => this.#pause(),
      resume: () => this.#resume(),
      stop: () => this.#stop(),
      stretch: () => this.guide.open(),
      recalibrate: () => this.#try(() => this.watch.command("recalibrate")),
      saveProfile: (name) => this.#try(() => sessions.saveProfile(this.watch.answer.id, name)),
    });
  }

  async #pause() {
    this.stage.turnOff();
    await this.#once(() => this.watch.command("pause"));
  }

  async #resume() {
    unlock();
    if (await this.stage.turnOn()) await this.#once(() => this.watch.command("resume"));
  }

  async #stop() {
    this.stage.turnOff();
    await this.#try(async () => this.#report(await this.watch.stop()));
  }

  async #stretchDone() {
    if (this.watch.answer) await this.#once(() => this.watch.stretchDone());
  }

  // --- After a session ---

  #report(report) {
    this.stage.turnOff();
    this.#tell("");
    if (!report) this.#setUp();
    else this.#replacePanel(new ReportPanel(report, { again: () => this.#setUp() }));
  }

  #takenOver() {
    if (!this.watch.answer) return;
    this.watch.leave();
    this.#leftWith(t("Another tab has taken over."));
  }

  #over(error) {
    if (error.status === 401) return; // the login has ended, and with it all of this
    const isGone = error.status === 409 || error.status === 404;
    this.#leftWith(
      isGone ? t("The session was ended elsewhere, in another tab or on another device.") : inWords(error),
    );
  }

  #leftWith(words) {
    sessionStorage.removeItem(MINE); // else two tabs would take it from each other for ever
    this.guide.close();
    this.stage.turnOff();
    this.#setUp();
    this.#tell(words);
  }

  // --- Small things ---

  #cameraChanged() {
    const { isOn, chosen } = this.stage.camera;
    if (this.panel instanceof SetupPanel) this.panel.showCameras(chosen, isOn);
    if (!isOn) this.alarms.update([]); // nobody could tell when they are over
  }

  #connectionChanged(isThere) {
    this.stage.showConnection(isThere);
    if (!isThere) this.alarms.update([]);
  }

  #replacePanel(panel) {
    this.panel?.close?.();
    this.panel = panel;
    this.stage.element.hidden = panel instanceof ReportPanel;
    this.side.replaceChildren(...(panel ? [panel.element] : []));
    // What was clicked is gone with the panel before: the keyboard goes on from the new one.
    if (panel && document.activeElement === document.body) focus(panel.element);
  }

  #tell(words) {
    this.message.textContent = words;
  }

  /** The same, unless something is under way already: a second click adds nothing. @param {() => Promise<unknown>} action */
  async #once(action) {
    if (this.isBusy) return;
    this.isBusy = true;
    await this.#try(action);
    this.isBusy = false;
  }

  /** @param {() => Promise<unknown>} action @returns {Promise<boolean>} whether it worked; if not, its error is told */
  async #try(action) {
    try {
      await action();
      return true;
    } catch (error) {
      if (error.status !== 401) this.#tell(inWords(error));
      return false;
    }
  }
}
