import type { EventLocation } from "@foyer/contracts/events/locations";
import type { Accessibility, RoomInput, RoomView, UpdateVenue } from "@foyer/contracts/events/venues";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import type { FieldFault } from "@foyer/kernel/result";

/** A place that an organization holds events in. Times are epoch milliseconds. */
export interface Venue {
  readonly id: Id<"venue">;
  readonly organizationId: OrganizationId;
  readonly version: number;
  /** Grows when something changes of which events keep copies. */
  readonly revision: number;
  readonly name: string;
  readonly address: string;
  readonly city: string;
  readonly region: string | null;
  readonly postalCode: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly capacity: number | null;
  readonly accessibility: Accessibility;
  readonly rooms: readonly RoomView[];
  readonly notes: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Where an event takes place, as it is kept: a copy of a venue names the revision that it was made from. Readers are not shown that. */
export type StoredLocation = EventLocation & { readonly venueRevision?: number };

type Place = Exclude<StoredLocation, { kind: "online" }>;

/** How an event uses a venue: with a room of it, and for a hybrid event where to join from elsewhere. */
export type VenueUse =
  | { readonly kind: "venue"; readonly roomId?: Id<"room"> | undefined }
  | { readonly kind: "hybrid"; readonly roomId?: Id<"room"> | undefined; readonly url?: string | undefined };

/** The copy of a venue that an event keeps. A room that is there no more is left out. */
export function copyOfVenue(venue: Venue, use: VenueUse): StoredLocation {
  const room = venue.rooms.find(({ id }) => id === use.roomId);
  const accessibility = { ...venue.accessibility, ...room?.accessibility };
  const copy = {
    name: venue.name,
    address: venue.address,
    city: venue.city,
    country: venue.country,
    ...(venue.region === null ? {} : { region: venue.region }),
    ...(venue.postalCode === null ? {} : { postalCode: venue.postalCode }),
    ...(venue.latitude === null ? {} : { latitude: venue.latitude }),
    ...(venue.longitude === null ? {} : { longitude: venue.longitude }),
    ...(Object.keys(accessibility).length === 0 ? {} : { accessibility }),
    venueId: venue.id,
    ...(room === undefined ? {} : { roomId: room.id, room: room.name }),
    venueRevision: venue.revision,
  };
  if (use.kind === "venue") return { kind: "venue", ...copy };
  return { kind: "hybrid", ...copy, ...(use.url === undefined ? {} : { url: use.url }) };
}

type Address = Pick<Venue, "name" | "address" | "city" | "country"> & {
  readonly [K in "region" | "postalCode" | "latitude" | "longitude"]?: Venue[K] | undefined;
};

/** Whether somebody who knows the one would not find the other: another name, address or point on the map. */
export function isElsewhere(before: Address, after: Address): boolean {
  const words = ({ name, address, city, region, postalCode, country, latitude, longitude }: Address): string =>
    JSON.stringify([name, address, city, region, postalCode, country, latitude, longitude].map((part) => part ?? null));
  return words(before) !== words(after);
}

/** Whether a stored place and its newer copy are different places. */
export function hasMoved(before: StoredLocation | null, after: StoredLocation): boolean {
  return before === null || before.kind === "online" || after.kind === "online" || isElsewhere(before, after);
}

/** Whether a location is a copy of a venue. */
export function isCopy(location: StoredLocation | null): location is Place & { readonly venueId: Id<"venue"> } {
  return location !== null && location.kind !== "online" && location.venueId !== undefined;
}

/** Rooms as they are to be kept: those that stay keep their ids, the others get one. */
export function settleRooms(rooms: readonly RoomInput[], newRoomId: () => Id<"room">): RoomView[] {
  return rooms.map(({ id, name, capacity, accessibility }) => ({
    id: id ?? newRoomId(),
    name,
    capacity,
    accessibility,
  }));
}

/** Faults of a venue's rooms: ids that are not the venue's or come twice, and names that come twice. */
export function roomFaults(rooms: readonly RoomInput[], known: readonly RoomView[]): FieldFault[] {
  const faults: FieldFault[] = [];
  const names = new Set<string>();
  const left = new Set<string>(known.map(({ id }) => id));
  for (const [index, { id, name }] of rooms.entries()) {
    if (id !== undefined && !left.delete(id))
      faults.push({ path: `rooms.${index}.id`, code: "events.room_not_found", message: "Not a room of this venue" });
    const key = name.toLowerCase();
    if (names.has(key))
      faults.push({ path: `rooms.${index}.name`, code: "events.room_taken", message: "Another room has this name" });
    names.add(key);
  }
  return faults;
}

/** What events keep copies of. */
function copied({ name, address, city, region, postalCode, country, latitude, longitude, ...venue }: Venue): string {
  const rooms = venue.rooms.map(({ id, name: called, accessibility }) => [id, called, accessibility]);
  return JSON.stringify([
    [name, address, city, region, postalCode, country, latitude, longitude],
    venue.accessibility,
    rooms,
  ]);
}

/** The next version of a venue; the same one where nothing changes. */
export function patchVenue(
  before: Venue,
  patch: Omit<UpdateVenue, "confirm" | "rooms">,
  rooms: readonly RoomView[],
  nowMs: number,
): Venue {
  const { name = before.name, address = before.address, city = before.city, country = before.country } = patch;
  const { region = before.region, postalCode = before.postalCode, latitude = before.latitude } = patch;
  const { longitude = before.longitude, capacity = before.capacity, notes = before.notes } = patch;
  const { accessibility = before.accessibility } = patch;
  const after = {
    ...before,
    ...{ name, address, city, country, region, postalCode, latitude, longitude, capacity, notes, accessibility, rooms },
  };
  if (JSON.stringify(after) === JSON.stringify(before)) return before;
  const revision = before.revision + (copied(after) === copied(before) ? 0 : 1);
  return { ...after, revision, version: before.version + 1, updatedAtMs: nowMs };
}

/** A venue's texts as they are searched: lower case, compatibility forms made one. */
export function venueSearchText(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}
