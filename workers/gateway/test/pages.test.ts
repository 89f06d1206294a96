import { describe, expect, test } from "vitest";
import { forgotPasswordPage, orderPage } from "../src/pages/markup.ts";
import { answering, call } from "./call.ts";

const orderId = `ord_${"0".repeat(46)}`;
const linked = ["/verify-email", "/reset-password", "/confirm-email", "/invitation"];
const eventPath = `/events/evt_${"0".repeat(26)}`;
const pages = [...linked, "/forgot-password", `/orders/${orderId}`, eventPath];

interface Assets {
  readonly scripts: readonly string[];
  readonly style: string;
}

/** What a page loads: its script, the scripts that this imports, and its style. */
async function assetsOf(path: string): Promise<Assets> {
  const markup = await (await call(path)).text();
  const script = /<script type="module" src="([^"]+)"><\/script>/.exec(markup)?.[1];
  const parts = [...markup.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, part = ""]) => part);
  const style = /<link rel="stylesheet" href="([^"]+)">/.exec(markup)?.[1];
  if (script === undefined || style === undefined) throw new Error(`${path} names no script or no style`);
  return { scripts: [script, ...parts], style };
}

async function scriptsOf(path: string): Promise<string[]> {
  return Promise.all((await assetsOf(path)).scripts.map(async (script) => (await call(script)).text()));
}

describe.each(pages)("the page %s", (path) => {
  test("may load its own script and style, speak to its own server, and nothing else", async () => {
    const { status, headers } = await call(path);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = new Map(
      (headers.get("content-security-policy") ?? "").split("; ").map((rule): [string, string] => {
        const [name = "", ...values] = rule.split(" ");
        return [name, values.join(" ")];
      }),
    );
    expect(Object.fromEntries(policy)).toEqual({
      "default-src": "'none'",
      "script-src": "'self'",
      "style-src": "'self'",
      "connect-src": "'self'",
      "base-uri": "'none'",
      "form-action": "'none'",
      "frame-ancestors": "'none'",
      "require-trusted-types-for": "'script'",
      "trusted-types": "'none'",
    });
  });

  test("tells no other server where it was opened from, is framed nowhere and listed nowhere", async () => {
    const { headers } = await call(path);
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("x-robots-tag")).toBe("noindex");
    expect(headers.get("set-cookie")).toBeNull();
  });

  test("is asked for anew each time, because it names the assets of one deployment", async () => {
    expect((await call(path)).headers.get("cache-control")).toBe("no-cache");
  });

  test("has nothing inline, nothing from elsewhere, a language, and words for a browser without scripts", async () => {
    const markup = await (await call(path)).text();
    expect(markup).toContain('<html lang="en">');
    expect(markup).toMatch(/<noscript><p[^>]*>[^<]*JavaScript/);
    expect(markup).toContain('role="status"');
    expect(markup).not.toMatch(/<style|<script>|\sstyle=|\son[a-z]+=|javascript:|https?:\/\//);
  });

  test("loads a script and a style that are typed as such and may be kept for good", async () => {
    const { scripts, style } = await assetsOf(path);
    for (const asset of [...scripts, style]) {
      const type = asset === style ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8";
      expect(asset).toMatch(/^\/pages\/[a-z-]+\.[0-9a-f]{16}\.(js|css)$/);
      const { status, headers } = await call(asset);
      expect(status).toBe(200);
      expect(headers.get("content-type")).toBe(type);
      expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect((await call(asset.replace(/[0-9a-f]{16}/, "0".repeat(16)))).status).toBe(404);
    }
  });

  test("asks at once for all that its script imports, and for nothing that it does not", async () => {
    const { scripts } = await assetsOf(path);
    const [entry = "", ...parts] = await scriptsOf(path);
    const imported = [...entry.matchAll(/from"\.\/([^"]+)"/g)].map(([, file]) => `/pages/${file}`);
    expect(imported.sort()).toEqual(scripts.slice(1).sort());
    for (const part of parts) expect(part).not.toMatch(/from"\.\//);
  });

  test("stays small: what a phone must load first is less than a picture", async () => {
    const bytes = (await scriptsOf(path)).join("").length;
    expect(bytes).toBeLessThan(path.startsWith("/orders/") ? 36_000 : 20_000);
  });

  test("labels every input, and names each once", async () => {
    const markup = await (await call(path)).text();
    const ids = [...markup.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [input, id] of markup.matchAll(/<input id="([^"]+)"[^>]*>/g)) {
      expect(markup.includes(`<label for="${id}">`) || markup.includes(`<label class="box">${input}`), input).toBe(
        true,
      );
    }
    for (const [, id] of markup.matchAll(/aria-describedby="([^"]+)"/g)) expect(ids).toContain(id);
    expect(markup.match(/<h1>/g)).toHaveLength(1);
  });

  test("is for reading only", async () => {
    expect((await call(path, { method: "HEAD" })).status).toBe(200);
    expect((await call(path, { method: "POST", body: "{}" })).status).toBe(404);
  });
});

test("a page is the same whatever the address says beyond its path, so nothing in it is reflected", async () => {
  for (const path of [...linked, "/forgot-password"]) {
    const plain = await (await call(path)).text();
    expect(await (await call(`${path}?token=%3Cscript%3E&x='"`)).text()).toBe(plain);
  }
  const order = await (await call(`/orders/${orderId}`)).text();
  expect(await (await call(`/orders/ord_${"1".repeat(46)}?a=%3Cscript%3E`)).text()).toBe(order);
});

test("what is put into a page is escaped", () => {
  const evil = `"><script>alert(1)</script>`;
  for (const page of [orderPage, forgotPasswordPage]) {
    const markup = page({ script: evil, parts: [evil], style: evil });
    expect(markup).not.toContain("<script>");
    expect(markup.match(/&quot;&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)).toHaveLength(3);
  }
});

test("the scripts turn no text into markup and run no text as code", async () => {
  for (const path of pages) {
    const script = (await scriptsOf(path)).join("");
    expect(script).toContain("textContent");
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/);
  }
});

test("no link's token is put into an address, and nothing is remembered of it", async () => {
  for (const path of linked) {
    const script = (await scriptsOf(path)).join("");
    expect(script).not.toMatch(/\?token=|localStorage|sessionStorage|document\.cookie|sendBeacon/);
  }
});

test.each([
  ["nothing", "/orders/"],
  ["no slash", "/orders"],
  ["another kind of id", `/orders/tkt_${"0".repeat(46)}`],
  ["an id that is too short", `/orders/ord_${"0".repeat(45)}`],
  ["an id that is too long", `/orders/ord_${"0".repeat(47)}`],
  ["a letter that ids do not have", `/orders/ord_${"0".repeat(45)}u`],
  ["upper case", `/orders/ORD_${"0".repeat(46)}`],
  ["something below", `/orders/${orderId}/tickets`],
  ["a slash at the end", `/orders/${orderId}/`],
  ["an escaped letter", `/orders/%6Frd_${"0".repeat(46)}`],
  ["NUL", `/orders/${orderId}%00`],
  ["markup", "/orders/%3Cscript%3Ealert(1)%3C%2Fscript%3E"],
  ["an emoji", "/orders/🎟"],
  ["a huge id", `/orders/ord_${"0".repeat(4_000)}`],
])("an order's page with %s in place of its id does not exist", async (_what, path) => {
  const response = await call(path);
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.text()).not.toContain("<script");
});

test("the pages' paths take nothing from the API", async () => {
  const answer = await call(`/v1/orders/${orderId}`, { headers: answering({ body: { from: "bookings" } }) });
  expect(await answer.json()).toEqual({ from: "bookings" });
});
