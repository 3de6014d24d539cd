// Every page that the front page leads to, by whatever way, in both languages and both lights, on a phone and on a desk: no serious fault of accessibility (axe-core),
// nothing wider than the screen, no word of the other language, no complaint of the content policy. A new page is in it by being linked. node pages.mjs URL [FOLDER]
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { open, sizes, wide } from "./visit.mjs";

const [url, pictures] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Of pages that differ only in what they are about, the first: /block/7 is like /block/8.
const kindOf = path => path.replace(/0x[0-9a-fA-F]+/g, "0x").replace(/[0-9a-f]{32}/g, "id").replace(/\d+/g, "0").replace(/=[^&]*/g, "=").replace(/\/10\/.*/, "/10/").replace(/^\/start\/.*/, "/start/").replace(/^\/account\/0x\/call.*/, "/account/0x/call");

async function walk() {
  const visit = await open(url, { scripts: false });
  const [found, kinds, queue] = [[], new Set(), ["/", "/search?q=nothing", "/no-such-page", "/sign-in", "/do/pay?look=1&payer=alice&payee=shop&amount=1&reference=X", "/sign/pay?payer=0x70997970C51812dc3A010C7d01b50e0d17dc79C8&payee=shop&amount=1&reference=X"]];
  while (queue.length > 0) {
    const path = queue.shift();
    if (kinds.has(kindOf(path))) continue;
    kinds.add(kindOf(path));
    const answer = await visit.page.context().request.get(url + path);
    if (!/html/.test(answer.headers()["content-type"] ?? "")) continue;
    found.push(path);
    const text = await answer.text();
    for (const [, attributes] of text.matchAll(/<a\s([^>]*)>/g)) {
      const href = /href="([^"]*)"/.exec(attributes)?.[1].replaceAll("&amp;", "&").split("#")[0];
      if (href && !/\sdownload/.test(attributes)) queue.push(new URL(href, url + path).href);
    }
    for (let at = queue.length - 1; at >= 0; at--) {
      const target = new URL(queue[at], url);
      // The verifier is an island of its own, with tests of its own.
      if (target.origin !== url || /^\/(api|assets|openapi|verify)\b/.test(target.pathname)) queue.splice(at, 1);
      else queue[at] = target.pathname + target.search;
    }
  }
  await visit.browser.close();
  return found;
}

const faults = [];
// Told as it is found: a visit that is cut short has told something.
const fault = text => (faults.push(text), console.error(text));

async function look(paths, language) {
  const visit = await open(url, { language, size: "phone", light: "dark" });
  const { page } = visit;
  const judge = async (path, name) => {
    const result = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const one of result.violations.filter(one => one.impact === "serious" || one.impact === "critical"))
      fault(`${language} ${name} ${path}: ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`);
    await wide(page).catch(error => fault(`${name}: ${error.message}`));
    if (pictures) await page.screenshot({ path: `${pictures}/${path.replace(/[^a-zA-Z0-9]+/g, "-").slice(0, 60)}-${language}-${name.replace(" ", "-")}.png`, fullPage: true });
  };
  const words = async path => {
    const strange = await page.evaluate(language => {
      const found = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement.closest("script, code, pre, .mono, .unit, svg, [hidden]")) continue;
        const own = node.parentElement.closest("[lang]").lang;
        if (own !== language) continue;
        if (language === "en" ? /[\u4e00-\u9fff]/.test(node.data) : /[A-Za-z]{3,} +[a-z]{3,}/.test(node.data)) found.push(node.data.trim());
      }
      return found;
    }, language);
    for (const text of strange) fault(`${language} ${path}: another language: “${text}”`);
  };
  // Both lights and both sizes in either language; with HUFU_PAGES=all each with each.
  const looks = process.env.HUFU_PAGES === "all" ? [["phone", "dark"], ["phone", "light"], ["desktop", "light"], ["desktop", "dark"]] : language === "en" ? [["phone", "light"], ["desktop", "dark"]] : [["phone", "dark"], ["desktop", "light"]];
  for (const path of paths) {
    // The forms of acts differ in their words alone: those are looked at in each, the layout once.
    const isForm = path.startsWith("/do/") && path !== "/do/pay";
    await visit.go(path);
    // The policy forbids inline scripts, so axe comes in by the debugger.
    await page.evaluate(axe);
    for (const [size, light] of isForm ? looks.slice(0, 1) : looks) {
      await page.setViewportSize(sizes[size]);
      await page.emulateMedia({ colorScheme: light });
      await judge(path, `${size} ${light}`);
    }
    await words(path);
  }
  await visit.end();
}

if (pictures) mkdirSync(pictures, { recursive: true });
const paths = await walk();
await Promise.all(["en", "zh-CN"].map(language => look(paths, language)));
assert.deepEqual(faults, []);
console.log(`${paths.length} pages: ${paths.join(" ")}`);
