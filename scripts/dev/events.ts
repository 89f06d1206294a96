import type { EventPlan } from "../sale/organizer.ts";

const dayMs = 86_400_000;

type Colour = EventPlan["colours"][number];
const night: Colour = [24, 28, 72];
const ember: Colour = [226, 106, 54];
const leaf: Colour = [46, 125, 87];
const sand: Colour = [236, 214, 170];
const sea: Colour = [38, 110, 160];
const plum: Colour = [110, 40, 100];

interface Outline {
  readonly title: string;
  readonly description: string;
  readonly inDays: number;
  readonly startHourUtc: number;
  readonly hours: number;
  readonly city: readonly [venue: string, address: string, city: string, country: string, timezone: string];
  readonly category: string;
  readonly tags: readonly string[];
  readonly colours: readonly [Colour, Colour];
  readonly paid: readonly [name: string, priceMinor: number, currency: EventPlan["paid"]["currency"], capacity: number];
  readonly free: readonly [name: string, capacity: number];
}

const hamburg = ["Harbour Hall", "Pier 1", "Hamburg", "Germany", "Europe/Berlin"] as const;
const lisbon = ["Rope Works", "Rua do Cais 12", "Lisbon", "Portugal", "Europe/Lisbon"] as const;
const portland = ["Foundry Stage", "41 Mill Street", "Portland", "United States", "America/Los_Angeles"] as const;
const kyoto = ["Lantern House", "Sanjo 5", "Kyoto", "Japan", "Asia/Tokyo"] as const;

/** A dozen events as organizers write them: several places, zones, currencies and sizes. */
const outlines: readonly Outline[] = [
  {
    title: "Midwinter Concert",
    description: "Two hours of chamber music in the old harbour hall.",
    inDays: 21,
    startHourUtc: 19,
    hours: 2,
    city: hamburg,
    category: "music",
    tags: ["chamber music", "classical"],
    colours: [night, ember],
    paid: ["Seat", 4_500, "EUR", 320],
    free: ["Student standing", 40],
  },
  {
    title: "Open Source Evening",
    description: "Short talks by maintainers, long conversations after.",
    inDays: 9,
    startHourUtc: 18,
    hours: 3,
    city: lisbon,
    category: "technology",
    tags: ["talks", "community"],
    colours: [sea, sand],
    paid: ["Supporter", 1_000, "EUR", 60],
    free: ["Guest", 120],
  },
  {
    title: "Riverside Night Market",
    description: "Forty stalls, three kitchens and one brass band.",
    inDays: 14,
    startHourUtc: 23,
    hours: 5,
    city: portland,
    category: "food-drink",
    tags: ["market", "outdoors"],
    colours: [ember, plum],
    paid: ["Entry with tasting", 1_800, "USD", 900],
    free: ["Entry", 1_500],
  },
  {
    title: "Beginner's Letterpress Workshop",
    description: "Set, ink and print a poster of your own. Aprons are there.",
    inDays: 30,
    startHourUtc: 9,
    hours: 6,
    city: hamburg,
    category: "arts",
    tags: ["workshop", "print"],
    colours: [sand, night],
    paid: ["Place at the press", 12_000, "EUR", 12],
    free: ["Companion", 4],
  },
  {
    title: "Autumn Leaves Half Marathon",
    description: "Flat, fast, and through two parks.",
    inDays: 45,
    startHourUtc: 0,
    hours: 5,
    city: kyoto,
    category: "sports",
    tags: ["running"],
    colours: [leaf, ember],
    paid: ["Runner", 6_500, "JPY", 3_000],
    free: ["Volunteer", 200],
  },
  {
    title: "Silent Film with Live Piano",
    description: "A comedy of 1924, newly restored, and a pianist who has seen it a hundred times.",
    inDays: 12,
    startHourUtc: 20,
    hours: 2,
    city: lisbon,
    category: "arts",
    tags: ["cinema", "piano"],
    colours: [night, sand],
    paid: ["Seat", 1_200, "EUR", 180],
    free: ["Under 16", 30],
  },
  {
    title: "Small Business Breakfast",
    description: "Coffee, bread, and what worked this year.",
    inDays: 6,
    startHourUtc: 16,
    hours: 2,
    city: portland,
    category: "business",
    tags: ["networking"],
    colours: [sand, sea],
    paid: ["Breakfast", 1_500, "USD", 80],
    free: ["First visit", 20],
  },
  {
    title: "Tea Ceremony for Four",
    description: "An hour of quiet. One table, four guests.",
    inDays: 18,
    startHourUtc: 5,
    hours: 1,
    city: kyoto,
    category: "food-drink",
    tags: ["tea"],
    colours: [leaf, sand],
    paid: ["Guest", 5_000, "JPY", 4],
    free: ["Observer", 2],
  },
  {
    title: "Sea Shanty Singalong",
    description: "Words are on the wall; nobody listens, everybody sings.",
    inDays: 25,
    startHourUtc: 19,
    hours: 3,
    city: hamburg,
    category: "music",
    tags: ["folk", "community"],
    colours: [sea, night],
    paid: ["Singer", 800, "EUR", 250],
    free: ["Child", 50],
  },
  {
    title: "Data at the Edge",
    description: "A day about databases that live close to people.",
    inDays: 60,
    startHourUtc: 8,
    hours: 9,
    city: lisbon,
    category: "technology",
    tags: ["conference", "databases"],
    colours: [plum, sea],
    paid: ["Conference day", 19_900, "EUR", 400],
    free: ["Speaker", 30],
  },
  {
    title: "Garden Opening Weekend",
    description: "The glass house is warm, the soup is hot.",
    inDays: 75,
    startHourUtc: 18,
    hours: 6,
    city: portland,
    category: "community",
    tags: ["garden", "family"],
    colours: [leaf, sea],
    paid: ["Guided walk", 900, "USD", 150],
    free: ["Garden", 2_000],
  },
  {
    title: "Lantern Parade Grandstand",
    description: "See the whole parade pass, and stay dry.",
    inDays: 90,
    startHourUtc: 9,
    hours: 3,
    city: kyoto,
    category: "community",
    tags: ["parade", "lanterns"],
    colours: [ember, night],
    paid: ["Grandstand", 8_000, "JPY", 5_000],
    free: ["Wheelchair place", 60],
  },
];

/** The events to be published, counted from today. */
export function plannedEvents(nowMs: number): EventPlan[] {
  const today = Math.floor(nowMs / dayMs) * dayMs;
  return outlines.map(({ city: [name, address, city, country, timezone], ...outline }) => ({
    title: outline.title,
    description: outline.description,
    startsAt: new Date(today + outline.inDays * dayMs + outline.startHourUtc * 3_600_000),
    hours: outline.hours,
    timezone,
    location: { kind: "venue", name, address, city, country },
    categorySlug: outline.category,
    tags: outline.tags,
    colours: outline.colours,
    paid: { name: outline.paid[0], priceMinor: outline.paid[1], currency: outline.paid[2], capacity: outline.paid[3] },
    free: { name: outline.free[0], capacity: outline.free[1] },
  }));
}
