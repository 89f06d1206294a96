import { bearerSession, createFoyer, type Foyer, type Schema } from "@foyer/sdk";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "./support/browser.ts";
import { askBrowser, plugIn } from "./support/virtual-authenticator.ts";
import { newOrganizer, startWorld, type World } from "./support/world.ts";

describe("passkeys in a browser", () => {
  let world: World;
  let browser: Browser;
  let visitor: Foyer;

  beforeAll(async () => {
    browser = await launchBrowser();
    world = await startWorld();
    visitor = createFoyer({ baseUrl: world.url });
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  /** A page of the deployment, at the name that passkeys are made for or at another one. */
  async function openPage(host: "localhost" | "127.0.0.1"): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`http://${host}:${new URL(world.url).port}/verify-email`);
    return page;
  }

  async function make(page: Page, foyer: Foyer): Promise<Readonly<Record<string, unknown>>> {
    const { data } = await foyer.post("/v1/auth/passkeys/register/options");
    return askBrowser(page, "create", data.options);
  }

  async function show(page: Page): Promise<Readonly<Record<string, unknown>>> {
    const { data } = await visitor.post("/v1/auth/passkeys/login/options");
    return askBrowser(page, "get", data.options);
  }

  // What a browser's own `toJSON` made has the shape that the contract takes, or is refused by it.
  const registration = (made: object) => made as Schema<"PasskeyRegistration">;
  const assertion = (shown: object) => shown as Schema<"PasskeyAssertion">;

  test("one that was made on a page of ours signs in without a name, and proves its owner again", async () => {
    const { foyer, email } = await newOrganizer(world);
    const page = await openPage("localhost");
    const authenticator = await plugIn(page);

    const response = registration(await make(page, foyer));
    const { data: kept } = await foyer.post("/v1/auth/passkeys/register/verify", {
      body: { name: "This browser", response },
    });
    expect(kept).toMatchObject({ name: "This browser", lastUsedAt: null });
    expect(await authenticator.count()).toBe(1);
    // The same authenticator holds one passkey of an account, and says so.
    expect(await make(page, foyer)).toEqual({ refused: "InvalidStateError" });

    const shown = assertion(await show(page));
    const { data } = await visitor.post("/v1/auth/passkeys/login/verify", { body: { response: shown } });
    expect(data.user).toMatchObject({ email, emailVerified: true });
    const { accessToken } = bearerSession(data);
    const own = createFoyer({ baseUrl: world.url, accessToken });
    const { data: sessions } = await own.get("/v1/users/profile/sessions");
    expect(sessions.data.find(({ current }) => current)).toMatchObject({ method: "passkey" });
    await expect(visitor.post("/v1/auth/passkeys/login/verify", { body: { response: shown } })).rejects.toMatchObject({
      code: "users.challenge_invalid",
    });

    const { data: fresh } = await own.post("/v1/auth/step-up", { body: { passkey: assertion(await show(page)) } });
    expect(fresh.tokenType).toBe("Bearer");
    await page.context().close();
  });

  test("nobody comes in who does not prove themselves to the authenticator", async () => {
    const { foyer } = await newOrganizer(world);
    const page = await openPage("localhost");
    const authenticator = await plugIn(page);
    const response = registration(await make(page, foyer));
    await foyer.post("/v1/auth/passkeys/register/verify", { body: { name: "This browser", response } });
    await authenticator.setVerified(false);
    expect(await show(page)).toEqual({ refused: "NotAllowedError" });
    await page.context().close();
  });

  test("a page at another name of the same deployment can neither make nor show one", async () => {
    const { foyer } = await newOrganizer(world);
    const page = await openPage("127.0.0.1");
    await plugIn(page);
    expect(await make(page, foyer)).toEqual({ refused: "SecurityError" });
    expect(await show(page)).toEqual({ refused: "SecurityError" });
    await page.context().close();
  });
});
