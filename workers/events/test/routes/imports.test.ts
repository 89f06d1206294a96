import { env, exports } from "cloudflare:workers";
import type { EventImportLineView, EventImportView } from "@foyer/contracts/events/imports";
import { limits } from "@foyer/kernel/limits";
import type { TestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { driveImports } from "../../src/service/imports/run-import.ts";
import { call, newMember, newOrganizer, problemOf, type TestOrganizer } from "../helpers.ts";
import { ownApp } from "../own-app.ts";

const header = "Event ID,Event Name,Event Start Date,Event End Date,Venue Name,Address,City,Country,Category,Tags\n";
const good = (id: string, name = "Ball"): string =>
  `${id},${name},2027-07-01 20:00,2027-07-01 23:00,Hall,1 Main Square,Berlin,DE,Music,"jazz; swing"\n`;

function send(organizer: TestOrganizer, text: string, query = "", user: TestUser = organizer.user): Promise<Response> {
  return exports.default.fetch(
    `https://events.example/v1/organizations/${organizer.organizationId}/event-imports${query}`,
    { method: "POST", headers: { ...user.headers, "content-type": "text/csv" }, body: text },
  );
}

async function checked(organizer: TestOrganizer, text: string): Promise<EventImportView> {
  const response = await send(organizer, text, "?timezone=Europe/Berlin");
  expect(response.status).toBe(201);
  return response.json();
}

async function linesOf(organizer: TestOrganizer, id: string, query = ""): Promise<EventImportLineView[]> {
  const path = `/v1/organizations/${organizer.organizationId}/event-imports/${id}/lines${query}`;
  const response = await call("GET", path, { user: organizer.user });
  expect(response.status).toBe(200);
  const page: { data: EventImportLineView[] } = await response.json();
  return page.data;
}

async function draftsOf(organizer: TestOrganizer): Promise<{ id: string; title: string }[]> {
  const path = `/v1/events?organizationId=${organizer.organizationId}&status=draft&limit=100`;
  const page: { data: { id: string; title: string }[] } = await (
    await call("GET", path, { user: organizer.user })
  ).json();
  return page.data;
}

/** The import as it is when nothing of it is left to do. */
async function ran(organizer: TestOrganizer, id: string): Promise<EventImportView> {
  const path = `/v1/organizations/${organizer.organizationId}/event-imports/${id}`;
  const started = await call("POST", `${path}/run`, { user: organizer.user });
  expect(started.status).toBe(202);
  await driveImports(ownApp().deps, { actor: { kind: "system", name: "test" }, requestId: "req_test" });
  return (await call("GET", path, { user: organizer.user })).json();
}

describe("checking a file", () => {
  test("reports every bad line with its number and column, keeps the good ones, and makes nothing", async () => {
    const organizer = await newOrganizer();
    const report = await checked(
      organizer,
      `${header}${good("1")}2,,2027-07-01 20:00,2027-07-01 19:00,Hall,1 Main Square,Berlin,DE,,\n` +
        `3,Gap,2027-03-28 02:30,2027-03-28 04:00,Hall,1 Main Square,Berlin,DE,,\n` +
        `4,Backwards,2027-07-01 20:00,2027-07-01 19:00,Hall,1 Main Square,Berlin,DE,,\n` +
        `5,Where,7/1/2027,8/1/2027,Hall,,Berlin,DE,Nonsense,\n${good("1", "Again")}`,
    );
    expect(report).toMatchObject({
      status: "checked",
      lines: { good: 1, bad: 5, made: 0, failed: 0 },
      finishedAt: null,
    });
    expect(report.columns.ignored).toEqual([]);
    const lines = await linesOf(organizer, report.id);
    const faults = lines.map(({ line, errors }) => [line, ...errors.map(({ path, code }) => `${path} ${code}`)]);
    expect(faults).toEqual([
      [2],
      [3, expect.stringContaining("Event Name")],
      [4, "Event Start Date time.skipped"],
      [5, "Event End Date events.end_before_start"],
      [
        6,
        "Event Start Date import.date_ambiguous",
        "Event End Date import.date_ambiguous",
        "Category events.category_not_found",
        expect.stringContaining("Address"),
      ],
      [7, "Event ID import.repeated"],
    ]);
    expect((await linesOf(organizer, report.id, "?status=bad&limit=2")).map(({ line }) => line)).toEqual([3, 4]);
    expect(await draftsOf(organizer)).toEqual([]);
  });

  test.each([
    ["", 400, "events.import_unreadable"],
    ["Event Name\n", 400, "events.import_unreadable"],
    ["Color,Size\nred,1\n", 422, "events.import_without_title"],
    [`title\n${"x\n".repeat(limits.importLinesMax + 1)}`, 413, "events.import_too_long"],
  ])("refuses what is no file of events: %#", async (text, status, code) => {
    const organizer = await newOrganizer();
    const refused = await send(organizer, text);
    expect(refused.status).toBe(status);
    expect(await problemOf(refused)).toMatchObject({ code });
    const list = await call("GET", `/v1/organizations/${organizer.organizationId}/event-imports`, {
      user: organizer.user,
    });
    expect(await list.json()).toEqual({ data: [], nextCursor: null });
  });

  test("refuses a zone that is none, and an organization that is another's", async () => {
    const organizer = await newOrganizer();
    expect((await send(organizer, header + good("1"), "?timezone=Mars/Base")).status).toBe(422);
    const stranger = await newOrganizer();
    expect((await send(organizer, header + good("1"), "", stranger.user)).status).toBe(404);
    const support = await newMember(organizer.organizationId, "support");
    expect((await send(organizer, header + good("1"), "", support)).status).toBe(403);
  });

  test("keeps as many reports as it may and not one more", async () => {
    const organizer = await newOrganizer();
    await env.EVENTS_DB.prepare(
      `INSERT INTO event_imports (id, organization_id, status, actor, columns, created_at_ms)
       SELECT 'imp_' || ?1 || value, ?1, 'checked', 'a', '{}', 1 FROM json_each(?2)`,
    )
      .bind(
        organizer.organizationId,
        JSON.stringify(Array.from({ length: limits.importsPerOrganizationMax - 1 }, (_, i) => i)),
      )
      .run();
    expect((await send(organizer, header + good("1"))).status).toBe(201);
    const refused = await send(organizer, header + good("2"));
    expect(refused.status).toBe(409);
    expect(await problemOf(refused)).toMatchObject({ code: "events.too_many_imports" });
  });
});

describe("running an import", () => {
  test("makes a draft of every good line, once, however often it is run, and of the same file nothing more", async () => {
    const organizer = await newOrganizer();
    const file = `${header}${good("a", "First")}${good("b", "Second")}x,,,,,,,,,\n`;
    const report = await checked(organizer, file);
    expect(await ran(organizer, report.id)).toMatchObject({
      status: "done",
      lines: { good: 0, bad: 1, made: 2, failed: 0 },
    });
    expect(await ran(organizer, report.id)).toMatchObject({ status: "done", lines: { made: 2 } });
    const drafts = await draftsOf(organizer);
    expect(drafts.map(({ title }) => title).sort()).toEqual(["First", "Second"]);
    const made = (await linesOf(organizer, report.id, "?status=made")).map(({ eventId }) => eventId);
    expect(new Set(made)).toEqual(new Set(drafts.map(({ id }) => id)));
    const event = await (await call("GET", `/v1/events/${made[0]}`, { user: organizer.user })).json();
    expect(event).toMatchObject({
      title: "First",
      tags: ["jazz", "swing"],
      startsAt: { utc: "2027-07-01T18:00:00.000Z", timezone: "Europe/Berlin" },
      location: { kind: "venue", name: "Hall", city: "Berlin" },
    });

    const again = await checked(organizer, file);
    expect(again.lines).toMatchObject({ good: 0, bad: 3 });
    expect((await linesOf(organizer, again.id))[0]?.errors).toMatchObject([{ code: "import.already_imported" }]);
  });

  test("goes on where it stopped when bookings comes back, and two at once make nothing twice", async () => {
    const organizer = await newOrganizer();
    const report = await checked(organizer, header + good("a", "One") + good("b", "Two") + good("c", "Three"));
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    // The stub knows whose an event is from its first preparation, which fails as well.
    const path = `/v1/organizations/${organizer.organizationId}/event-imports/${report.id}`;
    const { deps } = ownApp((base) => ({
      bookings: {
        ...base.bookings,
        prepareSale: async () => ({ ok: false, error: { code: "platform.unavailable", detail: "Away." } }),
      },
    }));
    await env.EVENTS_DB.prepare("UPDATE event_imports SET status = 'running' WHERE id = ?1").bind(report.id).run();
    const system = { actor: { kind: "system", name: "test" }, requestId: "req_test" } as const;
    expect(await driveImports(deps, system)).toBe(1);
    expect(await (await call("GET", path, { user: organizer.user })).json()).toMatchObject({
      status: "running",
      lines: { good: 3 },
    });

    await env.BOOKINGS.testDown(organizer.organizationId, false);
    const back = ownApp().deps;
    await Promise.all([driveImports(back, system), driveImports(back, system)]);
    await driveImports(back, system);
    expect(await (await call("GET", path, { user: organizer.user })).json()).toMatchObject({
      status: "done",
      lines: { made: 3 },
    });
    expect((await draftsOf(organizer)).map(({ title }) => title).sort()).toEqual(["One", "Three", "Two"]);
  });

  test("of two imports of one file the second's lines fail", async () => {
    const organizer = await newOrganizer();
    const [first, second] = [
      await checked(organizer, header + good("a")),
      await checked(organizer, header + good("a")),
    ];
    await ran(organizer, first.id);
    expect(await ran(organizer, second.id)).toMatchObject({ status: "done", lines: { made: 0, failed: 1 } });
    expect(await draftsOf(organizer)).toHaveLength(1);
  });

  test("is for those who write events, in their own organization", async () => {
    const organizer = await newOrganizer();
    const report = await checked(organizer, header + good("a"));
    const path = `/v1/organizations/${organizer.organizationId}/event-imports/${report.id}`;
    const stranger = await newOrganizer();
    const elsewhere = `/v1/organizations/${stranger.organizationId}/event-imports/${report.id}`;
    const door = await newMember(organizer.organizationId, "door");
    for (const [method, tail] of [
      ["GET", ""],
      ["GET", "/lines"],
      ["POST", "/run"],
      ["DELETE", ""],
    ] as const) {
      expect((await call(method, path + tail, { user: stranger.user })).status).toBe(404);
      expect((await call(method, elsewhere + tail, { user: stranger.user })).status).toBe(404);
      expect((await call(method, path + tail)).status).toBe(401);
      expect((await call(method, path + tail, { user: door })).status).toBe(method === "GET" ? 200 : 403);
    }
    expect(await draftsOf(organizer)).toEqual([]);
  });
});

test("a report is removed by its organization, but not while it runs", async () => {
  const organizer = await newOrganizer();
  const report = await checked(organizer, header + good("a"));
  const path = `/v1/organizations/${organizer.organizationId}/event-imports/${report.id}`;
  await env.EVENTS_DB.prepare("UPDATE event_imports SET status = 'running' WHERE id = ?1").bind(report.id).run();
  expect((await call("DELETE", path, { user: organizer.user })).status).toBe(409);
  await ran(organizer, report.id);
  expect((await call("DELETE", path, { user: organizer.user })).status).toBe(204);
  expect((await call("GET", path, { user: organizer.user })).status).toBe(404);
  expect(await draftsOf(organizer)).toHaveLength(1);
});
