export { UsersWorker as default } from "./entrypoint.ts";
