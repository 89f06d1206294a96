export { NotificationsWorker as default } from "./entrypoint.ts";
