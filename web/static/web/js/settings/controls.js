/** What the settings' panels have in common. */

import { h } from "../dom.js";
import { errorMessage } from "../errors.js";
import { t } from "../i18n.js";

/** A panel, and a line in it that says how the last change went. */
export class Panel {
  /** @param {string} title */
  constructor(title) {
    this.message = h("p", { class: "form-message", role: "status" });
    this.element = h("section", { class: "panel settings-panel" }, h("h2", {}, title), this.message);
  }

  /** @param {...import("../dom.js").Child} parts */
  add(...parts) {
    this.element.append(...parts.filter((part) => part instanceof Node));
    return this;
  }

  /** @param {() => Promise<string | void>} work returns what to say when it went well @returns {Promise<boolean>} whether it did */
  async during(work) {
    this.#say("");
    try {
      this.#say((await work()) ?? t("Saved."));
      return true;
    } catch (error) {
      this.#say(errorMessage(error), true);
      return false;
    }
  }

  #say(words, isWrong = false) {
    this.message.classList.toggle("wrong", isWrong);
    this.message.textContent = words;
  }
}

/**
 * @param {string} id
 * @param {string} words
 * @param {HTMLElement} control
 * @param {string} [hint]
 */
export function field(id, words, control, hint) {
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h(
    "div",
    { class: "field" },
    h("label", { for: id }, words),
    control,
    hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null,
  );
}

/**
 * @param {[string | number, string][]} options values and words
 * @param {string | number} chosen
 * @param {(value: string) => void} onchange
 */
export function select(options, chosen, onchange) {
  const made = h(
    "select",
    {},
    ...options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)),
  );
  made.addEventListener("change", () => onchange(made.value));
  return made;
}

/**
 * @param {string} words
 * @param {boolean} isOn
 * @param {(isOn: boolean) => Promise<boolean>} change tells whether it was taken; if not, the switch goes back
 */
export function toggle(words, isOn, change) {
  const box = h("input", { type: "checkbox", role: "switch", class: "switch", checked: isOn });
  box.addEventListener("change", async () => {
    if (!(await change(box.checked))) box.checked = !box.checked;
  });
  return h("label", { class: "choice" }, box, h("span", {}, words));
}

/**
 * @param {string} title
 * @param {string} name
 * @param {[string, string][]} options values and words
 * @param {string} chosen
 * @param {(value: string) => void} onchange
 */
export function segments(title, name, options, chosen, onchange) {
  const radio = ([value, words]) =>
    h(
      "label",
      {},
      h("input", { type: "radio", name, value, checked: value === chosen, onchange: () => onchange(value) }),
      h("span", {}, words),
    );
  return h("fieldset", {}, h("legend", {}, title), h("div", { class: "segments" }, ...options.map(radio)));
}

/** @param {string} words @param {() => void} onclick @param {string} [variant] */
export const button = (words, onclick, variant = "") =>
  h("button", { type: "button", class: `button ${variant}`, onclick }, words);
