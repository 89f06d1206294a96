import { workerProject } from "@foyer/testing/worker-project";
import { bookingsStub } from "./test/bookings-stub.ts";

export default workerProject({
  domain: "events",
  stubs: [bookingsStub],
  bindings: { EVENT_ACCESS_SECRET: "another secret of the tests and of no deployment" },
});
