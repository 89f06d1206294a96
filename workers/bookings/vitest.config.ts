import { workerProject } from "@foyer/testing/worker-project";

export default workerProject({
  domain: "bookings",
  bindings: {
    BOOKINGS_SECRET: "a secret of the tests and of no deployment",
    EVENT_ACCESS_SECRET: "another secret of the tests and of no deployment",
  },
});
