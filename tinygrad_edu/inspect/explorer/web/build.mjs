// node build.mjs [FOLDER]: write the bundles into a folder, ../static if not said.
//
//   explorer.js        for a page on its own: a script that is put into the HTML
//   explorer.mjs       for notebooks (anywidget) and other pages: export mount(element, data, options)
//
// With --tests also the tests, as tests.mjs, for `node --test`.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [folder = here("../static")] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const common = { bundle: true, minify: true, target: "es2022", charset: "ascii", legalComments: "none", logLevel: "warning" };
await build({ ...common, entryPoints: [here("src/page.ts")], format: "iife", outfile: `${folder}/explorer.js` });
await build({ ...common, entryPoints: [here("src/widget.ts")], format: "esm", outfile: `${folder}/explorer.mjs` });
if (process.argv.includes("--tests")) {
  await build({
    ...common,
    minify: false,
    platform: "node",
    entryPoints: [here("test/all.test.ts")],
    format: "esm",
    outfile: `${folder}/tests.mjs`,
  });
}
