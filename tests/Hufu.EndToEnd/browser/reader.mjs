// The reader of QR codes for browsers that have none of their own, from the npm package `qr`, as the console's assets carry it: node reader.mjs writes it, --check compares.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { build } from "esbuild";

const file = new URL("../../../src/Platform/Console/Assets/reader.js", import.meta.url);
const { version, license } = createRequire(import.meta.url)("./node_modules/qr/package.json");
const made = await build({
  stdin: { contents: 'import { BarcodeDetector } from "qr/decode.js"; globalThis.BarcodeDetector ??= BarcodeDetector;', resolveDir: import.meta.dirname },
  bundle: true, minify: true, format: "iife", target: "es2020", charset: "utf8", write: false, legalComments: "none",
  banner: { js: `/* The npm package qr ${version}, by Paul Miller, under ${license}. Made by tests/Hufu.EndToEnd/browser/reader.mjs: change nothing here. */` },
});
const text = made.outputFiles[0].text;
if (process.argv.includes("--check")) assert.equal(readFileSync(file, "utf8"), text, "reader.js is not what the package gives: run node reader.mjs");
else writeFileSync(file, text);
console.log(`${text.length} bytes of qr ${version}`);
