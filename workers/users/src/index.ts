export { AttemptGuard } from "./durable-objects/attempt-guard.ts";
export { UsersWorker as default } from "./entrypoint.ts";
