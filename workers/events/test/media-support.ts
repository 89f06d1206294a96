import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import type { MediaView, UploadView } from "@foyer/contracts/events/media";
import { whole } from "@foyer/testing/images";
import type { TestUser } from "@foyer/testing/tokens";
import { expect } from "vitest";
import { createEventsApp } from "../src/app.ts";
import { createDeps, type Deps } from "../src/deps.ts";
import { call, type TestOrganizer } from "./helpers.ts";

/** A picture of the given length, whose bytes are its own where `seed` is. */
export function photo(lengthBytes = 1_000, seed = 0): Uint8Array<ArrayBuffer> {
  const bytes = whole("png", lengthBytes);
  bytes.set([seed & 255, (seed >> 8) & 255], 60);
  return bytes;
}

/** Sends a file as a body. */
export function upload(
  eventId: string,
  body: BodyInit | null,
  options: { readonly user?: TestUser; readonly headers?: Record<string, string> } = {},
): Promise<Response> {
  return exports.default.fetch(`https://events.example/v1/events/${eventId}/media`, {
    method: "POST",
    headers: { "content-type": "image/png", ...options.user?.headers, ...options.headers },
    body,
  });
}

export async function uploaded(eventId: string, user: TestUser, body: BodyInit = photo()): Promise<MediaView> {
  const response = await upload(eventId, body, { user });
  expect(response.status).toBe(201);
  return response.json();
}

/** A request whose body and length header reach the worker as they are, as they would from a raw connection. */
export async function sendDirectly(
  method: string,
  path: string,
  body: BodyInit | null,
  headers: Record<string, string>,
  change: (deps: Deps) => Partial<Deps> = () => ({}),
): Promise<Response> {
  const base = createDeps(env);
  const app = createEventsApp(() => ({ ...base, ...change(base) }));
  const context = createExecutionContext();
  const response = await app.fetch(
    new Request(`https://events.example${path}`, { method, headers, body }),
    env,
    context,
  );
  await waitOnExecutionContext(context);
  return response;
}

/** A body whose length is not known beforehand, in chunks that fit no boundary. */
export function stream(
  bytes: Uint8Array,
  chunkBytes = 70_001,
  breakAt = Number.POSITIVE_INFINITY,
): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= breakAt) return controller.error(new Error("the line went dead"));
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + chunkBytes));
      at += chunkBytes;
    },
  });
}

/** Everything that an upload could have left of itself. */
export async function traces(eventId: string) {
  const rows = await env.EVENTS_DB.prepare("SELECT id FROM media WHERE event_id = ?1").bind(eventId).all();
  const pending = await env.EVENTS_DB.prepare("SELECT media_id FROM media_removals").all();
  const objects = await env.MEDIA.list();
  return { rows: rows.results.length, pending: pending.results.length, objects: objects.objects.length };
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The SHA-256 of bytes as a `Content-Digest` (RFC 9530). */
export async function contentDigest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha-256=:${btoa(String.fromCharCode(...digest))}:`;
}

/** Bytes that an organization's media take up, as they are counted. */
export async function usedBytes(organizationId: string): Promise<number> {
  const row = await env.EVENTS_DB.prepare("SELECT bytes FROM media_usage WHERE organization_id = ?1")
    .bind(organizationId)
    .first<{ bytes: number }>();
  return row?.bytes ?? 0;
}

export async function keyOf(mediaId: string): Promise<string> {
  const row = await env.EVENTS_DB.prepare("SELECT object_key AS key FROM media WHERE id = ?1")
    .bind(mediaId)
    .first<{ key: string }>();
  return row?.key ?? "";
}

/** Opens an upload in parts. */
export function openUpload(eventId: string, user: TestUser, body: Record<string, unknown>): Promise<Response> {
  return call("POST", `/v1/events/${eventId}/media/uploads`, { user, body });
}

export async function opened(eventId: string, user: TestUser, body: Record<string, unknown>): Promise<UploadView> {
  const response = await openUpload(eventId, user, body);
  expect(response.status).toBe(201);
  return response.json();
}

/** Sends one part of a file as an upload has it divided. */
export function sendPart(
  upload: UploadView,
  user: TestUser,
  number: number,
  file: Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const from = (number - 1) * upload.partBytes;
  return exports.default.fetch(
    `https://events.example/v1/events/${upload.eventId}/media/uploads/${upload.id}/parts/${number}`,
    {
      method: "PUT",
      headers: { "content-type": "application/octet-stream", ...user.headers, ...headers },
      body: file.slice(from, from + upload.partBytes),
    },
  );
}

export function complete(upload: UploadView, user: TestUser): Promise<Response> {
  return call("POST", `/v1/events/${upload.eventId}/media/uploads/${upload.id}/complete`, { user });
}

/** An event as its organizer reads it. */
export const readEvent = async (event: { readonly id: string }, organizer: TestOrganizer): Promise<EventView> =>
  (await call("GET", `/v1/events/${event.id}`, { user: organizer.user })).json();

/** All media of an event, as its organizer reads them. */
export const listed = async (event: { readonly id: string }, organizer: TestOrganizer): Promise<MediaView[]> => {
  const response = await call("GET", `/v1/events/${event.id}/media?limit=100`, { user: organizer.user });
  return (await response.json<{ data: MediaView[] }>()).data;
};
