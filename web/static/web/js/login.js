/**
 * Who is signed in, in all tabs of this browser: the tokens, and their renewal.
 *
 * Both tokens are in localStorage, so that a reload costs no renewal: one that is broken off would lose the next refresh
 * token, and with it the login. Renewed is early, when half of the access token's time is over, for the same reason.
 */

import { ApiError, read as readAnswer, request } from "./http.js";
import { setCookie } from "./dom.js";

const KEY = "posesmart.login";
const LOCK = "posesmart.login";
const SEEN_ELSEWHERE_MS = 150; // until what one tab writes to localStorage is read in the others; locks are quicker

/** @typedef {{username: string, access: string, refresh: string, renewAt: number, expiresAt: number}} Login */

/** Events: "ended" (detail: "logged_out", "expired", "withdrawn" or "elsewhere"), "begun". */
export const logins = new EventTarget();

/** @param {string | null} kept @returns {Login | null} */
function read(kept) {
  try {
    return JSON.parse(kept ?? "null");
  } catch {
    return null; // nothing that this page has written
  }
}

/** @returns {Login | null} */
export function login() {
  return read(localStorage.getItem(KEY));
}

/** @param {string} username @param {string} password @throws {ApiError} */
export async function logIn(username, password) {
  keep(username, await readAnswer(await request("POST", "accounts/login/", { username, password })));
  setCookie("signed_in", "1");
  logins.dispatchEvent(new Event("begun"));
}

/** @param {"logged_out" | "expired" | "withdrawn"} reason */
export function forgetLogin(reason) {
  localStorage.removeItem(KEY);
  setCookie("signed_in", null);
  logins.dispatchEvent(new CustomEvent("ended", { detail: reason }));
}

/**
 * @param {string} username
 * @param {{access: string, refresh: string}} tokens
 */
export function keep(username, tokens) {
  const { exp, iat } = JSON.parse(atob(tokens.access.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  const lifeMs = (exp - iat) * 1000; // by this computer's clock, which may not be the service's
  const now = Date.now();
  localStorage.setItem(
    KEY,
    JSON.stringify({ username, ...tokens, renewAt: now + lifeMs / 2, expiresAt: now + lifeMs }),
  );
}

/**
 * @param {string} [refused] an access token that the service has not taken
 * @returns {Promise<string>}
 * @throws {ApiError} 401 where nobody is signed in any more
 */
export async function accessToken(refused) {
  const now = login();
  if (!now) throw new ApiError(401);
  const isFresh = Date.now() < now.renewAt;
  return isFresh && now.access !== refused ? now.access : await exclusively(() => renew(refused));
}

/** Of several tabs one renews, and the others find what it brought. */
const exclusively = (work) => (navigator.locks ? navigator.locks.request(LOCK, work) : work());

const seenElsewhere = () => new Promise((resolve) => setTimeout(resolve, SEEN_ELSEWHERE_MS));

/** @param {string} [refused] */
async function renew(refused) {
  const before = login();
  if (!before) throw new ApiError(401);
  if (Date.now() < before.renewAt && before.access !== refused) return before.access; // another tab was quicker
  let tokens;
  try {
    tokens = await readAnswer(await request("POST", "token/refresh/", { refresh: before.refresh }));
  } catch (error) {
    await seenElsewhere();
    const now = login();
    if (now && now.refresh !== before.refresh) return now.access; // another tab was quicker after all
    if (before.access !== refused && Date.now() < before.expiresAt) return before.access; // it is still taken
    if (now && error instanceof ApiError && error.status === 401) forgetLogin("expired");
    throw error;
  }
  if (login()?.refresh !== before.refresh) throw new ApiError(401); // logged out meanwhile, or somebody else is in
  keep(before.username, { refresh: before.refresh, ...tokens });
  await seenElsewhere();
  return tokens.access;
}

addEventListener("storage", ({ key, oldValue, newValue }) => {
  if (key !== KEY && key !== null) return;
  const [before, after] = [oldValue, newValue].map((kept) => read(kept)?.username ?? null);
  if (before && before !== after) logins.dispatchEvent(new CustomEvent("ended", { detail: "elsewhere" }));
  if (after && before !== after) logins.dispatchEvent(new Event("begun"));
});
