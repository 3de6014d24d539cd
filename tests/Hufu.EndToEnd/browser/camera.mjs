// A label before a phone's camera: a real camera path of the browser, fed with a film of a QR code that is held askew, out of focus and in poor light, and comes into sight
// after a while: node camera.mjs URL FOLDER
import assert from "node:assert/strict";
import { closeSync, openSync, writeSync } from "node:fs";
import encodeQR from "qr";
import { open } from "./visit.mjs";

const [url, folder] = process.argv.slice(2);
const [width, height, side] = [640, 480, 230];

/** A film in the form Chromium takes for a camera: YUV4MPEG2, 4:2:0. */
function film(file, text, frames) {
  const code = encodeQR(text, "raw", { border: 4 });
  const out = openSync(file, "w");
  writeSync(out, `YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  let seed = 7;
  const noise = () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
  for (let frame = 0; frame < frames; frame++) {
    const light = new Uint8Array(width * height);
    const angle = 0.18 + 0.01 * frame;
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    // The first second shows a table, and no label.
    const [left, top] = frame < 10 ? [-4000, -4000] : [width / 2 + 3 * (frame % 5), height / 2 - 2 * (frame % 7)];
    const dark = (x, y) => {
      const [dx, dy] = [x - left, y - top];
      const [u, v] = [(dx * cos + dy * sin) / side * (1 + dy / 2400) + 0.5, (dy * cos - dx * sin) / side + 0.5];
      return u < 0 || v < 0 || u >= 1 || v >= 1 ? null : code[Math.floor(v * code.length)][Math.floor(u * code.length)];
    };
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (const [dx, dy] of [[-1, 0], [1, 0], [0, -1], [0, 1], [0, 0]]) {
          const one = dark(x + dx, y + dy);
          sum += one === null ? 110 : one ? 45 : 190;
        }
        light[y * width + x] = sum / 5 + 24 * (noise() - 0.5) - 20 * x / width;
      }
    writeSync(out, "FRAME\n");
    writeSync(out, light);
    writeSync(out, new Uint8Array(width * height / 2).fill(128));
  }
  closeSync(out);
}

const file = `${folder}/label.y4m`;
film(file, `${url}/01/09521141012345/10/CAMERA-3`, 25);
const visit = await open(url, { size: "phone", args: ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${file}`] });
const { page, context } = visit;
await context.grantPermissions(["camera"], { origin: url });
await visit.go("/capture");
await page.locator("button[data-scan]").click();
await page.locator("dialog[data-viewer][open]").waitFor();
await page.waitForFunction(() => document.getElementById("lot").value === "CAMERA-3");
assert.equal(await page.locator("#gtin").inputValue(), "09521141012345");
// Found is found: the camera goes off.
await page.locator("dialog[data-viewer]:not([open])").waitFor({ state: "attached" });
assert.equal(await page.evaluate(() => document.querySelector("dialog[data-viewer] video").srcObject.getTracks().every(track => track.readyState === "ended")), true);
await page.locator("#quantity").fill("18");
await page.locator("main form.capture > button.main").click();
await page.locator("[data-waiting] .mark.good").waitFor();

// Who does not let the page use the camera is told what to do instead.
await context.clearPermissions();
await page.addInitScript(() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("Permission denied", "NotAllowedError"); }; });
await visit.go("/capture");
await page.locator("button[data-scan]").click();
assert.match(await page.locator("[data-camera]").innerText(), /type what is on the label/);
await visit.end();
