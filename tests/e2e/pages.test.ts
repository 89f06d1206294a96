import { createFoyer, type FoyerProblem } from "@foyer/sdk";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bought, order, reserve, ticketsOf, untilOrder } from "../../scripts/sale/buyer.ts";
import { mailsTo } from "../../scripts/sale/mails.ts";
import { type Organizer, type PublishedEvent, publishEvent } from "../../scripts/sale/organizer.ts";
import { launchBrowser, openTab, type Tab } from "./support/browser.ts";
import { newAddress, newOrganizer, newPlan, password, startWorld, type World } from "./support/world.ts";

/** A name as someone would write it who tries to get a script into a page. */
const markupName = `Buyer <img src=x onerror="document.title='run'">`;

describe("the pages that mails link to", () => {
  let world: World;
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
    world = await startWorld();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.stop();
  });

  /** The first address in a mail that leads to a path. */
  function linkIn(text: string | null | undefined, path: string): string {
    const link = text?.split(/\s+/).find((word) => word.startsWith(`${world.url}${path}`));
    if (link === undefined) throw new Error(`the mail has no link to ${path}`);
    return link;
  }

  test("an address is verified by a press of the button, once, and not by opening the link", async () => {
    const visitor = createFoyer({ baseUrl: world.url });
    const email = newAddress("visitor");
    await visitor.post("/v1/auth/register", { body: { email, password, name: "Visitor" } });
    const isVerified = async (): Promise<boolean> => {
      const { data } = await visitor.post("/v1/auth/login", { body: { email, password } });
      return "user" in data && data.user.emailVerified;
    };
    const [mail] = await mailsTo(world, email, /confirm/i);
    const link = linkIn(mail?.text, "/verify-email");
    const context = await browser.newContext();
    const { page, requested, complaints } = await openTab(context);

    await page.goto(link, { waitUntil: "networkidle" });
    await page.getByText("press the button").waitFor();
    expect(await isVerified()).toBe(false);

    await page.getByLabel("password").fill("not the password");
    await page.getByRole("button", { name: "Verify my address" }).click();
    await page.getByText("That is not the password").waitFor();
    expect(await isVerified()).toBe(false);
    await page.getByLabel("password").fill(password);
    await page.getByRole("button", { name: "Verify my address" }).click();
    await page.getByText("Your address is verified").waitFor();
    expect(await isVerified()).toBe(true);
    expect(complaints).toEqual([]);

    const again = await openTab(context);
    await again.page.goto(link);
    await again.page.getByLabel("password").fill(password);
    await again.page.getByRole("button", { name: "Verify my address" }).click();
    await again.page.getByText("This link no longer works").waitFor();
    await again.page.getByLabel("Your email address").fill(email);
    await again.page.getByRole("button", { name: "Send me a new link" }).click();
    await again.page.getByText("a new link is on its way").waitFor();

    const token = new URLSearchParams(new URL(link).hash.slice(1)).get("token") ?? "";
    expect(token).not.toBe("");
    for (const url of [...requested, ...again.requested]) {
      expect(new URL(url).origin).toBe(world.url);
      expect(url.replace(/#.*/, "")).not.toContain(token);
    }
    await context.close();
  });

  test("where the network fails the page says so, and the same press works afterwards", async () => {
    const email = newAddress("visitor");
    await createFoyer({ baseUrl: world.url }).post("/v1/auth/register", { body: { email, password, name: "Visitor" } });
    const [mail] = await mailsTo(world, email, /confirm/i);
    const context = await browser.newContext();
    const { page } = await openTab(context);
    await page.goto(linkIn(mail?.text, "/verify-email"), { waitUntil: "networkidle" });
    await page.getByLabel("password").fill(password);
    await context.setOffline(true);
    await page.getByRole("button", { name: "Verify my address" }).click();
    await page.getByText("We could not reach the server").waitFor();
    await context.setOffline(false);
    await page.getByRole("button", { name: "Verify my address" }).click();
    await page.getByText("Your address is verified").waitFor();
    await context.close();
  });

  test("without scripts the pages say what to do", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${world.url}/verify-email#token=abc`);
    expect(await page.locator("main").innerText()).toMatch(/needs JavaScript/);
    for (const path of ["reset-password", "confirm-email", "invitation", "forgot-password"]) {
      await page.goto(`${world.url}/${path}#token=abc`);
      expect(await page.locator("main").innerText()).toMatch(/needs JavaScript/);
    }
    await page.goto(`${world.url}/orders/ord_${"0".repeat(46)}#secret=abc`);
    expect(await page.locator("main").innerText()).toMatch(/needs JavaScript/);
    await context.close();
  });

  describe("in a browser that is signed in by cookies", () => {
    /** Registers somebody, signs this context in to the account, and returns the link that was mailed. */
    async function register(context: BrowserContext): Promise<string> {
      const email = newAddress("visitor");
      const page = await context.newPage();
      await page.goto(`${world.url}/forgot-password`);
      const status = await page.evaluate(
        async (body) => {
          const headers = { "content-type": "application/json" };
          return (await fetch("/v1/auth/register", { method: "POST", headers, body })).status;
        },
        JSON.stringify({ email, password, name: "Visitor", mode: "cookie" }),
      );
      expect(status).toBe(201);
      await page.close();
      const [mail] = await mailsTo(world, email, /confirm/i);
      return linkIn(mail?.text, "/verify-email");
    }

    test("an address is verified without its password, once the access cookie has ended, too", async () => {
      const context = await browser.newContext();
      const link = await register(context);
      await context.clearCookies({ name: "__Host-foyer_access" });
      const { page, complaints } = await openTab(context);
      await page.goto(link);
      await page.getByText("Press the button").waitFor();
      expect(await page.getByLabel("password").isVisible()).toBe(false);
      await page.getByRole("button", { name: "Verify my address" }).click();
      await page.getByText("Your address is verified").waitFor();
      expect(complaints).toEqual([]);
      await context.close();
    });

    test("the address of another account still needs that account's password", async () => {
      const [context, theirs] = [await browser.newContext(), await browser.newContext()];
      const link = await register(theirs);
      await register(context);
      const { page } = await openTab(context);
      await page.goto(link);
      await page.getByRole("button", { name: "Verify my address" }).click();
      await page.getByText("You are not signed in to the account that this link is for").waitFor();
      expect(await page.locator("input:focus").getAttribute("id")).toBe("password");
      await page.getByLabel("password").fill(password);
      await page.getByRole("button", { name: "Verify my address" }).click();
      await page.getByText("Your address is verified").waitFor();
      await Promise.all([context.close(), theirs.close()]);
    });
  });

  describe("a forgotten password", () => {
    /** The tab of a browser on the page that asks for a link. */
    async function ask(context: BrowserContext, address: string): Promise<Tab> {
      const tab = await openTab(context);
      await tab.page.goto(`${world.url}/forgot-password`);
      await tab.page.getByLabel("Your email address").fill(address);
      await tab.page.getByRole("button", { name: "Send me a link" }).click();
      await tab.page.getByText("If this address has an account").waitFor();
      return tab;
    }

    test("is replaced by the mail's link: what is refused says why and uses nothing up, what is set works at once", async () => {
      const visitor = createFoyer({ baseUrl: world.url });
      const email = newAddress("visitor");
      await visitor.post("/v1/auth/register", { body: { email, password, name: "Visitor" } });
      const signIn = async (secret: string): Promise<number> => {
        const attempt = visitor.post("/v1/auth/login", { body: { email, password: secret } });
        return attempt.then(
          ({ response }) => response.status,
          ({ status }: FoyerProblem) => status,
        );
      };
      const context = await browser.newContext();
      const asked = await ask(context, email);
      const [mail] = await mailsTo(world, email, /set a new password/i);
      const link = linkIn(mail?.text, "/reset-password");
      const { page, requested, complaints } = await openTab(context);
      await page.goto(link);
      const input = page.getByLabel("Your new password");
      const set = page.getByRole("button", { name: "Set the new password" });

      for (const [refused, why] of [
        ["short", "at least 8 characters"],
        ["password1", "among the first that a guesser tries"],
      ] as const) {
        await input.fill(refused);
        await set.click();
        await page.getByRole("status").getByText(why).waitFor();
        expect(await input.getAttribute("aria-invalid")).toBe("true");
        expect(await page.locator("input:focus").getAttribute("id")).toBe("password");
      }
      expect(await signIn(password)).toBe(200);

      const next = "a horse that has learned to staple";
      await input.fill(next);
      await page.getByLabel("Show the password").check();
      expect(await input.getAttribute("type")).toBe("text");
      await set.click();
      await page.getByText("Your new password is set").waitFor();
      expect(await input.getAttribute("type")).toBe("password");
      expect(await input.inputValue()).toBe("");
      expect([await signIn(password), await signIn(next)]).toEqual([401, 200]);

      const again = await openTab(context);
      await again.page.goto(link);
      await again.page.getByLabel("Your new password").fill(password);
      await again.page.getByRole("button", { name: "Set the new password" }).click();
      await again.page.getByText("This link no longer works").waitFor();
      await again.page.getByRole("link", { name: "Ask for a new link" }).click();
      await again.page.getByRole("heading", { name: "Forgot your password?" }).waitFor();

      const token = new URLSearchParams(new URL(link).hash.slice(1)).get("token") ?? "";
      expect(token).not.toBe("");
      for (const url of [...requested, ...again.requested]) {
        expect(new URL(url).origin).toBe(world.url);
        expect(url.replace(/#.*/, "")).not.toContain(token);
      }
      for (const tab of [asked.complaints, complaints, again.complaints]) expect(tab).toEqual([]);
      await context.close();
    });

    test("of nobody's address is asked for in the same words, and one that is no address is not", async () => {
      const context = await browser.newContext();
      const { page } = await ask(context, newAddress("nobody"));
      expect(await page.locator("form").isVisible()).toBe(false);
      await page.goto(`${world.url}/forgot-password`);
      await page.getByLabel("Your email address").fill("a@b");
      await page.getByRole("button", { name: "Send me a link" }).click();
      await page.getByText("That is not an email address").waitFor();
      await context.close();
    });

    test("is not set by a link that is incomplete or damaged", async () => {
      const context = await browser.newContext();
      const { page } = await openTab(context);
      await page.goto(`${world.url}/reset-password`);
      await page.getByText("This link is incomplete").waitFor();
      await page.goto(`${world.url}/reset-password#token=${"x".repeat(300)}`);
      // The page starts again where only the fragment changes.
      await page.getByText("Choose a new password").waitFor();
      await page.getByLabel("Your new password").fill(password);
      await page.getByRole("button", { name: "Set the new password" }).click();
      await page.getByText("This link no longer works").waitFor();
      await context.close();
    });
  });

  describe("an order's page", () => {
    let organizer: Organizer;
    let event: PublishedEvent;

    beforeAll(async () => {
      organizer = await newOrganizer(world);
      event = await publishEvent(organizer, newPlan({ paid: 20, free: 10 }));
    });

    async function newOrder(ticketTypeId: string, quantity: number): Promise<Bought> {
      const attempt = await reserve(world, event.eventId, ticketTypeId, quantity);
      if (!attempt.won) throw new Error(`no tickets: ${attempt.code}`);
      return order(world, attempt.held, { name: markupName, email: newAddress("buyer") });
    }

    const addressOf = ({ orderId, orderSecret }: Bought): string =>
      `${world.url}/orders/${orderId}#secret=${encodeURIComponent(orderSecret)}`;

    test("takes the buyer to pay and back, and shows the tickets that the door admits", async () => {
      const bought = await newOrder(event.paidTypeId, 2);
      const context = await browser.newContext();
      const { page, requested, complaints } = await openTab(context);
      await page.goto(addressOf(bought));
      await page.getByText("Waiting for your payment").waitFor();
      expect(await page.locator("#order").innerText()).toContain(markupName);

      await page.getByRole("button", { name: "Pay €90.00" }).click();
      await page.waitForURL(`${world.emulators.stripe.url}/**`);
      await page.getByRole("button", { name: /^Pay .*90\.00/ }).click();
      await page.waitForURL(`${world.url}/orders/**`);
      await page.getByText("Confirmed", { exact: true }).waitFor();
      await page.getByRole("heading", { name: "Your 2 tickets" }).waitFor();

      const issued = await ticketsOf(world, bought);
      expect(issued).toHaveLength(2);
      expect(await page.getByRole("img", { name: /^QR code of ticket/ }).count()).toBe(2);
      expect(await page.locator(".ticket code").allTextContents()).toEqual(issued.map(({ code }) => code));
      const code = (await page.locator(".ticket code").first().textContent()) ?? "";
      const { data: checkIn } = await organizer.foyer.post("/v1/events/{id}/check-ins", {
        params: { path: { id: event.eventId } },
        body: { code },
      });
      expect(checkIn.result).toBe("admitted");

      expect(await page.title()).toBe("Order: Confirmed");
      expect(page.url()).toBe(addressOf(bought));
      expect(complaints).toEqual([]);
      for (const url of requested) expect(url.replace(/#.*/, "")).not.toContain(bought.orderSecret);
      const elsewhere = requested.filter((url) => new URL(url).origin !== world.url);
      expect(new Set(elsewhere.map((url) => new URL(url).origin))).toEqual(new Set([world.emulators.stripe.url]));
      await context.close();

      await untilOrder(world, bought, "confirmed");
    });

    test("sees the payment itself when no webhook of the provider arrives", async () => {
      await world.emulators.stripe.faults.webhooks("lost", { count: 1_000 });
      try {
        const bought = await newOrder(event.paidTypeId, 1);
        const context = await browser.newContext();
        const { page } = await openTab(context);
        await page.goto(addressOf(bought));
        await page.getByRole("button", { name: "Pay €45.00" }).click();
        await page.waitForURL(`${world.emulators.stripe.url}/**`);
        await page.getByRole("button", { name: /^Pay .*45\.00/ }).click();
        await page.getByRole("img", { name: "QR code of ticket 1" }).waitFor();
        await context.close();
      } finally {
        await world.emulators.stripe.faults.clear();
      }
    });

    test("opens from the mail's link in a browser that never saw it", async () => {
      const bought = await newOrder(event.freeTypeId, 1);
      const [mail] = await mailsTo(world, bought.email, /your tickets/i);
      const context = await browser.newContext();
      const { page, complaints } = await openTab(context);
      await page.goto(linkIn(mail?.text, "/orders/"));
      await page.getByRole("img", { name: "QR code of ticket 1" }).waitFor();
      expect(await page.locator("#order").innerText()).toContain("Free");
      expect(complaints).toEqual([]);
      await context.close();
    });

    test("of a buyer who came back without paying still lets them pay", async () => {
      const bought = await newOrder(event.paidTypeId, 1);
      const context = await browser.newContext();
      const { page } = await openTab(context);
      await page.goto(addressOf(bought));
      await page.getByRole("button", { name: "Pay €45.00" }).click();
      await page.getByRole("button", { name: "Go back without paying" }).click();
      await page.waitForURL(`${world.url}/orders/**`);
      await page.getByText("You came back without paying").waitFor();
      await page.getByRole("button", { name: "Pay €45.00" }).click();
      await page.waitForURL(`${world.emulators.stripe.url}/**`);
      await context.close();
    });

    test("shows nothing to whoever lacks the secret or has a wrong one", async () => {
      const bought = await newOrder(event.freeTypeId, 1);
      const context = await browser.newContext();
      const { page } = await openTab(context);
      await page.goto(`${world.url}/orders/${bought.orderId}`);
      await page.getByText("Link incomplete").waitFor();
      await page.goto(`${world.url}/orders/${bought.orderId}#secret=wrong`);
      await page.getByText("Not found").waitFor();
      expect(await page.locator("body").innerText()).not.toContain(bought.email);
      await context.close();
    });
  });
});
