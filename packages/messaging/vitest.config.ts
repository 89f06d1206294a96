import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineProject } from "vitest/config";

// No worker of its own: the code under test runs inside workerd, over a real D1 and a real queue.
export default defineProject({
  plugins: [
    cloudflareTest({
      remoteBindings: false,
      miniflare: {
        compatibilityDate: "2026-10-01",
        compatibilityFlags: ["nodejs_compat"],
        d1Databases: { DB: "messaging-test" },
        queueProducers: { QUEUE: { queueName: "foyer-search" } },
      },
    }),
  ],
  test: { name: "messaging", include: ["test/**/*.test.ts"], testTimeout: 30_000 },
});
