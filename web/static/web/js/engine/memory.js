/** The session that this browser watches, kept over reloads for the tab that goes on with it. */

const KEY = "posesmart.session";

/** @typedef {{id: string, isPaused: boolean, activeS: number}} Kept */

/** @returns {Kept | null} */
export function keptSession() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return null; // not written by this page
  }
}

/** @param {Kept} session */
export function keepSession(session) {
  localStorage.setItem(KEY, JSON.stringify(session));
}

export function forgetSession() {
  localStorage.removeItem(KEY);
}
