import { env, exports } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import type { Role } from "@foyer/contracts/shared/permissions";
import { newId, type OrganizationId } from "@foyer/kernel/ids";
import { newTestUser, type TestUser } from "@foyer/testing/tokens";
import { expect } from "vitest";
import { createDeps, type Deps } from "../src/deps.ts";
import { moveByClock } from "../src/service/move-by-clock.ts";

export const dayMs = 86_400_000;

/** An organization with one member, made for one test. */
export interface TestOrganizer {
  readonly user: TestUser;
  readonly organizationId: OrganizationId;
}

export async function newOrganizer(role: Role = "owner"): Promise<TestOrganizer> {
  const user = await newTestUser();
  const organizationId = newId("organization", Date.now());
  await env.USERS.testGrant(user.userId, organizationId, role);
  return { user, organizationId };
}

export async function newMember(organizationId: OrganizationId, role: Role): Promise<TestUser> {
  const user = await newTestUser();
  await env.USERS.testGrant(user.userId, organizationId, role);
  return user;
}

/** One request to the worker under test; `body` is sent as JSON, and a redirect is the answer. */
export function call(
  method: string,
  path: string,
  options: { readonly user?: TestUser; readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Response> {
  return exports.default.fetch(`https://events.example${path}`, {
    method,
    redirect: "manual",
    headers: {
      ...options.user?.headers,
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
}

export const venue = {
  kind: "venue",
  name: "Town Hall",
  address: "1 Main Square",
  city: "Berlin",
  country: "DE",
  latitude: 52.5,
  longitude: 13.4,
} as const;

/** A title that no other test uses, so that its slug is had bare. */
export function freshTitle(): string {
  return `Night ${newId("event", Date.now()).slice(-12)}`;
}

/** A body that `POST /v1/events` takes, publishable as it is. */
export function eventBody(organizationId: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    organizationId,
    title: "Summer Night",
    description: "An evening of music.",
    startsAt: new Date(Date.now() + 30 * dayMs).toISOString(),
    endsAt: new Date(Date.now() + 30 * dayMs + 3 * 3_600_000).toISOString(),
    timezone: "Europe/Berlin",
    location: venue,
    tags: ["Jazz", "open air"],
    ...more,
  };
}

export async function createDraft(organizer: TestOrganizer, more: Record<string, unknown> = {}): Promise<EventView> {
  const response = await call("POST", "/v1/events", {
    user: organizer.user,
    body: eventBody(organizer.organizationId, more),
  });
  expect(response.status).toBe(201);
  return response.json();
}

export async function move(
  organizer: TestOrganizer,
  event: EventView,
  name: string,
  body?: Record<string, unknown>,
): Promise<EventView> {
  const response = await call("POST", `/v1/events/${event.id}/${name}`, {
    user: organizer.user,
    ...(body && { body }),
  });
  expect(response.status).toBe(200);
  return response.json();
}

/** Has an event become public by itself at a moment, epoch milliseconds. */
export function schedule(organizer: TestOrganizer, event: EventView, publishAtMs: number): Promise<EventView> {
  return move(organizer, event, "publish", { publishAt: new Date(publishAtMs).toISOString() });
}

/** An event as its organizer reads it. */
export async function read(organizer: TestOrganizer, eventId: string): Promise<EventView> {
  const response = await call("GET", `/v1/events/${eventId}`, { user: organizer.user });
  expect(response.status).toBe(200);
  return response.json();
}

/** Lets the clock do what it does by a moment; what it tells stays in the outbox. */
export async function passTo(nowMs: number, change: (deps: Deps) => Partial<Deps> = () => ({})): Promise<void> {
  const base = createDeps(env);
  await moveByClock({ ...base, clock: { nowMs: () => nowMs }, ...change(base) });
}

export async function createPublished(
  organizer: TestOrganizer,
  more: Record<string, unknown> = {},
): Promise<EventView> {
  return move(organizer, await createDraft(organizer, more), "publish");
}

export async function problemOf(
  response: Response,
): Promise<{ status: number; code: string; errors?: { path: string; code: string }[]; [key: string]: unknown }> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return response.json();
}
