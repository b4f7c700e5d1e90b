/** Monitoring: how one sits in large calm words, the margins as bars, the time, the counts, and what can be done. */

import { h } from "../dom.js";
import { percent, t } from "../i18n.js";
import { muteButton } from "./alarms.js";
import { clock, headline } from "./labels.js";

const OVER = 1.4; // shown of a margin: its limit lies at 1
const TELLING_FROM_S = 30; // of watching: before, a rate could be anything
const SAID_AFTER_MS = 1500; // a state that passes at once is not read out

/** @typedef {import("./sessions.js").Answer} Answer */

export class MonitoringPanel {
  /** @param {Record<"pause" | "resume" | "stop" | "stretch" | "recalibrate", () => void> & {saveProfile: (name: string) => Promise<boolean>}} actions */
  constructor(actions) {
    this.title = h("p", { class: "state-title" });
    this.detail = h("p", { class: "state-detail" });
    this.said = h("p", { class: "visually-hidden", role: "status" });
    this.bars = { closer: bar(t("Distance")), lower: bar(t("Height")), tilted: bar(t("Tilt")) };
    this.facts = {
      time: fact("time", t("Time at the desk")),
      blinks: fact("blinks", t("Blinks")),
      neck: fact("neck", t("Neck alarms")),
      stretches: fact("stretches", t("Stretches")),
    };
    this.pauseButton = button(t("Pause"), () => (this.isPaused ? actions.resume() : actions.pause()), "primary");
    this.quality = h("span", { class: "quality" });
    this.element = h(
      "div",
      { class: "panel monitoring" },
      h("h2", { class: "visually-hidden" }, t("Monitoring")),
      h("div", { class: "state" }, this.title, this.detail),
      this.said,
      h("div", { class: "bars" }, ...Object.values(this.bars).map(({ element }) => element)),
      h("dl", { class: "facts" }, ...Object.values(this.facts).map(({ element }) => element)),
      h(
        "div",
        { class: "actions" },
        this.pauseButton,
        button(t("Stop"), actions.stop),
        button(t("Stretch"), actions.stretch),
        muteButton(),
      ),
      h(
        "details",
        { class: "more" },
        h("summary", {}, t("Calibration"), " ", this.quality),
        keepForm(actions.saveProfile),
        button(t("Calibrate anew"), actions.recalibrate, "quiet"),
      ),
    );
    this.isPaused = false;
    this.active = { seconds: 0, since: 0, isRunning: false };
    this.sayTimer = 0;
    this.clockTimer = setInterval(() => this.#showTime(), 1000);
  }

  close() {
    clearInterval(this.clockTimer);
    clearTimeout(this.sayTimer);
  }

  /** @param {Answer} answer */
  show(answer) {
    const words = headline(answer);
    this.element.dataset.tone = words.tone;
    this.element.dataset.state = answer.state;
    this.#say(words);
    this.isPaused = answer.state === "paused";
    this.pauseButton.textContent = this.isPaused ? t("Resume") : t("Pause");
    this.active = { seconds: answer.active_s, since: Date.now(), isRunning: answer.state === "monitoring" };
    this.#showTime();
    const isKnown = answer.posture.state === "good" || answer.posture.state === "bad";
    this.#showMargins(isKnown ? answer.posture.margins : null);
    this.#showCounts(answer);
    const quality = answer.calibration?.quality;
    this.quality.textContent = quality == null ? "" : t("(quality {percent})", { percent: percent(quality) });
  }

  #say({ title, detail }) {
    if (this.title.textContent === title) return;
    this.title.textContent = title;
    this.detail.textContent = detail;
    clearTimeout(this.sayTimer);
    this.sayTimer = setTimeout(() => (this.said.textContent = `${title}. ${detail}`), SAID_AFTER_MS);
  }

  #showTime() {
    const { seconds, since, isRunning } = this.active;
    this.facts.time.value.textContent = clock(
      isRunning ? seconds + Math.min(15, (Date.now() - since) / 1000) : seconds,
    );
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
    blinks.note.textContent = eyes.rate && eyes.rate.watched_s >= TELLING_FROM_S ? perMinute(eyes.rate) : "";
    neck.value.textContent = String(counts.neck);
    stretches.value.textContent = String(counts.stretches);
  }
}

/** @param {{per_minute: number, low: number, high: number}} rate */
function perMinute(rate) {
  const [middle, low, high] = [rate.per_minute, rate.low, rate.high].map(Math.round);
  return t("{rate} a minute ({low} to {high})", { rate: middle, low, high });
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
    const shown = Math.min(OVER, Math.max(0, share ?? 0));
    fill.style.setProperty("--share", String(shown / OVER));
    element.dataset.level = share === null ? "none" : share >= 1 ? "over" : share >= 0.7 ? "near" : "well";
    meter.setAttribute("aria-valuenow", String(Math.round(shown * 100)));
    meter.setAttribute(
      "aria-valuetext",
      share === null ? t("not known") : t("{percent} of the limit", { percent: percent(shown) }),
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

function button(words, onclick, variant = "") {
  return h("button", { type: "button", class: `button ${variant}`, onclick }, words);
}

/** @param {(name: string) => Promise<boolean>} keep */
function keepForm(keep) {
  const name = h("input", { id: "profile-name", maxlength: "64", required: true, autocomplete: "off" });
  const done = h("span", { role: "status" });
  const onsubmit = async (event) => {
    event.preventDefault();
    done.textContent = (await keep(name.value.trim())) ? t("Kept.") : "";
  };
  const label = h("label", { for: "profile-name" }, t("Save as a profile, such as “desk” or “laptop”"));
  return h(
    "form",
    { class: "keep", onsubmit },
    label,
    h("div", { class: "keep-row" }, name, h("button", { class: "button" }, t("Keep"))),
    done,
  );
}
