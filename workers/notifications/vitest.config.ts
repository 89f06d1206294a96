import { workerProject } from "@foyer/testing/worker-project";
import { bookingsStub } from "./test/bookings-stub.ts";
import { eventsStub } from "./test/events-stub.ts";

export default workerProject({ domain: "notifications", stubs: [bookingsStub, eventsStub] });
