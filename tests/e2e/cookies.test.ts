import { createServer } from "node:http";
import { createFoyer } from "@foyer/sdk";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/platform/start.ts";
import { launchBrowser } from "./support/browser.ts";
import { newAddress, password, startWorld, type World } from "./support/world.ts";

/** What a page got of a call that it made. */
interface Got {
  /** Null where the browser let it see nothing. */
  readonly status: number | null;
  readonly code: string | null;
}

/** What a script says of a call beside where it goes. */
interface Init {
  readonly mode?: "no-cors";
  readonly body?: string;
}

interface Account {
  readonly email: string;
}

/** A server of pages at an address of its own: another port of the same host, which browsers call the same site. */
async function startElsewhere() {
  const port = await freePort();
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<!doctype html><title>Elsewhere</title>");
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("a session that a browser keeps in cookies", () => {
  let world: World;
  let browser: Browser;
  let elsewhere: Awaited<ReturnType<typeof startElsewhere>>;

  beforeAll(async () => {
    browser = await launchBrowser();
    world = await startWorld();
    elsewhere = await startElsewhere();
  });
  afterAll(async () => {
    await browser?.close();
    await elsewhere?.stop();
    await world?.stop();
  });

  async function newAccount(): Promise<Account> {
    const email = newAddress("visitor");
    await createFoyer({ baseUrl: world.url }).post("/v1/auth/register", {
      body: { email, password, name: "Buyer One" },
    });
    return { email };
  }

  /** A tab on a page; of the deployment itself, unless said otherwise. */
  async function openAt(context: BrowserContext, origin = world.url): Promise<Page> {
    const page = await context.newPage();
    await page.goto(origin === elsewhere.url ? origin : `${origin}/forgot-password`);
    return page;
  }

  /** Calls the API as a script of the page would, with the browser's cookies. */
  function call(page: Page, method: string, path: string, body?: unknown, init: Init = {}): Promise<Got> {
    const json =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    return page.evaluate(
      async ({ url, options }) => {
        const response = await fetch(url, options).catch(() => null);
        const document: unknown = await response?.json().catch(() => null);
        const isProblem = typeof document === "object" && document !== null && "code" in document;
        return { status: response?.status ?? null, code: isProblem ? String(document.code) : null };
      },
      {
        url: page.url().startsWith(elsewhere.url) ? `${world.url}${path}` : path,
        options: { method, credentials: "include", ...json, ...init } satisfies RequestInit,
      },
    );
  }

  /** One line of the profile, as a page reads it. */
  async function read(page: Page, field: "name" | "email"): Promise<unknown> {
    const text = await page.evaluate(async () => (await fetch("/v1/users/profile")).text());
    const document: Record<string, unknown> = JSON.parse(text);
    return document[field];
  }

  async function signIn(page: Page, { email }: Account): Promise<void> {
    expect(await call(page, "POST", "/v1/auth/login", { email, password, mode: "cookie" })).toEqual({
      status: 200,
      code: null,
    });
  }

  /** The cookies of a context by name, as the browser keeps them. */
  async function cookiesIn(context: BrowserContext): Promise<Record<string, string>> {
    return Object.fromEntries((await context.cookies()).map(({ name, value }) => [name, value]));
  }

  const profile = (page: Page): Promise<Got> => call(page, "GET", "/v1/users/profile");
  const rename = (page: Page, name: string): Promise<Got> => call(page, "PATCH", "/v1/users/profile", { name });

  test("lasts from signing in to signing out, with nothing that a script could read", async () => {
    const account = await newAccount();
    const context = await browser.newContext();
    const page = await openAt(context);
    expect(await profile(page)).toEqual({ status: 401, code: "auth.required" });

    await signIn(page, account);
    expect(await page.evaluate("document.cookie")).toBe("");
    const kept = await context.cookies();
    expect(
      kept.map(({ name, path, secure, httpOnly, sameSite }) => ({ name, path, secure, httpOnly, sameSite })),
    ).toEqual(
      expect.arrayContaining([
        { name: "__Host-foyer_access", path: "/", secure: true, httpOnly: true, sameSite: "Strict" },
        { name: "__Host-foyer_refresh", path: "/", secure: true, httpOnly: true, sameSite: "Strict" },
      ]),
    );
    expect(kept).toHaveLength(2);
    expect(await profile(page)).toEqual({ status: 200, code: null });
    expect(await rename(page, "Buyer Two")).toEqual({ status: 200, code: null });
    expect(await read(page, "name")).toBe("Buyer Two");

    const before = await cookiesIn(context);
    expect(await call(page, "POST", "/v1/auth/refresh")).toEqual({ status: 200, code: null });
    const after = await cookiesIn(context);
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    expect(after["__Host-foyer_refresh"]).not.toBe(before["__Host-foyer_refresh"]);
    expect(await profile(page)).toEqual({ status: 200, code: null });

    expect(await call(page, "POST", "/v1/auth/logout")).toEqual({ status: 204, code: null });
    expect(await context.cookies()).toEqual([]);
    expect(await profile(page)).toEqual({ status: 401, code: "auth.required" });
    await context.close();
  });

  test("is continued by its refresh cookie when the access cookie has gone, in two tabs at once", async () => {
    const context = await browser.newContext();
    const [one, two] = [await openAt(context), await openAt(context)];
    await signIn(one, await newAccount());
    await context.clearCookies({ name: "__Host-foyer_access" });
    expect(await profile(one)).toEqual({ status: 401, code: "auth.required" });
    const refreshed = await Promise.all([one, two].map((page) => call(page, "POST", "/v1/auth/refresh")));
    expect(refreshed.map(({ status }) => status)).toEqual([200, 200]);
    for (const page of [one, two]) expect((await profile(page)).status).toBe(200);
    expect((await call(two, "POST", "/v1/auth/refresh")).status).toBe(200);
    await context.close();
  });

  test("that has ended elsewhere is over, and its cookies go with the next attempt to continue it", async () => {
    const account = await newAccount();
    const context = await browser.newContext();
    const page = await openAt(context);
    await signIn(page, account);
    const refreshToken = (await cookiesIn(context))["__Host-foyer_refresh"] ?? "";
    await createFoyer({ baseUrl: world.url }).post("/v1/auth/logout", { body: { refreshToken } });
    expect(await call(page, "POST", "/v1/auth/refresh")).toEqual({ status: 401, code: "users.refresh_invalid" });
    expect(await context.cookies()).toEqual([]);
    // Nothing of it stands in the way of the next.
    await signIn(page, account);
    await context.close();
  });

  test("is not the one that somebody had put into the browser before", async () => {
    const [attacker, victim] = [await newAccount(), await newAccount()];
    const theirs = await browser.newContext();
    await signIn(await openAt(theirs), attacker);
    const planted = await theirs.cookies();
    const context = await browser.newContext();
    await context.addCookies(planted);
    const page = await openAt(context);
    await signIn(page, victim);
    expect(await read(page, "email")).toBe(victim.email);
    const own = await cookiesIn(context);
    for (const { name, value } of planted) expect(own[name]).not.toBe(value);
    await call(page, "POST", "/v1/auth/refresh");
    expect(await read(page, "email")).toBe(victim.email);
    await Promise.all([theirs.close(), context.close()]);
  });

  describe("and a page of another origin on the same site, to which the browser lends the cookies", () => {
    let context: BrowserContext;
    let ours: Page;
    let foreign: Page;

    beforeAll(async () => {
      context = await browser.newContext();
      ours = await openAt(context);
      await signIn(ours, await newAccount());
      await rename(ours, "Unharmed");
      foreign = await openAt(context, elsewhere.url);
    });
    afterAll(() => context?.close());

    /** How the server answered what a page made the browser send, and which cookies went along; the page itself learns neither. */
    async function sentBy(page: Page, path: string, act: () => Promise<unknown>) {
      const devTools = await context.newCDPSession(page);
      await devTools.send("Network.enable");
      const answered = new Promise<{ status: number; lent: string[] }>((resolve) => {
        const posted = new Set<string>();
        const lent = new Map<string, string[]>();
        const statuses = new Map<string, number>();
        // What a request is and what was sent with it are told by two processes, in either order.
        const check = (requestId: string): void => {
          const [status, cookies] = [statuses.get(requestId), lent.get(requestId)];
          if (posted.has(requestId) && status !== undefined && cookies !== undefined)
            resolve({ status, lent: cookies });
        };
        devTools.on("Network.requestWillBeSent", ({ requestId, request }) => {
          if (request.method === "POST" && new URL(request.url).pathname === path) posted.add(requestId);
          check(requestId);
        });
        devTools.on("Network.requestWillBeSentExtraInfo", ({ requestId, associatedCookies }) => {
          const sent = associatedCookies.filter(({ blockedReasons }) => blockedReasons.length === 0);
          lent.set(requestId, sent.map(({ cookie }) => cookie.name).sort());
          check(requestId);
        });
        devTools.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => {
          statuses.set(requestId, statusCode);
          check(requestId);
        });
      });
      await act();
      const answer = await answered;
      await devTools.detach();
      return answer;
    }

    test("reads nothing", async () => {
      expect(await profile(foreign)).toEqual({ status: null, code: null });
      const opaque = await foreign.evaluate(async (url) => {
        const response = await fetch(url, { mode: "no-cors", credentials: "include" }).catch(() => null);
        return response === null ? "" : await response.text();
      }, `${world.url}/v1/users/profile`);
      expect(opaque).toBe("");
    });

    test("changes nothing by fetch: neither asked first nor without asking", async () => {
      expect(await rename(foreign, "Forged")).toEqual({ status: null, code: null });
      const sent = await sentBy(foreign, "/v1/auth/logout", () =>
        call(foreign, "POST", "/v1/auth/logout", undefined, { mode: "no-cors" }),
      );
      expect(sent).toEqual({ status: 403, lent: ["__Host-foyer_access", "__Host-foyer_refresh"] });
      expect(await read(ours, "name")).toBe("Unharmed");
    });

    test("changes nothing by a form", async () => {
      const before = await cookiesIn(context);
      const page = await openAt(context, elsewhere.url);
      const form = `<form method="post" enctype="text/plain" action="${world.url}/v1/auth/refresh"><button>Win</button></form>`;
      await page.setContent(form);
      const sent = await sentBy(page, "/v1/auth/refresh", () => page.getByRole("button").click());
      expect(sent).toEqual({ status: 403, lent: ["__Host-foyer_access", "__Host-foyer_refresh"] });
      expect((await profile(ours)).status).toBe(200);
      expect(await cookiesIn(context)).toEqual(before);
      await page.close();
    });

    test("signs nobody in: what would plant a session is a body that only our pages can send", async () => {
      const account = await newAccount();
      const text = JSON.stringify({ ...account, password, mode: "cookie" });
      const plant = (page: Page): Promise<Got> =>
        call(page, "POST", "/v1/auth/login", undefined, { mode: "no-cors", body: text });
      const before = await cookiesIn(context);
      expect((await sentBy(foreign, "/v1/auth/login", () => plant(foreign))).status).toBe(403);
      expect(await cookiesIn(context)).toEqual(before);

      context = await browser.newContext();
      const page = await openAt(context, elsewhere.url);
      expect(await sentBy(page, "/v1/auth/login", () => plant(page))).toEqual({ status: 415, lent: [] });
      expect(await context.cookies()).toEqual([]);
    });
  });

  test("works on every host by which a browser reaches the loopback address", async () => {
    const { port } = new URL(world.url);
    const account = await newAccount();
    for (const host of ["127.0.0.1", "localhost", "app.localhost"]) {
      const context = await browser.newContext();
      const page = await openAt(context, `http://${host}:${port}`);
      await signIn(page, account);
      expect({ host, ...(await profile(page)) }).toEqual({ host, status: 200, code: null });
      expect((await call(page, "POST", "/v1/auth/logout")).status).toBe(204);
      await context.close();
    }
  });
});
