import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "../platform/workers.ts";

const run = promisify(execFile);

// The generator needs the JavaScript API of an older TypeScript, which stands beside it in the client's own folder.
const generatorEntry = createRequire(path.join(root, "packages/sdk/package.json")).resolve("openapi-typescript");
const generator = path.join(path.dirname(generatorEntry), "../bin/cli.js");

/** The types of the public API, from its OpenAPI document. */
export async function generateSdkTypes(documentText: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "foyer-sdk-"));
  try {
    const input = path.join(directory, "openapi.json");
    const output = path.join(directory, "api.ts");
    await writeFile(input, documentText);
    await run(process.execPath, [generator, input, "--output", output, "--default-non-nullable", "false"]);
    return await readFile(output, "utf8");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
