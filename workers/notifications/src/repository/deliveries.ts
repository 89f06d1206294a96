import { dayMs } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { AddressedDelivery, Delivery, DeliveryRepository } from "../service/ports.ts";

const forgetMax = 1_000;

/** Deliveries in the worker's own D1 database. */
export function createDeliveryRepository(db: D1Database): DeliveryRepository {
  return {
    async claim(key, nowMs, leaseUntilMs) {
      // One statement decides: of many that claim at once, one gets the row back.
      const [claimed] = (
        await db
          .prepare(
            `INSERT INTO deliveries (id, message_id, kind, recipient_hash, recipient_masked, status, attempts, refusals,
                                     lease_until_ms, provider, created_at_ms, updated_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, 'queued', 1, 0, ?6, ?7, ?8, ?8)
             ON CONFLICT (message_id, kind, recipient_hash) DO UPDATE SET
               status = 'queued', attempts = attempts + 1, lease_until_ms = ?6, provider = ?7, updated_at_ms = ?8
             WHERE deliveries.status IN ('queued', 'failed') AND deliveries.lease_until_ms <= ?8
             RETURNING id, attempts, refusals`,
          )
          .bind(
            newId("delivery", nowMs),
            key.messageId,
            key.kind,
            key.recipientHash,
            key.recipientMasked,
            leaseUntilMs,
            key.provider,
            nowMs,
          )
          .all<{ id: Delivery["id"]; attempts: number; refusals: number }>()
      ).results;
      if (claimed !== undefined) return { state: "claimed", ...claimed };
      const present = await db
        .prepare("SELECT status FROM deliveries WHERE message_id = ?1 AND kind = ?2 AND recipient_hash = ?3")
        .bind(key.messageId, key.kind, key.recipientHash)
        .first<Pick<Delivery, "status">>();
      return { state: present?.status === "sent" || present?.status === "suppressed" ? "settled" : "held" };
    },

    settle(id, outcome, nowMs) {
      return outcome.kind === "sent"
        ? db
            .prepare(
              `UPDATE deliveries SET status = 'sent', provider_message_id = ?2, error_class = NULL, lease_until_ms = 0,
                                     updated_at_ms = ?3, sent_at_ms = ?3 WHERE id = ?1`,
            )
            .bind(id, outcome.providerMessageId, nowMs)
        : db
            .prepare(
              `UPDATE deliveries SET status = 'suppressed', error_class = ?2, lease_until_ms = 0, updated_at_ms = ?3
               WHERE id = ?1`,
            )
            .bind(id, outcome.errorClass, nowMs);
    },

    async release(id, outcome, nowMs) {
      const refused = outcome.kind === "refused";
      // A sender whose lease ran out while it waited must not undo what its successor achieved.
      await db
        .prepare(
          `UPDATE deliveries SET status = ?2, error_class = ?3, refusals = refusals + ?4, lease_until_ms = 0, updated_at_ms = ?5
           WHERE id = ?1 AND status = 'queued'`,
        )
        .bind(id, refused ? "failed" : "queued", outcome.errorClass, refused ? 1 : 0, nowMs)
        .run();
    },

    async list({ status, limit, before }) {
      const [beforeMs, beforeId] = before ?? [Number.MAX_SAFE_INTEGER, ""];
      const { results } = await db
        .prepare(
          `SELECT id, message_id AS messageId, kind, recipient_masked AS recipientMasked, status, attempts, provider,
                  provider_message_id AS providerMessageId, error_class AS errorClass, created_at_ms AS createdAtMs,
                  updated_at_ms AS updatedAtMs, sent_at_ms AS sentAtMs
           FROM deliveries WHERE ${status === null ? "?4 IS NULL" : "status = ?4"} AND (created_at_ms, id) < (?1, ?2)
           ORDER BY created_at_ms DESC, id DESC LIMIT ?3`,
        )
        .bind(beforeMs, beforeId, limit, status)
        .all<Delivery>();
      return results;
    },

    async listMasked({ masked, untilMs, limit, before }) {
      const [beforeMs, beforeId] = before ?? [untilMs + 1, ""];
      const { results } = await db
        .prepare(
          `SELECT id, message_id AS messageId, kind, status, recipient_hash AS recipientHash, created_at_ms AS createdAtMs,
                  sent_at_ms AS sentAtMs
           FROM deliveries WHERE recipient_masked = ?1 AND (created_at_ms, id) < (?2, ?3)
           ORDER BY created_at_ms DESC, id DESC LIMIT ?4`,
        )
        .bind(masked, beforeMs, beforeId, limit)
        .all<AddressedDelivery>();
      return results;
    },

    async forgetRecipients(ids) {
      await db
        .prepare(
          "UPDATE deliveries SET recipient_masked = '', recipient_hash = id WHERE id IN (SELECT value FROM json_each(?1))",
        )
        .bind(JSON.stringify(ids))
        .run();
    },

    async forget(beforeMs) {
      const result = await db
        .prepare(
          "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE created_at_ms < ?1 ORDER BY created_at_ms LIMIT ?2)",
        )
        .bind(beforeMs, forgetMax)
        .run();
      return result.meta.changes;
    },
  };
}

/** The moment before which deliveries are forgotten. */
export function forgetDeliveriesBeforeMs(nowMs: number): number {
  return nowMs - limits.mailDeliveryKeepDays * dayMs;
}
