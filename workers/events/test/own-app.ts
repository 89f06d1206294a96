import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { TestUser } from "@foyer/testing/tokens";
import { createEventsApp } from "../src/app.ts";
import { createDeps, type Deps } from "../src/deps.ts";

/** The app over the test's own dependencies; its outbox is left full, so that a test can read what would be told. */
export function ownApp(change: (deps: Deps) => Partial<Deps> = () => ({})) {
  const base: Deps = { ...createDeps(env), drain: async () => undefined };
  const deps: Deps = { ...base, ...change(base) };
  const app = createEventsApp(() => deps);
  return {
    deps,
    async fetch(
      method: string,
      path: string,
      options: { readonly user?: TestUser; readonly body?: unknown; readonly headers?: Record<string, string> } = {},
    ): Promise<Response> {
      const context = createExecutionContext();
      const response = await app.fetch(
        new Request(`https://events.example${path}`, {
          method,
          headers: {
            ...options.user?.headers,
            ...(options.body === undefined ? {} : { "content-type": "application/json" }),
            ...options.headers,
          },
          ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        }),
        env,
        context,
      );
      await waitOnExecutionContext(context);
      return response;
    },
  };
}

/** What an event's changes have put into the outbox: type, version and consumer, in order of writing. */
export async function outboxOf(
  eventId: string,
): Promise<{ consumer: string; type: string; version: number; envelope: AnyEnvelope }[]> {
  const { results } = await env.EVENTS_DB.prepare("SELECT consumer, body FROM outbox ORDER BY rowid").all<{
    consumer: string;
    body: string;
  }>();
  return results.flatMap(({ consumer, body }) => {
    const envelope: AnyEnvelope = JSON.parse(body);
    const payload = envelope.payload as {
      eventId?: string;
      version?: number;
      event?: { eventId: string; version: number };
    };
    const about = payload.event ?? payload;
    if (about.eventId !== eventId) return [];
    return [{ consumer, type: envelope.type, version: about.version ?? 0, envelope }];
  });
}
