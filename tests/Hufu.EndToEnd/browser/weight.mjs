// How heavy pages are, and how soon they paint: node weight.mjs URL
import assert from "node:assert/strict";
import { open } from "./visit.mjs";

const url = process.argv[2];
for (const path of ["/", "/blocks", "/coin", "/payments", "/payments/bank", "/trace", "/capture", "/operations"]) {
  const visit = await open(url);
  let bytes = 0, requests = 0;
  const session = await visit.context.newCDPSession(visit.page);
  await session.send("Network.enable");
  session.on("Network.loadingFinished", one => { bytes += one.encodedDataLength; requests++; });
  await visit.go(path);
  await visit.page.waitForTimeout(300);
  const paint = await visit.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
  console.log(JSON.stringify({ path, requests, bytes, firstPaintMs: Math.round(paint) }));
  // Page, style, script and icon together, as they travel.
  assert.ok(bytes < 60_000, `${path} weighs ${bytes} bytes`);
  assert.ok(requests <= (path === "/capture" ? 16 : 5), `${path} takes ${requests} requests`);
  await visit.end();
}
