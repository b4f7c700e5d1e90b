/** The button that shows whether alarms sound on this computer, and changes it. */

import { draw, h } from "../dom.js";
import { t } from "../i18n.js";
import { isMuted, setMuted, unlock } from "../desk/voices.js";
import { alarmSettings } from "./alarm_settings.js";

const isHeard = () => !isMuted() && alarmSettings.current.sound !== "off";

/** @returns {HTMLElement} */
export function muteButton() {
  const sign = draw(
    "svg",
    { viewBox: "0 0 24 24", "aria-hidden": "true" },
    draw("path", { d: "M4 9v6h4l5 4V5L8 9Z" }),
    draw("path", { class: "waves", d: "M16 9q3 3 0 6M18.5 6.5q5.5 5.5 0 11" }),
    draw("path", { class: "slash", d: "M16 9l5 6M21 9l-5 6" }),
  );
  const attributes = { type: "button", class: "button quiet mute", "aria-label": t("Sound"), title: t("Sound") };
  return h("button", { ...attributes, "aria-pressed": String(isHeard()), onclick: toggle }, sign);
}

async function toggle() {
  const isOn = !isHeard();
  setMuted(!isOn);
  showAll();
  if (!isOn) return;
  unlock();
  // Sound is off until it is chosen, and this is a choice.
  if (alarmSettings.current.sound === "off") await alarmSettings.saveSound("tones").catch(() => undefined);
}

function showAll() {
  for (const button of document.querySelectorAll(".mute")) button.setAttribute("aria-pressed", String(isHeard()));
}

alarmSettings.addEventListener("changed", showAll);
