import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ResendEmulator, startResend } from "../src/resend/start-resend.ts";

const apiKey = "re_emulator_tests";
let resend: ResendEmulator;

beforeEach(async () => {
  resend = await startResend({ apiKey });
});

afterEach(() => resend.stop());

const mail = {
  from: "Foyer <tickets@example.com>",
  to: ["buyer@example.com", "guest@example.com"],
  subject: "Your tickets",
  text: "Here they are.",
  html: "<p>Here they are.</p>",
  headers: { "List-Unsubscribe": "<https://shop.example.com/unsubscribe>" },
};

function send(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${resend.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

describe("Resend", () => {
  it("keeps a mail to several people as it was sent", async () => {
    const before = Date.now();
    const response = await send("/emails", mail);
    expect(response.status).toBe(200);
    const { id } = (await response.json()) as { id: string };
    const [sent, ...others] = await resend.listMails();
    expect(others).toEqual([]);
    expect(sent).toMatchObject({ ...mail, id, cc: [], bcc: [], attachments: [] });
    expect(Date.parse(sent?.createdAt ?? "")).toBeGreaterThanOrEqual(before - 1_000);
    const read = await fetch(`${resend.url}/emails/${id}`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect(await read.json()).toMatchObject({ id, to: mail.to });
  });

  it("keeps attachments, in single mails and in batches", async () => {
    const ticket = { filename: "ticket.pdf", content: "JVBERi0=", content_type: "application/pdf" };
    await send("/emails", { ...mail, attachments: [ticket] });
    const calendar = { filename: "event.ics", content: Buffer.from("BEGIN") };
    await send("/emails/batch", [mail, { ...mail, attachments: [calendar] }]);
    const sent = await resend.listMails();
    expect(sent.map(({ attachments }) => attachments)).toEqual([
      [{ filename: "ticket.pdf", content: "JVBERi0=", contentType: "application/pdf" }],
      [],
      [{ filename: "event.ics", content: "QkVHSU4=", contentType: null }],
    ]);
  });

  it("sends once under an idempotency key, and refuses the key for another mail", async () => {
    const key = { "idempotency-key": "order-confirmed/ord_1" };
    const first = await (await send("/emails", mail, key)).json();
    const second = await (await send("/emails", mail, key)).json();
    expect(second).toEqual(first);
    expect(await resend.listMails()).toHaveLength(1);
    const other = await send("/emails", { ...mail, subject: "Something else" }, key);
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ name: "invalid_idempotent_request" });
    const attached = { ...mail, attachments: [{ filename: "ticket.pdf", content: "JVBERi0=" }] };
    expect((await send("/emails", attached, key)).status).toBe(409);
    expect(await resend.listMails()).toMatchObject([{ attachments: [] }]);
  });

  it("refuses a mail without its fields, and calls without the key", async () => {
    expect((await send("/emails", { from: mail.from })).status).toBe(422);
    expect((await send("/emails", { ...mail, attachments: "ticket.pdf" })).status).toBe(422);
    expect((await send("/emails", mail, { authorization: "" })).status).toBe(401);
    expect((await send("/emails", mail, { authorization: "Bearer re_other" })).status).toBe(400);
    expect(await resend.listMails()).toEqual([]);
  });

  it.each([
    ["429", 429],
    ["500", 500],
  ] as const)("fails with %s as often as told, and works again", async (effect, status) => {
    await resend.failNext(effect, 2);
    const statuses: number[] = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await send("/emails", mail)).status);
    expect(statuses).toEqual([status, status, 200]);
    expect(await resend.listMails()).toHaveLength(1);
  });

  it("does not answer when told so, and sends nothing", async () => {
    await resend.failNext("timeout");
    const impatient = fetch(`${resend.url}/emails`, {
      method: "POST",
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      body: JSON.stringify(mail),
      signal: AbortSignal.timeout(100),
    });
    await expect(impatient).rejects.toMatchObject({ name: "TimeoutError" });
    expect(await resend.listMails()).toEqual([]);
  });

  it("refuses to fail in ways it does not know", async () => {
    await expect(resend.failNext("500", 0)).rejects.toThrow("422");
  });

  it("shows its inbox in a browser without a key", async () => {
    await send("/emails", mail);
    const page = await fetch(`${resend.url}/inbox`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Your tickets");
  });
});
