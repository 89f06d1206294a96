import { inject } from "vitest";
import { newSecrets, type Secrets } from "../../../scripts/platform/secrets.ts";
import { type Stack, type StackOptions, startStack } from "../../../scripts/platform/stack.ts";
import { freePort } from "../../../scripts/platform/start.ts";
import { type EventPlan, type Organizer, registerOrganizer } from "../../../scripts/sale/organizer.ts";

/** One line that a worker logged. */
export interface LogLine {
  readonly level: string;
  readonly text: string;
}

/** A deployment of its own for one file: all workers and their third parties, with what they logged. */
export interface World extends Stack {
  readonly secrets: Secrets;
  readonly logs: readonly LogLine[];
}

/** Starts a deployment on a free port. Callers are not limited, because all tests come from one address. */
export async function startWorld(options: Partial<StackOptions> = {}): Promise<World> {
  const secrets = options.secrets ?? newSecrets();
  const logs: LogLine[] = [];
  const stack = await startStack({
    bundles: inject("bundles"),
    port: await freePort(),
    rateLimits: false,
    onLog: (text, level) => {
      logs.push({ level, text });
    },
    ...options,
    secrets,
  });
  return { ...stack, secrets, logs };
}

/** An address nobody else has in this run. */
export function newAddress(who: string): string {
  return `${who}-${crypto.randomUUID().slice(0, 8)}@example.com`;
}

export const password = "correct horse battery staple";

/** A verified organizer with an organization of their own. */
export function newOrganizer(world: World): Promise<Organizer> {
  return registerOrganizer(world, {
    email: newAddress("organizer"),
    password,
    name: "Organizer",
    organization: `Harbour Hall ${crypto.randomUUID().slice(0, 8)}`,
  });
}

/** What is sold in these tests, unless a test says otherwise: paid seats and free standing places, thirty days ahead. */
export function newPlan(
  capacity: { readonly paid: number; readonly free: number },
  title = "Winter Concert",
): EventPlan {
  return {
    title,
    description: "An evening of chamber music.",
    startsAt: new Date(Date.now() + 30 * 86_400_000),
    hours: 3,
    timezone: "Europe/Berlin",
    location: { kind: "venue", name: "Harbour Hall", address: "Pier 1", city: "Hamburg", country: "Germany" },
    categorySlug: "music",
    tags: ["chamber music"],
    colours: [
      [20, 30, 80],
      [220, 120, 60],
    ],
    paid: { name: "Seat", priceMinor: 4_500, currency: "EUR", capacity: capacity.paid },
    free: { name: "Standing", capacity: capacity.free },
  };
}
