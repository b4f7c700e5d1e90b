/** The desk: setting up the camera, calibration, monitoring and the report. */

import { call } from "../api.js";
import { focus, h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { t } from "../i18n.js";
import { logins } from "../login.js";
import { Alarms } from "./alarms.js";
import { CalibrationPanel } from "./calibration_panel.js";
import { isAllowed } from "./camera.js";
import { CameraView } from "./camera_view.js";
import { clock, headline } from "./labels.js";
import { MonitoringPanel } from "./monitoring_panel.js";
import { ReportPanel } from "./report_panel.js";
import { SessionRunner } from "./session_runner.js";
import * as sessions from "./sessions.js";
import { SetupPanel } from "./setup_panel.js";
import { StretchGuide } from "./stretch_guide.js";
import { unlock } from "./voices.js";

const SESSION_KEY = "posesmart.session"; // per tab: after a reload the session resumes

export class Desk {
  /** @param {HTMLElement} section */
  constructor(section) {
    this.view = new CameraView();
    this.runner = new SessionRunner(this.view.camera);
    this.guide = new StretchGuide(() => this.#countStretch());
    this.message = h("div", { class: "desk-message", role: "status" });
    this.banners = h("div", { class: "alarms", role: "alert" });
    this.side = h("div", { class: "side" });
    this.voice = 1;
    this.isBusy = false;
    /** @type {any} the panel that is shown */
    this.panel = null;
    this.alarms = new Alarms(this.banners, {
      voice: () => this.voice,
      stretch: () => this.guide.open(),
      stretchDone: () => this.#countStretch(),
      pause: () => this.#pause(),
    });
    section.replaceChildren(
      h("h1", { class: "visually-hidden" }, t("At the desk")),
      this.message,
      h("div", { class: "desk" }, this.view.element, this.side),
    );
    document.body.append(this.banners);
    this.tabs = new BroadcastChannel("posesmart.desk");
    this.tabs.addEventListener("message", () => this.#onTakenOver());
    this.#listen();
  }

  #listen() {
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, unlock, { once: true });
    logins.addEventListener("ended", () => this.#reset());
    this.view.addEventListener("changed", () => this.#onCameraChanged());
    this.runner.addEventListener("updated", ({ detail }) => this.#showSession(detail));
    this.runner.addEventListener("connection", ({ detail }) => this.#onConnectionChanged(detail));
    this.runner.addEventListener("ended", ({ detail }) => this.#onEnded(detail));
    this.runner.addEventListener("suspended", ({ detail }) =>
      this.#showMessage(t("Monitoring was interrupted for {time}. This time does not count.", { time: clock(detail) })),
    );
  }

  /** Called when the section becomes visible. */
  async onShow() {
    if (!this.panel) await this.#setUp();
    else if (this.runner.session) await this.#try(() => this.#loadVoice()); // the settings may have changed it
  }

  /** Called when the section is hidden: without a session the camera is not needed. */
  onHide() {
    if (!this.runner.session) this.view.turnOff();
  }

  /** Called when the user has logged out, or another one has logged in. */
  #reset() {
    this.runner.leave();
    this.guide.close();
    this.view.turnOff();
    this.#replacePanel(null);
  }

  // --- Before a session ---

  async #setUp() {
    const panel = new SetupPanel({
      preview: (deviceId) => this.view.turnOn(deviceId),
      start: (profile) => this.#start(() => this.runner.start(profile())),
      deleteProfile: async (profile) => {
        await this.#try(() => sessions.deleteProfile(profile.id));
        await this.#showProfiles(panel);
      },
    });
    this.view.forgetCamera();
    this.#replacePanel(panel);
    await Promise.all([this.#showProfiles(panel), this.#offerRunningSession(panel)]);
  }

  async #showProfiles(panel) {
    await this.#try(async () => panel.showProfiles(await sessions.profiles()));
  }

  async #offerRunningSession(panel) {
    await this.#try(async () => {
      const session = await sessions.running();
      if (!session || this.panel !== panel) return;
      const resume = () => this.#start(() => this.runner.resume(session.id));
      const isMine = sessionStorage.getItem(SESSION_KEY) === session.id;
      if (isMine && session.state !== "paused" && (await isAllowed())) return resume();
      panel.offerSession(session, {
        resume,
        stop: () => this.#try(async () => this.#showReport((await sessions.command(session.id, "stop")).report)),
      });
    });
  }

  /** @param {() => Promise<void>} start */
  async #start(start) {
    unlock();
    await this.#tryAlone(async () => {
      this.#showMessage("");
      if (!this.view.camera.isOn && !(await this.view.turnOn())) return;
      await this.#loadVoice();
      this.tabs.postMessage("taken");
      await start();
    });
  }

  async #loadVoice() {
    this.voice = (await call("GET", "accounts/alarms/")).alarm_sound;
  }

  // --- In a session ---

  /** @param {sessions.Session} session */
  #showSession(session) {
    const Panel = session.state === "calibrating" ? CalibrationPanel : MonitoringPanel;
    if (!(this.panel instanceof Panel)) this.#replacePanel(this.#createPanel(Panel));
    sessionStorage.setItem(SESSION_KEY, session.id);
    if (this.view.hasAnotherCamera() && session.state === "calibrating") {
      this.#showMessage(t("This is another camera, so your posture is measured anew."));
    }
    this.panel.show(session);
    this.alarms.update(session.alarms);
    this.view.showFace(session, headline(session).tone);
  }

  #createPanel(Panel) {
    return new Panel({
      pause: () => this.#pause(),
      resume: () => this.#resume(),
      stop: () => this.#stop(),
      stretch: () => this.guide.open(),
      confirmFace: (password, keep) => this.runner.confirmFace(password, keep),
      cameraMoved: (hasMoved) => this.#tryAlone(() => this.runner.answerCameraMoved(hasMoved)),
      recalibrate: () => this.#try(() => this.runner.command("recalibrate")),
      saveProfile: (name) => this.#try(() => sessions.saveProfile(this.runner.session.id, name)),
    });
  }

  async #pause() {
    this.view.turnOff();
    await this.#tryAlone(() => this.runner.command("pause"));
  }

  async #resume() {
    unlock();
    if (await this.view.turnOn()) await this.#tryAlone(() => this.runner.command("resume"));
  }

  async #stop() {
    this.view.turnOff();
    await this.#try(async () => this.#showReport(await this.runner.stop()));
  }

  async #countStretch() {
    if (this.runner.session) await this.#tryAlone(() => this.runner.countStretch());
  }

  // --- After a session ---

  #showReport(report) {
    this.view.turnOff();
    this.#showMessage("");
    if (!report) this.#setUp();
    else this.#replacePanel(new ReportPanel(report, { restart: () => this.#setUp() }));
  }

  #onTakenOver() {
    if (!this.runner.session) return;
    this.runner.leave();
    this.#returnToSetup(t("Another tab has taken over."));
  }

  #onEnded(error) {
    if (error.status === 401) return; // the user is logged out, which resets the desk
    const isElsewhere = error.status === 409 || error.status === 404;
    this.#returnToSetup(
      isElsewhere ? t("The session was ended in another tab or on another device.") : errorMessage(error),
    );
  }

  #returnToSetup(message) {
    sessionStorage.removeItem(SESSION_KEY); // otherwise two tabs would take the session from each other forever
    this.guide.close();
    this.view.turnOff();
    this.#setUp();
    this.#showMessage(message);
  }

  // --- Helpers ---

  #onCameraChanged() {
    const { isOn } = this.view.camera;
    if (this.panel instanceof SetupPanel) this.panel.showCameras(this.view.camera);
    if (!isOn) this.alarms.update([]); // without pictures they would never end
  }

  #onConnectionChanged(isConnected) {
    this.view.showConnection(isConnected);
    if (!isConnected) this.alarms.update([]);
  }

  #replacePanel(panel) {
    this.panel?.close?.();
    this.panel = panel;
    this.view.element.hidden = panel instanceof ReportPanel;
    this.side.replaceChildren(...(panel ? [panel.element] : []));
    // If the focused button was in the old panel, keyboard users continue at the new one.
    if (panel && document.activeElement === document.body) focus(panel.element);
  }

  #showMessage(text) {
    this.message.textContent = text;
  }

  /** #try, unless an action is running: a second click has no effect. @param {() => Promise<unknown>} action */
  async #tryAlone(action) {
    if (this.isBusy) return;
    this.isBusy = true;
    await this.#try(action);
    this.isBusy = false;
  }

  /** @returns {Promise<boolean>} true if the action succeeded; otherwise its error is shown */
  async #try(action) {
    try {
      await action();
      return true;
    } catch (error) {
      if (error.status !== 401) this.#showMessage(errorMessage(error));
      return false;
    }
  }
}
