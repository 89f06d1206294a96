export { PaymentsWorker as default } from "./entrypoint.ts";
