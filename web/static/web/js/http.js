/** One request to the service, and what went wrong with it. */

import { language } from "./i18n.js";

const API = "/api/";
const TIMEOUT_MS = 20_000;

/** An answer that is an error, or none at all: then the status is 0. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {any} body what the service answered, read as JSON
   * @param {number | null} retryAfterS
   */
  constructor(status, body = null, retryAfterS = null) {
    super(status ? `The service answered ${status}` : "The service did not answer");
    this.status = status;
    this.retryAfterS = retryAfterS;
    /** @type {string | null} what is wrong with the whole request, in the page's language */
    this.detail = typeof body?.detail === "string" ? body.detail : null;
    /** @type {Record<string, string[]>} what is wrong with its fields */
    this.fields = {};
    if (body && typeof body === "object" && !this.detail) {
      for (const [name, words] of Object.entries(body)) this.fields[name] = [words].flat(2).map(String);
    }
  }
}

/**
 * @typedef {object} Options
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {number} [timeoutMs]
 */

/**
 * @param {string} method
 * @param {string} path under /api/
 * @param {Blob | FormData | object | null} [body] anything but a blob and a form is sent as JSON
 * @param {Options} [options]
 * @returns {Promise<Response>}
 * @throws {ApiError}
 */
export async function request(method, path, body = null, { headers = {}, signal, timeoutMs = TIMEOUT_MS } = {}) {
  const isRaw = body instanceof Blob || body instanceof FormData;
  const type = isRaw || body === null ? {} : { "Content-Type": "application/json" };
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, timeoutMs);
  signal?.addEventListener("abort", end, { once: true });
  try {
    const response = await fetch(API + path, {
      method,
      headers: { "Accept-Language": language, ...type, ...headers },
      body: isRaw || body === null ? /** @type {any} */ (body) : JSON.stringify(body),
      signal: ending.signal,
      credentials: "omit",
      cache: "no-store",
    });
    if (!response.ok) throw await asError(response);
    return response;
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}

/** @param {Response} response @returns {Promise<any>} null where there is no JSON in it */
export async function read(response) {
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new ApiError(0); // it broke off
  }
}

async function asError(response) {
  const retryAfter = Number(response.headers.get("Retry-After"));
  const body = await response.json().catch(() => null);
  return new ApiError(response.status, body, retryAfter > 0 ? retryAfter : null);
}
