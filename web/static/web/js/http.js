/** A single request to the service, and its errors. */

import { clock } from "./clock.js";
import { language } from "./i18n.js";

const API = "/api/";
const TIMEOUT_MS = 20_000;

/** An error response; status 0 if there was no response. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {any} body the response's JSON
   * @param {number | null} retryAfterS
   */
  constructor(status, body = null, retryAfterS = null) {
    super(status ? `The service responded with ${status}` : "The service did not respond");
    this.status = status;
    this.retryAfterS = retryAfterS;
    /** @type {string | null} error of the whole request, in the page's language */
    this.detail = typeof body?.detail === "string" ? body.detail : null;
    /** @type {Record<string, string[]>} errors by field */
    this.fields = {};
    if (body && typeof body === "object" && !this.detail) {
      for (const [name, messages] of Object.entries(body)) this.fields[name] = [messages].flat(2).map(String);
    }
  }

  /** @param {string} detail @returns {ApiError} the same error in other words */
  saying(detail) {
    return new ApiError(this.status, { detail }, this.retryAfterS);
  }
}

/**
 * @typedef {object} Options
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {number} [timeoutMs]
 * @property {RequestCredentials} [credentials] whether cookies are sent; they are not
 */

/**
 * @param {string} method
 * @param {string} path under /api/
 * @param {Blob | FormData | object | null} [body] anything but a Blob or FormData is sent as JSON
 * @param {Options} [options]
 * @returns {Promise<Response>}
 * @throws {ApiError}
 */
export async function request(
  method,
  path,
  body = null,
  { headers = {}, signal, timeoutMs = TIMEOUT_MS, credentials = "omit" } = {},
) {
  const isRaw = body instanceof Blob || body instanceof FormData;
  const type = isRaw || body === null ? {} : { "Content-Type": "application/json" };
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const response = await fetch(API + path, {
      method,
      headers: { "Accept-Language": language, ...type, ...headers },
      body: isRaw || body === null ? /** @type {any} */ (body) : JSON.stringify(body),
      signal: controller.signal,
      credentials,
      cache: "no-store",
    });
    clock.note(response);
    if (!response.ok) throw await toError(response);
    return response;
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError(0);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** @param {Response} response @returns {Promise<any>} null if it has no content */
export async function readJson(response) {
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new ApiError(0); // the connection broke off
  }
}

async function toError(response) {
  const retryAfter = Number(response.headers.get("Retry-After"));
  const body = await response.json().catch(() => null);
  return new ApiError(response.status, body, retryAfter > 0 ? retryAfter : null);
}
