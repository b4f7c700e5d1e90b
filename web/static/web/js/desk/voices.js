/** The sound of alarms: spoken in one of four voices, or tones if the browser has no voice for the language. */

import { language } from "../i18n.js";
import { alarmLabels } from "./labels.js";

const MUTED_KEY = "posesmart.muted";
const SPEECH_STARTS_WITHIN_MS = 2500;
const STARTS_WITHIN_MS = 1500; // a context is suspended at first, also where it may play

/** The service's alarm_sound: 1 man, 2 woman, 3 boy, 4 girl. */
const VOICES = {
  1: { isMale: true, pitch: 0.75, rate: 0.95, hertz: 196 },
  2: { isMale: false, pitch: 1.1, rate: 1, hertz: 294 },
  3: { isMale: true, pitch: 1.6, rate: 1.05, hertz: 392 },
  4: { isMale: false, pitch: 1.9, rate: 1.05, hertz: 494 },
};
// Names of the common systems' voices; browsers expose only a voice's name and language.
const NAMES = {
  male: /\b(male|man|david|mark|guy|ryan|daniel|alex|fred|george|injoon|bongjin|gookmin|hyunsu|minsu)\b|남/i,
  female: /female|woman|zira|jenny|aria|samantha|karen|moira|tessa|susan|hazel|yuna|heami|sunhi|sun-hi|jimin|sora|여/i,
};
// Semitones above the voice's note, and the seconds between them.
const MELODIES = {
  neck: { steps: [7, 3, 0], seconds: 0.22 },
  blink: { steps: [12, 12], seconds: 0.12 },
  stretching: { steps: [0, 4, 7, 12], seconds: 0.2 },
  rest: { steps: [7, 4, 0], seconds: 0.45 },
  stranger: { steps: [0, 6, 0, 6], seconds: 0.16 },
  someone_behind: { steps: [0, 6], seconds: 0.25 },
};

const MAX_GAIN = 0.25;

/** @type {AudioContext | null} */
let audio = null;
let madeAt = 0;

/** Makes the sound ready while the camera lives: browsers let a page that uses it play without a click. */
export function prepareSound() {
  if (audio) return;
  makeAudio();
}

/** Must be called from a click or key handler: browsers play no sound before one, nor without a camera. */
export function unlock() {
  if (navigator.userActivation?.hasBeenActive === false) return; // the browser would log a warning
  makeAudio();
  audio?.resume().catch(() => undefined);
}

/** @returns {boolean} the browser plays nothing before the user has clicked once */
export const needsClick = () => audio?.state === "suspended" && performance.now() - madeAt > STARTS_WITHIN_MS;

function makeAudio() {
  if (audio || typeof AudioContext !== "function") return;
  audio = new AudioContext();
  madeAt = performance.now();
  globalThis.speechSynthesis?.getVoices(); // loads them
}

export const isMuted = () => localStorage.getItem(MUTED_KEY) === "1";

/** @param {boolean} muted saved on this computer */
export function setMuted(muted) {
  localStorage.setItem(MUTED_KEY, muted ? "1" : "0");
  if (muted) stopSpeech();
}

/** @typedef {{sound?: "off" | "tones" | "voice", volume?: number}} Loudness volume: 0 to 100 */

/**
 * Plays an alarm once.
 * @param {string} kind
 * @param {Loudness & {voice: number}} settings
 */
export function playAlarm(kind, { voice, ...loudness }) {
  play(kind, alarmLabels(kind).spoken, voice, loudness);
}

/**
 * Plays a sample for the settings, even if muted.
 * @param {number} voice 1 to 4
 * @param {string} text
 * @param {Loudness} [loudness]
 */
export function playSample(voice, text, loudness = {}) {
  unlock();
  stopSpeech();
  play("neck", text, voice, loudness);
}

export function stopSpeech() {
  globalThis.speechSynthesis?.cancel();
}

/** @param {string} kind @param {string} text @param {number} number of the voice @param {Loudness} loudness */
function play(kind, text, number, { sound = "voice", volume = 100 }) {
  if (sound === "off") return;
  const voice = VOICES[number] ?? VOICES[1];
  const share = volume / 100;
  const spoken = sound === "voice" && voiceFor(language, voice.isMale);
  if (spoken) speak(text, voice, spoken, share, () => playTones(kind, voice.hertz, share));
  else playTones(kind, voice.hertz, share);
}

/** @param {() => void} playInstead if the browser does not speak */
function speak(text, { pitch, rate }, voice, volume, playInstead) {
  const utterance = new SpeechSynthesisUtterance(text);
  Object.assign(utterance, { voice, lang: voice.lang, pitch, rate, volume });
  let hasStarted = false;
  const fallBack = () => {
    if (hasStarted) return;
    hasStarted = true;
    playInstead();
  };
  utterance.addEventListener("start", () => (hasStarted = true));
  utterance.addEventListener("error", ({ error }) => {
    if (error !== "canceled" && error !== "interrupted") fallBack();
    hasStarted = true;
  });
  setTimeout(fallBack, SPEECH_STARTS_WITHIN_MS); // some browsers list voices that never start
  speechSynthesis.speak(utterance);
}

/**
 * @param {string} language
 * @param {boolean} isMale
 * @returns {SpeechSynthesisVoice | undefined} the best match; undefined if no voice speaks the language
 */
function voiceFor(language, isMale) {
  const all = globalThis.speechSynthesis?.getVoices() ?? [];
  const speaking = all.filter(({ lang }) => lang.toLowerCase().startsWith(language.slice(0, 2)));
  const matches = ({ name }) => {
    const isFemale = NAMES.female.test(name);
    return isMale ? !isFemale && NAMES.male.test(name) : isFemale;
  };
  return speaking.find(matches) ?? speaking.find((voice) => voice.default) ?? speaking[0];
}

function playTones(kind, hertz, volume) {
  if (!audio || audio.state !== "running") return;
  const { steps, seconds } = MELODIES[kind] ?? MELODIES.neck;
  const peak = Math.max(0.001, MAX_GAIN * volume);
  const play = (step, index) => playTone(hertz * 2 ** (step / 12), audio.currentTime + index * seconds, seconds, peak);
  steps.forEach(play);
}

function playTone(hertz, from, seconds, peak) {
  const oscillator = new OscillatorNode(audio, { type: "triangle", frequency: hertz });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(peak, from + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, from + seconds * 1.6);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(from);
  oscillator.stop(from + seconds * 1.7);
}
