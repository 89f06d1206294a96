import { defineProject } from "vitest/config";

export default defineProject({
  // Generous, because the machine may be busy with the workers' projects; nothing here waits that long by itself.
  test: { name: "emulators", include: ["test/**/*.test.ts"], testTimeout: 30_000 },
});
