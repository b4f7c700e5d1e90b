/** Calls to the service as the logged-in user. */

import { ApiError, readJson, request } from "./http.js";
import { accessToken } from "./login.js";

export { ApiError };

/** @typedef {import("./http.js").Options} Options */

/**
 * @param {string} method
 * @param {string} path under /api/
 * @param {Blob | FormData | object | null} [body] anything but a Blob or FormData is sent as JSON
 * @param {Options} [options]
 * @returns {Promise<any>} the response's JSON; null if it has none
 * @throws {ApiError} status 0 without a response; after a 401 the user is logged out and sees a message
 */
export async function call(method, path, body = null, options = {}) {
  return readJson(await authorized(method, path, body, options));
}

/**
 * Saves a response as a file. It is fetched by script, so that the token stays in a header and out of the address.
 * @param {string} path
 * @param {string} name the file's name
 * @throws {ApiError}
 */
export async function download(path, name) {
  saveFile(await readBlob(path, { timeoutMs: 300_000 }), name);
}

/** @param {Blob} blob @param {string} name the file's name */
export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** @param {string} path @param {Options} [options] @returns {Promise<Blob>} @throws {ApiError} */
export async function readBlob(path, options = {}) {
  const response = await authorized("GET", path, null, options);
  return response.blob().catch(() => {
    throw new ApiError(0); // the connection broke off
  });
}

/** @param {string} method @param {string} path @param {any} body @param {Options} options */
async function authorized(method, path, body, options) {
  const send = async (/** @type {string} */ access) =>
    request(method, path, body, { ...options, headers: { ...options.headers, Authorization: `Bearer ${access}` } });
  const access = await accessToken();
  try {
    return await send(access);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    return send(await accessToken(access));
  }
}
