/** Asks users who have never chosen what becomes of their pictures: quietly, and until they say "Not now". */

import { h } from "../dom.js";
import { t, tn } from "../i18n.js";
import { login, logins } from "../login.js";
import { button } from "../settings/controls.js";
import { choices, readChoice } from "./choice.js";

const key = () => `posesmart.privacy-asked.${login()?.username}`;

/** @param {HTMLElement} section in whose end the question stands */
export async function askForChoice(section) {
  if (section.querySelector(".ask-choice") || localStorage.getItem(key())) return;
  const choice = await readChoice().catch(() => null); // another time, then
  if (!choice || choice.privacy || section.querySelector(".ask-choice")) return;
  const question = h(
    "aside",
    { class: "panel ask-choice", "aria-label": t("What happens to your pictures?") },
    h("p", {}, h("strong", {}, t("What happens to your pictures?")), " ", presentText(choice)),
    h(
      "p",
      { class: "actions" },
      h("a", { class: "button", href: "#/settings" }, t("Choose")),
      button(t("Not now"), () => dismiss(question), "quiet"),
    ),
  );
  for (const [source, event] of /** @type {[EventTarget, string][]} */ ([[choices, "changed"], [logins, "ended"]])) {
    source.addEventListener(event, () => question.remove(), { once: true });
  }
  section.append(question);
}

/** @param {HTMLElement} question */
function dismiss(question) {
  localStorage.setItem(key(), "yes");
  question.remove();
}

/** @param {import("./choice.js").Choice} choice */
function presentText({ keep_days }) {
  if (keep_days === null) return t("No picture is stored now.");
  if (!keep_days) return t("They are stored until you delete them.");
  return tn("They are stored for {count} day now.", "They are stored for {count} days now.", keep_days);
}
