// The compiled contracts of tests/Contracts.
import { readFileSync } from "node:fs";

export const artifact = (name) =>
  JSON.parse(readFileSync(new URL(`../../Contracts/artifacts/${name}.json`, import.meta.url), "utf8"));

export const mnemonic = "test test test test test test test test test test test junk";

/** Runs the named steps in order, prints `ok NAME` for each, and stops the process with the first fault. */
export async function run(steps) {
  for (const [name, step] of Object.entries(steps)) {
    try {
      await step();
      console.log(`ok ${name}`);
    } catch (error) {
      console.error(`not ok ${name}\n${String(error.stack ?? error).slice(0, 4000)}`);
      process.exit(1);
    }
  }
  process.exit(0);
}
