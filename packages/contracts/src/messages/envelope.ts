import type { MessageId } from "@foyer/kernel/ids";
import * as z from "zod";
import { idSchema } from "../shared/schemas.ts";
import { type MessageType, messageSchemas, messageTypes, type Payload } from "./catalog.ts";

/** What lies in a queue: one message in its wrapping. The id is what consumers dedupe by. */
export interface Envelope<T extends MessageType = MessageType> {
  readonly id: MessageId;
  readonly type: T;
  /** RFC 3339, when the change was committed. */
  readonly occurredAt: string;
  /** The worker that tells. */
  readonly source: string;
  readonly requestId: string;
  readonly payload: Payload<T>;
}

/** An envelope whose payload has been checked against its type, as a union over all types. */
export type AnyEnvelope = { [T in MessageType]: Envelope<T> }[MessageType];

const envelopeSchema = z.object({
  id: idSchema("message"),
  type: z.enum(messageTypes as [MessageType, ...MessageType[]]),
  occurredAt: z.string(),
  source: z.string(),
  requestId: z.string(),
  payload: z.unknown(),
});

/** Parses what came out of a queue; the reason is for the dead-letter store, not for callers. */
export function parseEnvelope(body: unknown): { ok: true; envelope: AnyEnvelope } | { ok: false; reason: string } {
  const outer = envelopeSchema.safeParse(body);
  if (!outer.success) return { ok: false, reason: `envelope: ${z.prettifyError(outer.error)}` };
  const payload = messageSchemas[outer.data.type].safeParse(outer.data.payload);
  if (!payload.success)
    return { ok: false, reason: `payload of ${outer.data.type}: ${z.prettifyError(payload.error)}` };
  return { ok: true, envelope: { ...outer.data, payload: payload.data } as AnyEnvelope };
}
