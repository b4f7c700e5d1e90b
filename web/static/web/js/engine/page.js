/** Runs the engine while somebody is logged in, with its header and alarms, whichever view is shown. */

import { companion } from "../companion/companion.js";
import { logins } from "../login.js";
import { engine } from "./engine.js";
import { Header } from "./header.js";

const STOP_WITHIN_MS = 3000;

/** Called by the page for the user who is logged in. */
export function beginWatching() {
  engine.begin();
}

/** Ends the session before its user logs out; without an answer, the service ends it later. */
export async function stopWatching() {
  if (!engine.snapshot.session) return;
  const stopped = engine.stop().catch(() => undefined);
  await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS))]);
}

new Header(engine);
companion(engine);
logins.addEventListener("ended", () => engine.end());
