import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*/vitest.config.ts", "workers/*/vitest.config.ts", "tests/*/vitest.config.ts"],
    // Two cores: more workers at once only make each other late.
    maxWorkers: 2,
    reporters: process.env.CI === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: ".cache/test-results.json" },
  },
});
