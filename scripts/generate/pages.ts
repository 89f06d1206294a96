import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "vite";
import { root } from "../platform/workers.ts";

const sources = path.join(root, "workers/gateway/browser");
const hashChars = 16;

/** The licences of what is bundled ask to be named in copies. */
const notice = `/*! Contains uqr (MIT, (c) 2023 Anthony Fu), QR Code generator (MIT, (c) Project Nayuki), openapi-fetch (MIT, (c) 2023 Drew Powers). */\n`;

/**
 * The scripts and the style of the gateway's pages, as the text of a JSON file that the gateway imports: by name, what is
 * served and the hash that its path carries. A worker's bundler bundles for workers only, so browsers' scripts are made here.
 */
export async function generatePageAssets(): Promise<string> {
  const style = await readFile(path.join(sources, "page.css"), "utf8");
  const assets = {
    order: asset("order", "js", await bundle("order.ts")),
    verifyEmail: asset("verify-email", "js", await bundle("verify-email.ts")),
    style: asset("page", "css", style),
  };
  return `${JSON.stringify(assets, null, 2)}\n`;
}

function asset(name: string, extension: "js" | "css", text: string) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, hashChars);
  return { path: `/pages/${name}.${hash}.${extension}`, text };
}

async function bundle(file: string): Promise<string> {
  const built = await build({
    root: sources,
    configFile: false,
    envFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: { input: path.join(sources, file) },
    },
  });
  const [output, ...more] = "output" in built ? built.output : [];
  if (output?.type !== "chunk" || more.length > 0) throw new Error(`${file} does not bundle to one script`);
  return notice + output.code;
}
