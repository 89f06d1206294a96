import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { DeliveryStatus } from "@foyer/contracts/notifications/api";
import type { Actor } from "@foyer/contracts/shared/actor";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Delivery, DeliveryRepository } from "./ports.ts";

const cursorSchema = z.tuple([z.number(), z.string()]);

/** Deliveries of all mails, newest first, for administrators of the platform. */
export async function listDeliveries(
  deps: { readonly deliveries: DeliveryRepository },
  actor: Actor,
  query: {
    readonly status?: DeliveryStatus | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): Promise<Result<{ readonly data: readonly Delivery[]; readonly nextCursor: string | null }>> {
  const admin = requirePlatformAdmin(actor);
  if (!admin.ok) return admin;
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, cursorSchema);
  if (before !== null && !before.ok) return before;
  const rows = await deps.deliveries.list({
    status: query.status ?? null,
    limit: query.limit + 1,
    before: before?.value ?? null,
  });
  return ok(toPage(rows, query.limit, (row) => [row.createdAtMs, row.id]));
}
