/** The desk: setting up the camera, calibration, monitoring and the report. It shows the engine's state. */

import { call } from "../api.js";
import { companion } from "../companion/companion.js";
import { wait } from "../engine/background.js";
import * as sessions from "../engine/sessions.js";
import { focus, h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { t } from "../i18n.js";
import { logins } from "../login.js";
import { CalibrationPanel } from "./calibration_panel.js";
import { CameraView } from "./camera_view.js";
import { clock, watchHeadline } from "./labels.js";
import { MonitoringPanel } from "./monitoring_panel.js";
import { ReportPanel } from "./report_panel.js";
import { SetupPanel } from "./setup_panel.js";
import { unlock } from "./voices.js";

const RETRY_AFTER_MS = 3000;

/** @typedef {import("../engine/watching.js").Snapshot} Snapshot */

export class Desk {
  /** @param {HTMLElement} section @param {import("../engine/engine.js").Engine} engine */
  constructor(section, engine) {
    this.engine = engine;
    this.keeper = engine.keeper;
    this.view = new CameraView(engine, () => this.#tryAlone(() => engine.watchHere()));
    this.message = h("div", { class: "desk-message", role: "status" });
    this.side = h("div", { class: "side" });
    this.isBusy = false;
    this.isMessageOfConnection = false;
    this.isShown = false;
    /** @type {any} the panel that is shown */
    this.panel = null;
    /** @type {sessions.Session | null} that the panel shows */
    this.session = null;
    section.replaceChildren(
      h("h1", { class: "visually-hidden" }, t("At the desk")),
      this.message,
      h("div", { class: "desk" }, this.view.element, this.side),
    );
    this.#listen();
  }

  #listen() {
    const { engine } = this;
    logins.addEventListener("ended", () => this.#replacePanel(null));
    this.keeper.addEventListener("changed", () => this.#showCameras());
    engine.addEventListener("changed", ({ detail }) => this.#show(detail));
    engine.addEventListener("ended", ({ detail }) => this.#onEnded(detail));
    engine.addEventListener("problem", ({ detail }) => this.#showError(detail));
    engine.addEventListener("suspended", ({ detail }) =>
      this.#showMessage(t("Monitoring was interrupted for {time}. This time does not count.", { time: clock(detail) })),
    );
  }

  /** Called when the section becomes visible. */
  async onShow() {
    this.isShown = true;
    await this.engine.ready;
    if (this.isShown) this.#show(this.engine.snapshot);
  }

  /** Called when the section is hidden: without a session the camera is not needed. */
  onHide() {
    this.isShown = false;
    if (this.engine.snapshot.role === "none") this.keeper.turnOff();
  }

  /** @param {Snapshot} snapshot */
  #show(snapshot) {
    const { session, isConnected } = snapshot;
    if (isConnected && this.isMessageOfConnection) this.#showMessage("");
    if (session) this.#showSession(session, snapshot);
    else if (this.isShown && (this.session || !this.panel)) this.#setUp();
    this.view.showFace(session, watchHeadline(snapshot).tone);
    this.view.update();
  }

  // --- Before a session ---

  async #setUp() {
    const panel = new SetupPanel({
      preview: (deviceId) => this.keeper.turnOn(deviceId),
      turnOff: () => this.keeper.turnOff(),
      start: (profile, isTakingOver) => this.#start(() => this.#startSession(panel, profile(), isTakingOver)),
      deleteProfile: async (profile) => {
        await this.#try(() => sessions.deleteProfile(profile.id));
        await this.#try(async () => panel.showProfiles(await sessions.profiles()));
      },
    });
    this.session = null;
    this.view.forgetCamera();
    this.#replacePanel(panel);
    while (!(await this.#try(() => this.#load(panel))) && this.isMessageOfConnection) {
      await wait(RETRY_AFTER_MS);
      if (this.panel !== panel) return;
    }
  }

  /** @param {SetupPanel} panel */
  async #load(panel) {
    const [profiles, session] = await Promise.all([sessions.profiles(), sessions.running()]);
    if (this.isMessageOfConnection) this.#showMessage("");
    panel.showProfiles(profiles);
    if (!session || this.panel !== panel) return;
    panel.offerSession(session, {
      resume: () => this.#start(() => this.engine.watchHere(session.id)),
    });
  }

  /** Another session that runs is not ended unasked: the panel asks about it. */
  async #startSession(panel, profile, isTakingOver) {
    try {
      await this.engine.start(profile, { ask: true, take_over: isTakingOver });
    } catch (error) {
      if (error.status !== 409) throw error;
      await this.#load(panel);
    }
  }

  /** @param {() => Promise<void>} start */
  async #start(start) {
    unlock();
    await this.#tryAlone(async () => {
      this.#showMessage("");
      await start();
    });
  }

  // --- In a session ---

  /** @param {sessions.Session} session @param {Snapshot} snapshot */
  #showSession(session, snapshot) {
    const Panel = session.state === "calibrating" ? CalibrationPanel : MonitoringPanel;
    if (!(this.panel instanceof Panel)) this.#replacePanel(this.#createPanel(Panel));
    if (snapshot.role === "leading" && this.view.hasAnotherCamera() && session.state === "calibrating") {
      this.#showMessage(t("This is another camera, so your posture is measured anew."));
    }
    if (this.session !== session) this.panel.show(session);
    this.session = session;
    this.panel.showWatch?.(snapshot);
  }

  #createPanel(Panel) {
    const { engine } = this;
    this.session = null;
    return new Panel({
      pause: () => this.#try(() => engine.pause()), // at once: to go on need not wait until the service knows of it
      resume: () => this.#start(() => engine.resume()),
      stop: () => this.#try(() => engine.stop()),
      cancel: () => this.#tryAlone(() => this.#cancelCalibration()),
      stretch: () => companion(engine).guide.open(),
      confirmFace: (password, keep) => engine.confirmFace(password, keep),
      cameraMoved: (hasMoved) => this.#tryAlone(() => engine.answerCameraMoved(hasMoved)),
      recalibrate: () => this.#try(() => engine.command("recalibrate")),
      saveProfile: (name) => this.#try(() => sessions.saveProfile(this.session.id, name)),
    });
  }

  /** Goes back to the calibration there was before; a first one is as if it had not been started. */
  async #cancelCalibration() {
    try {
      await this.engine.command("cancel-calibration");
    } catch (error) {
      if (error.status !== 409) throw error;
      const report = /** @type {any} */ (await this.engine.stop());
      if (report && isEmpty(report)) await call("DELETE", `reports/${report.id}/`);
    }
  }

  // --- After a session ---

  /** @param {{report: object | null, error: any}} detail */
  #onEnded({ report, error }) {
    if (error?.status === 401) return; // the user is logged out, which resets the desk
    const isElsewhere = error?.status === 409 || error?.status === 404;
    this.#showReport(report);
    if (!error) return;
    if (isElsewhere) this.#showMessage(t("The session was ended in another tab or on another device."));
    else this.#showError(error);
  }

  #showReport(report) {
    this.keeper.turnOff();
    this.#showMessage("");
    this.session = null;
    if (report && !isEmpty(report)) this.#replacePanel(new ReportPanel(report, { restart: () => this.#setUp() }));
    else this.#setUp();
  }

  // --- Helpers ---

  #showCameras() {
    if (this.panel instanceof SetupPanel) this.panel.showCameras(this.keeper.camera);
  }

  #replacePanel(panel) {
    this.panel?.close?.();
    this.panel = panel;
    this.view.element.hidden = panel instanceof ReportPanel;
    this.side.replaceChildren(...(panel ? [panel.element] : []));
    // If the focused button was in the old panel, keyboard users continue at the new one.
    if (panel && this.isShown && document.activeElement === document.body) focus(panel.start ?? panel.element);
  }

  #showMessage(text) {
    this.message.textContent = text;
    this.isMessageOfConnection = false;
  }

  /** @param {any} error */
  #showError(error) {
    if (error.status === 401) return;
    this.#showMessage(errorMessage(error));
    this.isMessageOfConnection = error.status === 0;
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
      this.#showError(error);
      return false;
    }
  }
}

/** Of a session whose first calibration was cancelled: there is nothing to tell. */
const isEmpty = ({ active_s, blink_cnt, neck_cnt }) => !active_s && !blink_cnt && !neck_cnt;
