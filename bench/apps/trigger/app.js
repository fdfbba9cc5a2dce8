/* global require */
const { app } = require("@azure/functions");

app.serviceBusQueue("empty", { queueName: "requests-chatbot", connection: "", handler: () => undefined });
