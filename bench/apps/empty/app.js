/* global require */
const df = require("durable-functions");

df.app.orchestration("empty", function* () {});
