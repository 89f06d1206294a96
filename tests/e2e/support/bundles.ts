import type { TestProject } from "vitest/node";
import { type Bundle, buildWorkers } from "../../../scripts/platform/build.ts";

declare module "vitest" {
  interface ProvidedContext {
    bundles: readonly Bundle[];
  }
}

/** Bundles the workers once for all files; what did not change comes from the cache. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide("bundles", await buildWorkers());
}
