export { SearchWorker as default } from "./entrypoint.ts";
