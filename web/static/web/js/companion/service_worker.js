/**
 * The service worker, started by /sw.js, which sets self.shell. It keeps the page and its files for times without a
 * network, and passes on what was pressed in a notification. It never handles calls to /api/, so nothing of a user is
 * kept.
 */

/** @typedef {{version: string, files: string[]}} Shell */

const PAGE = "/";
const PREFIX = "posesmart-";
const worker = /** @type {any} */ (self);
/** @type {Shell} */
const shell = worker.shell;
const { version, files } = shell;
const CACHE = PREFIX + version;
const kept = new Set(files);

worker.addEventListener("install", (/** @type {any} */ event) => {
  // Browsers that know routes do not even wake the worker for each picture that is sent.
  event.addRoutes?.({ condition: { urlPattern: "/api/*" }, source: "network" });
  event.waitUntil(keepShell().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(deleteOldShells().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request));
  else if (kept.has(pathname)) event.respondWith(fetch(request).catch(() => fromShell(pathname, Response.error())));
});

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  const { action, notification } = event;
  notification.close();
  event.waitUntil(action ? passOn(action, notification.data) : showPage());
});

async function keepShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll([PAGE, ...files]);
}

async function deleteOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The page as the service draws it, in the language and theme chosen last if it does not answer. */
async function page(request) {
  try {
    const response = await fetch(request);
    if (response.status >= 500) return await fromShell(PAGE, response);
    if (response.ok) (await caches.open(CACHE)).put(PAGE, response.clone());
    return response;
  } catch {
    return fromShell(PAGE, Response.error());
  }
}

async function fromShell(path, otherwise) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path, { ignoreVary: true })) ?? otherwise;
}

/** Tells all tabs; the one that leads acts. */
async function passOn(action, data) {
  const tabs = await allTabs();
  if (!tabs.length) return showPage();
  for (const tab of tabs) tab.postMessage({ type: "alarm-action", action, ...data });
}

async function showPage() {
  const [tab] = await allTabs();
  return tab ? tab.focus() : worker.clients.openWindow("/#/desk");
}

const allTabs = () => worker.clients.matchAll({ type: "window", includeUncontrolled: true });
