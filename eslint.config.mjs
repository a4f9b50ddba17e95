import js from "@eslint/js";

const browser = ["document", "window", "location", "history", "navigator", "performance"];
const functions = ["addEventListener", "requestAnimationFrame", "setTimeout", "clearTimeout", "atob"];
const classes = ["Option", "URLSearchParams", "d2lPlayground"];

export default [
  js.configs.recommended,
  {
    files: ["docs/_static/playground/*.js"],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "script",
      globals: Object.fromEntries([...browser, ...functions, ...classes].map((name) => [name, "readonly"])),
    },
    rules: { "prefer-const": "error", eqeqeq: "error", "no-var": "error" },
  },
];
