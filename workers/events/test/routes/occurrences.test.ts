import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { call, newMember, newOrganizer, problemOf } from "../helpers.ts";
import { ownApp } from "../own-app.ts";
import { seriesOf, workAll } from "../series-helpers.ts";

const days = (events: readonly { recurrenceId: string | null }[]) =>
  events.map(({ recurrenceId }) => recurrenceId?.slice(5, 10));
const at = (events: readonly EventView[], index: number): EventView => {
  const event = events.at(index);
  if (event === undefined) throw new Error(`there is no date ${index}`);
  return event;
};

describe("making a series", () => {
  test("the event is its first date, with the rule as it was understood; the answer says how far it is", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft();
    const response = await shop.request("POST", first.id, {
      rrule: "freq=weekly;byday=mo;count=4",
      exceptions: ["2037-01-12"],
      additions: ["2037-01-15T18:30"],
    });
    expect([response.status, response.headers.get("cache-control")]).toEqual([202, "private, no-store"]);
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^ser_/),
      timezone: "Europe/Berlin",
      rule: {
        rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=4",
        startsLocal: "2037-01-05T20:00:00",
        exceptions: ["2037-01-12T20:00:00"],
        additions: ["2037-01-15T18:30:00"],
      },
      progress: { total: 4, made: 1, pending: 3, problems: [] },
    });
    expect(await shop.read(first.id)).toMatchObject({
      version: 2,
      recurrenceId: "2037-01-05T20:00:00",
      status: "draft",
    });
  });

  test("the same key gives the same series, and of two at once there is one", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const first = await shop.draft();
    const send = (key: string) =>
      shop.app.fetch("POST", `/v1/events/${first.id}/occurrences`, {
        user: organizer.user,
        body: { rrule: "FREQ=DAILY;COUNT=3" },
        headers: { "idempotency-key": key },
      });
    const made = await send("once");
    const again = await send("once");
    expect([made.status, again.status, again.headers.get("idempotent-replayed")]).toEqual([202, 202, "true"]);
    expect(await again.json()).toEqual(await made.json());

    const other = await shop.draft();
    const both = await Promise.all([1, 2].map(() => shop.request("POST", other.id, { rrule: "FREQ=DAILY;COUNT=3" })));
    expect(both.map(({ status }) => status).sort()).toEqual([202, 409]);
    const { n } = (await env.EVENTS_DB.prepare("SELECT count(*) AS n FROM series WHERE organization_id = ?1")
      .bind(organizer.organizationId)
      .first<{ n: number }>()) ?? { n: -1 };
    expect(n).toBe(2);
  });

  test("what cannot be a series is told why, and nothing is written", async () => {
    const shop = seriesOf(await newOrganizer());
    const refusal = async (event: EventView, body: object) => {
      const response = await shop.request("POST", event.id, { rrule: "FREQ=DAILY;COUNT=3", ...body });
      const problem = await problemOf(response);
      expect((await shop.read(event.id)).seriesId).toBe(event.seriesId);
      return [response.status, problem.code, ...(problem.errors ?? []).map(({ path, code }) => `${path}: ${code}`)];
    };
    const draft = await shop.draft();
    expect(await refusal(await shop.draft({ endsAt: null }), {})).toEqual([409, "events.times_required"]);
    expect(await refusal(draft, { rrule: "FREQ=DAILY" })).toEqual([
      422,
      "request.invalid",
      "rrule: events.rule_unbounded",
    ]);
    expect(await refusal(draft, { exceptions: ["2037-01-05"] })).toEqual([
      422,
      "request.invalid",
      "exceptions: events.start_excepted",
    ]);
    expect(await refusal(draft, { rrule: `FREQ=DAILY;COUNT=${limits.occurrencesPerSeriesMax + 1}` })).toEqual([
      422,
      "events.too_many_occurrences",
      "rrule: events.too_many_occurrences",
    ]);
    expect(await refusal(draft, { rrule: `FREQ=DAILY;COUNT=3;BYMONTH=${"1,".repeat(300)}1` })).toEqual([
      422,
      "request.invalid",
      "rrule: too_big",
    ]);
    const member = at(await shop.mondays(2), 1);
    expect(await refusal(member, {})).toEqual([409, "events.already_in_series"]);
    const cancelled = await shop.draft();
    await shop.request("POST", cancelled.id, undefined, "cancel");
    expect(await refusal(cancelled, {})).toEqual([409, "events.not_editable"]);
  });

  test.each([limits.occurrencesPerSeriesMax - 1, limits.occurrencesPerSeriesMax])(
    "%i dates are planned",
    async (count) => {
      const shop = seriesOf(await newOrganizer());
      const series = await shop.repeat(await shop.draft(), `FREQ=DAILY;COUNT=${count}`);
      expect(series.progress).toMatchObject({ total: count, pending: count - 1 });
    },
  );
});

describe("reading a series", () => {
  test("members see every date and the rule, page by page; others what is public, and no rule", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const events = await shop.mondays(5);
    await shop.publish(at(events, 1));
    await shop.publish(at(events, 3));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query = cursor === null ? "" : `&cursor=${cursor}`;
      const page = await call("GET", `/v1/events/${at(events, 2).id}/occurrences?limit=2${query}`, {
        user: organizer.user,
      });
      const body: { data: EventView[]; nextCursor: string | null } = await page.json();
      seen.push(...body.data.map(({ id }) => id));
      cursor = body.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(events.map(({ id }) => id));

    for (const user of [undefined, (await newOrganizer()).user]) {
      const options = user === undefined ? {} : { user };
      const open = await call("GET", `/v1/events/${at(events, 1).id}/occurrences`, options);
      expect(open.status).toBe(200);
      const body: { series: unknown; data: EventView[] } = await open.json();
      expect(body.series).toMatchObject({ rule: null, progress: null });
      expect(days(body.data)).toEqual(["01-12", "01-26"]);
      expect((await call("GET", `/v1/events/${at(events, 0).id}/occurrences`, options)).status).toBe(404);
      const list = await call("GET", `/v1/events?seriesId=${at(events, 0).seriesId}`, options);
      expect(days(((await list.json()) as { data: EventView[] }).data)).toEqual(["01-12", "01-26"]);
    }
    const own = await call(
      "GET",
      `/v1/events?organizationId=${organizer.organizationId}&seriesId=${at(events, 0).seriesId}`,
      {
        user: organizer.user,
      },
    );
    expect(((await own.json()) as { data: EventView[] }).data).toHaveLength(5);
  });

  test("an event of no series has no dates, and a foreign cursor is refused", async () => {
    const shop = seriesOf(await newOrganizer());
    const alone = await shop.request("GET", (await shop.draft()).id);
    expect([alone.status, (await problemOf(alone)).code]).toEqual([404, "events.not_in_series"]);
    const [first] = await shop.mondays(1);
    const lost = await shop.request("GET", first?.id ?? "", undefined, "occurrences?cursor=bm9uc2Vuc2U");
    expect([lost.status, (await problemOf(lost)).errors?.[0]?.path]).toEqual([422, "query.cursor"]);
  });
});

describe("changing one date, those that follow, or all", () => {
  test("one date alone keeps what it was given for itself when all are changed", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(4);
    const own = at(events, 2);
    await shop.patch(own.id, "this", { title: "With a guest", startsAt: "2037-01-19T20:00:00Z" });
    expect((await shop.read(at(events, 1).id)).version).toBe(1);

    await shop.patch(at(events, 1).id, "all", { title: "New name", tags: ["swing"], startsAt: "2037-01-12T18:00:00Z" });
    await workAll(shop.app.deps, own.seriesId ?? "ser_");
    const now = await shop.all(own.id);
    expect(
      now.map(({ title, tags, startsAt, endsAt }) => [
        title,
        tags[0],
        startsAt?.local.slice(8, 16),
        endsAt?.local.slice(11, 16),
      ]),
    ).toEqual([
      ["New name", "swing", "05T19:00", "23:30"],
      ["New name", "swing", "12T19:00", "23:30"],
      ["With a guest", "swing", "19T21:00", "23:30"],
      ["New name", "swing", "26T19:00", "23:30"],
    ]);
    expect(days(now)).toEqual(["01-05", "01-12", "01-19", "01-26"]);
    expect(new Set(now.map(({ recurrenceId }) => recurrenceId?.slice(11)))).toEqual(new Set(["20:00:00"]));
    expect((await shop.list(own.id)).series.progress).toMatchObject({ pending: 0, problems: [] });
  });

  test("dates that are made later are made like the series as it is then", async () => {
    const shop = seriesOf(await newOrganizer());
    const first = await shop.draft();
    const series = await shop.repeat(first, "FREQ=WEEKLY;COUNT=3");
    await shop.patch(first.id, "all", { title: "Renamed", endsAt: "2037-01-06T00:00:00Z" });
    await shop.patch(first.id, "this", { title: "Opening night" });
    await workAll(shop.app.deps, series.id);
    const now = await shop.all(first.id);
    expect(now.map(({ title, endsAt }) => [title, endsAt?.local])).toEqual([
      ["Opening night", "2037-01-06T01:00:00"],
      ["Renamed", "2037-01-13T01:00:00"],
      ["Renamed", "2037-01-20T01:00:00"],
    ]);
  });

  test("a change from one date on makes two series of one, each of which goes on for itself", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(5);
    const [first, third] = [at(events, 0), at(events, 2)];
    const changed = await shop.patch(third.id, "following", { title: "Spring season", timezone: "Europe/London" });
    expect(changed.seriesId).not.toBe(first.seriesId);
    await workAll(shop.app.deps, changed.seriesId ?? "ser_");

    const [before, after] = [await shop.list(first.id), await shop.list(third.id)];
    expect([days(before.data), days(after.data)]).toEqual([
      ["01-05", "01-12"],
      ["01-19", "01-26", "02-02"],
    ]);
    expect([before.series.rule?.rrule, after.series.rule?.rrule]).toEqual([
      "FREQ=WEEKLY;BYDAY=MO;COUNT=2",
      "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
    ]);
    expect(after.series.rule?.startsLocal).toBe("2037-01-19T20:00:00");
    // The instant stays where only the zone was changed, as for an event alone; the clocks there show an hour less.
    expect(
      after.data.map(({ title, startsAt }) => `${title} ${startsAt?.local.slice(11, 16)} ${startsAt?.timezone}`),
    ).toEqual(Array(3).fill("Spring season 19:00 Europe/London"));
    expect(new Set(before.data.map(({ title, seriesId }) => `${title} ${seriesId}`))).toEqual(
      new Set([`${first.title} ${first.seriesId}`]),
    );

    await shop.patch(at(events, 4).id, "all", { tags: ["late"] });
    await workAll(shop.app.deps, changed.seriesId ?? "ser_");
    expect((await shop.all(third.id)).map(({ tags }) => tags)).toEqual([["late"], ["late"], ["late"]]);
    expect((await shop.read(first.id)).tags).toEqual(first.tags);
  });

  test("from the first date on is the whole series", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(2);
    const changed = await shop.patch(at(events, 0).id, "following", { title: "Same series" });
    expect(changed.seriesId).toBe(at(events, 0).seriesId);
    await workAll(shop.app.deps, changed.seriesId ?? "ser_");
    expect((await shop.all(changed.id)).map(({ title }) => title)).toEqual(["Same series", "Same series"]);
  });

  test("dates that were cut off follow what was changed before the cut as well", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(4);
    await shop.patch(at(events, 0).id, "all", { title: "Earlier" });
    const cut = await shop.patch(at(events, 2).id, "following", { tags: ["later"] });
    await workAll(shop.app.deps, at(events, 0).seriesId ?? "ser_");
    await workAll(shop.app.deps, cut.seriesId ?? "ser_");
    const now = await Promise.all(events.map(({ id }) => shop.read(id)));
    expect(now.map(({ title, tags }) => `${title} ${tags[0]}`)).toEqual([
      "Earlier jazz",
      "Earlier jazz",
      "Earlier later",
      "Earlier later",
    ]);
  });

  test("a change of one date at the moment of the cut does not bring the old series back", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(4);
    const [cut, ...rest] = await Promise.all([
      shop.patch(at(events, 2).id, "following", { title: "Cut" }),
      ...[at(events, 1), at(events, 3)].map(({ id }) => shop.patch(id, "this", { tags: ["alone"] })),
    ]);
    expect(rest).toHaveLength(2);
    await workAll(shop.app.deps, cut.seriesId ?? "ser_");
    const now = await Promise.all(events.map(({ id }) => shop.read(id)));
    const old = at(events, 0).seriesId;
    expect(now.map(({ seriesId }) => seriesId)).toEqual([old, old, cut.seriesId, cut.seriesId]);
    expect(now.map(({ tags }) => tags[0])).toEqual(["jazz", "alone", "jazz", "alone"]);
    expect(at(now, 3).title).toBe("Cut");
  });

  test("what is over or called off stays as it was", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(4);
    await env.EVENTS_DB.prepare("UPDATE events SET starts_at_ms = 1, ends_at_ms = 2 WHERE id = ?1")
      .bind(at(events, 0).id)
      .run();
    await shop.request("POST", at(events, 1).id, undefined, "cancel");
    await shop.patch(at(events, 3).id, "all", { title: "New" });
    await workAll(shop.app.deps, at(events, 0).seriesId ?? "ser_");
    const now = await Promise.all(events.map(({ id }) => shop.read(id)));
    expect(now.map(({ title }) => title === "New")).toEqual([false, false, true, true]);
  });

  test("holders of tickets are asked about first, once for all dates, and only when time or place changes", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const events = await shop.mondays(3);
    for (const event of events) await shop.publish(event);
    const sold = at(events, 2);
    await env.BOOKINGS.testTally(sold.id, { validTickets: 2 });
    const patch = (body: unknown, scope = "all") =>
      shop.app.fetch("PATCH", `/v1/events/${at(events, 0).id}?scope=${scope}`, { user: organizer.user, body });
    const move = { startsAt: "2037-01-05T18:00:00Z" };
    const asked = await patch(move);
    expect(asked.status).toBe(409);
    expect(await problemOf(asked)).toMatchObject({
      code: "events.confirmation_required",
      count: 1,
      occurrences: [{ eventId: sold.id, recurrenceId: "2037-01-19T20:00:00" }],
    });
    expect((await shop.read(at(events, 0).id)).startsAt?.utc).toBe("2037-01-05T19:00:00.000Z");
    expect((await patch({ title: "Only a name" })).status).toBe(200);
    expect((await patch({ ...move, confirm: true })).status).toBe(200);
    await workAll(shop.app.deps, sold.seriesId ?? "ser_");
    expect((await shop.read(sold.id)).startsAt?.utc).toBe("2037-01-19T18:00:00.000Z");
  });

  test("a scope needs a series, and is one that there is", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const alone = await shop.draft();
    const patch = (scope: string) =>
      shop.app.fetch("PATCH", `/v1/events/${alone.id}?scope=${scope}`, { user: organizer.user, body: { title: "x" } });
    expect([(await patch("all")).status, (await patch("everything")).status, (await patch("this")).status]).toEqual([
      404, 422, 200,
    ]);
    const [first] = await shop.mondays(1);
    const timeless = await shop.app.fetch("PATCH", `/v1/events/${first?.id}?scope=all`, {
      user: organizer.user,
      body: { startsAt: null },
    });
    expect([timeless.status, (await problemOf(timeless)).code]).toEqual([409, "events.times_required"]);
  });
});

describe("publishing a series", () => {
  test("from a date on, or all; what is public already is left alone", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(4);
    const statuses = async () =>
      (await shop.all(at(events, 0).id)).map(({ status, version }) => `${status} ${version}`);
    const publish = async (scope: string): Promise<void> => {
      expect((await shop.request("POST", at(events, 2).id, { scope }, "occurrences/publish")).status).toBe(202);
      await workAll(shop.app.deps, at(events, 0).seriesId ?? "ser_");
    };
    await publish("following");
    expect(await statuses()).toEqual(["draft 2", "draft 1", "published 2", "published 2"]);
    await publish("all");
    expect(await statuses()).toEqual(["published 3", "published 2", "published 2", "published 2"]);
    // From now on the series is public: what is added is published as it is made.
    await shop.request("PUT", at(events, 0).id, { rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=5" });
    await workAll(shop.app.deps, at(events, 0).seriesId ?? "ser_");
    expect((await statuses()).at(-1)).toBe("published 2");
  });
});

describe("another rule", () => {
  test("drafts that fall away are deleted, new dates are made, the others stay as they are", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(4);
    const response = await shop.request("PUT", at(events, 1).id, { rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=4" });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ progress: { total: 4, made: 2 } });
    await workAll(shop.app.deps, at(events, 0).seriesId ?? "ser_");
    const now = await shop.all(at(events, 0).id);
    expect(days(now)).toEqual(["01-05", "01-19", "02-02", "02-16"]);
    expect([now[0]?.id, now[1]?.id]).toEqual([at(events, 0).id, at(events, 2).id]);
    const gone = await shop.request("GET", at(events, 1).id);
    expect(gone.status).toBe(404);
  });

  test("public dates that would fall away are named, and cancelled once that is confirmed", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(3);
    const last = await shop.publish(at(events, 2));
    const body = { rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=2" };
    const refused = await shop.request("PUT", last.id, body);
    expect(refused.status).toBe(409);
    expect(await problemOf(refused)).toMatchObject({
      code: "events.confirmation_required",
      count: 1,
      occurrences: [{ eventId: last.id, recurrenceId: "2037-01-19T20:00:00" }],
    });
    expect((await shop.list(last.id)).series.rule?.rrule).toBe("FREQ=WEEKLY;BYDAY=MO;COUNT=3");
    expect((await shop.request("PUT", last.id, { ...body, confirm: true })).status).toBe(202);
    await workAll(shop.app.deps, last.seriesId ?? "ser_");
    expect((await shop.read(last.id)).status).toBe("cancelled");
    expect((await env.BOOKINGS.testCalls(last.id)).at(-1)?.method).toBe("closeSale");
    expect((await shop.list(at(events, 0).id)).series.progress).toEqual({
      total: 2,
      made: 2,
      pending: 0,
      problems: [],
    });
  });

  test("one that becomes public at that very moment is asked about, not cancelled", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const events = await shop.mondays(2);
    const racing = ownApp((deps) => ({
      series: {
        ...deps.series,
        announced: async (...args) => {
          const found = await deps.series.announced(...args);
          if ((await shop.read(at(events, 1).id)).status === "draft") await shop.publish(at(events, 1));
          return found;
        },
      },
    }));
    const response = await seriesOf(organizer, racing).request("PUT", at(events, 0).id, {
      rrule: "FREQ=DAILY;COUNT=1",
    });
    expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.confirmation_required"]);
    await workAll(shop.app.deps, at(events, 0).seriesId ?? "ser_");
    expect((await shop.read(at(events, 1).id)).status).toBe("published");
  });

  test("one that becomes public before its turn has come is left alone until it is agreed to", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(2);
    const [first, last] = [at(events, 0), at(events, 1)];
    const body = { rrule: "FREQ=DAILY;COUNT=1" };
    expect((await shop.request("PUT", first.id, body)).status).toBe(202);
    await shop.publish(last);
    await workAll(shop.app.deps, first.seriesId ?? "ser_");
    expect((await shop.read(last.id)).status).toBe("published");
    expect((await shop.list(first.id)).series.progress?.problems).toEqual([
      { recurrenceId: last.recurrenceId, eventId: last.id, code: "events.confirmation_required" },
    ]);
    expect((await shop.request("PUT", first.id, body)).status).toBe(409);
    expect((await shop.request("PUT", first.id, { ...body, confirm: true })).status).toBe(202);
    await workAll(shop.app.deps, first.seriesId ?? "ser_");
    expect((await shop.read(last.id)).status).toBe("cancelled");
    expect((await shop.list(first.id)).series.progress).toEqual({ total: 1, made: 1, pending: 0, problems: [] });
  });

  test("cancelling public dates asks for a fresh proof of identity", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const events = await shop.mondays(2);
    await shop.publish(at(events, 1));
    const stale = await newTestUser({
      userId: organizer.user.userId,
      authenticatedAtMs: Date.now() - (limits.stepUpFreshSeconds + 60) * 1000,
    });
    const put = (body: object) =>
      shop.app.fetch("PUT", `/v1/events/${at(events, 0).id}/occurrences`, { user: stale, body });
    const refused = await put({ rrule: "FREQ=DAILY;COUNT=1", confirm: true });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([401, "auth.step_up_required"]);
    expect((await put({ rrule: "FREQ=WEEKLY;COUNT=3" })).status).toBe(202);
    expect((await shop.read(at(events, 1).id)).status).toBe("published");
  });

  test("a rule taken back in time leaves the dates that were about to go", async () => {
    const shop = seriesOf(await newOrganizer());
    const events = await shop.mondays(3);
    await shop.request("PUT", at(events, 0).id, { rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=1" });
    await shop.request("PUT", at(events, 0).id, { rrule: "FREQ=WEEKLY;BYDAY=MO;COUNT=3" });
    await workAll(shop.app.deps, at(events, 0).seriesId ?? "ser_");
    expect((await shop.all(at(events, 0).id)).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  });

  test("a date that is called off or deleted is an exception and is not made again, until the rule is said anew without it", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const events = await shop.mondays(4);
    await shop.request("POST", at(events, 1).id, undefined, "cancel");
    await shop.app.fetch("DELETE", `/v1/events/${at(events, 2).id}`, { user: organizer.user });
    const seriesId = at(events, 0).seriesId ?? "ser_";
    await workAll(shop.app.deps, seriesId);
    const { series } = await shop.list(at(events, 0).id);
    expect(series.rule?.exceptions).toEqual(["2037-01-12T20:00:00", "2037-01-19T20:00:00"]);
    expect(series.progress).toMatchObject({ total: 2, made: 2, pending: 0 });

    // As a client does it: what was read, with one date more.
    const { rrule, exceptions, additions } = series.rule ?? { rrule: "", exceptions: [], additions: [] };
    await shop.request("PUT", at(events, 0).id, { rrule: rrule.replace("4", "5"), exceptions, additions });
    await workAll(shop.app.deps, seriesId);
    expect(days(await shop.all(at(events, 0).id))).toEqual(["01-05", "01-12", "01-26", "02-02"]);

    await shop.request("PUT", at(events, 0).id, { rrule: rrule.replace("4", "5") });
    await workAll(shop.app.deps, seriesId);
    const now = await shop.all(at(events, 0).id);
    expect(now.map(({ recurrenceId, status }) => `${recurrenceId?.slice(5, 10)} ${status}`)).toEqual([
      "01-05 draft",
      "01-12 cancelled",
      "01-19 draft",
      "01-26 draft",
      "02-02 draft",
    ]);
    expect(at(now, 2).id).not.toBe(at(events, 2).id);
  });

  test("faults are those of a rule, and the start stays the start", async () => {
    const shop = seriesOf(await newOrganizer());
    const [first] = await shop.mondays(2);
    const put = async (body: object) => {
      const response = await shop.request("PUT", first?.id ?? "", body);
      const { errors } = await problemOf(response);
      return [response.status, errors?.[0]?.path, errors?.[0]?.code];
    };
    expect(await put({ rrule: "FREQ=WEEKLY;BYDAY=TU;COUNT=2" })).toEqual([422, "rrule", "events.start_not_in_rule"]);
    expect(await put({ rrule: "FREQ=HOURLY;COUNT=2" })).toEqual([422, "rrule", "events.rule_frequency"]);
    expect(await put({ rrule: "FREQ=DAILY;COUNT=2", additions: ["2037-02-30"] })).toEqual([
      422,
      "additions.0",
      "events.no_such_time",
    ]);
    const alone = await shop.request("PUT", (await shop.draft()).id, { rrule: "FREQ=DAILY;COUNT=2" });
    expect([alone.status, (await problemOf(alone)).code]).toEqual([404, "events.not_in_series"]);
  });
});

describe("who may", () => {
  test("strangers, weak roles and bad tokens change nothing", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const event = at(await shop.mondays(2), 1);
    const alone = await shop.draft();
    const other = await newOrganizer();
    const door = await newMember(organizer.organizationId, "door");
    const rule = { rrule: "FREQ=DAILY;COUNT=2" };
    for (const [method, path, body] of [
      ["POST", `/v1/events/${alone.id}/occurrences`, rule],
      ["PUT", `/v1/events/${event.id}/occurrences`, rule],
      ["POST", `/v1/events/${event.id}/occurrences/publish`, { scope: "all" }],
      ["PATCH", `/v1/events/${event.id}?scope=all`, { title: "Mine" }],
      ["PATCH", `/v1/events/${event.id}?scope=following`, { title: "Mine" }],
    ] as const) {
      expect((await call(method, path, { body })).status).toBe(401);
      for (const [what, token] of Object.entries(await badTokens())) {
        const response = await call(method, path, { body, headers: { authorization: `Bearer ${token}` } });
        expect([what, response.status]).toEqual([what, 401]);
      }
      const foreign = await call(method, path, { body, user: other.user });
      expect([foreign.status, (await problemOf(foreign)).code]).toEqual([404, "events.not_found"]);
      expect((await call(method, path, { body, user: door })).status).toBe(403);
    }
    expect((await shop.all(event.id)).map(({ title, status }) => `${title} ${status}`)).toEqual(
      Array(2).fill(`${event.title} draft`),
    );
    expect((await shop.read(alone.id)).seriesId).toBeNull();
  });

  test("a database that fails is not spoken of, and nothing is written", async () => {
    const organizer = await newOrganizer();
    const shop = seriesOf(organizer);
    const first = await shop.draft();
    const failing = ownApp((deps) => ({
      series: {
        ...deps.series,
        create: async () => {
          throw new Error("D1_ERROR: the disk of the secret host is full");
        },
      },
    }));
    const response = await seriesOf(organizer, failing).request("POST", first.id, { rrule: "FREQ=DAILY;COUNT=3" });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
    expect((await shop.read(first.id)).seriesId).toBeNull();
  });
});
