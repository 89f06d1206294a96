import { env } from "cloudflare:workers";
import type { MediaView, UploadView } from "@foyer/contracts/events/media";
import { describe, expect, test } from "vitest";
import { sweepMedia } from "../../src/service/sweep-media.ts";
import { call, createDraft, newOrganizer, problemOf, type TestOrganizer } from "../helpers.ts";
import {
  complete,
  keyOf,
  listed,
  opened,
  photo,
  sendDirectly,
  sendPart,
  traces,
  upload,
  uploaded,
  usedBytes,
} from "../media-support.ts";
import { ownApp } from "../own-app.ts";

describe("the same bytes", () => {
  test("are one object for all events of an organization, which goes with its last row", async () => {
    const organizer = await newOrganizer();
    const [first, second] = [await createDraft(organizer), await createDraft(organizer)];
    const one = await uploaded(first.id, organizer.user, photo(2_000));
    const two = await uploaded(second.id, organizer.user, photo(2_000));
    const three = await uploaded(second.id, organizer.user, photo(2_000));
    expect(new Set([one, two, three].map(({ id }) => id)).size).toBe(3);
    const key = await keyOf(one.id);
    expect([await keyOf(two.id), await keyOf(three.id)]).toEqual([key, key]);
    for (const { id } of [two, three]) expect(await env.MEDIA.head(id)).toBeNull();
    expect(await usedBytes(organizer.organizationId)).toBe(2_000);

    const { user } = organizer;
    expect((await call("DELETE", `/v1/events/${first.id}/media/${one.id}`, { user })).status).toBe(204);
    expect((await call("DELETE", `/v1/events/${second.id}/media/${two.id}`, { user })).status).toBe(204);
    await sweepMedia(ownApp().deps);
    const still = await call("GET", `/v1/media/${three.id}`, { user });
    expect(new Uint8Array(await still.arrayBuffer())).toEqual(photo(2_000));
    expect((await call("DELETE", `/v1/events/${second.id}/media/${three.id}`, { user })).status).toBe(204);
    expect(await env.MEDIA.head(key)).toBeNull();
    expect(await usedBytes(organizer.organizationId)).toBe(0);
  });

  test("are not shared between organizations", async () => {
    const [one, two] = [await newOrganizer(), await newOrganizer()];
    const mine = await uploaded((await createDraft(one)).id, one.user);
    const theirs = await uploaded((await createDraft(two)).id, two.user);
    expect(await keyOf(mine.id)).not.toBe(await keyOf(theirs.id));
  });

  test("sent, removed and swept side by side never leave a row without its bytes, nor bytes without a row", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const { user } = organizer;
    for (let round = 0; round < 4; round += 1) {
      const before = await listed(event, organizer);
      await Promise.all([
        ...before.map(({ id }) => call("DELETE", `/v1/events/${event.id}/media/${id}`, { user })),
        ...Array.from({ length: 3 }, () => upload(event.id, photo(3_000), { user })),
        sweepMedia(ownApp().deps),
      ]);
    }
    const left = await listed(event, organizer);
    expect(left.length).toBeGreaterThan(0);
    for (const { id } of left) {
      const response = await call("GET", `/v1/media/${id}`, { user });
      expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 3_000]);
    }
    await sweepMedia(ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + 2 * 3_600_000 } })).deps);
    const keys = new Set(await Promise.all(left.map(({ id }) => keyOf(id))));
    expect(keys.size).toBe(1);
    expect(await usedBytes(organizer.organizationId)).toBe(3_000);
  });
});

describe("an organization's quota", () => {
  const quotaBytes = 10_000;
  const withQuota = () => ownApp(() => ({ mediaQuotaBytes: quotaBytes }));
  const send = (
    app: ReturnType<typeof ownApp>,
    eventId: string,
    organizer: TestOrganizer,
    body: Uint8Array<ArrayBuffer>,
  ) =>
    sendDirectly("POST", `/v1/events/${eventId}/media`, body, organizer.user.headers, () => ({
      mediaQuotaBytes: app.deps.mediaQuotaBytes,
    }));

  test("is held to the byte, below, at and above, and what is removed is free again", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = withQuota();
    expect((await send(app, event.id, organizer, photo(6_000, 1))).status).toBe(201);
    const before = await traces(event.id);
    const above = await send(app, event.id, organizer, photo(4_001, 2));
    expect(above.status).toBe(409);
    expect(await problemOf(above)).toMatchObject({ code: "events.media_quota_exceeded", quotaBytes });
    expect(await traces(event.id)).toEqual(before);
    const atLimit = await send(app, event.id, organizer, photo(4_000, 3));
    expect(atLimit.status).toBe(201);
    expect((await send(app, event.id, organizer, photo(500, 4))).status).toBe(409);
    // What the organization has already takes up nothing.
    expect((await send(app, event.id, organizer, photo(6_000, 1))).status).toBe(201);
    expect(await usedBytes(organizer.organizationId)).toBe(quotaBytes);
    const media: MediaView = await atLimit.json();
    await call("DELETE", `/v1/events/${event.id}/media/${media.id}`, { user: organizer.user });
    expect((await send(app, event.id, organizer, photo(500, 4))).status).toBe(201);
  });

  test("lets through what fits of several that race", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = withQuota();
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((seed) => send(app, event.id, organizer, photo(4_000, seed))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    expect(await usedBytes(organizer.organizationId)).toBe(8_000);
    expect((await listed(event, organizer)).length).toBe(2);
  });

  test("counts uploads that are open with all that they will be, and no more when they are over", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = withQuota();
    const { user } = organizer;
    const path = `/v1/events/${event.id}/media/uploads`;
    const open = (sizeBytes: number) =>
      app.fetch("POST", path, { user, body: { contentType: "image/png", sizeBytes } });
    const first = await open(7_000);
    expect(first.status).toBe(201);
    expect((await open(3_001)).status).toBe(409);
    expect((await send(app, event.id, organizer, photo(3_001, 1))).status).toBe(409);
    expect((await send(app, event.id, organizer, photo(3_000, 2))).status).toBe(201);
    const parts: UploadView = await first.json();
    await (await sendPart(parts, user, 1, photo(7_000, 3))).text();
    expect((await app.fetch("POST", `${path}/${parts.id}/complete`, { user })).status).toBe(201);
    expect(await usedBytes(organizer.organizationId)).toBe(quotaBytes);
    const media = await listed(event, organizer);
    for (const { id } of media) await call("DELETE", `/v1/events/${event.id}/media/${id}`, { user });
    const aborted: UploadView = await (await open(10_000)).json();
    expect((await open(1)).status).toBe(409);
    await call("DELETE", `${path}/${aborted.id}`, { user });
    expect((await open(10_000)).status).toBe(201);
  });

  test("is the same after an event is deleted with its media", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    await uploaded(event.id, organizer.user, photo(4_000));
    const parts = await opened(event.id, organizer.user, { contentType: "image/png", sizeBytes: 900 });
    expect((await call("DELETE", `/v1/events/${event.id}`, { user: organizer.user })).status).toBe(204);
    expect(await usedBytes(organizer.organizationId)).toBe(0);
    expect((await complete(parts, organizer.user)).status).toBe(404);
  });
});
