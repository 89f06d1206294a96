import { required } from "@foyer/kernel/assert";
import { type Bought, pay, reserve, ticketsOf, untilOrder } from "../../../scripts/sale/buyer.ts";
import { type Organizer, type PublishedEvent, publishEvent } from "../../../scripts/sale/organizer.ts";
import type { Belongings } from "./foreign-routes.ts";
import { orderTickets, won } from "./shop.ts";
import { newAddress, newOrganizer, newPlan, type World } from "./world.ts";

/** Two organizations that have nothing to do with each other. The house has sold; the rival wants to know. */
export interface Tenants {
  readonly house: Organizer;
  readonly concert: PublishedEvent;
  /** An order of the concert, paid. */
  readonly bought: Bought;
  /** A reservation of the concert, open. */
  readonly held: { readonly reservationId: string; readonly secret: string };
  /** Everything of the house that has an id. */
  readonly own: Belongings;
  readonly rival: Organizer;
  readonly party: PublishedEvent;
}

/** Makes the two, by the routes that everybody has. */
export async function newTenants(world: World): Promise<Tenants> {
  const [house, rival] = await Promise.all([newOrganizer(world), newOrganizer(world)]);
  const concert = await publishEvent(house, newPlan({ paid: 20, free: 20 }, "Concert"));
  const party = await publishEvent(rival, newPlan({ paid: 20, free: 20 }, "Party"));
  const bought = await orderTickets(world, concert.eventId, concert.paidTypeId, 2);
  await pay(world, bought);
  await untilOrder(world, bought, "confirmed");
  const { held } = won(await reserve(world, concert.eventId, concert.paidTypeId));
  const sold = { world, house, concert, bought, held };
  const own = { ...(await gatherSale(sold)), ...(await gatherStaff(house)) };
  return { house, concert, bought, held, own, rival, party };
}

type Sold = Omit<Tenants, "own" | "rival" | "party"> & { readonly world: World };
type Staff = "user" | "membership" | "invitation" | "apiKey";

/** What of a sale has an id, a part of the money given back among it. */
async function gatherSale({ world, house, concert, bought, held }: Sold): Promise<Omit<Belongings, Staff>> {
  const { foyer, organizationId } = house;
  const pools = await foyer.get("/v1/events/{id}/pools", { params: { path: { id: concert.eventId } } });
  const payments = await foyer.get("/v1/payments", { params: { query: { organizationId } } });
  const payment = required(payments.data.data[0], "an order was paid");
  const { data: refund } = await foyer.post("/v1/payments/{id}/refunds", {
    params: { path: { id: payment.id } },
    body: { reason: "One cannot come", amount: { amount: 100, currency: "EUR" } },
  });
  const { data: venue } = await foyer.post("/v1/venues", {
    body: { organizationId, name: "House", address: "1 Road", city: "Oslo", country: "NO" },
  });
  const { data: upload } = await foyer.post("/v1/events/{id}/media/uploads", {
    params: { path: { id: concert.eventId } },
    body: { contentType: "image/png", sizeBytes: 4, alt: "" },
  });
  const sent = await fetch(new URL(`/v1/organizations/${organizationId}/event-imports`, world.url), {
    method: "POST",
    headers: { authorization: `Bearer ${house.accessToken}`, "content-type": "text/csv" },
    body: "title\nHouse night\n",
  });
  const { id: importId } = (await sent.json()) as { readonly id: string }; // as the document says
  const ticket = required((await ticketsOf(world, bought))[0], "a ticket was issued");
  return {
    event: concert.eventId,
    organization: organizationId,
    ticketType: concert.paidTypeId,
    pool: required(pools.data.data[0], "an event has a pool").id,
    media: required(new URL(concert.mediaUrl, world.url).pathname.split("/").at(-1), "media has an id"),
    venue: venue.id,
    upload: upload.id,
    import: importId,
    reservation: held.reservationId,
    order: bought.orderId,
    ticket: ticket.id,
    ticketCode: ticket.code ?? "",
    payment: payment.id,
    refund: refund.id,
  };
}

/** What of an organization's staff has an id: its owner and their membership, somebody who is invited, a program. */
async function gatherStaff({ foyer, organizationId }: Organizer): Promise<Pick<Belongings, Staff>> {
  const params = { path: { id: organizationId } };
  const members = await foyer.get("/v1/organizations/{id}/members", { params });
  const owner = required(members.data.data[0], "an organization has an owner");
  const { data: invitation } = await foyer.post("/v1/organizations/{id}/invitations", {
    params,
    body: { email: newAddress("guest"), role: "door" },
  });
  const { data: made } = await foyer.post("/v1/organizations/{id}/api-keys", {
    params,
    body: { name: "Till", scopes: ["orders.read"] },
  });
  return { user: owner.userId, membership: owner.id, invitation: invitation.id, apiKey: made.apiKey.id };
}
