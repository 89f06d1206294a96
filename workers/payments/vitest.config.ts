import { readFileSync } from "node:fs";
import path from "node:path";
import { workerProject } from "@foyer/testing/worker-project";

const stub = (name: string, file: string) => ({
  name,
  script: readFileSync(path.join(import.meta.dirname, "test/stubs", file), "utf8"),
});

export default workerProject({
  domain: "payments",
  stubs: [stub("foyer-bookings", "bookings.mjs"), stub("stripe", "stripe.mjs")],
  outside: "stripe",
  bindings: {
    STRIPE_SECRET_KEY: "sk_test_worker",
    STRIPE_WEBHOOK_SECRET: "whsec_new,whsec_old",
    STRIPE_TIMEOUT_MS: "1500",
  },
});
