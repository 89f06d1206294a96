import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { ErrorCatalog } from "@foyer/contracts/shared/errors";
import { pageQuerySchema, pageSchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import { bearerAuth, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { ConsumerDeps, Handlers } from "./consumer.ts";
import { listDeadLetters, replayDeadLetter } from "./dead-letters.ts";

/** Codes of the dead-letter routes, for every consuming worker's catalog. */
export const deadLetterErrors = {
  "messaging.dead_letter_not_found": { kind: "not_found", title: "No such dead letter" },
  "messaging.replay_failed": { kind: "conflict", title: "The message failed again" },
} as const satisfies ErrorCatalog;

const deadLetterSchema = z
  .object({
    id: z.string(),
    messageId: z.string().nullable(),
    type: z.string().nullable(),
    reason: z.string(),
    storedAt: z.string(),
    replayedAt: z.string().nullable(),
  })
  .meta({ id: "DeadLetter" });

/** Adds `GET /v1/admin/{domain}/dead-letters` and `POST .../{id}/replay`, for administrators of the platform. */
export function addDeadLetterRoutes<D>(
  app: OpenAPIHono<AppEnv<D>>,
  domain: string,
  use: (deps: D) => ConsumerDeps & { readonly handlers: Handlers },
): void {
  const title = domain.charAt(0).toUpperCase() + domain.slice(1);
  const list = createRoute({
    method: "get",
    path: `/v1/admin/${domain}/dead-letters`,
    operationId: `list${title}DeadLetters`,
    tags: ["Administration"],
    summary: `Messages that ${domain} could not handle`,
    security: bearerAuth,
    request: { query: pageQuerySchema },
    responses: responses(200, "Newest first", pageSchema(deadLetterSchema)),
  });
  app.openapi(list, async (c) => {
    const admin = requirePlatformAdmin(c.get("actor"));
    if (!admin.ok) return problem(c, deadLetterErrors, admin.error);
    const { limit, cursor } = c.req.valid("query");
    const before = cursor === undefined ? null : decodeCursor(cursor, z.tuple([z.number(), z.string()]));
    if (before !== null && !before.ok) return problem(c, deadLetterErrors, before.error);
    const rows = await listDeadLetters(use(c.get("deps")).db, { limit: limit + 1, before: before?.value ?? null });
    const page = toPage(rows, limit, (row) => [row.storedAtMs, row.id]);
    c.header("cache-control", "no-store");
    return c.json(
      {
        data: page.data.map(({ storedAtMs, replayedAtMs, ...row }) => ({
          ...row,
          storedAt: toRfc3339(storedAtMs),
          replayedAt: replayedAtMs === null ? null : toRfc3339(replayedAtMs),
        })),
        nextCursor: page.nextCursor,
      },
      200,
    );
  });

  const replay = createRoute({
    method: "post",
    path: `/v1/admin/${domain}/dead-letters/{id}/replay`,
    operationId: `replay${title}DeadLetter`,
    tags: ["Administration"],
    summary: `Handle one of ${domain}'s dead letters again`,
    security: bearerAuth,
    request: { params: z.object({ id: z.string().max(64) }) },
    responses: responses(200, "Handled", z.object({ replayed: z.literal(true) })),
  });
  app.openapi(replay, async (c) => {
    const admin = requirePlatformAdmin(c.get("actor"));
    if (!admin.ok) return problem(c, deadLetterErrors, admin.error);
    const { handlers, ...deps } = use(c.get("deps"));
    const result = await replayDeadLetter(c.req.valid("param").id, handlers, deps);
    if (!result.ok) return problem(c, deadLetterErrors, result.error);
    return c.json({ replayed: true as const }, 200);
  });
}
