/** The stretch guide: a dialog that shows one drawn stretch after the other, each for its time. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { wait } from "./background.js";
import { STRETCHES, figure } from "./figures.js";
import { stretchWords } from "./labels.js";

const SECONDS_EACH = 20;

export class StretchGuide {
  /** @param {() => void} done is called when a stretch is done */
  constructor(done) {
    this.done = done;
    this.place = 0;
    this.turn = new AbortController();
    this.figure = h("div", { class: "guide-figure" });
    this.name = h("h3", {});
    this.advice = h("p", {});
    this.left = h("p", { class: "guide-left" });
    this.told = h("div", { "aria-live": "polite" }, this.name, this.advice);
    this.startButton = this.#button(t("Start"), () => this.#play(), "primary");
    this.doneButton = this.#button(t("Done"), () => this.#finish());
    this.dialog = h(
      "dialog",
      { class: "guide", "aria-labelledby": "guide-title" },
      h("h2", { id: "guide-title" }, t("Stretch")),
      h("div", { class: "guide-page" }, this.figure, this.told, this.left),
      h(
        "div",
        { class: "guide-actions" },
        this.#button(t("Back"), () => this.#turnTo(this.place - 1), "quiet"),
        this.#button(t("Next"), () => this.#turnTo(this.place + 1), "quiet"),
        this.startButton,
        this.doneButton,
        this.#button(t("Close"), () => this.dialog.close(), "quiet"),
      ),
    );
    this.dialog.addEventListener("close", () => this.turn.abort());
  }

  open() {
    if (this.dialog.open) return;
    if (!this.dialog.isConnected) document.body.append(this.dialog);
    this.#turnTo(0);
    this.dialog.showModal();
    this.startButton.focus();
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  #button(words, onclick, variant = "") {
    return h("button", { type: "button", class: `button ${variant}`, onclick }, words);
  }

  #turnTo(place) {
    this.turn.abort();
    this.place = (place + STRETCHES.length) % STRETCHES.length;
    const stretch = STRETCHES[this.place];
    const [name, advice] = stretchWords(stretch);
    this.figure.replaceChildren(figure(stretch));
    this.name.textContent = name;
    this.advice.textContent = advice;
    this.#tellLeft(SECONDS_EACH);
  }

  async #play() {
    this.turn.abort();
    this.turn = new AbortController();
    const { signal } = this.turn;
    for (let left = SECONDS_EACH; left > 0; left -= 1) {
      this.#tellLeft(left);
      await wait(1000, signal);
      if (signal.aborted) return;
    }
    if (this.place === STRETCHES.length - 1) {
      this.#tellLeft(0);
      this.doneButton.focus();
      return;
    }
    this.#turnTo(this.place + 1);
    this.#play();
  }

  #tellLeft(seconds) {
    const place = t("{place} of {count}", { place: this.place + 1, count: STRETCHES.length });
    this.left.textContent = `${place} · ${t("{seconds} s", { seconds })}`;
  }

  #finish() {
    this.dialog.close();
    this.done();
  }
}
