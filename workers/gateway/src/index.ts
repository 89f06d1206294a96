export { gateway as default } from "./entrypoint.ts";
