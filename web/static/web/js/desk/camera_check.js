/** Looks at the camera's picture before a session: is there a face, in good light, at a good distance, fast enough? */

import { wait } from "../engine/background.js";
import * as sessions from "../engine/sessions.js";
import { h, setText } from "../dom.js";
import { number, t } from "../i18n.js";
import { checkOf } from "../landmarks/check.js";
import { picturesStayHere } from "../landmarks/finder.js";
import { hintLabel } from "./labels.js";

const EVERY_MS = 2000;
const MIN_FRAME_RATE = 10; // a second: a little more than blinks need
const OF_LIGHT = new Set(["too_dark", "covered"]);

/** @typedef {{state: "unknown" | "good" | "bad", text: string}} Finding */
/** @typedef {"face" | "light" | "distance" | "speed"} Name */

export class CameraCheck {
  constructor() {
    this.running = new AbortController();
    this.frames = { count: 0, at: 0 };
    this.rows = { face: row(t("Face")), light: row(t("Lighting")), distance: row(t("Distance")), speed: row(t("Speed")) };
    this.element = h("ul", { class: "checks" }, ...Object.values(this.rows).map(({ element }) => element));
    this.result = h("p", { class: "visually-hidden", role: "status" });
    this.element.append(h("li", { class: "visually-hidden" }, this.result));
    this.#show(TIPS());
  }

  /** @param {import("../engine/camera.js").Camera} camera that is on */
  async start(camera) {
    this.stop();
    this.running = new AbortController();
    const { signal } = this.running;
    this.frames = { count: 0, at: 0 };
    await prepare(camera);
    while (!signal.aborted && camera.isOn) {
      const answer = await look(camera);
      if (signal.aborted) return;
      if (answer) this.#show({ ...findings(answer), speed: this.#speed(camera) });
      await wait(EVERY_MS, signal);
    }
  }

  /** Shows how to sit instead. */
  stop() {
    this.running.abort();
    this.#show(TIPS());
  }

  /** @param {Record<Name, Finding>} all */
  #show(all) {
    for (const [name, { state, text }] of Object.entries(all)) {
      const { element, value } = this.rows[name];
      element.dataset.state = state;
      setText(value, text);
    }
    const found = Object.values(all);
    const first = found.find(({ state }) => state === "bad");
    const isReady = found.every(({ state }) => state === "good");
    const result = first ? first.text : isReady ? t("Everything is ready.") : "";
    setText(this.result, result);
  }

  /** @param {import("../engine/camera.js").Camera} camera @returns {Finding} by the frames since the last look */
  #speed(camera) {
    const count = camera.video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
    const now = performance.now();
    const { count: before, at } = this.frames;
    this.frames = { count, at: now };
    const track = camera.stream?.getVideoTracks()[0];
    const counted = at && count > before ? (1000 * (count - before)) / (now - at) : null;
    const rate = counted ?? track?.getSettings().frameRate;
    if (!rate) return { state: "unknown", text: t("Being measured") };
    const text = t("{rate} pictures a second", { rate: number(Math.round(rate)) });
    if (rate >= MIN_FRAME_RATE) return { state: "good", text };
    return { state: "bad", text: `${text}. ${t("More light makes the camera faster.")}` };
  }
}

/** @returns {Record<Name, Finding>} how to sit */
const TIPS = () => ({
  face: { state: "unknown", text: t("Place the camera at eye level, straight ahead.") },
  light: { state: "unknown", text: t("Have light in front of you, and no bright window behind you.") },
  distance: { state: "unknown", text: t("Sit about an arm's length away.") },
  speed: { state: "unknown", text: t("Blinks are counted from 10 pictures a second.") },
});

/** Without an answer, nothing is looked at until the session starts. */
async function prepare(camera) {
  try {
    await camera.prepare(await picturesStayHere());
  } catch (error) {
    if (error.status === undefined) console.error(error);
  }
}

/** @returns {Promise<sessions.Check | null>} null without a picture or an answer */
async function look(camera) {
  try {
    const picture = await camera.takePicture();
    if (!picture) return null;
    return picture.found ? checkOf(picture.found) : await sessions.check(/** @type {Blob} */ (picture.blob));
  } catch (error) {
    if (error.status === undefined) console.error(error);
    return null;
  }
}

/** @param {string} text @returns {Finding} */
const good = (text) => ({ state: "good", text });
/** @param {string} text @returns {Finding} */
const bad = (text) => ({ state: "bad", text });
/** @returns {Finding} */
const unknown = () => ({ state: "unknown", text: t("Not known without a face") });

/** @param {sessions.Check} check */
function findings({ face_found, faces, hint, distance, light }) {
  const isDark = light === "dark" || OF_LIGHT.has(hint ?? "");
  const isFar = distance === "far" || hint === "face_too_small";
  const isElsewhere = isDark || isFar || hint === null; // another row says what is wrong, if anything
  return {
    face: face(faces, hint, { isFound: face_found, isElsewhere }),
    light: isDark ? bad(hintLabel(hint === "covered" ? hint : "too_dark")) : light ? good(t("Good")) : unknown(),
    distance: isFar ? bad(hintLabel("face_too_small")) : near(distance),
  };
}

function face(faces, hint, { isFound, isElsewhere }) {
  if (faces > 1) return bad(hintLabel("more_than_one_face"));
  if (!isElsewhere) return bad(hintLabel(hint));
  return isFound ? good(t("Found")) : unknown();
}

function near(distance) {
  if (!distance) return unknown();
  return distance === "near" ? bad(t("Sit back a little, or move the camera away.")) : good(t("Good"));
}

/** @param {string} name */
function row(name) {
  const value = h("span", { class: "check-text" });
  return { value, element: h("li", { class: "check" }, h("span", { class: "check-name" }, name), value) };
}
