import { env } from "cloudflare:workers";
import { testSigningJwk } from "@foyer/testing/signing-key";
import { createVault } from "../../src/clients/vault.ts";

// Setup file: the worker signs with the key that tests sign with, so that a token of theirs is refused for what is wrong with it and
// not for its key.
const { kid, x, d } = testSigningJwk;
const sealed = await createVault(env.ENCRYPTION_KEYS).seal(d, `signing_keys ${kid}`);
await env.USERS_DB.prepare(
  "INSERT OR IGNORE INTO signing_keys (kid, public_key, private_key, created_at_ms, activates_at_ms) VALUES (?1, ?2, ?3, 0, ?4)",
)
  .bind(kid, x, sealed, Date.now())
  .run();
