import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "e2e",
    // A process for each file: a test may kill the runtime that its own process started.
    pool: "forks",
    include: ["*.test.ts"],
    globalSetup: ["support/bundles.ts"],
    // The tests of one file are the steps of one story on one deployment.
    testTimeout: 30_000,
    hookTimeout: 90_000,
  },
});
