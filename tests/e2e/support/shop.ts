import { type Attempt, type Bought, order, reserve, untilOrder } from "../../../scripts/sale/buyer.ts";
import { newAddress, type World } from "./world.ts";

export type Won = Extract<Attempt, { won: true }>;

/** A reservation that must have been won. */
export function won(attempt: Attempt): Won {
  if (!attempt.won) throw new Error(`the reservation was refused: ${attempt.code}`);
  return attempt;
}

/** Reserves tickets and turns them into an order that waits for its payment. */
export async function orderTickets(world: World, eventId: string, ticketTypeId: string, quantity = 1): Promise<Bought> {
  const { held } = won(await reserve(world, eventId, ticketTypeId, quantity));
  return order(world, held, { name: "Buyer One", email: newAddress("buyer") });
}

/** A confirmed order of free tickets. */
export async function takeFreeTickets(world: World, eventId: string, ticketTypeId: string): Promise<Bought> {
  const bought = await orderTickets(world, eventId, ticketTypeId);
  await untilOrder(world, bought, "confirmed");
  return bought;
}

/** How many rows a query counts. */
export async function countRows(
  world: World,
  domain: Parameters<World["platform"]["database"]>[0],
  sql: string,
  ...values: unknown[]
): Promise<number> {
  const db = await world.platform.database(domain);
  const row = await db
    .prepare(`SELECT count(*) AS n FROM ${sql}`)
    .bind(...values)
    .first<{ n: number }>();
  return row?.n ?? 0;
}
