/**
 * Finds faces in the camera's pictures, in a worker. None of them leaves it: it answers with points, and the policy with
 * which it is served forbids requests to other sites.
 */

const FILES = "/static/web/landmarks";
const MAX_FACES = 3;
const GRID_PX = 64; // the checksum and the brightness are of a picture so wide: a small one says enough
/** MediaPipe's points in the order of iBUG 300-W, as in face_mesh.py. */
const TO_68 = [
  127, 234, 93, 132, 58, 136, 150, 176, 152, 400, 379, 365, 288, 361, 323, 454, 356, 70, 63, 105, 66, 107, 336, 296,
  334, 293, 300, 168, 197, 5, 4, 75, 97, 2, 326, 305, 33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380, 61, 39,
  37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87,
];

/** @typedef {import("./finder.js").Found} Found */
/** @typedef {[number, number, number, number]} Edges left, top, right, bottom */

// The library writes its progress there, some of it as errors. Errors of its own are answers.
for (const name of ["log", "info", "warn", "error"]) console[name] = () => undefined;

/** @type {Promise<any> | null} */
let loading = null;
const grid = new OffscreenCanvas(GRID_PX, GRID_PX);
const gridContext = grid.getContext("2d", { willReadFrequently: true });

async function load() {
  if (!new OffscreenCanvas(1, 1).getContext("webgl2")) throw new Error("no WebGL2");
  const { FaceLandmarker } = await import(`${FILES}/vision_bundle.js`);
  const wasm = {
    wasmLoaderPath: `${FILES}/vision_wasm_module_internal.js`,
    wasmBinaryPath: `${FILES}/vision_wasm_module_internal.wasm`,
  };
  return FaceLandmarker.createFromOptions(wasm, {
    // The GPU cannot run this model. Each picture is looked at afresh: the service filters over time.
    baseOptions: { modelAssetPath: `${FILES}/face_landmarker.task`, delegate: "CPU" },
    runningMode: "IMAGE",
    numFaces: MAX_FACES,
  });
}

/** @param {ImageBitmap} bitmap @returns {Promise<{found: Found, pixels: number}>} pixels: their checksum */
async function find(bitmap) {
  const landmarker = await loading;
  const { width, height } = bitmap;
  const faces = landmarker.detect(bitmap).faceLandmarks.map((face) => toPixels(face, width, height));
  gridContext.drawImage(bitmap, 0, 0, GRID_PX, GRID_PX);
  bitmap.close();
  const { data } = gridContext.getImageData(0, 0, GRID_PX, GRID_PX);
  faces.sort((one, other) => area(edges(other)) - area(edges(one)));
  const [points = null, ...others] = faces;
  const brightness = points && meanOf(data, edges(points), width, height);
  return {
    found: { width, height, points, faces: faces.length, others: others.map(edges), brightness },
    pixels: checksum(data),
  };
}

/** In hundredths of a pixel: more digits are only noise, and cost the service time. */
const toPixels = (face, width, height) =>
  TO_68.map((index) => [round(face[index].x * width), round(face[index].y * height)]);

const round = (/** @type {number} */ value) => Math.round(100 * value) / 100;

/** @param {number[][]} points @returns {Edges} */
function edges(points) {
  const [xs, ys] = [0, 1].map((axis) => points.map((point) => point[axis]));
  return [Math.floor(Math.min(...xs)), Math.floor(Math.min(...ys)), Math.ceil(Math.max(...xs)), Math.ceil(Math.max(...ys))];
}

const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);

/** The mean of the face's pixels, 0 to 1. */
function meanOf(data, [left, top, right, bottom], width, height) {
  const [first, last] = [left, right].map((x) => Math.min(GRID_PX - 1, Math.max(0, Math.floor((x * GRID_PX) / width))));
  const [upper, lower] = [top, bottom].map((y) => Math.min(GRID_PX - 1, Math.max(0, Math.floor((y * GRID_PX) / height))));
  let sum = 0;
  for (let y = upper; y <= lower; y += 1) {
    for (let x = first; x <= last; x += 1) {
      const at = 4 * (y * GRID_PX + x);
      sum += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
    }
  }
  return round(sum / (255 * (last - first + 1) * (lower - upper + 1)));
}

/** A camera's noise makes each picture different, so an equal one is the same picture. */
function checksum(data) {
  let sum = 0;
  for (let index = 0; index < data.length; index += 4) {
    sum = (Math.imul(sum, 31) + data[index] + data[index + 1] + data[index + 2]) | 0;
  }
  return sum;
}

/** @param {{bitmap?: ImageBitmap}} task none: only get ready */
async function run({ bitmap }) {
  loading ??= load();
  await loading.catch((error) => {
    loading = null; // the next task tries again
    throw error;
  });
  return bitmap ? find(bitmap) : null;
}

self.addEventListener("message", async ({ data }) => {
  const { id } = data;
  try {
    self.postMessage({ id, result: await run(data) });
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
});
