/** The table of style: which folder may import which. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { pathNot: allowed },
});
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    only("domain-imports-nothing", "^shared/domain", "^shared/domain", "the domain is pure"),
    only(
      "crypto",
      "^shared/crypto",
      "^(shared/(domain|crypto)|node_modules/canonicalize|(node:)?crypto$)",
      "digests and MACs",
    ),
    only("ports", "^shared/ports", "^shared/(domain|ports)", "interfaces in domain words"),
    only("contracts", "^shared/contracts", "^(shared/(domain|contracts)|node_modules/zod)", "zod schemas"),
    {
      name: "adapters-keep-to-themselves",
      severity: "error",
      from: { path: "^shared/adapters/([^/]+)" },
      to: { path: "^(shared/adapters/(?!$1)|functions|orchestrations|local|cli|tests)" },
    },
    {
      name: "orchestrations-import-domain-and-durable-only",
      severity: "error",
      from: { path: "^orchestrations" },
      to: { pathNot: "^(orchestrations|shared/domain|node_modules/durable-functions)" },
    },
    {
      name: "orchestrations-reach-no-effect",
      severity: "error",
      from: { path: "^orchestrations" },
      to: { path: "^(shared/(ports|adapters|crypto|config)|functions|local|cli)", reachable: true },
    },
    {
      name: "app-never-imports-local",
      severity: "error",
      from: { path: "^(functions|shared|orchestrations)" },
      to: { path: "^(local|tests|cli|demo|bench|packaging)" },
    },
    {
      name: "local-never-imports-app",
      severity: "error",
      from: { path: "^local" },
      to: { path: "^(functions|orchestrations|shared|cli|tests)" },
    },
    {
      name: "cli-has-no-adapter",
      severity: "error",
      from: { path: "^cli" },
      to: { path: "^(shared/(adapters|ports|config)|functions|orchestrations|local)" },
    },
    {
      name: "demo-and-bench-use-the-doors",
      severity: "error",
      from: { path: "^demo" },
      to: { path: "^(functions|orchestrations|shared)" },
    },
    {
      name: "no-dev-dependency-in-the-app",
      severity: "error",
      from: { path: "^(functions|orchestrations|shared)" },
      to: { dependencyTypes: ["npm-dev"], pathNot: "^node_modules/@types" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
