/** What the tabs of this browser tell each other: the leading one its state, the others what it should do. */

import { ApiError } from "../http.js";

const CHANNEL = "posesmart.engine";
const ANSWER_WITHIN_MS = 30_000;

/** @typedef {import("./watching.js").Snapshot} Snapshot */

/**
 * Events: "asked" (a tab wants to know the state), "state" (detail: Snapshot of the leading tab), "ended" (detail: as
 * the engine's event), "suspended" (detail: seconds).
 */
export class Tabs extends EventTarget {
  /** @param {(name: string, args: any[]) => Promise<any> | null} execute null unless this tab leads */
  constructor(execute) {
    super();
    this.execute = execute;
    /** @type {Map<string, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
    this.calls = new Map();
    this.channel = new BroadcastChannel(CHANNEL);
    this.channel.addEventListener("message", ({ data }) => this.#receive(data));
  }

  /** @param {"asked" | "state" | "ended" | "suspended"} type @param {any} [detail] */
  tell(type, detail = null) {
    this.channel.postMessage({ type, detail });
  }

  /**
   * Has the leading tab do something.
   * @param {string} name
   * @param {any[]} args
   * @returns {Promise<any>}
   * @throws {ApiError} as in that tab; status 0 if no tab answers
   */
  call(name, args) {
    const id = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle({ id, error: { status: 0 } }), ANSWER_WITHIN_MS);
      const settle = (/** @type {(value: any) => void} */ how) => (/** @type {any} */ value) => {
        clearTimeout(timer);
        how(value);
      };
      this.calls.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.channel.postMessage({ type: "call", id, name, args });
    });
  }

  #receive(message) {
    if (message.type === "call") this.#answer(message);
    else if (message.type === "answer") this.#settle(message);
    else this.dispatchEvent(new CustomEvent(message.type, { detail: message.detail }));
  }

  async #answer({ id, name, args }) {
    const work = this.execute(name, args);
    if (!work) return;
    const answer = await work.then(
      (result) => ({ result: result ?? null }),
      (error) => ({ error: plain(error) }),
    );
    this.channel.postMessage({ type: "answer", id, ...answer });
  }

  #settle({ id, result, error }) {
    const call = this.calls.get(id);
    this.calls.delete(id);
    if (error) call?.reject(Object.assign(new ApiError(error.status), error));
    else call?.resolve(result);
  }
}

/** An error as it can be sent. @param {any} error */
export function plain({ status = 0, retryAfterS = null, detail = null, fields = {} }) {
  return { status, retryAfterS, detail, fields };
}
