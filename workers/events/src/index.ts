export { EventsWorker as default } from "./entrypoint.ts";
