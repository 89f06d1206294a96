import { workerProject } from "@foyer/testing/worker-project";
import { bookingsStub } from "./test/bookings-stub.ts";

export default workerProject({ domain: "events", stubs: [bookingsStub] });
