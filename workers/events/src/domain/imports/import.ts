import type { ImportLineStatus, ImportStatus } from "@foyer/contracts/events/imports";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import type { FieldFault } from "@foyer/kernel/result";

/** A file of events that an organization has sent. */
export interface EventImport {
  readonly id: Id<"eventImport">;
  readonly organizationId: OrganizationId;
  readonly status: ImportStatus;
  /** Who sent it. */
  readonly actor: string;
  readonly columns: {
    readonly recognized: readonly { readonly column: string; readonly field: string }[];
    readonly ignored: readonly string[];
  };
  readonly createdAtMs: number;
  readonly finishedAtMs: number | null;
}

/** An import with the number of its lines in each state. */
export interface CountedImport extends EventImport {
  readonly lines: Readonly<Record<ImportLineStatus, number>>;
}

/** One line of it. */
export interface ImportLine {
  readonly line: number;
  readonly status: ImportLineStatus;
  readonly title: string;
  /** The body of the new event, validated; null where the line is bad. */
  readonly body: unknown;
  readonly externalId: string | null;
  readonly errors: readonly FieldFault[];
  /** Of the event that it makes or has made. */
  readonly eventId: EventId | null;
}
