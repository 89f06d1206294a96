import path from "node:path";
import { workerProject } from "@foyer/testing/worker-project";
import { redirectUris, testProviderSecrets, testProviders } from "./test/support/provider-keys.ts";
import { providersStub } from "./test/support/providers-stub.ts";

export default workerProject({
  domain: "users",
  stubs: [providersStub],
  outside: providersStub.name,
  bindings: {
    ENCRYPTION_KEYS: JSON.stringify([{ id: "test", key: "A".repeat(43) }]),
    SINGLE_USE_TOKEN_SECRET: "a key that only tests use, of more than 32 characters",
    OAUTH_PROVIDERS: JSON.stringify(testProviders),
    OAUTH_SECRETS: JSON.stringify(testProviderSecrets),
    OAUTH_REDIRECT_URIS: redirectUris.join(", "),
  },
  bundled: ["@simplewebauthn/server", "@simplewebauthn/server/helpers"],
  setupFiles: [path.join(import.meta.dirname, "test/support/install-test-key.ts")],
});
