import { workerProject } from "@foyer/testing/worker-project";
import { stubWorker } from "./test/stub-worker.ts";

const domains = ["users", "events", "bookings", "payments", "notifications", "search", "analytics"];

export default workerProject({
  domain: "gateway",
  configPath: "wrangler.toml",
  stubs: domains.map(stubWorker),
  bindings: { RATE_LIMITS: "off", ALLOWED_ORIGINS: "https://tickets.example, https://door.example" },
});
