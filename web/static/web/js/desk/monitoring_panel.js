/** Monitoring: the posture in large type, the margins as bars, time, counts and actions. */

import { h, setText } from "../dom.js";
import { percent, t } from "../i18n.js";
import { muteButton } from "../companion/sound_button.js";
import { FacePanel } from "./face_panel.js";
import { blinksLabel, clock, eyesLabel, pictureLabel, watchHeadline } from "./labels.js";

const MAX_SHARE = 1.4; // end of a bar; the limit is at 1
const GOOD_QUALITY = 0.7; // of a calibration: a sharp face in good light, at the distance of an arm
const ANNOUNCE_AFTER_MS = 1500; // states that last less are not read out

/** @typedef {import("../engine/sessions.js").Session} Session */

export class MonitoringPanel {
  /**
   * @param {Record<"pause" | "resume" | "stop" | "stretch" | "recalibrate", () => void>
   *   & {saveProfile: (name: string) => Promise<boolean>, cameraMoved: (hasMoved: boolean) => void}} actions
   */
  constructor(actions) {
    this.title = h("p", { class: "state-title" });
    this.detail = h("p", { class: "state-detail" });
    this.hint = h("p", { class: "state-hint", role: "status" });
    this.question = question(actions.cameraMoved);
    this.announcement = h("p", { class: "visually-hidden", role: "status" });
    this.bars = { closer: bar(t("Distance")), lower: bar(t("Height")), tilted: bar(t("Tilt")) };
    this.facts = {
      time: fact("time", t("At the desk")),
      blinks: fact("blinks", t("Blinks")),
      neck: fact("neck", t("Neck alarms")),
      stretches: fact("stretches", t("Stretches")),
    };
    this.pauseButton = button(t("Pause"), ({ detail }) => this.#toggle(actions, detail > 1), "primary");
    this.quality = h("span", {});
    this.advice = h("p", { class: "hint" }, t("Better light, or sitting closer to the camera, makes the alarms more exact."));
    this.face = new FacePanel(actions);
    this.state = h("div", { class: "state" }, this.title, this.detail, this.hint);
    const bars = Object.values(this.bars).map(({ element }) => element);
    const facts = Object.values(this.facts).map(({ element }) => element);
    this.element = h(
      "div",
      { class: "monitoring" },
      h("h2", { class: "visually-hidden" }, t("Monitoring")),
      this.announcement,
      h(
        "div",
        { class: "panel readings" },
        this.state,
        this.question,
        this.face.element,
        h("div", { class: "bars" }, ...bars),
        h("dl", { class: "facts" }, ...facts),
      ),
      h(
        "div",
        { class: "controls" },
        h(
          "div",
          { class: "actions" },
          this.pauseButton,
          button(t("Stop"), actions.stop),
          button(t("Stretch"), actions.stretch),
          muteButton(),
        ),
        this.#calibration(actions),
      ),
    );
    this.isPaused = false;
    this.announceTimer = 0;
    this.cause = "";
  }

  /** Where the keyboard continues: the panel itself has no box at any width. */
  get start() {
    return this.state;
  }

  #calibration({ saveProfile, recalibrate }) {
    return h(
      "details",
      { class: "more" },
      h("summary", {}, this.quality),
      this.advice,
      saveForm(saveProfile),
      button(t("Calibrate again"), recalibrate, "quiet"),
    );
  }

  close() {
    clearTimeout(this.announceTimer);
  }

  /** Pausing is done at once: the second half of a double click must not undo it. */
  #toggle({ pause, resume }, isDoubleClick) {
    if (isDoubleClick) return;
    if (this.isPaused) resume();
    else pause();
  }

  /** @param {Session} session as in the service's last answer */
  show(session) {
    this.face.show(session);
    this.element.dataset.state = session.state;
    setText(this.hint, pictureLabel(session));
    this.question.hidden = session.question !== "camera_moved";
    this.isPaused = session.state === "paused";
    this.pauseButton.textContent = this.isPaused ? t("Resume") : t("Pause");
    this.#showCounts(session);
    const isPoor = (session.calibration?.quality ?? 1) < GOOD_QUALITY;
    setText(this.quality, isPoor ? t("Calibration: could be better") : t("Calibration"));
    this.advice.hidden = !isPoor;
  }

  /** @param {import("../engine/watching.js").Snapshot} snapshot as of now: what is not seen is not called good */
  showWatch(snapshot) {
    const { session, unseenS, activeS } = snapshot;
    const state = watchHeadline(snapshot);
    this.element.dataset.tone = state.tone;
    this.#showHeadline(state);
    setText(this.facts.time.value, clock(activeS));
    const isKnown = !unseenS && (session.posture.state === "good" || session.posture.state === "bad");
    this.#showMargins(isKnown ? session.posture.margins : null);
  }

  #showHeadline({ title, detail, cause }) {
    setText(this.title, title);
    setText(this.detail, detail);
    if (this.cause === cause) return;
    this.cause = cause;
    clearTimeout(this.announceTimer);
    this.announceTimer = setTimeout(() => (this.announcement.textContent = cause), ANNOUNCE_AFTER_MS);
  }

  #showMargins(margins) {
    const shares = margins && {
      closer: (margins.closer.value - 1) / (margins.closer.limit - 1),
      lower: margins.lower.value / margins.lower.limit,
      tilted: Math.abs(margins.tilted.value) / margins.tilted.limit,
    };
    for (const [name, { show }] of Object.entries(this.bars)) show(shares ? shares[name] : null);
  }

  #showCounts({ counts, eyes }) {
    const { blinks, neck, stretches } = this.facts;
    blinks.value.textContent = String(counts.blinks);
    blinks.note.textContent = eyesLabel(eyes.reason) || blinksLabel(eyes);
    neck.value.textContent = String(counts.neck);
    stretches.value.textContent = String(counts.stretches);
  }
}

function bar(label) {
  const meter = h("div", {
    class: "bar-track",
    role: "meter",
    "aria-label": label,
    "aria-valuemin": "0",
    "aria-valuemax": "140",
  });
  const fill = h("div", { class: "bar-fill" });
  meter.append(fill, h("div", { class: "bar-limit" }));
  const element = h("div", { class: "bar" }, h("span", {}, label), meter);
  const show = (share) => {
    const shown = Math.min(MAX_SHARE, Math.max(0, share ?? 0));
    fill.style.setProperty("--share", String(shown / MAX_SHARE));
    element.dataset.level = share === null ? "none" : share >= 1 ? "over" : share >= 0.7 ? "near" : "well";
    meter.setAttribute("aria-valuenow", String(Math.round(shown * 100)));
    meter.setAttribute(
      "aria-valuetext",
      share === null ? t("unknown") : t("{percent} of the limit", { percent: percent(shown) }),
    );
  };
  show(null);
  return { element, show };
}

function fact(name, label) {
  const value = h("span", { class: "fact-value", "data-fact": name }, "0");
  const note = h("span", { class: "fact-note" });
  return { element: h("div", {}, h("dt", {}, label), h("dd", {}, value, note)), value, note };
}

function button(text, onclick, variant = "") {
  return h("button", { type: "button", class: `button ${variant}`, onclick }, text);
}

/** @param {(hasMoved: boolean) => void} answer */
function question(answer) {
  return h(
    "div",
    { class: "question", role: "status", hidden: true },
    h("p", {}, h("strong", {}, t("Did the camera move?")), " ", t("Everything in the picture is at another height.")),
    h(
      "div",
      { class: "actions" },
      button(t("Yes, take the new place"), () => answer(true), "primary"),
      button(t("No"), () => answer(false)),
    ),
  );
}

/** @param {(name: string) => Promise<boolean>} save */
function saveForm(save) {
  const name = h("input", { id: "profile-name", maxlength: "64", required: true, autocomplete: "off" });
  const status = h("span", { role: "status" });
  const onsubmit = async (event) => {
    event.preventDefault();
    status.textContent = (await save(name.value.trim())) ? t("Saved.") : "";
  };
  const label = h("label", { for: "profile-name" }, t("Save as a profile, such as “desk” or “laptop”"));
  return h(
    "form",
    { class: "save-form", onsubmit },
    label,
    h("div", { class: "save-row" }, name, h("button", { class: "button" }, t("Save"))),
    status,
  );
}
