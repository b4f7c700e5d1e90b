/** The desk's texts for states, hints, alarms and stretches. */

import { blinkRateText } from "../blink_rate.js";
import { duration, percent, t } from "../i18n.js";

const MIN_WATCHED_S = 30; // a rate from less time would be too uncertain
const MIN_BLINKS = 20; // of fewer, a share would be
const SAID_AFTER_S = 3; // a camera that has just been turned on needs a moment

/** @typedef {"good" | "bad" | "unsure" | "rest"} Tone */
/** @typedef {{title: string, detail: string, tone: Tone}} Headline */

/** @returns {Record<string, [string, string]>} */
const faults = () => ({
  closer: [t("Leaning in"), t("Move back a little from the screen.")],
  lower: [t("Too low"), t("Sit up: your head has dropped.")],
  tilted: [t("Tilted"), t("Hold your head straight.")],
});

/** @returns {Record<string, [string, string]>} */
const reasons = () => ({
  no_face: [t("Not in the picture"), t("Your face cannot be seen right now.")],
  not_the_owner: [t("Not you"), t("Somebody else is at your desk. This time does not count.")],
  identity_uncertain: [t("Is this you?"), t("Look at the screen for a moment.")],
  head_turned: [t("Head turned"), t("Look ahead to see your posture again.")],
  covered: [t("The camera sees nothing"), hintLabel("covered")],
  too_dark: [t("Too dark"), hintLabel("too_dark")],
  too_blurred: [t("Blurred"), hintLabel("too_blurred")],
  sideways: [t("The picture lies on its side"), hintLabel("sideways")],
  face_too_small: [t("Too far away"), hintLabel("face_too_small")],
});

/**
 * @param {import("../engine/sessions.js").Session} session
 * @returns {Headline}
 */
function headline({ state, posture }) {
  if (state === "paused") return { title: t("Paused"), detail: t("The camera is off."), tone: "rest" };
  if (state === "calibrating") return { title: t("Calibrating"), detail: t("Hold still for a moment."), tone: "unsure" };
  if (state === "away") {
    const isStranger = posture.reason === "not_the_owner";
    const cause = isStranger || posture.reason === "no_face" ? null : reasons()[posture.reason];
    const detail = isStranger ? reasons().not_the_owner[1] : (cause?.[1] ?? t("Continues by itself when you are back."));
    return { title: isStranger ? t("Not you") : t("Away"), detail, tone: isStranger ? "unsure" : "rest" };
  }
  if (posture.state === "unreliable" && posture.reason) {
    const [title, detail] = reasons()[posture.reason] ?? [t("Not sure"), ""];
    return { title, detail, tone: "unsure" };
  }
  if (posture.state === "bad") {
    const found = posture.faults.map((fault) => faults()[fault]).filter(Boolean);
    return { title: found.map(([title]) => title).join(" · "), detail: found[0]?.[1] ?? "", tone: "bad" };
  }
  if (posture.state === "good") return { title: t("Good posture"), detail: t("Keep it up."), tone: "good" };
  return { title: t("One moment"), detail: t("Checking your posture."), tone: "unsure" };
}

/**
 * @param {Pick<import("../engine/watching.js").Snapshot, "session" | "unseenS" | "isConnected" | "camera">} snapshot
 * @returns {Headline & {cause: string}} the session's headline, unless nothing is seen; cause: the same without a time that passes
 */
export function watchHeadline({ session, unseenS, isConnected, camera }) {
  if (!session) {
    const title = isConnected ? t("Not watching") : t("No connection");
    return { title, detail: "", cause: title, tone: "rest" };
  }
  if (!unseenS) {
    const seen = headline(session);
    return { ...seen, cause: `${seen.title}. ${seen.detail}` };
  }
  const [cause] = camera.reason ? cameraLabels(camera.reason) : [t("The camera is off.")];
  const trouble = isConnected ? t("The service is slow to answer.") : t("No connection. Trying again.");
  const detail = isConnected && (!camera.isOn || camera.reason) ? cause : trouble;
  const time = duration(unseenS).replaceAll(" ", "\u00a0");
  const title = unseenS < SAID_AFTER_S ? t("One moment") : t("Not seen for {time}", { time });
  return { title, detail, cause: `${t("Not seen")}. ${detail}`, tone: "unsure" };
}

/** @param {string} hint the service's name for the reason why a frame did not count */
export function hintLabel(hint) {
  const labels = {
    no_face: t("Your face is not in the picture. Sit in front of the camera."),
    more_than_one_face: t("There is more than one face in the picture. Only you should be in it."),
    face_too_small: t("Move closer, or bring the camera closer."),
    too_dark: t("It is too dark. Turn on a lamp in front of you."),
    too_blurred: t("The picture is blurred. Wipe the camera, or hold still."),
    covered: t("Open the camera's shutter, take away what covers it, or turn on a light."),
    sideways: t("Turn the camera or the phone upright."),
    look_ahead: t("Look straight ahead."),
    open_your_eyes: t("Keep your eyes open."),
    hold_still: t("Hold still for a moment."),
    learn_your_face: t("If it is you, confirm it with your password."),
    not_the_owner: t("This does not look like the face learned for this account."),
  };
  return labels[hint] ?? hint;
}

/**
 * @param {import("../engine/sessions.js").Session} session
 * @returns {string} what would make the picture better, unless the headline or an alarm says it
 */
export function pictureLabel({ state, hint, posture }) {
  const isSaid = posture.state === "unreliable" || hint === "more_than_one_face";
  return state === "monitoring" && hint && !isSaid ? hintLabel(hint) : "";
}

/**
 * @param {string | null} reason the service's name for the reason why blinks cannot be counted
 * @returns {string} empty if they can, or if the posture's headline says it already
 */
export function eyesLabel(reason) {
  const labels = {
    frame_rate_too_low: t("Blinks cannot be counted: the camera is too slow. More light makes it faster."),
    too_dark: t("Blinks cannot be counted: it is too dark. Turn on a lamp in front of you."),
    glare: t("Blinks cannot be counted: your glasses reflect a light. Move the lamp to the side, or the screen lower."),
  };
  return labels[reason] ?? "";
}

/**
 * @param {import("../engine/sessions.js").Session["eyes"]} eyes
 * @returns {string} how often somebody blinks, and how many of the blinks are partial, once enough was watched
 */
export function blinksLabel({ rate, partial_share }) {
  if (!rate || rate.watched_s < MIN_WATCHED_S) return "";
  const label = `${blinkRateText(rate)}, ${t("measured over {time}", { time: duration(rate.watched_s) })}`;
  const blinks = (rate.per_minute * rate.watched_s) / 60;
  if (partial_share === null || blinks < MIN_BLINKS) return label;
  return `${label} · ${t("{percent} of them partial", { percent: percent(partial_share) })}`;
}

/** @param {string | null} reason the camera's */
export function cameraLabels(reason) {
  const labels = {
    denied: [t("The camera is blocked"), t("Allow it with the icon next to the page's address, then try again.")],
    missing: [t("No camera was found"), t("Connect a camera, then try again.")],
    in_use: [t("The camera is in use"), t("Close the other program that is using it, then try again.")],
    insecure: [t("The page is not secure"), t("Browsers allow the camera only on https addresses and localhost.")],
    unsupported: [t("The camera cannot be used"), t("This browser does not support it.")],
    asleep: [t("The camera is off"), t("Your session goes on as soon as you turn it on.")],
    unable: [
      t("Your face cannot be found in this browser"),
      t("Pictures are to stay here, and this browser or service lacks what that needs. Use another browser, or choose otherwise."),
    ],
    muted: [t("The camera gives no picture"), t("The system or another program has switched it off for now.")],
    lost: [t("The camera was disconnected"), t("Connect it or allow it again, then continue.")],
    still: [
      t("The camera stands still"),
      t("It gives no new picture. It was started again; if that does not help, close other programs that use it."),
    ],
  };
  return labels[reason] ?? labels.unsupported;
}

/**
 * @param {string} kind of an alarm
 * @returns {{title: string, ending: string, spoken: string}}
 */
export function alarmLabels(kind) {
  const labels = {
    neck: [t("Mind your neck"), t("Ends when you sit well again."), t("Please straighten your neck.")],
    blink: [t("Blink, please"), t("Ends when you blink."), t("Please blink your eyes.")],
    stretching: [t("Time to stretch"), t("Ends when you finish a stretch."), t("It is time to stretch.")],
    rest: [t("Time for a break"), t("Ends when you take a break."), t("It is time for a break.")],
    stranger: [t("Somebody else is at your desk"), t("Ends when you are back."), t("This is not your desk.")],
    someone_behind: [t("Somebody is behind you"), t("Ends when they have left."), t("Somebody is behind you.")],
  };
  const [title, ending, spoken] = labels[kind] ?? [kind, "", ""];
  return { title, ending, spoken };
}

/** @param {import("./figures.js").StretchName} name */
export function stretchLabels(name) {
  const labels = {
    tuck: [t("Chin tuck"), t("Draw your chin straight back, hold, then relax.")],
    tilt: [t("Ear to shoulder"), t("Tilt your head slowly to one side, then to the other.")],
    turn: [t("Look over your shoulder"), t("Turn your head slowly left, then right.")],
    shrug: [t("Shrug"), t("Pull your shoulders up to your ears, hold, then let them drop.")],
    reach: [t("Reach up"), t("Stretch your arms up and lean to each side.")],
    far: [t("Look far away"), t("Rest your eyes on something at least six metres away.")],
  };
  return labels[name];
}

/** @param {number} seconds @returns {string} 1:02:03 or 02:03 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return (hours ? [hours, ...parts] : parts).join(":");
}
