/** The part of background.js that runs in a worker, because a hidden tab's own timers are slowed down. */

/** @param {{id: number, ms?: number, bitmap?: ImageBitmap, width?: number, height?: number, quality?: number}} task */
async function run({ ms, bitmap, width, height, quality }) {
  if (!bitmap) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return null;
  }
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "medium"; // the default keeps all of the noise of a larger picture
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { blob: await canvas.convertToBlob({ type: "image/jpeg", quality }), pixels: checksum(data) };
}

/** Of every 41st pixel: a camera's noise makes each picture different, so an equal one is the same picture. */
function checksum(data) {
  let sum = 0;
  for (let index = 0; index < data.length; index += 4 * 41) {
    sum = (Math.imul(sum, 31) + data[index] + data[index + 1] + data[index + 2]) | 0;
  }
  return sum;
}

self.addEventListener("message", async ({ data }) => {
  try {
    self.postMessage({ id: data.id, result: await run(data) });
  } catch (error) {
    self.postMessage({ id: data.id, error: String(error) });
  }
});
