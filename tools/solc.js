// The command line of native solc, in front of the compiler that npm brings (registries carry no native one).
// Knows what py-solc-x, forge and slither ask for: --version, --standard-json, --base-path, --include-path,
// --allow-paths. Imports are read from disk below the base and include paths, and nowhere else.
"use strict";
const fs = require("fs");
const path = require("path");
const solc = require("solc");

const argv = process.argv.slice(2);
const WITH_VALUE = new Set(["--base-path", "--include-path", "--allow-paths"]);
const options = new Map();
const inputs = [];
for (let i = 0; i < argv.length; i++) {
  const [name, inline] = argv[i].split("=", 2);
  if (!name.startsWith("--")) inputs.push(argv[i]);
  else if (WITH_VALUE.has(name)) options.set(name, [...(options.get(name) || []), inline ?? argv[++i]]);
  else options.set(name, []);
}

function readImport(name) {
  const roots = [...(options.get("--base-path") || [process.cwd()]), ...(options.get("--include-path") || [])];
  for (const root of roots) {
    const file = path.resolve(root, name);
    const isInside = file.startsWith(path.resolve(root) + path.sep);
    if (isInside && fs.existsSync(file)) return { contents: fs.readFileSync(file, "utf8") };
  }
  return { error: `File not found: ${name}` };
}

if (options.has("--version")) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else if (options.has("--standard-json")) {
  const text = fs.readFileSync(inputs[0] && inputs[0] !== "-" ? inputs[0] : 0, "utf8");
  process.stdout.write(solc.compile(text, { import: readImport }) + "\n");
} else {
  console.error("only --version and --standard-json are supported");
  process.exit(1);
}
