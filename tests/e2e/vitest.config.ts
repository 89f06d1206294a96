import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "e2e",
    // A process for each file: a test may kill the runtime that its own process started.
    pool: "forks",
    // Projects take neither from the root's configuration. In a group of their own, these files run after all others.
    maxWorkers: 2,
    sequence: { groupOrder: 1 },
    include: ["*.test.ts"],
    globalSetup: ["support/bundles.ts"],
    // The tests of one file are the steps of one story on one deployment.
    testTimeout: 30_000,
    hookTimeout: 90_000,
  },
});
