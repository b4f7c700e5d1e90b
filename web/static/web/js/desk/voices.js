/** The sound of alarms: spoken in one of four voices, or tones if the browser has no voice for the language. */

import { language } from "../i18n.js";
import { alarmLabels } from "./labels.js";

const MUTED_KEY = "posesmart.muted";
const SPEECH_STARTS_WITHIN_MS = 2500;

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

/** @type {AudioContext | null} */
let audio = null;

/** Must be called from a click or key handler: browsers play no sound before one. */
export function unlock() {
  if (navigator.userActivation?.hasBeenActive === false) return; // the browser would log a warning
  audio ??= typeof AudioContext === "function" ? new AudioContext() : null;
  audio?.resume().catch(() => undefined);
  globalThis.speechSynthesis?.getVoices(); // loads them
}

export const isMuted = () => localStorage.getItem(MUTED_KEY) === "1";

/** @param {boolean} muted saved on this computer */
export function setMuted(muted) {
  localStorage.setItem(MUTED_KEY, muted ? "1" : "0");
  if (muted) stopSpeech();
}

/**
 * Plays an alarm once, unless muted.
 * @param {string} kind
 * @param {number} voice 1 to 4
 */
export function playAlarm(kind, voice) {
  if (!isMuted()) play(kind, alarmLabels(kind).spoken, voice);
}

/**
 * Plays a sample for the settings, even if muted.
 * @param {number} voice 1 to 4
 * @param {string} text
 */
export function playSample(voice, text) {
  unlock();
  stopSpeech();
  play("neck", text, voice);
}

export function stopSpeech() {
  globalThis.speechSynthesis?.cancel();
}

function play(kind, text, number) {
  const voice = VOICES[number] ?? VOICES[1];
  const spoken = voiceFor(language, voice.isMale);
  if (!spoken) {
    playTones(kind, voice.hertz);
    return;
  }
  const utterance = new SpeechSynthesisUtterance(text);
  Object.assign(utterance, { voice: spoken, lang: spoken.lang, pitch: voice.pitch, rate: voice.rate });
  let hasStarted = false;
  const fallBack = () => {
    if (hasStarted) return;
    hasStarted = true;
    playTones(kind, voice.hertz);
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

function playTones(kind, hertz) {
  if (!audio || audio.state !== "running") return;
  const { steps, seconds } = MELODIES[kind] ?? MELODIES.neck;
  steps.forEach((step, index) => playTone(hertz * 2 ** (step / 12), audio.currentTime + index * seconds, seconds));
}

function playTone(hertz, from, seconds) {
  const oscillator = new OscillatorNode(audio, { type: "triangle", frequency: hertz });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(0.25, from + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, from + seconds * 1.6);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(from);
  oscillator.stop(from + seconds * 1.7);
}
