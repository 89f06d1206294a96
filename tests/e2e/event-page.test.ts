import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mailsTo } from "../../scripts/sale/mails.ts";
import { type Organizer, publishEvent } from "../../scripts/sale/organizer.ts";
import { launchBrowser, openTab } from "./support/browser.ts";
import { newAddress, newOrganizer, newPlan, startWorld, type World } from "./support/world.ts";

describe("an event's page in a browser", () => {
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

  /** A public event, gated afterwards. */
  async function gated(title: string, gate: { visibility: "private" } | { visibility: "password"; password: string }) {
    const { eventId } = await publishEvent(organizer, newPlan({ paid: 4, free: 4 }, title));
    const params = { path: { idOrSlug: eventId } };
    await organizer.foyer.patch("/v1/events/{idOrSlug}", {
      params,
      body: { ...gate, description: "Bring **nothing**." },
    });
    return eventId;
  }

  test("opens by the link of an invitation's mail, which leaves no trace of it in any server's log", async () => {
    const eventId = await gated("Garden Party", { visibility: "private" });
    const email = newAddress("guest");
    const params = { path: { id: eventId } };
    await organizer.foyer.post("/v1/events/{id}/guests", { params, body: { guests: [{ email }] } });
    const [mail] = await mailsTo(world, email, /./);
    const link = mail?.text?.split(/\s+/).find((word) => word.startsWith(`${world.url}/events/${eventId}#invitation=`));
    if (link === undefined) throw new Error("the mail has no link to the event");
    const { page, requested, complaints } = await openTab(await browser.newContext());
    await page.goto(link);
    await page.getByRole("heading", { name: "Garden Party" }).waitFor();
    expect(await page.locator("#about").innerText()).toContain("Harbour Hall, Pier 1, Hamburg, Germany");
    const token = link.slice(link.indexOf("=") + 1);
    expect(requested.filter((url) => url.includes(token))).toEqual([]);
    expect(world.logs.filter(({ text }) => text.includes(token))).toEqual([]);
    expect(complaints).toEqual([]);

    const stranger = await openTab(await browser.newContext());
    await stranger.page.goto(`${world.url}/events/${eventId}`);
    await stranger.page.getByText("There is no such event").waitFor();
    expect(await stranger.page.content()).not.toContain("Garden Party");
  });

  test("asks for the password of an event that has one, and opens with the right one alone", async () => {
    const eventId = await gated("Secret <b>Show</b>", { visibility: "password", password: "open sesame" });
    const { page, complaints } = await openTab(await browser.newContext());
    await page.goto(`${world.url}/events/${eventId}`);
    await page.getByLabel("Password of the event").fill("guess me");
    await page.getByRole("button", { name: "Open the event" }).click();
    await page.getByText("That is not the password of this event.").waitFor();
    await page.getByLabel("Password of the event").fill("open sesame");
    await page.getByRole("button", { name: "Open the event" }).click();
    await page.getByRole("heading", { name: "Secret <b>Show</b>" }).waitFor();
    // What an organizer writes is shown as they wrote it, and nothing of it becomes a part of the page.
    expect(await page.locator("h1 b").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
