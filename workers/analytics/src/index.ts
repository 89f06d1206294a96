export { AnalyticsWorker as default } from "./entrypoint.ts";
