import { describe, expect, test } from "vitest";
import type { EventWithText } from "../../src/domain/event.ts";
import { toEmbeddableJson, toJsonLd } from "../../src/domain/json-ld.ts";
import { newEvent } from "./new-event.ts";

const at = { url: "https://foyer.example/v1/events/night", imageUrl: "https://foyer.example/v1/media/med_1" };
const ld = (more: Partial<EventWithText> = {}) => toJsonLd(newEvent(more), at);

describe("an event for machines", () => {
  test("says what, when by the clock at the event, where, by whom and from what age", () => {
    const startsAtMs = Date.parse("2031-07-01T18:00:00Z");
    expect(
      ld({
        title: "Night",
        description: "Of *strings*.",
        startsAtMs,
        endsAtMs: startsAtMs + 3 * 3_600_000,
        timezone: "Europe/Berlin",
        location: {
          kind: "venue",
          name: "Hall",
          address: "1 Road",
          city: "Berlin",
          country: "DE",
          latitude: 52.5,
          longitude: 13.4,
        },
        minimumAge: 16,
      }),
    ).toMatchObject({
      "@context": "https://schema.org",
      "@type": "Event",
      url: at.url,
      name: "Night",
      description: "Of strings.",
      inLanguage: "en",
      startDate: "2031-07-01T20:00:00+02:00",
      endDate: "2031-07-01T23:00:00+02:00",
      eventStatus: "https://schema.org/EventScheduled",
      eventAttendanceMode: "https://schema.org/OfflineEventAttendanceMode",
      location: {
        "@type": "Place",
        name: "Hall",
        address: { "@type": "PostalAddress", streetAddress: "1 Road", addressLocality: "Berlin", addressCountry: "DE" },
        geo: { "@type": "GeoCoordinates", latitude: 52.5, longitude: 13.4 },
      },
      image: [at.imageUrl],
      organizer: { "@type": "Organization", name: "Organization" },
      offers: { "@type": "Offer", url: at.url },
      typicalAgeRange: "16-",
    });
  });

  test("has offsets of half an hour, and west of Greenwich", () => {
    const startsAtMs = Date.parse("2031-01-01T00:00:00Z");
    expect(ld({ startsAtMs, timezone: "Asia/Kolkata" })).toMatchObject({ startDate: "2031-01-01T05:30:00+05:30" });
    expect(ld({ startsAtMs, timezone: "America/St_Johns" })).toMatchObject({ startDate: "2030-12-31T20:30:00-03:30" });
    expect(ld({ startsAtMs, timezone: "UTC" })).toMatchObject({ startDate: "2031-01-01T00:00:00+00:00" });
  });

  test("of whole days has dates, the last day being its end", () => {
    const startsAtMs = Date.parse("2031-06-30T22:00:00Z");
    const days = { startsAtMs, endsAtMs: startsAtMs + 2 * 86_400_000, timezone: "Europe/Berlin", allDay: true };
    expect(ld(days)).toMatchObject({ startDate: "2031-07-01", endDate: "2031-07-02" });
  });

  test("says what has become of it, with the date that it had", () => {
    const previousStartsAtMs = Date.parse("2031-01-01T00:00:00Z");
    expect(ld({ status: "cancelled" })).toMatchObject({ eventStatus: "https://schema.org/EventCancelled" });
    expect(ld({ status: "postponed", previousStartsAtMs, timezone: "UTC" })).toMatchObject({
      eventStatus: "https://schema.org/EventPostponed",
      previousStartDate: "2031-01-01T00:00:00+00:00",
    });
    expect(ld({ previousStartsAtMs, timezone: "UTC" })).toMatchObject({
      eventStatus: "https://schema.org/EventRescheduled",
      previousStartDate: "2031-01-01T00:00:00+00:00",
    });
  });

  test("never says where to join online", () => {
    const url = "https://meet.example/secret";
    const place = { name: "Hall", address: "1 Road", city: "Berlin", country: "DE" };
    for (const location of [
      { kind: "online", url },
      { kind: "hybrid", ...place, url },
    ] as const) {
      expect(JSON.stringify(ld({ location }))).not.toContain("meet.example");
      expect(JSON.stringify(ld({ location }))).toContain("VirtualLocation");
    }
  });

  test("may stand in a script element, whatever its title is", () => {
    const title = "</script><script>alert(1)</script>\u2028&";
    const json = toEmbeddableJson(ld({ title }));
    expect(json).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(json)).toMatchObject({ name: title });
  });
});
