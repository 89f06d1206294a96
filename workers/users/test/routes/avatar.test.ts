import { env, exports } from "cloudflare:workers";
import type { UserBody } from "@foyer/contracts/users/api/people";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { headers as imageHeaders, joined, padded, text } from "@foyer/testing/images";
import { photographs } from "@foyer/testing/photographs";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { expect, test, vi } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { noClient } from "../../src/domain/client.ts";
import { setAvatar } from "../../src/service/avatars/set-avatar.ts";
import { sweepAvatars } from "../../src/service/avatars/sweep-avatars.ts";
import { expectProblem, newPerson, type Person, send, userCall } from "../support/people.ts";

const path = "/v1/users/profile/avatar";
const { jpeg, png, webp } = photographs;

function upload(person: Pick<Person, "headers"> | null, body: BodyInit | null, headers: Record<string, string> = {}) {
  return exports.default.fetch(`https://users${path}`, {
    method: "POST",
    headers: { "content-type": "image/png", ...person?.headers, ...headers },
    body,
  });
}

const deliver = (avatarUrl: string | null, init: RequestInit = {}) =>
  exports.default.fetch(`https://users${new URL(avatarUrl ?? "").pathname}`, init);

async function profileOf(person: Person): Promise<UserBody> {
  return (await send("GET", "/v1/users/profile", undefined, person.headers)).json<UserBody>();
}

/** The picture that a person shows once they have uploaded this one. */
async function shown(person: Person, body: BodyInit): Promise<string> {
  const response = await upload(person, body);
  expect(response.status).toBe(200);
  return (await response.json<UserBody>()).avatarUrl ?? "";
}

/** Ids of everything in the bucket, and of everything that is noted for removal. */
async function traces() {
  const { objects } = await env.AVATARS.list();
  const { results } = await env.USERS_DB.prepare("SELECT avatar_id AS id FROM avatar_removals").all<{ id: string }>();
  return { stored: objects.map(({ key }) => key), noted: results.map(({ id }) => id) };
}

/** A body that does not say its length. */
function stream(bytes: Uint8Array, chunkBytes = 50_001): ReadableStream {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + chunkBytes));
      at += chunkBytes;
    },
  });
}

test.each(Object.entries(photographs))(
  "a %s is shown to everybody, without what the camera wrote",
  async (_, photo) => {
    const person = await newPerson();
    const response = await upload(person, photo.bytes);
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toBe('"2"');
    expect(response.headers.get("cache-control")).toBe("no-store");
    const user = await response.json<UserBody>();
    expect(user.avatarUrl).toMatch(/^http:\/\/localhost:8787\/v1\/avatars\/ava_[0-9a-z]{26}$/);
    expect(await profileOf(person)).toEqual(user);

    const picture = await deliver(user.avatarUrl);
    expect(picture.status).toBe(200);
    const bytes = new Uint8Array(await picture.arrayBuffer());
    expect(Object.fromEntries(picture.headers)).toMatchObject({
      "content-type": photo.contentType,
      "content-length": String(bytes.length),
      "content-disposition": "inline",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "public, max-age=86400, immutable",
      etag: `"${user.avatarUrl?.split("/").at(-1)}"`,
    });
    expect(bytes.length).toBeGreaterThan(400);
    expect(new TextDecoder("latin1").decode(bytes)).not.toContain("Secret");
  },
);

test("a picture that is known is not sent again, and HEAD sends its head alone", async () => {
  const url = await shown(await newPerson(), png.bytes);
  const etag = `"${url.split("/").at(-1)}"`;
  const known = await deliver(url, { headers: { "if-none-match": etag } });
  expect([known.status, await known.text(), known.headers.get("etag")]).toEqual([304, "", etag]);
  const head = await deliver(url, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect(Number(head.headers.get("content-length"))).toBeGreaterThan(400);
});

test("another picture takes the place of the one before, which is gone", async () => {
  const person = await newPerson();
  const first = await shown(person, png.bytes);
  const second = await shown(person, jpeg.bytes);
  expect(second).not.toBe(first);
  await expectProblem(await deliver(first), 404, "users.avatar_not_found");
  expect((await deliver(second)).headers.get("content-type")).toBe("image/jpeg");
  expect((await traces()).noted).toEqual([]);
});

test("a picture can be taken away, as often as one likes", async () => {
  const person = await newPerson();
  const url = await shown(person, webp.bytes);
  const stale = await send("DELETE", path, undefined, { ...person.headers, "if-match": '"1"' });
  await expectProblem(stale, 412, "request.precondition_failed");
  for (let times = 0; times < 2; times += 1) {
    expect((await send("DELETE", path, undefined, person.headers)).status).toBe(204);
    expect((await profileOf(person)).avatarUrl).toBeNull();
  }
  await expectProblem(await deliver(url), 404, "users.avatar_not_found");
  const { results } = await env.USERS_DB.prepare(
    "SELECT before ->> 'avatarId' AS old FROM audit WHERE action = 'user.avatar_changed' AND target_id = ?1 ORDER BY id",
  )
    .bind(person.user.id)
    .all();
  expect(results).toEqual([{ old: null }, { old: url.split("/").at(-1) }]);
});

test("what a picture is, its content decides and neither its name nor its type", async () => {
  const person = await newPerson();
  for (const type of ["text/html", "image/svg+xml", "application/octet-stream", "image/../../etc/passwd"]) {
    const response = await upload(person, png.bytes, { "content-type": type });
    const { avatarUrl } = await response.json<UserBody>();
    expect([type, (await deliver(avatarUrl)).headers.get("content-type")]).toEqual([type, "image/png"]);
  }
});

const svg = text('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>');
const sides = (width: number, height: number): Uint8Array<ArrayBuffer> => {
  const file = png.bytes.slice();
  new DataView(file.buffer).setUint32(16, width);
  new DataView(file.buffer).setUint32(20, height);
  return file;
};

test.each([
  ["an SVG", svg],
  ["an SVG behind a picture's head", joined(png.bytes.subarray(0, 40), svg)],
  ["a picture and a page at once", joined(png.bytes, text("<script>alert(1)</script>"))],
  ["a picture with a page in its comment", joined(jpeg.bytes.subarray(0, -12), text("<!DOCTYPE html><body>"))],
  ["a page", text("<!doctype html><p>hello")],
  ["a GIF", padded(imageHeaders.gif(20, 20), 500)],
  ["an AVIF", padded(imageHeaders.avif(20, 20), 500)],
  ["a picture cut short", png.bytes.slice(0, 400)],
  ["a picture's head and noise", padded(imageHeaders.jpeg(20, 20), 900)],
  ["a picture one pixel too wide", sides(limits.avatarSidePixelsMax + 1, 1)],
  ["a picture that unfolds to billions of pixels", sides(0x7fff_ffff, 0x7fff_ffff)],
  ["a picture without extent", sides(0, 16)],
  ["nothing", new Uint8Array()],
])("%s is refused and leaves nothing", async (_, bytes) => {
  const person = await newPerson();
  const before = await traces();
  await expectProblem(await upload(person, bytes), 415, "users.avatar_invalid");
  expect(await traces()).toEqual(before);
  expect(await profileOf(person)).toEqual(person.user);
});

test("a picture of exactly the limit's side is taken", async () => {
  await shown(await newPerson(), sides(limits.avatarSidePixelsMax, limits.avatarSidePixelsMax));
});

/** A picture of so many bytes: what is too much stands in a chunk that is left out. */
function weighing(bytes: number): Uint8Array<ArrayBuffer> {
  const filler = new Uint8Array(bytes - png.bytes.length);
  new DataView(filler.buffer).setUint32(0, filler.length - 12);
  filler.set(text("tEXt"), 4);
  return joined(png.bytes.subarray(0, 33), filler, png.bytes.subarray(33));
}

test("a picture of exactly the limit is taken, with and without a length, and one byte more is not", async () => {
  const person = await newPerson();
  const fits = weighing(limits.avatarBytesMax);
  await shown(person, fits);
  await shown(person, stream(fits));
  const before = await traces();
  const over = weighing(limits.avatarBytesMax + 1);
  for (const body of [over, stream(over)]) await expectProblem(await upload(person, body), 413, "request.too_large");
  expect(await traces()).toEqual(before);
});

test("an endless body is left at the limit", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 65_536;
      controller.enqueue(pulled === 65_536 ? padded(png.bytes, 65_536) : new Uint8Array(65_536));
    },
  });
  const { user } = await newPerson();
  const call = { ...userCall(user.id), client: noClient };
  const result = await setAvatar(createDeps(env), call, { body: endless, declaredBytes: null });
  expect(result).toMatchObject({ ok: false, error: { code: "request.too_large" } });
  expect(pulled).toBeLessThan(limits.avatarBytesMax + 4 * 65_536);
});

test("a body that breaks off, or is not as long as it says, leaves nothing", async () => {
  const { user } = await newPerson();
  const call = { ...userCall(user.id), client: noClient };
  const before = await traces();
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error("the line went dead"));
    },
  });
  const wanted = { ok: false, error: { code: "users.avatar_invalid" } };
  const deps = createDeps(env);
  for (const [body, declaredBytes] of [
    [broken, null],
    [stream(png.bytes), png.bytes.length + 1],
    [stream(png.bytes), png.bytes.length - 1],
    [null, null],
  ] as const)
    expect(await setAvatar(deps, call, { body, declaredBytes })).toMatchObject(wanted);
  expect(await traces()).toEqual(before);
});

test("what the bucket does not take is 503 and leaves nothing, and what it does not give back is swept", async () => {
  const person = await newPerson();
  const url = await shown(person, png.bytes);
  const id = url.split("/").at(-1) ?? "";
  const before = await traces();
  const call = { ...userCall(person.user.id), client: noClient };
  const deps = createDeps(env);
  const refusing = { ...deps.avatarStore, put: () => Promise.reject(new Error("bucket down")) };
  const refused = await setAvatar({ ...deps, avatarStore: refusing }, call, {
    body: stream(jpeg.bytes),
    declaredBytes: null,
  });
  expect(refused).toMatchObject({ ok: false, error: { code: "platform.unavailable" } });
  expect(await traces()).toEqual(before);
  expect((await profileOf(person)).avatarUrl).toBe(url);

  const keeping = { ...deps.avatarStore, remove: () => Promise.reject(new Error("bucket down")) };
  const replaced = await setAvatar({ ...deps, avatarStore: keeping }, call, {
    body: stream(jpeg.bytes),
    declaredBytes: null,
  });
  expect(replaced.ok).toBe(true);
  expect(await traces()).toMatchObject({ stored: expect.arrayContaining([id]), noted: [id] });
  await exports.default.scheduled();
  const after = await traces();
  expect([after.stored.includes(id), after.noted]).toEqual([false, []]);
  await expectProblem(await deliver(url), 404, "users.avatar_not_found");
});

test("of an upload that died before it was shown nothing is left once its time is over", async () => {
  const deps = createDeps(env);
  const id = newId("avatar", Date.now());
  const nowMs = Date.now();
  await deps.avatars.beginUpload(id, nowMs + limits.avatarUploadSecondsMax * 1_000);
  await deps.avatarStore.put(id, { contentType: "image/png", bytes: png.bytes });
  await sweepAvatars(deps);
  expect((await traces()).stored).toContain(id);
  vi.spyOn(Date, "now").mockReturnValue(nowMs + limits.avatarUploadSecondsMax * 1_000);
  await sweepAvatars(deps);
  vi.restoreAllMocks();
  const left = await traces();
  expect([left.stored.includes(id), left.noted.includes(id)]).toEqual([false, false]);
});

test("of pictures that one person uploads at once one is shown, and the others are swept", async () => {
  const person = await newPerson();
  const before = await traces();
  const urls = await Promise.all(Array.from({ length: 6 }, () => shown(person, png.bytes)));
  await exports.default.scheduled();
  const { avatarUrl } = await profileOf(person);
  expect(urls).toContain(avatarUrl);
  const { stored, noted } = await traces();
  expect(stored.filter((id) => !before.stored.includes(id))).toEqual([avatarUrl?.split("/").at(-1)]);
  expect(noted).toEqual([]);
});

test.each([
  "/v1/avatars/ava_00000000000000000000000000",
  "/v1/avatars/usr_00000000000000000000000000",
  "/v1/avatars/..%2f..%2fhealth",
  "/v1/avatars/%2e%2e",
  "/v1/avatars/ava_0000000000000000000000000%00",
  "/v1/avatars/",
])("%s is no picture", async (strange) => {
  const response = await exports.default.fetch(`https://users${strange}`);
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
});

test("pictures are changed by whoever is signed in, and by nobody else", async () => {
  const before = await traces();
  await expectProblem(await upload(null, png.bytes), 401, "auth.required");
  await expectProblem(await send("DELETE", path), 401, "auth.required");
  for (const token of Object.values(await badTokens())) {
    const headers = { authorization: `Bearer ${token}` };
    await expectProblem(await upload({ headers }, png.bytes), 401, "auth.invalid_token");
  }
  const { headers } = await newTestUser();
  await expectProblem(await upload({ headers: { ...headers } }, png.bytes), 401, "auth.invalid_token");
  expect(await traces()).toEqual(before);
});
