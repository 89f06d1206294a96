import { createHmac } from "node:crypto";
import { equalInConstantTime } from "@foyer/kernel/encoding";
import type { Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { areMediaOpen, type Gate } from "../domain/media.ts";

/** What decides which address media have. */
export type GatedEvent = Gate & { readonly accessVersion: number };

/** What a signed address says beside whose media it is for. */
export interface MediaSignature {
  /** Epoch seconds. */
  readonly expires: number;
  readonly signature: string;
}

/**
 * Addresses of media. Those that not everybody may see are signed: HMAC-SHA-256 under the events' secret over media, access version and
 * end, so that an address ends by itself, and at once when the event is gated anew.
 */
export function createMediaAddresses(secret: string, publicUrl: string, nowMs: () => number) {
  const sign = (mediaId: string, accessVersion: number, expires: number): string =>
    createHmac("sha256", secret)
      .update(`foyer-media-access\n${mediaId}\n${accessVersion}\n${expires}`)
      .digest("base64url");

  return {
    /** Where media of this event are read by whoever reads the event. The same for an hour, so that it can be kept. */
    of(event: GatedEvent, mediaId: Id<"media">): string {
      const plain = `${publicUrl}/v1/media/${mediaId}`;
      if (areMediaOpen(event)) return plain;
      const hour = limits.mediaUrlTtlSeconds;
      const expires = (Math.floor(nowMs() / 1000 / hour) + 2) * hour;
      return `${plain}?expires=${expires}&signature=${sign(mediaId, event.accessVersion, expires)}`;
    },

    /** Whether a signature is ours, for these media as their event is gated now, and has not ended. */
    isSigned(event: GatedEvent, mediaId: Id<"media">, { expires, signature }: MediaSignature): boolean {
      return expires * 1000 > nowMs() && equalInConstantTime(sign(mediaId, event.accessVersion, expires), signature);
    },
  };
}

export type MediaAddresses = ReturnType<typeof createMediaAddresses>;
