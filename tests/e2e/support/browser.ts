import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** A tab, and everything that it asked servers for or complained about. */
export interface Tab {
  readonly page: Page;
  /** Addresses of all requests, as they were sent: a fragment is never part of one. */
  readonly requested: readonly string[];
  /** What the browser reports in its console and as uncaught errors: refused content, failed scripts. Refusals that a page can handle are none. */
  readonly complaints: readonly string[];
}

/** Starts the system's Chromium without a window. Its path is `CHROMIUM_PATH`, or where Debian installs it. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error(
      `The browser tests need Chromium, and there is none at ${executablePath}. ` +
        "Install it (apt-get install chromium), or say where it is: CHROMIUM_PATH=/path/to/chrome npm test",
    );
  }
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** What the browser reports of every answer of 4xx, whatever the page makes of it. */
const refusal = /^Failed to load resource: the server responded with a status of 4\d\d\b/;

/** Opens a tab that listens to itself. */
export async function openTab(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage();
  const requested: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    const text = message.text();
    if ((message.type() === "error" || message.type() === "warning") && !refusal.test(text)) complaints.push(text);
  });
  return { page, requested, complaints };
}
