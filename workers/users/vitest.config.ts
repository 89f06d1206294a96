import { testSigningJwk } from "@foyer/testing/signing-key";
import { workerProject } from "@foyer/testing/worker-project";

export default workerProject({
  domain: "users",
  bindings: {
    SIGNING_KEYS: JSON.stringify([testSigningJwk]),
    SINGLE_USE_TOKEN_SECRET: "a key that only tests use, of more than 32 characters",
  },
});
