/** The desk's texts for states, hints, alarms and stretches. */

import { t } from "../i18n.js";

/** @typedef {"good" | "bad" | "unsure" | "rest"} Tone */
/** @typedef {{title: string, detail: string, tone: Tone}} Headline */

/** @returns {Record<string, [string, string]>} */
const faults = () => ({
  closer: [t("Leaning in"), t("Move back from the screen a little.")],
  lower: [t("Too low"), t("Sit up: your head has sunk.")],
  tilted: [t("Tilted"), t("Hold your head straight.")],
});

/** @returns {Record<string, [string, string]>} */
const reasons = () => ({
  no_face: [t("Not in the picture"), t("Your face cannot be seen right now.")],
  not_the_owner: [t("Not you"), t("Somebody else is at your desk. Nothing of it counts.")],
  identity_uncertain: [t("Is it you?"), t("Look at the screen for a moment.")],
  head_turned: [t("Head turned"), t("Your posture is told again when you look ahead.")],
});

/**
 * @param {import("./sessions.js").Session} session
 * @returns {Headline}
 */
export function headline({ state, posture }) {
  if (state === "paused") return { title: t("Paused"), detail: t("The camera is off."), tone: "rest" };
  if (state === "away") {
    const isStranger = posture.reason === "not_the_owner";
    const detail = isStranger ? reasons().not_the_owner[1] : t("It goes on by itself when you are back.");
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
  if (posture.state === "good") return { title: t("Good posture"), detail: t("Carry on like this."), tone: "good" };
  return { title: t("One moment"), detail: t("Looking at you."), tone: "unsure" };
}

/** @param {string} hint the service's name for the reason why a frame did not count */
export function hintLabel(hint) {
  const labels = {
    no_face: t("Your face is not in the picture. Sit in front of the camera."),
    more_than_one_face: t("More than one face is in the picture. Only you, please."),
    face_too_small: t("Come closer, or bring the camera closer."),
    too_dark: t("It is too dark. Turn on a lamp in front of you."),
    too_blurred: t("The picture is blurred. Wipe the camera, or hold still."),
    look_ahead: t("Look straight ahead."),
    open_your_eyes: t("Keep your eyes open."),
    hold_still: t("Hold still for a moment."),
    not_the_owner: t("This does not look like the face of this account."),
  };
  return labels[hint] ?? hint;
}

/** @param {string | null} reason a CameraReason, or "lost" */
export function cameraLabels(reason) {
  const labels = {
    denied: [t("The camera is blocked"), t("Allow it with the sign beside the page's address, then try again.")],
    missing: [t("No camera was found"), t("Connect one, then try again.")],
    in_use: [t("The camera is in use"), t("Close the other program that uses it, then try again.")],
    insecure: [t("The page is not secure"), t("Browsers give the camera to https addresses and localhost only.")],
    unsupported: [t("The camera cannot be used"), t("This browser does not give access to it.")],
    lost: [t("The camera was taken away"), t("Connect it again, or allow it again, then go on.")],
  };
  return labels[reason] ?? labels.unsupported;
}

/**
 * @param {string} kind of an alarm
 * @returns {{title: string, ending: string, spoken: string}}
 */
export function alarmLabels(kind) {
  const labels = {
    neck: [t("Mind your neck"), t("It ends when you sit well again."), t("Please straighten your neck.")],
    blink: [t("Blink, please"), t("It ends with a blink."), t("Please blink your eyes.")],
    stretching: [t("Time to stretch"), t("It ends when a stretch is done."), t("It is time to stretch.")],
    rest: [t("Time for a break"), t("Get up for a while. It ends by itself."), t("It is time for a break.")],
    stranger: [t("Somebody else is at your desk"), t("It ends when you are back."), t("This is not your desk.")],
    someone_behind: [t("Somebody is behind you"), t("It ends when they have gone."), t("Somebody is behind you.")],
  };
  const [title, ending, spoken] = labels[kind] ?? [kind, "", ""];
  return { title, ending, spoken };
}

/** @param {import("./figures.js").StretchName} name */
export function stretchLabels(name) {
  const labels = {
    tuck: [t("Chin back"), t("Draw your chin straight back, hold, let go.")],
    tilt: [t("Ear to shoulder"), t("Let your head sink to one side, then to the other.")],
    turn: [t("Look over your shoulder"), t("Turn your head slowly left, then right.")],
    shrug: [t("Shrug"), t("Pull your shoulders up to your ears, hold, let them fall.")],
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
