/** Panels and form controls of the settings. */

import { h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { t } from "../i18n.js";

const SHOWN_MS = 4000; // errors stay until the next change

/** A panel whose last change is confirmed at the window's edge, where it moves nothing. */
export class Panel {
  /** @param {string} title */
  constructor(title) {
    this.message = h("p", { class: "form-message toast", role: "status" });
    this.timer = 0;
    this.element = h("section", { class: "panel settings-panel" }, h("h2", {}, title), this.message);
  }

  /** @param {...import("../dom.js").Child} children */
  add(...children) {
    this.element.append(...children.filter((child) => child instanceof Node));
    return this;
  }

  /**
   * @param {() => Promise<string | void>} action returns the message to show on success; default: "Saved."
   * @returns {Promise<boolean>} true on success
   */
  async run(action) {
    this.showMessage("");
    try {
      this.showMessage((await action()) ?? t("Saved."));
      return true;
    } catch (error) {
      this.showMessage(errorMessage(error), true);
      return false;
    }
  }

  /** @param {string} text @param {boolean} [isWrong] */
  showMessage(text, isWrong = false) {
    clearTimeout(this.timer);
    if (text && !isWrong) this.timer = setTimeout(() => (this.message.textContent = ""), SHOWN_MS);
    this.message.classList.toggle("wrong", isWrong);
    this.message.textContent = text;
  }
}

/**
 * @param {string} id
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
export function field(id, label, control, hint) {
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, label),
    control,
    hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null,
  );
}

/**
 * @param {[string | number, string][]} options values and labels
 * @param {string | number} chosen
 * @param {(value: string) => void} onchange
 */
export function select(options, chosen, onchange) {
  const control = h(
    "select",
    {},
    ...options.map(([value, label]) => h("option", { value, selected: value === chosen }, label)),
  );
  control.addEventListener("change", () => onchange(control.value));
  return control;
}

/**
 * @param {string} label
 * @param {boolean} isOn
 * @param {(isOn: boolean) => Promise<boolean>} save returns true if it was saved; otherwise the switch goes back
 */
export function toggle(label, isOn, save) {
  const box = h("input", { type: "checkbox", role: "switch", class: "switch", checked: isOn });
  box.addEventListener("change", async () => {
    if (!(await save(box.checked))) box.checked = !box.checked;
  });
  return h("label", { class: "choice" }, box, h("span", {}, label));
}

/**
 * @param {string} title
 * @param {string} name
 * @param {[string, string][]} options values and labels
 * @param {string} chosen
 * @param {(value: string) => void} onchange
 */
export function segments(title, name, options, chosen, onchange) {
  const radio = ([value, label]) =>
    h(
      "label",
      {},
      h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onchange(value) }),
      h("span", {}, label),
    );
  return h("fieldset", {}, h("legend", {}, title), h("div", { class: "segments" }, ...options.map(radio)));
}

/** @param {string} text @param {() => void} onclick @param {string} [variant] */
export const button = (text, onclick, variant = "") =>
  h("button", { type: "button", class: `button ${variant}`, onclick }, text);
