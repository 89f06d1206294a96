import { bearerSession, createFoyer, type Foyer, type Schema } from "@foyer/sdk";
import type { Stack } from "../platform/stack.ts";
import { mailsTo } from "./mails.ts";
import { makePicture } from "./picture.ts";

/** Someone who sells: a verified account, signed in, with an organization. */
export interface Organizer {
  readonly foyer: Foyer;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly organizationId: string;
}

/** What an organizer fills in to sell something. */
export interface EventPlan {
  readonly title: string;
  readonly description: string;
  readonly startsAt: Date;
  readonly hours: number;
  readonly timezone: string;
  readonly location: {
    readonly kind: "venue";
    readonly name: string;
    readonly address: string;
    readonly city: string;
    readonly country: string;
  };
  readonly categorySlug: string;
  readonly tags: readonly string[];
  readonly colours: readonly [readonly [number, number, number], readonly [number, number, number]];
  readonly paid: {
    readonly name: string;
    readonly priceMinor: number;
    readonly currency: Schema<"Money">["currency"];
    readonly capacity: number;
  };
  readonly free: { readonly name: string; readonly capacity: number };
}

/** A published event and what it sells. */
export interface PublishedEvent {
  readonly eventId: string;
  readonly title: string;
  readonly paidTypeId: string;
  readonly freeTypeId: string;
  readonly mediaUrl: string;
  /** When publishing was answered, on this process's monotonic clock. */
  readonly publishedAtMs: number;
}

/** Somebody with a verified account, signed in. */
export interface Account {
  readonly foyer: Foyer;
  readonly accessToken: string;
}

/** Registers, follows the link of the verification mail, and signs in; `times` counts such mails to the address, this one included. */
export async function registerAccount(
  stack: Stack,
  person: { readonly email: string; readonly password: string; readonly name: string },
  times = 1,
): Promise<Account> {
  const visitor = createFoyer({ baseUrl: stack.url });
  const { email, password, name } = person;
  await visitor.post("/v1/auth/register", { body: { email, password, name } });
  const mails = await mailsTo(stack, email, /verif|confirm/i, times);
  const token = /[?&#]token=([\w.~-]+)/.exec(mails.at(-1)?.text ?? "")?.[1];
  if (token === undefined) throw new Error("the verification mail has no link");
  await visitor.post("/v1/auth/email/verify", { body: { token, password } });
  const { accessToken } = bearerSession((await visitor.post("/v1/auth/login", { body: { email, password } })).data);
  return { foyer: createFoyer({ baseUrl: stack.url, accessToken }), accessToken };
}

/** An account of their own, and an organization. */
export async function registerOrganizer(
  stack: Stack,
  person: { readonly email: string; readonly password: string; readonly name: string; readonly organization: string },
): Promise<Organizer> {
  const { email, password, organization: name } = person;
  const account = await registerAccount(stack, person);
  const organization = (await account.foyer.post("/v1/organizations", { body: { name } })).data;
  return { ...account, email, password, organizationId: organization.id };
}

/** Creates an event with an image, a paid and a free ticket type with pools of their own, and publishes it. */
export async function publishEvent(organizer: Organizer, plan: EventPlan): Promise<PublishedEvent> {
  const { foyer, organizationId } = organizer;
  const categories = (await foyer.get("/v1/categories", { params: { query: { limit: 100 } } })).data;
  const category = categories.data.find(({ slug }) => slug === plan.categorySlug);
  const event = (
    await foyer.post("/v1/events", {
      body: {
        organizationId,
        title: plan.title,
        description: plan.description,
        startsAt: plan.startsAt.toISOString(),
        endsAt: new Date(plan.startsAt.getTime() + plan.hours * 3_600_000).toISOString(),
        timezone: plan.timezone,
        location: plan.location,
        categoryId: category?.id ?? null,
        tags: [...plan.tags],
      },
    })
  ).data;
  const path = { id: event.id };
  const media = await uploadPicture(organizer, event.id, makePicture(640, 360, ...plan.colours));
  const { paid, free } = plan;
  const paidType = (
    await foyer.post("/v1/events/{id}/ticket-types", {
      params: { path },
      body: {
        name: paid.name,
        kind: "paid",
        price: { amount: paid.priceMinor, currency: paid.currency },
        capacity: paid.capacity,
      },
    })
  ).data;
  const freeType = (
    await foyer.post("/v1/events/{id}/ticket-types", {
      params: { path },
      body: { name: free.name, kind: "free", capacity: free.capacity },
    })
  ).data;
  await foyer.post("/v1/events/{id}/publish", { params: { path } });
  return {
    eventId: event.id,
    title: plan.title,
    paidTypeId: paidType.id,
    freeTypeId: freeType.id,
    mediaUrl: media.url.replace(/\?.*$/, ""), // it was a draft's, and signed; now it is everybody's
    publishedAtMs: performance.now(),
  };
}

/** Uploads an image. The name of its type is left to the server, which looks at the bytes. */
async function uploadPicture(
  organizer: Organizer,
  eventId: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ readonly url: string }> {
  const answer = await organizer.foyer.post("/v1/events/{id}/media", {
    params: { path: { id: eventId } },
    // OpenAPI has no type for bytes but a string; what is sent is what the serializer returns.
    body: "image",
    bodySerializer: () => bytes,
    headers: { "content-type": "application/octet-stream" },
  });
  return answer.data;
}
