/**
 * The login that all tabs of this browser share: its tokens and their renewal.
 *
 * Both tokens are in localStorage, so that a reload needs no renewal: one that was cut off would lose the next refresh
 * token, and with it the login. For the same reason they are renewed early, after half of the access token's lifetime.
 */

import { ApiError, readJson, request } from "./http.js";
import { setCookie } from "./dom.js";

const KEY = "posesmart.login";
const LOCK = "posesmart.login";
const STORAGE_SYNC_MS = 150; // until other tabs read what this one has written to localStorage; locks are faster

/**
 * @typedef {object} Login
 * @property {string} username
 * @property {string} access
 * @property {string} refresh
 * @property {number} renewAt
 * @property {number} expiresAt
 * @property {boolean} [hasNoPassword] of somebody who only logs in through their company
 */

/** Events: "started", "ended" (detail: "logged_out", "expired", "withdrawn" or "elsewhere"). */
export const logins = new EventTarget();

/** @param {string | null} stored @returns {Login | null} */
function parse(stored) {
  try {
    return JSON.parse(stored ?? "null");
  } catch {
    return null; // not written by this page
  }
}

/** @returns {Login | null} */
export function login() {
  return parse(localStorage.getItem(KEY));
}

/** @param {string} username @param {string} password @throws {ApiError} */
export async function logIn(username, password) {
  start(username, await readJson(await request("POST", "accounts/login/", { username, password })));
}

/**
 * @param {string} username
 * @param {{access: string, refresh: string, hasNoPassword?: boolean}} tokens of a login that has just begun
 */
export function start(username, tokens) {
  saveLogin(username, tokens);
  setCookie("signed_in", "1");
  logins.dispatchEvent(new Event("started"));
}

/** @param {"logged_out" | "expired" | "withdrawn"} reason */
export function deleteLogin(reason) {
  localStorage.removeItem(KEY);
  setCookie("signed_in", null);
  logins.dispatchEvent(new CustomEvent("ended", { detail: reason }));
}

/**
 * @param {string} username
 * @param {{access: string, refresh: string, hasNoPassword?: boolean}} tokens
 */
export function saveLogin(username, tokens) {
  const { exp, iat } = JSON.parse(atob(tokens.access.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  const lifetimeMs = (exp - iat) * 1000; // added to this computer's time, which may differ from the service's
  const now = Date.now();
  localStorage.setItem(
    KEY,
    JSON.stringify({ username, ...tokens, renewAt: now + lifetimeMs / 2, expiresAt: now + lifetimeMs }),
  );
}

/**
 * @param {string} [refused] an access token that the service has refused
 * @returns {Promise<string>}
 * @throws {ApiError} 401 if nobody is logged in any more
 */
export async function accessToken(refused) {
  const current = login();
  if (!current) throw new ApiError(401);
  const isFresh = Date.now() < current.renewAt;
  return isFresh && current.access !== refused ? current.access : await exclusively(() => renew(refused));
}

/** Only one tab renews at a time; the others then find the new tokens. */
const exclusively = (work) => (navigator.locks ? navigator.locks.request(LOCK, work) : work());

const waitForStorageSync = () => new Promise((resolve) => setTimeout(resolve, STORAGE_SYNC_MS));

/** @param {string} [refused] */
async function renew(refused) {
  const before = login();
  if (!before) throw new ApiError(401);
  if (Date.now() < before.renewAt && before.access !== refused) return before.access; // another tab has renewed it
  let tokens;
  try {
    tokens = await readJson(await request("POST", "token/refresh/", { refresh: before.refresh }));
  } catch (error) {
    await waitForStorageSync();
    const current = login();
    if (current && current.refresh !== before.refresh) return current.access; // another tab has renewed it by now
    if (before.access !== refused && Date.now() < before.expiresAt) return before.access; // still valid
    if (current && error instanceof ApiError && error.status === 401) deleteLogin("expired");
    throw error;
  }
  // Meanwhile the user may have logged out, or another one logged in.
  if (login()?.refresh !== before.refresh) throw new ApiError(401);
  saveLogin(before.username, { refresh: before.refresh, hasNoPassword: before.hasNoPassword, ...tokens });
  await waitForStorageSync();
  return tokens.access;
}

addEventListener("storage", ({ key, oldValue, newValue }) => {
  if (key !== KEY && key !== null) return;
  const [before, after] = [oldValue, newValue].map((stored) => parse(stored)?.username ?? null);
  if (before && before !== after) logins.dispatchEvent(new CustomEvent("ended", { detail: "elsewhere" }));
  if (after && before !== after) logins.dispatchEvent(new Event("started"));
});
