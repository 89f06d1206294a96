import { workerProject } from "@foyer/testing/worker-project";
import { eventsStub } from "./test/events-stub.ts";

export default workerProject({
  domain: "analytics",
  stubs: [eventsStub],
  bindings: { ANALYTICS_SALT: "a salt for tests" },
});
