import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { build } from "vite";
import { root } from "../platform/workers.ts";

const sources = path.join(root, "workers/gateway/browser");
const hashChars = 16;

/** The pages, by the names of their scripts. */
const pageNames = [
  "confirm-email",
  "event",
  "forgot-password",
  "invitation",
  "order",
  "reset-password",
  "verify-email",
] as const;

/** The licences of what is bundled ask to be named in copies. */
const notice =
  "/*! Contains uqr (MIT, (c) 2023 Anthony Fu), QR Code generator (MIT, (c) Project Nayuki), openapi-fetch (MIT, (c) 2023 Drew Powers). */";

/**
 * The scripts and the style of the gateway's pages, as the text of a JSON file that the gateway imports: what is served, under the hash of its
 * content, and which scripts a page is made of. What several pages have in common is a script of its own, which a browser loads once. A worker's
 * bundler bundles for workers only, so browsers' scripts are made here.
 */
export async function generatePageAssets(): Promise<string> {
  const chunks = await bundle();
  const pages = pageNames.map((name) => {
    const entry = chunks.find((chunk) => chunk.isEntry && chunk.name === name);
    if (entry === undefined) throw new Error(`the page ${name} has no script`);
    return [name, { script: `/${entry.fileName}`, parts: entry.imports.map((file) => `/${file}`) }] as const;
  });
  const scripts = chunks.map(({ fileName, code }) => ({ path: `/${fileName}`, text: code }));
  const style = await readFile(path.join(sources, "page.css"), "utf8");
  const hash = createHash("sha256").update(style).digest("hex").slice(0, hashChars);
  const assets = { pages: Object.fromEntries(pages), scripts, style: { path: `/pages/page.${hash}.css`, text: style } };
  return `${JSON.stringify(assets, null, 2)}\n`;
}

async function bundle() {
  const built = await build({
    root: sources,
    configFile: false,
    envFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(pageNames.map((name) => [name, path.join(sources, `${name}.ts`)])),
        output: {
          entryFileNames: `pages/[name].[hash:${hashChars}].js`,
          chunkFileNames: `pages/[name].[hash:${hashChars}].js`,
          hashCharacters: "hex",
          postBanner: notice,
          codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
        },
      },
    },
  });
  if (!("output" in built)) throw new Error("the pages were not bundled once");
  return built.output.map((chunk) => {
    if (chunk.type !== "chunk") throw new Error(`${chunk.fileName} is no script`);
    return chunk;
  });
}
