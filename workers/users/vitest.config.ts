import path from "node:path";
import { workerProject } from "@foyer/testing/worker-project";

export default workerProject({
  domain: "users",
  bindings: {
    ENCRYPTION_KEYS: JSON.stringify([{ id: "test", key: "A".repeat(43) }]),
    SINGLE_USE_TOKEN_SECRET: "a key that only tests use, of more than 32 characters",
  },
  bundled: ["@simplewebauthn/server", "@simplewebauthn/server/helpers"],
  setupFiles: [path.join(import.meta.dirname, "test/support/install-test-key.ts")],
});
