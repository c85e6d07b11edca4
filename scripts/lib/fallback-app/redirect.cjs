/**
 * This runtime's Node-API is older than the project's better-sqlite3 asks for. Whoever requires
 * that module gets the release that was built for this runtime; its interface is the same.
 */
const Module = require("node:module");

const resolveFilename = Module._resolveFilename;
const replacement = require.resolve("better-sqlite3");
Module._resolveFilename = function (request, ...rest) {
  return request === "better-sqlite3" ? replacement : resolveFilename.call(this, request, ...rest);
};
