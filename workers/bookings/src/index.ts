export { BoxOffice } from "./durable-objects/box-office.ts";
export { BookingsWorker as default } from "./entrypoint.ts";
