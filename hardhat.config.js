// Hardhat compiles the same sources with the same settings as tools/contracts.py; a test compares the bytecode.
// The compiler comes from npm (no download): https://hardhat.org/hardhat-runner/docs/advanced/building-plugins
"use strict";
const path = require("path");
const { subtask } = require("hardhat/config");
const {
  TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD,
  TASK_COMPILE_SOLIDITY_GET_SOURCE_PATHS,
} = require("hardhat/builtin-tasks/task-names");
const { version } = require("solc/package.json");
const settings = require("./contracts/solc.json");

subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD).setAction(async () => ({
  compilerPath: require.resolve("solc/soljson.js"),
  isSolcJs: true,
  version,
  longVersion: require("solc").version(),
}));

// what stands in contracts/test is forge's
const FORGE_TESTS = path.join(__dirname, "contracts", "test") + path.sep;
subtask(TASK_COMPILE_SOLIDITY_GET_SOURCE_PATHS).setAction(async (given, _hre, runSuper) =>
  (await runSuper(given)).filter((source) => !source.startsWith(FORGE_TESTS)),
);

module.exports = {
  solidity: { version, settings },
  paths: { sources: "./contracts", artifacts: "./out/hardhat", cache: "./cache/hardhat" },
};
