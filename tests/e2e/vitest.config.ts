import { defineProject } from "vitest/config";

export default defineProject({
  test: {
    name: "e2e",
    include: ["*.test.ts"],
    globalSetup: ["support/bundles.ts"],
    // The tests of one file are the steps of one story on one deployment.
    testTimeout: 30_000,
    hookTimeout: 90_000,
  },
});
