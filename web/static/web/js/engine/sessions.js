/** Calls to /api/detections/sessions/ and /profiles/. They throw the same errors as api.js. */

import { call } from "../api.js";

const SESSIONS = "detections/sessions/";
const PROFILES = "detections/profiles/";
const LANDMARKS_MODEL = "face_landmarker@0.10.35"; // another one calibrates anew

/** @typedef {import("./camera.js").Picture} Picture */
/** @typedef {{id: number, kind: string, started_at: string, ended_at: string | null}} Alarm */
/**
 * @typedef {object} Session the service's response to each call
 * @property {string} id
 * @property {"calibrating" | "monitoring" | "paused" | "away" | "stopped"} state
 * @property {string} started_at
 * @property {number} active_s
 * @property {number | null} profile
 * @property {{blinks: number, neck: number, stretches: number}} counts
 * @property {string | null} hint what is wrong with the last picture
 * @property {"camera_moved" | null} question to the user
 * @property {{frames: number, needed: number, hints: string[], quality: number | null} | null} calibration
 * @property {{state: string, faults: string[], reason: string | null, margins: any}} posture
 * @property {{reason: string | null, watched_share: number | null, partial_share: number | null,
 *   rate: {per_minute: number, low: number, high: number, watched_s: number} | null}} eyes
 * @property {import("../desk/overlay.js").Face | null} face
 * @property {Alarm[]} alarms
 * @property {{kind: string | null, until: string | null, reason: string}[]} [snoozed] null: all kinds
 * @property {{kind: "rest", in_s: number, postponements_left: number} | null} [upcoming]
 * @property {import("../companion/alarm_bar.js").Outlines} [outlines] of the face
 * @property {"frame" | "burst"} next
 * @property {number} next_after_ms
 * @property {{frames: number, interval_ms: number}} burst
 */
/** @typedef {{id: number, name: string, quality: number, camera: string, shape: number | null}} Profile */

/** @returns {Promise<{id: string, state: string, started_at: string} | null>} the running session of the account, here or elsewhere */
export async function running() {
  const { results } = await call("GET", `${SESSIONS}?page_size=1`);
  return results.find(({ state }) => state !== "stopped") ?? null;
}

/**
 * @param {number | null} profile
 * @param {string} camera its id
 * @param {object} [options] more of the request's fields
 */
export const start = (profile, camera, options = {}) => call("POST", SESSIONS, { profile, camera, ...options });

/**
 * @typedef {object} Check of a picture before a session
 * @property {boolean} face_found
 * @property {number} faces
 * @property {string | null} hint what to change first
 * @property {"near" | "good" | "far" | null} distance
 * @property {"dark" | "good" | null} light
 */

/** @param {Blob} picture @returns {Promise<Check>} */
export const check = (picture) => call("POST", "detections/check/", picture);

/** @param {string} id */
export const read = (id) => call("GET", `${SESSIONS}${id}/`);

/** @typedef {"pause" | "resume" | "recalibrate" | "cancel-calibration" | "stretches" | "stop"} Command */

/** @param {string} id @param {Command} command */
export const command = (id, command) => call("POST", `${SESSIONS}${id}/${command}/`);

/** @typedef {{kind?: string | null, seconds?: number, until?: string, meeting?: boolean}} Snooze no kind: all kinds */

/** @param {string} id @param {Snooze} wish */
export const snooze = (id, wish) => call("POST", `${SESSIONS}${id}/snooze/`, wish);

/** @param {string} id @param {number} alarm @param {"dismiss" | "wrong" | "postpone"} answer */
export const answerAlarm = (id, alarm, answer) => call("POST", `${SESSIONS}${id}/alarms/${alarm}/${answer}/`);

/** @param {string} id @param {number} alarm */
export const takeBackWrong = (id, alarm) => call("DELETE", `${SESSIONS}${id}/alarms/${alarm}/wrong/`);

/** @param {string} id @param {string} password @param {boolean} keep the faces learned so far */
export const confirmFace = (id, password, keep) => call("POST", `${SESSIONS}${id}/face/`, { password, keep });

/** @param {string} id @param {boolean} moved */
export const answerCameraMoved = (id, moved) => call("POST", `${SESSIONS}${id}/camera-moved/`, { moved });

/**
 * @param {string} id
 * @param {Picture[]} pictures one for a frame, several for a burst
 * @param {string} camera its id
 * @param {string} key of this frame or burst: sent again with the same key, it counts once
 * @returns {Promise<Session>}
 */
export function send(id, pictures, camera, key) {
  const headers = { "Idempotency-Key": key };
  if (pictures[0].found) {
    const observations = pictures.map(({ found, capturedAt }) => ({ captured_at: capturedAt, ...found }));
    const body = { observations, model: LANDMARKS_MODEL };
    return call("POST", `${SESSIONS}${id}/landmarks/?camera=${encodeURIComponent(camera)}`, body, { headers });
  }
  const path = `${SESSIONS}${id}/frames/?camera=${encodeURIComponent(camera)}`;
  if (pictures.length === 1) {
    const [{ blob, capturedAt }] = pictures;
    return call("POST", `${path}&captured_at=${encodeURIComponent(capturedAt)}`, blob, { headers });
  }
  const form = new FormData();
  for (const { blob, capturedAt, crop } of pictures) {
    form.append("frames", blob, "frame.jpg");
    form.append("captured_at", capturedAt);
    form.append("crop", crop ?? "");
  }
  return call("POST", path, form, { headers });
}

/** @returns {Promise<Profile[]>} */
export const profiles = () => call("GET", PROFILES);

/** @param {string} id @param {string} name */
export const saveProfile = (id, name) => call("POST", `${SESSIONS}${id}/profile/`, { name });

/** @param {number} profile */
export const deleteProfile = (profile) => call("DELETE", `${PROFILES}${profile}/`);
