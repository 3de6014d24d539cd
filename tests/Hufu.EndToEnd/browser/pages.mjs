// Every page, in both languages and both lights, on a phone and on a desk: no serious fault of accessibility (axe-core), nothing wider than the screen, no word of
// the other language, no complaint of the content policy. node pages.mjs URL
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { open, wide } from "./visit.mjs";

const url = process.argv[2];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const paths = process.argv[3] ? process.argv.slice(3) : await (async () => {
  const visit = await open(url);
  const found = new Set(["/", "/start/developer", "/search?q=nothing", "/no-such-page", "/do/pay?look=1&payer=alice&payee=shop&amount=1&reference=X", "/do/mint"]);
  // What the navigation leads to, and one of each kind behind it.
  await visit.go("/");
  for (const link of await visit.page.locator(".shell-links a").all()) found.add(await link.getAttribute("href"));
  for (const [from, kind] of [["/blocks", "/block/"], ["/block/latest", "/transaction/"], ["/contracts", "/account/"], ["/accounts", "/accounts/"], ["/operations/commands", "/did/"], ["/trace", "/trace/"]]) {
    await visit.go(from);
    const link = visit.page.locator(`main a[href^="${kind}"]:not([download])`).first();
    if (await link.count() > 0) found.add(await link.getAttribute("href"));
  }
  await visit.end();
  return [...found];
})();

const faults = [];
for (const [language, size, light] of [["en", "desktop", "light"], ["zh-CN", "phone", "dark"]]) {
  const visit = await open(url, { language, size, light });
  // The policy forbids inline scripts, so axe comes in by the debugger.
  for (const path of paths) {
    await visit.go(path);
    await visit.page.evaluate(axe);
    const result = await visit.page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    for (const one of result.violations.filter(one => one.impact === "serious" || one.impact === "critical"))
      faults.push(`${language} ${size} ${light} ${path}: ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`);
    await wide(visit.page).catch(error => faults.push(error.message));
    const strange = await visit.page.evaluate(language => {
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
    for (const text of strange) faults.push(`${language} ${path}: another language: “${text}”`);
  }
  await visit.end();
}
assert.deepEqual(faults, []);
console.log(`${paths.length} pages`);
