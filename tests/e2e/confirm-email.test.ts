import { createFoyer, type FoyerProblem } from "@foyer/sdk";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mailsTo } from "../../scripts/sale/mails.ts";
import { launchBrowser, openTab } from "./support/browser.ts";
import { newAddress, newOrganizer, password, startWorld, type World } from "./support/world.ts";

describe("the page that the mails about a change of address link to", () => {
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

  async function linkTo(address: string): Promise<string> {
    const [mail] = await mailsTo(world, address, /change of your email address/i);
    const link = mail?.text?.split(/\s+/).find((word) => word.startsWith(`${world.url}/confirm-email#token=`));
    if (link === undefined) throw new Error("the mail has no link to confirm the change");
    return link;
  }

  test("takes each side's agreement by a press, says whose is missing, and changes the address with the last", async () => {
    const person = await newOrganizer(world);
    const next = newAddress("moved");
    await person.foyer.post("/v1/users/profile/email", { body: { email: next } });
    const signIn = (email: string): Promise<number> =>
      createFoyer({ baseUrl: world.url })
        .post("/v1/auth/login", { body: { email, password } })
        .then(
          ({ response }) => response.status,
          ({ status }: FoyerProblem) => status,
        );
    const context = await browser.newContext();
    const { page, requested, complaints } = await openTab(context);

    const first = await linkTo(next);
    await page.goto(first, { waitUntil: "networkidle" });
    await page.getByText("Press the button to agree").waitFor();
    expect(await signIn(next)).toBe(401);
    await page.getByRole("button", { name: "Confirm the change" }).click();
    await page.getByText("the mail to the address that the account has now is confirmed, too").waitFor();
    expect([await signIn(person.email), await signIn(next)]).toEqual([200, 401]);

    const second = await linkTo(person.email);
    await page.goto(second);
    // The page starts again where only the fragment changes.
    await page.getByText("Press the button to agree").waitFor();
    await page.getByRole("button", { name: "Confirm the change" }).click();
    await page.getByText("The account has its new address").waitFor();
    expect([await signIn(person.email), await signIn(next)]).toEqual([401, 200]);

    await page.goto(first);
    await page.getByText("Press the button to agree").waitFor();
    await page.getByRole("button", { name: "Confirm the change" }).click();
    await page.getByText("This link no longer works").waitFor();
    expect(complaints).toEqual([]);
    for (const link of [first, second]) {
      const token = new URLSearchParams(new URL(link).hash.slice(1)).get("token") ?? "";
      expect(token).not.toBe("");
      for (const url of requested) expect(url.replace(/#.*/, "")).not.toContain(token);
    }
    await context.close();
  });
});
