import js from "@eslint/js";
import tseslint from "typescript-eslint";

const pureGlobals = ["fetch", "process", "setTimeout", "setInterval", "setImmediate", "performance", "crypto"].map(
  (name) => ({ name, message: "Pure code takes facts and time as values." }),
);
const pureProperties = [
  { object: "Date", property: "now", message: "Time comes in as a value." },
  { object: "Math", property: "random", message: "Chance comes in as a value." },
];

export default tseslint.config(
  { ignores: ["dist/**", "node_modules/**", ".local/**", ".bench/**", "tests/fixtures/**", "tests/histories/**"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/require-await": "off", // an async port may have an implementation that needs no await
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } }],
    },
  },
  {
    files: ["orchestrations/**/*.ts", "shared/domain/**/*.ts"],
    rules: {
      "no-restricted-globals": ["error", ...pureGlobals],
      "no-restricted-properties": ["error", ...pureProperties],
      "no-restricted-syntax": [
        "error",
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: "Time comes in as a value." },
        {
          selector: "CallExpression[callee.property.name=/^(callHttp|callActivityWithRetry)$/]",
          message: "See docs/decisions/0003-durable-loop.md.",
        },
      ],
    },
  },
  {
    files: ["*.config.ts", "*.config.mjs", "tests/support/global-setup.ts"],
    rules: { "no-restricted-exports": "off" },
  },
  { files: ["**/*.mjs", "**/*.cjs"], languageOptions: { globals: { module: "writable" } } },
);
