import { defineProject } from "vitest/config";

export default defineProject({
  // No file leaves anything behind in a module, so they share workers: importing the SDKs again for each took half the time.
  // Generous, because the machine may be busy with the workers' projects; nothing here waits that long by itself.
  test: { name: "emulators", include: ["test/**/*.test.ts"], testTimeout: 30_000, isolate: false },
});
