import { workerProject } from "@foyer/testing/worker-project";

export default workerProject({ domain: "payments" });
