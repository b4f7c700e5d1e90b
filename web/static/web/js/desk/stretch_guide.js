/** The stretch guide: a dialog that shows the drawn stretches one after the other. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { wait } from "../engine/background.js";
import { STRETCHES, figure } from "./figures.js";
import { stretchLabels } from "./labels.js";

const SECONDS_PER_STRETCH = 20;

export class StretchGuide {
  /** @param {() => void} onDone called when a stretch is done */
  constructor(onDone) {
    this.onDone = onDone;
    this.index = 0;
    this.countdown = new AbortController();
    this.figure = h("div", { class: "guide-figure" });
    this.name = h("h3", {});
    this.advice = h("p", {});
    this.remaining = h("p", { class: "guide-remaining" });
    this.description = h("div", { "aria-live": "polite" }, this.name, this.advice);
    this.startButton = this.#button(t("Start"), () => this.#play(), "primary");
    this.doneButton = this.#button(t("Done"), () => this.#finish());
    this.dialog = h(
      "dialog",
      { class: "guide", "aria-labelledby": "guide-title" },
      h("h2", { id: "guide-title" }, t("Stretch")),
      h("div", { class: "guide-page" }, this.figure, this.description, this.remaining),
      h(
        "div",
        { class: "guide-actions" },
        this.#button(t("Back"), () => this.#showStretch(this.index - 1), "quiet"),
        this.#button(t("Next"), () => this.#showStretch(this.index + 1), "quiet"),
        this.startButton,
        this.doneButton,
        this.#button(t("Close"), () => this.dialog.close(), "quiet"),
      ),
    );
    this.dialog.addEventListener("close", () => this.countdown.abort());
  }

  open() {
    if (this.dialog.open) return;
    if (!this.dialog.isConnected) document.body.append(this.dialog);
    this.#showStretch(0);
    this.dialog.showModal();
    this.startButton.focus();
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  #button(text, onclick, variant = "") {
    return h("button", { type: "button", class: `button ${variant}`, onclick }, text);
  }

  #showStretch(index) {
    this.countdown.abort();
    this.index = (index + STRETCHES.length) % STRETCHES.length;
    const stretch = STRETCHES[this.index];
    const [name, advice] = stretchLabels(stretch);
    this.figure.replaceChildren(figure(stretch));
    this.name.textContent = name;
    this.advice.textContent = advice;
    this.#showRemaining(SECONDS_PER_STRETCH);
  }

  async #play() {
    this.countdown.abort();
    this.countdown = new AbortController();
    const { signal } = this.countdown;
    for (let seconds = SECONDS_PER_STRETCH; seconds > 0; seconds -= 1) {
      this.#showRemaining(seconds);
      await wait(1000, signal);
      if (signal.aborted) return;
    }
    if (this.index === STRETCHES.length - 1) {
      this.#showRemaining(0);
      this.doneButton.focus();
      return;
    }
    this.#showStretch(this.index + 1);
    this.#play();
  }

  #showRemaining(seconds) {
    const position = t("{index} of {count}", { index: this.index + 1, count: STRETCHES.length });
    this.remaining.textContent = `${position} · ${t("{seconds} s", { seconds })}`;
  }

  #finish() {
    this.dialog.close();
    this.onDone();
  }
}
