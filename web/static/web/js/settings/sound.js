/** How alarms are told: sound, voice, what is seen of them, quiet hours, notifications. Shows what the service offers. */

import { canNotify, notificationsAreOn, setNotifications } from "../companion/notifications.js";
import { playSample, unlock } from "../desk/voices.js";
import { h } from "../dom.js";
import { duration, t } from "../i18n.js";
import { button, field, segments, select, toggle } from "./controls.js";

const DEFAULT_QUIET = { quiet_from: "22:00", quiet_to: "07:00" };
const NOTICES_S = [0, 15, 30, 60, 120];

/** @typedef {(change: object) => Promise<boolean>} Save */

/** @param {any} settings the response of accounts/alarms/ @param {Save} save @returns {HTMLElement[]} */
export function soundFields(settings, save) {
  const offers = (/** @type {string} */ name) => name in settings;
  const { sound = "voice", volume = 100 } = settings;
  const loudness = { sound, volume }; // as chosen by now
  return [
    ...(offers("sound") ? [soundChoice(loudness, save)] : []),
    voiceField(settings.alarm_sound, loudness, save),
    ...(offers("volume") ? [volumeField(loudness, save)] : []),
    ...(offers("steps") ? [stepsField(settings.steps, save)] : []),
    ...(offers("break_notice_s") ? [noticeField(settings.break_notice_s, save)] : []),
    ...(offers("quiet_from") ? [quietField(settings, save)] : []),
    notificationsField(),
  ];
}

function soundChoice(loudness, save) {
  const options = /** @type {[string, string][]} */ ([
    ["off", t("Silent")],
    ["tones", t("Tones")],
    ["voice", t("Voice")],
  ]);
  return segments(t("Sound"), "sound", options, loudness.sound, (sound) => {
    loudness.sound = sound;
    save({ sound });
  });
}

function voiceField(voice, loudness, save) {
  const names = /** @type {[string, string][]} */ ([
    ["1", t("Man")],
    ["2", t("Woman")],
    ["3", t("Boy")],
    ["4", t("Girl")],
  ]);
  const control = select(names, String(voice), (value) => save({ alarm_sound: Number(value) }));
  const listen = () => {
    unlock();
    const sound = loudness.sound === "tones" ? "tones" : "voice"; // a silent sample would tell nothing
    playSample(Number(control.value), t("This is how your alarms sound."), { ...loudness, sound });
  };
  const row = field("settings-voice", t("Who speaks"), control);
  row.classList.add("voice-field");
  row.append(button(t("Listen"), listen));
  return row;
}

function volumeField(loudness, save) {
  const control = h("input", { type: "range", min: 0, max: 100, step: 10, value: String(loudness.volume) });
  control.addEventListener("change", () => {
    loudness.volume = Number(control.value);
    save({ volume: loudness.volume });
  });
  return field("settings-volume", t("Volume"), control);
}

/** @param {string[]} steps those in use @param {Save} save */
function stepsField(steps, save) {
  const used = new Set(steps);
  const names = { figure: t("The figure leans"), edge: t("The window's edge glows"), banner: t("A message appears") };
  const box = ([name, label]) => {
    const input = h("input", { type: "checkbox", name: "steps", value: name, checked: used.has(name) });
    input.addEventListener("change", async () => {
      if (input.checked) used.add(name);
      else used.delete(name);
      const isSaved = await save({ steps: Object.keys(names).filter((each) => used.has(each)) });
      if (!isSaved) input.checked = !input.checked;
    });
    return h("label", { class: "choice" }, input, h("span", {}, label));
  };
  return h("fieldset", {}, h("legend", {}, t("What you see of an alarm")), ...Object.entries(names).map(box));
}

function noticeField(seconds, save) {
  const all = [...new Set([...NOTICES_S, seconds])].sort((one, other) => one - other);
  const options = /** @type {[string, string][]} */ (
    all.map((choice) => [String(choice), choice ? t("{time} before", { time: duration(choice) }) : t("Not at all")])
  );
  const control = select(options, String(seconds), (value) => save({ break_notice_s: Number(value) }));
  return field("settings-notice", t("Announce breaks"), control);
}

/** Its times stay in place while they are off, so that nothing moves. */
function quietField({ quiet_from, quiet_to }, save) {
  const isOn = quiet_from !== null && quiet_to !== null;
  const time = (name, label, value) => {
    const input = h("input", { type: "time", id: name, disabled: !isOn, value: value ?? DEFAULT_QUIET[name], required: true });
    input.addEventListener("change", () => input.value && save({ [name]: input.value }));
    return { input, element: h("div", {}, h("label", { for: name }, label), input) };
  };
  const from = time("quiet_from", t("From"), quiet_from);
  const to = time("quiet_to", t("To"), quiet_to);
  const box = toggle(t("Quiet hours: no alarms"), isOn, async (isChosen) => {
    const times = isChosen ? { quiet_from: from.input.value, quiet_to: to.input.value } : { quiet_from: null, quiet_to: null };
    const isSaved = await save(times);
    if (isSaved) from.input.disabled = to.input.disabled = !isChosen;
    return isSaved;
  });
  return h("div", { class: "quiet-field" }, box, h("div", { class: "quiet-times" }, from.element, to.element));
}

/** The switch, and why it is off if the browser decides that. */
function notificationsField() {
  const isOffered = canNotify();
  const hint = h("p", { class: "hint" }, notificationsHint());
  const box = toggle(t("Notify me while I am in another window"), notificationsAreOn(), async (isOn) => {
    const isAsChosen = (await setNotifications(isOn)) === isOn;
    hint.textContent = notificationsHint();
    return isAsChosen;
  });
  if (!isOffered) box.querySelector("input")?.setAttribute("disabled", "");
  return h("div", { class: "notify-field" }, box, hint);
}

function notificationsHint() {
  if (typeof Notification !== "function") {
    return isSecureContext
      ? t("This browser has no notifications.")
      : t("Browsers notify only on https addresses and localhost.");
  }
  return Notification.permission === "denied"
    ? t("Your browser blocks them. Allow notifications with the icon next to the page's address, then reload.")
    : t("With this browser, on this computer.");
}
