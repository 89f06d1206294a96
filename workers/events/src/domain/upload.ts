import type { MediaType, UploadPartView, UploadStatus } from "@foyer/contracts/events/media";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import { partsCountOf } from "./media.ts";

/** A file that comes in parts. */
export interface Upload {
  readonly id: Id<"upload">;
  readonly organizationId: OrganizationId;
  readonly eventId: EventId;
  readonly status: UploadStatus;
  readonly contentType: MediaType;
  readonly sizeBytes: number;
  /** Of the file as its sender has it; null where they did not say. */
  readonly sha256: string | null;
  readonly alt: string;
  /** What became of it. */
  readonly mediaId: Id<"media"> | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** A part in the bucket, with the tag of its bytes. */
export interface UploadPart extends UploadPartView {
  readonly etag: string;
}

/** Key of a part in the bucket: below its upload's, so that it goes when that goes. */
export function partKeyOf(uploadId: Id<"upload">, number: number): string {
  return `${uploadId}/${number}`;
}

/** Whether parts may still come. */
export function isOpen(upload: Pick<Upload, "status" | "expiresAtMs">, nowMs: number): boolean {
  return upload.status === "open" && upload.expiresAtMs > nowMs;
}

/** Numbers of the parts that have not arrived. */
export function missingParts(
  upload: Pick<Upload, "sizeBytes">,
  parts: readonly Pick<UploadPart, "number">[],
): number[] {
  const arrived = new Set(parts.map(({ number }) => number));
  return Array.from({ length: partsCountOf(upload.sizeBytes) }, (_, index) => index + 1).filter(
    (number) => !arrived.has(number),
  );
}
