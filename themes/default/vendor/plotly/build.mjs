// Builds plotly.min.js and plotly.css beside this file. For maintainers: users get the result.
//
//   node build.mjs           install into a temporary directory, build, write the files, print hashes
//   node build.mjs --check   the same, but compare with the committed files and write nothing
//
// The npm package of plotly.js 4 ships its sources without the task that makes custom bundles, so
// this follows its esbuild-config.js with our own entry point. What that configuration needs for
// WebGL traces (shaders, regl, stream) is left out: none of ours has any.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// scatter comes with the core. A type that is missing here is drawn as scatter without a word, so
// js/figure.js keeps the same list and refuses the others.
const TRACES = ["bar", "box", "heatmap", "histogram"];

const HERE = dirname(fileURLToPath(import.meta.url));

// The schema's descriptions are a fifth of the bundle and nothing reads them. plotly.js strips them
// with looser patterns, which end at the wrong bracket on some multi-line texts; this one takes
// only what is made of string literals and leaves the rest.
const STRING = String.raw`(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")`;
const STRINGS = String.raw`\[(?:[\s,]|//[^\n]*|${STRING})*\]\s*\.join\(\s*${STRING}\s*\)`;
const DESCRIPTION = new RegExp(
  String.raw`\bdescription:\s*(?:${STRING}|${STRINGS})\s*(?:,|(?=\}))`,
  "g",
);

const withoutDescriptions = {
  name: "without-descriptions",
  setup(build) {
    build.onLoad({ filter: /plotly\.js[\\/](src|lib)[\\/].*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(DESCRIPTION, ""),
      loader: "js",
    }));
  },
};

// Plotly writes its styles, and those of its map library, into <style> elements as it loads. Our
// Content Security Policy refuses them with an error on the console each time; the pages link
// plotly.css instead.
const withoutInjectedStyles = {
  name: "without-injected-styles",
  setup(build) {
    build.onLoad({ filter: /plotly\.js[\\/]build[\\/]plotcss\.js$|\.css$/ }, () => ({
      contents: "",
      loader: "js",
    }));
  },
};

function install(directory) {
  for (const name of ["package.json", "package-lock.json"]) {
    copyFileSync(join(HERE, name), join(directory, name));
  }
  // No install scripts: nothing here needs one, and 240 packages could bring any.
  const options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  execFileSync("npm", options, { cwd: directory, stdio: "inherit" });
}

async function bundle(directory) {
  const load = createRequire(join(directory, "package.json"));
  const { build } = load("esbuild");
  const plotly = join(directory, "node_modules", "plotly.js");
  const { version } = JSON.parse(readFileSync(join(plotly, "package.json"), "utf8"));
  const modules = TRACES.map((name) => `require("./${name}")`).join(", ");

  const result = await build({
    stdin: {
      contents:
        `var Plotly = require("./core"); Plotly.register([${modules}]); module.exports = Plotly;`,
      resolveDir: join(plotly, "lib"),
    },
    // Paths in names that survive minifying would depend on the temporary directory.
    absWorkingDir: directory,
    format: "iife",
    globalName: "Plotly",
    bundle: true,
    minify: true,
    target: "es2016",
    charset: "ascii",
    legalComments: "none",
    define: { global: "window", "define.amd": "false" },
    plugins: [withoutDescriptions, withoutInjectedStyles],
    banner: {
      js:
        `/* plotly.js ${version} (scatter ${TRACES.join(" ")}) ` +
        "(c) Plotly, Inc., MIT licence; licences of the packages in it: LICENSES.txt */",
    },
    write: false,
    metafile: true,
    logLevel: "warning",
  });
  return {
    script: Buffer.from(result.outputFiles[0].contents),
    styles: readFileSync(join(plotly, "dist", "plotly.css")),
    license: readFileSync(join(plotly, "LICENSE")),
    licenses: licensesOf(directory, Object.values(result.metafile.outputs)[0].inputs),
  };
}

// The licence text of every package whose code is in the bundle: MIT, ISC and BSD all ask for it.
function licensesOf(directory, inputs) {
  const packages = new Set();
  for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
    if (bytesInOutput === 0 || input.endsWith(".css")) continue;
    const at = input.lastIndexOf("node_modules/");
    if (at < 0) continue;
    const [first, second] = input.slice(at + "node_modules/".length).split("/");
    const name = first.startsWith("@") ? `${first}/${second}` : first;
    packages.add(input.slice(0, at) + "node_modules/" + name);
  }
  const texts = [...packages].sort().map((path) => licenseText(directory, path));
  return Buffer.from(texts.join("\n" + "-".repeat(80) + "\n\n"));
}

function licenseText(directory, path) {
  const read = (name) => readFileSync(join(directory, path, name), "utf8");
  const { name, version, license } = JSON.parse(read("package.json"));
  let text = "(The package has no licence file; its package.json names the licence above.)\n";
  for (const file of ["LICENSE", "LICENSE.md", "LICENSE.txt", "license", "LICENCE", "license.md"]) {
    try {
      text = read(file).replaceAll("\r\n", "\n").trimEnd() + "\n";
      break;
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
  return `${name} ${version} (${license})\n\n${text}`;
}

const directory = mkdtempSync(join(tmpdir(), "sitegen-plotly-"));
try {
  install(directory);
  const { script, styles, license, licenses } = await bundle(directory);
  const files = {
    "plotly.min.js": script,
    "plotly.css": styles,
    LICENSE: license,
    "LICENSES.txt": licenses,
  };
  for (const [name, bytes] of Object.entries(files)) {
    const hash = createHash("sha256").update(bytes).digest("hex");
    console.log(`${hash}  ${name}  ${bytes.length} bytes`);
    if (!process.argv.includes("--check")) writeFileSync(join(HERE, name), bytes);
    else if (!readFileSync(join(HERE, name)).equals(bytes)) {
      console.error(`${name} differs from the committed file`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
