/** The part of background.js that runs in a worker, because a hidden tab's own timers are slowed down. */

/** @param {{id: number, ms?: number, bitmap?: ImageBitmap, width?: number, height?: number, quality?: number}} task */
async function run({ ms, bitmap, width, height, quality }) {
  if (!bitmap) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return null;
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}

self.addEventListener("message", async ({ data }) => {
  try {
    self.postMessage({ id: data.id, result: await run(data) });
  } catch (error) {
    self.postMessage({ id: data.id, error: String(error) });
  }
});
