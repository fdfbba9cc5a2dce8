/* global require */
const df = require("durable-functions");

const DAY_MS = 86_400_000;

df.app.activity("step", { handler: ({ done }) => ({ done: done + 1 }) });

df.app.orchestration("threeSteps", function* (context) {
  let facts = { done: 0 };
  for (let step = 0; step < 3; step++) facts = yield context.df.callActivity("step", facts);
  return facts;
});

df.app.orchestration("waits", function* (context) {
  const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + DAY_MS));
  yield context.df.Task.any([context.df.waitForExternalEvent("Bell"), timer]);
  if (!timer.isCompleted) timer.cancel();
});
