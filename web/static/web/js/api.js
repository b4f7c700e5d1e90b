/** Calls of the service as the signed-in user. */

import { ApiError, read, request } from "./http.js";
import { accessToken } from "./login.js";

export { ApiError };

/** @typedef {import("./http.js").Options} Options */

/**
 * @param {string} method
 * @param {string} path under /api/
 * @param {Blob | FormData | object | null} [body] anything but a blob and a form is sent as JSON
 * @param {Options} [options]
 * @returns {Promise<any>} the answer's JSON; null where it has none
 * @throws {ApiError} the status is 0 where no answer came; after 401 the login is over and the page has said so
 */
export async function call(method, path, body = null, options = {}) {
  return read(await authorized(method, path, body, options));
}

/**
 * @param {string} path
 * @returns {Promise<{rows: any, next: string | null}>} a list, and the path of its next page, from the Link header
 * @throws {ApiError}
 */
export async function page(path) {
  const response = await authorized("GET", path, null, {});
  const [, address] = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get("Link") ?? "") ?? [];
  const next = address ? new URL(address, location.href) : null;
  return { rows: await read(response), next: next && (next.pathname + next.search).replace(/^\/api\//, "") };
}

/**
 * Saves an answer as a file. The token goes in a header, as always, so that it stands in no address.
 * @param {string} path
 * @param {string} name of the file
 * @throws {ApiError}
 */
export async function download(path, name) {
  const response = await authorized("GET", path, null, { timeoutMs: 300_000 });
  const address = URL.createObjectURL(
    await response.blob().catch(() => {
      throw new ApiError(0);
    }),
  );
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** @param {string} method @param {string} path @param {any} body @param {Options} options */
async function authorized(method, path, body, options) {
  const once = async (/** @type {string} */ access) =>
    request(method, path, body, { ...options, headers: { ...options.headers, Authorization: `Bearer ${access}` } });
  const access = await accessToken();
  try {
    return await once(access);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    return once(await accessToken(access));
  }
}
