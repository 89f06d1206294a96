import { newId } from "@foyer/kernel/ids";
import { describe, expect, test } from "vitest";
import { copyOfVenue, hasMoved, isElsewhere, patchVenue, roomFaults, type Venue } from "../../src/domain/venue.ts";

const room = { id: newId("room", 1), name: "Red Room", capacity: 80, accessibility: { hearingLoop: true } };
const venue: Venue = {
  id: newId("venue", 1),
  organizationId: newId("organization", 1),
  version: 3,
  revision: 2,
  name: "Harbour Hall",
  address: "Pier 1",
  city: "Hamburg",
  region: null,
  postalCode: "20457",
  country: "DE",
  latitude: 53.5,
  longitude: null,
  capacity: 500,
  accessibility: { stepFree: true, hearingLoop: false },
  rooms: [room],
  notes: "Ring twice",
  createdAtMs: 1,
  updatedAtMs: 1,
};

describe("the copy that an event keeps of a venue", () => {
  test("has what visitors need, of the room where there is one, and nothing of what is the organizer's", () => {
    expect(copyOfVenue(venue, { kind: "hybrid", roomId: room.id, url: "https://meet.example/1" })).toEqual({
      kind: "hybrid",
      name: "Harbour Hall",
      address: "Pier 1",
      city: "Hamburg",
      country: "DE",
      postalCode: "20457",
      latitude: 53.5,
      accessibility: { stepFree: true, hearingLoop: true },
      venueId: venue.id,
      roomId: room.id,
      room: "Red Room",
      url: "https://meet.example/1",
      venueRevision: 2,
    });
  });

  test("is without a room that is there no more", () => {
    const copy = copyOfVenue({ ...venue, rooms: [] }, { kind: "venue", roomId: room.id });
    expect(copy).not.toHaveProperty("roomId");
    expect(copy).toHaveProperty("accessibility", { stepFree: true, hearingLoop: false });
  });

  test.each([
    ["name", { name: "Else" }],
    ["address", { address: "Pier 2" }],
    ["city", { city: "Bremen" }],
    ["region", { region: "Hamburg" }],
    ["postal code", { postalCode: null }],
    ["country", { country: "DK" }],
    ["latitude", { latitude: 53.6 }],
    ["longitude", { longitude: 10 }],
  ])("is another place with another %s", (_what, change) => {
    const moved = { ...venue, ...change };
    expect(isElsewhere(venue, moved)).toBe(true);
    expect(hasMoved(copyOfVenue(venue, { kind: "venue" }), copyOfVenue(moved, { kind: "venue" }))).toBe(true);
  });

  test.each([
    ["notes", { notes: "" }, 0],
    ["capacity", { capacity: null }, 0],
    ["accessibility", { accessibility: {} }, 1],
    ["nothing", { name: venue.name, accessibility: { stepFree: true, hearingLoop: false } }, null],
  ])("is the same place with another %s, and is made anew only where it would differ", (_what, patch, revisions) => {
    const after = patchVenue(venue, patch, venue.rooms, 9);
    if (revisions === null) expect(after).toBe(venue);
    else expect(after).toMatchObject({ version: 4, revision: 2 + revisions, updatedAtMs: 9 });
    expect(isElsewhere(venue, after)).toBe(false);
    expect(hasMoved(copyOfVenue(venue, { kind: "venue" }), copyOfVenue(after, { kind: "venue" }))).toBe(false);
  });

  test("is made anew where rooms change by name, not by capacity", () => {
    expect(patchVenue(venue, {}, [{ ...room, name: "Blue Room" }], 9).revision).toBe(3);
    expect(patchVenue(venue, {}, [{ ...room, capacity: 70 }], 9)).toMatchObject({ revision: 2, version: 4 });
  });
});

test("rooms have ids of their venue, each once, and names of their own", () => {
  const plain = { capacity: null, accessibility: null };
  expect(
    roomFaults(
      [
        { ...plain, id: room.id, name: "A" },
        { ...plain, name: "B" },
      ],
      [room],
    ),
  ).toEqual([]);
  const faults = roomFaults(
    [
      { ...plain, id: room.id, name: "A" },
      { ...plain, id: room.id, name: "B" },
      { ...plain, id: newId("room", 2), name: "a" },
    ],
    [room],
  );
  expect(faults.map(({ path, code }) => [path, code])).toEqual([
    ["rooms.1.id", "events.room_not_found"],
    ["rooms.2.id", "events.room_not_found"],
    ["rooms.2.name", "events.room_taken"],
  ]);
});
