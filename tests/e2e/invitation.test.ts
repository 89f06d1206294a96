import { createFoyer, type Schema } from "@foyer/sdk";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mailsTo } from "../../scripts/sale/mails.ts";
import type { Organizer } from "../../scripts/sale/organizer.ts";
import { launchBrowser, openTab } from "./support/browser.ts";
import { totpCode } from "./support/totp.ts";
import { newAddress, newOrganizer, password, startWorld, type World } from "./support/world.ts";

describe("the page that an invitation links to", () => {
  let world: World;
  let browser: Browser;
  let organizer: Organizer;

  beforeAll(async () => {
    browser = await launchBrowser();
    world = await startWorld();
    organizer = await newOrganizer(world);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  /** Invites an address and returns the link of the mail. */
  async function invite(email: string, role: Schema<"InvitationBody">["role"] = "manager"): Promise<string> {
    const params = { path: { id: organizer.organizationId } };
    await organizer.foyer.post("/v1/organizations/{id}/invitations", { params, body: { email, role } });
    const [mail] = await mailsTo(world, email, /invit/i);
    const link = mail?.text?.split(/\s+/).find((word) => word.startsWith(`${world.url}/invitation#token=`));
    if (link === undefined) throw new Error("the mail has no link to an invitation");
    return link;
  }

  async function newAccount(email = newAddress("invited")): Promise<string> {
    await createFoyer({ baseUrl: world.url }).post("/v1/auth/register", { body: { email, password, name: "Member" } });
    return email;
  }

  /** Signs a browser in by cookies, by a call of one of our pages. */
  async function signIn(context: BrowserContext, email: string): Promise<void> {
    const page = await context.newPage();
    await page.goto(`${world.url}/forgot-password`);
    const status = await page.evaluate(
      async (body) => {
        const headers = { "content-type": "application/json" };
        return (await fetch("/v1/auth/login", { method: "POST", headers, body })).status;
      },
      JSON.stringify({ email, password, mode: "cookie" }),
    );
    expect(status).toBe(200);
    await page.close();
  }

  /** The role in which an address is a member; null where it is none. */
  async function roleOf(email: string): Promise<string | null> {
    const { data } = await organizer.foyer.get("/v1/organizations/{id}/members", {
      params: { path: { id: organizer.organizationId }, query: { limit: 100 } },
    });
    return data.data.find((member) => member.email === email)?.role ?? null;
  }

  const press = (page: Page, name: string): Promise<void> => page.getByRole("button", { name, exact: true }).click();

  test("takes somebody new from the mail into the organization, signed in, and used up by nothing but the press", async () => {
    const email = newAddress("invited");
    const link = await invite(email);
    const context = await browser.newContext();
    const { page, requested, complaints } = await openTab(context);
    await page.goto(link);
    await page.getByText("Sign in as").waitFor();
    const about = await page.locator("#invitation").innerText();
    expect(about).toContain(email);
    expect(about).toContain("a manager");
    await page.reload();

    await press(page, "I have no account yet");
    await page.getByLabel("Your name").fill("Member");
    await page.getByLabel("Choose a password").fill("short");
    await press(page, "Open an account and accept");
    await page.getByRole("status").getByText("at least 8 characters").waitFor();
    expect(await roleOf(email)).toBeNull();
    await page.getByLabel("Choose a password").fill(password);
    await press(page, "Open an account and accept");
    await page.getByText("You have joined").waitFor();
    expect(await roleOf(email)).toBe("manager");
    expect((await context.cookies()).map(({ name }) => name).sort()).toEqual([
      "__Host-foyer_access",
      "__Host-foyer_refresh",
    ]);
    expect(complaints).toEqual([]);

    await page.goto(link);
    await page.reload();
    await page.getByText("This invitation no longer works").waitFor();
    const token = new URLSearchParams(new URL(link).hash.slice(1)).get("token") ?? "";
    expect(token).not.toBe("");
    for (const url of requested) expect(url.replace(/#.*/, "")).not.toContain(token);
    await context.close();
  });

  test("asks whoever has an account for its password", async () => {
    const email = await newAccount();
    const link = await invite(email, "door");
    const context = await browser.newContext();
    const { page } = await openTab(context);
    await page.goto(link);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await press(page, "Sign in and accept");
    await page.getByText("That is not the password of").waitFor();
    expect(await roleOf(email)).toBeNull();
    await page.getByLabel("Password", { exact: true }).fill(password);
    await press(page, "Sign in and accept");
    await page.getByText("You have joined").waitFor();
    expect(await roleOf(email)).toBe("door");
    await context.close();
  });

  test("asks for nothing but a press where the browser is signed in as who was invited", async () => {
    const email = await newAccount();
    const link = await invite(email);
    const context = await browser.newContext();
    await signIn(context, email);
    await context.clearCookies({ name: "__Host-foyer_access" });
    const { page } = await openTab(context);
    await page.goto(link);
    await page.getByText(`You are signed in as ${email}.`).waitFor();
    expect(await roleOf(email)).toBeNull();
    await press(page, "Accept the invitation");
    await page.getByText("You have joined").waitFor();
    expect(await roleOf(email)).toBe("manager");
    await context.close();
  });

  test("asks for the second factor where the account has one, and takes a recovery code for it, too", async () => {
    const { email, foyer } = await newOrganizer(world);
    const { data: setup } = await foyer.post("/v1/auth/mfa/totp");
    const { data: codes } = await foyer.post("/v1/auth/mfa/totp/confirm", {
      body: { code: totpCode(setup.secret, Date.now()) },
    });
    const link = await invite(email);
    const context = await browser.newContext();
    const { page } = await openTab(context);
    await page.goto(link);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await press(page, "Sign in and accept");
    await page.getByText("Your account asks for a second factor").waitFor();
    expect(await roleOf(email)).toBeNull();
    expect(await context.cookies()).toEqual([]);
    await page.getByLabel("Code").fill("no code");
    await press(page, "Go on");
    await page.getByText("That code is wrong").waitFor();
    await page.getByLabel("Code").fill(codes.recoveryCodes[0] ?? "");
    await press(page, "Go on");
    await page.getByText("You have joined").waitFor();
    expect(await roleOf(email)).toBe("manager");
    await context.close();
  });

  test("says who is signed in where it is somebody else, and lets them sign out", async () => {
    const [email, other] = [await newAccount(), await newAccount()];
    const link = await invite(email);
    const context = await browser.newContext();
    await signIn(context, other);
    const { page } = await openTab(context);
    await page.goto(link);
    await page.getByText(`You are signed in as ${other}, but the invitation is for ${email}`).waitFor();
    expect(await page.getByRole("button", { name: "Accept the invitation" }).isVisible()).toBe(false);
    await press(page, "Sign out");
    await page.getByLabel("Password", { exact: true }).fill(password);
    await press(page, "Sign in and accept");
    await page.getByText("You have joined").waitFor();
    expect([await roleOf(email), await roleOf(other)]).toEqual(["manager", null]);
    await context.close();
  });

  test("of a link that is incomplete, damaged or taken back leads nowhere, and says so", async () => {
    const context = await browser.newContext();
    const { page } = await openTab(context);
    await page.goto(`${world.url}/invitation`);
    await page.getByText("This link is incomplete").waitFor();
    for (const token of ["abc", "x".repeat(300)]) {
      await page.goto(`${world.url}/forgot-password`);
      await page.goto(`${world.url}/invitation#token=${token}`);
      await page.getByText("This invitation no longer works").waitFor();
      expect(await page.locator("form").filter({ visible: true }).count()).toBe(0);
    }
    await context.close();
  });
});
