// What the visits share: a browser in some size and language, and the console's own way of doing things.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

export const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 860 }, wide: { width: 1680, height: 1000 } };
const chrome = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(path => path && existsSync(path));

export async function open(url, { language = "en", size = "desktop", light = "light", scripts = true, args = [] } = {}) {
  const browser = await chromium.launch({ executablePath: chrome, args: ["--no-sandbox", ...args] });
  const context = await browser.newContext({ viewport: sizes[size], locale: language, colorScheme: light, javaScriptEnabled: scripts, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  const faults = [];
  // A page that is left before its transition began says so: that is the browser's own affair.
  page.on("pageerror", error => /Transition was (aborted|skipped)/.test(error.message) || faults.push(`${page.url()}: ${error.message}`));
  page.on("console", message => message.type() === "error" && !/40[0-9]|422|451|503/.test(message.text()) && faults.push(`${page.url()}: ${message.text()}`));
  return {
    browser, context, page, faults,
    go: path => page.goto(url + path),
    async end() {
      await browser.close();
      assert.deepEqual(faults, [], "the browser complained");
    },
  };
}

/** Fills a form of the console, reads what will happen, and signs it. */
export async function act(visit, key, values, { words = [], fails = false } = {}) {
  const { page } = visit;
  await visit.go(`/do/${key}`);
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`main [name="${name}"]`);
    if (await field.evaluate(one => one.tagName) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
  if (Object.keys(values).length > 0) await page.locator("main form button.main").click();
  const told = await page.locator("main .sentence").innerText();
  for (const word of words) assert.ok(told.includes(word), `${key}: before signing it says “${told}”, without “${word}”`);
  await page.locator("main form[method=post] button.main").click();
  const refused = await page.locator("main .notice.bad").count() > 0;
  assert.equal(refused, fails, `${key}: ${await page.locator("main").innerText()}`);
  await wide(page);
}

/** Nothing sticks out to the side. */
export async function wide(page) {
  if (!page.context()._options?.javaScriptEnabled && page.context()._options?.javaScriptEnabled !== undefined) return;
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${page.url()} is ${over} px wider than the screen`);
}
