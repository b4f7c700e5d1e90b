/** One picture in its own size, with its neighbours a key away. */

import { ApiError, call, readBlob } from "../api.js";
import { confirmAction } from "../dialog.js";
import { h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { fileSize, t } from "../i18n.js";
import { button } from "../settings/controls.js";
import { pictureLabel } from "./verdict.js";

/** @typedef {import("./stored.js").Picture} Picture */
/**
 * @typedef {object} Neighbours
 * @property {(picture: Picture, direction: 1 | -1) => Picture | undefined} next 1: the later one
 * @property {(picture: Picture) => void} onDeleted
 */

export class Viewer {
  /** @param {Picture} picture @param {Neighbours} neighbours */
  constructor(picture, neighbours) {
    this.picture = picture;
    this.neighbours = neighbours;
    this.url = "";
    this.image = h("img", {});
    this.title = h("h2", { id: "viewer-title", "aria-live": "polite" });
    this.message = h("p", { class: "form-message", role: "status" });
    this.earlier = button(t("Earlier"), () => this.#move(-1));
    this.later = button(t("Later"), () => this.#move(1));
    const close = button(t("Close"), () => this.dialog.close(), "primary");
    close.autofocus = true;
    this.dialog = h(
      "dialog",
      { class: "viewer", "aria-labelledby": "viewer-title", onkeydown: (event) => this.#onKey(event) },
      this.title,
      h("div", { class: "viewer-frame" }, this.image),
      this.message,
      h(
        "div",
        { class: "actions" },
        this.earlier,
        this.later,
        button(t("Delete"), () => this.#delete(), "danger"),
        close,
      ),
    );
  }

  /** @returns {Promise<Picture>} the picture shown last, once the dialog is closed */
  async open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    const closed = new Promise((resolve) => this.dialog.addEventListener("close", resolve));
    this.#show(this.picture);
    await closed;
    this.dialog.remove();
    URL.revokeObjectURL(this.url);
    return this.picture;
  }

  /** @param {Picture} picture */
  async #show(picture) {
    this.picture = picture;
    const label = pictureLabel(picture);
    this.title.textContent = label;
    this.earlier.setAttribute("aria-disabled", String(!this.neighbours.next(picture, -1)));
    this.later.setAttribute("aria-disabled", String(!this.neighbours.next(picture, 1)));
    this.#say("");
    this.image.removeAttribute("src");
    this.image.alt = t("Stored picture, {size}", { size: fileSize(picture.size) });
    try {
      const blob = await readBlob(`accounts/frames/${picture.id}/`);
      if (this.picture !== picture || !this.dialog.open) return;
      URL.revokeObjectURL(this.url);
      this.url = URL.createObjectURL(blob);
      this.image.src = this.url;
    } catch (error) {
      if (this.picture === picture) this.#say(errorMessage(error), true);
    }
  }

  /** @param {1 | -1} direction */
  #move(direction) {
    const picture = this.neighbours.next(this.picture, direction);
    if (picture) this.#show(picture);
  }

  /** @param {KeyboardEvent} event */
  #onKey({ key }) {
    if (key === "ArrowLeft") this.#move(-1);
    if (key === "ArrowRight") this.#move(1);
  }

  async #delete() {
    const { picture, neighbours } = this;
    if (!(await confirmAction(t("Delete this picture?"), t("It cannot be restored."), t("Delete")))) return;
    try {
      await call("DELETE", `accounts/frames/${picture.id}/`);
    } catch (error) {
      const isGone = error instanceof ApiError && error.status === 404;
      if (!isGone) return this.#say(errorMessage(error), true);
    }
    const next = neighbours.next(picture, -1) ?? neighbours.next(picture, 1);
    neighbours.onDeleted(picture);
    if (next) this.#show(next);
    else this.dialog.close();
  }

  /** @param {string} text @param {boolean} [isWrong] */
  #say(text, isWrong = false) {
    this.message.classList.toggle("wrong", isWrong);
    this.message.textContent = text;
  }
}
