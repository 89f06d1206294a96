import { type Account, idOf } from "../account.ts";
import { noSuch } from "../api/errors.ts";
import { listPage } from "../api/lists.ts";
import type { ApiRoute } from "../api/router.ts";

/** What the account records by itself and callers only read: charges, disputes, movements of its balance, events. */
export function recordRoutes(account: Account): ApiRoute[] {
  const { store } = account;
  return [
    {
      method: "GET",
      path: "/v1/charges",
      handle: ({ params }) =>
        listPage(params, "/v1/charges", store.charges.values(), {
          payment_intent: (charge) => idOf(charge.payment_intent),
          customer: (charge) => idOf(charge.customer),
        }),
    },
    readOne("/v1/charges/:id", "charge", "id", store.charges),
    {
      method: "GET",
      path: "/v1/disputes",
      handle: ({ params }) =>
        listPage(params, "/v1/disputes", store.disputes.values(), {
          charge: (dispute) => idOf(dispute.charge),
          payment_intent: (dispute) => idOf(dispute.payment_intent),
        }),
    },
    readOne("/v1/disputes/:id", "dispute", "dispute", store.disputes),
    {
      method: "GET",
      path: "/v1/balance_transactions",
      handle: ({ params }) =>
        listPage(params, "/v1/balance_transactions", store.balanceTransactions.values(), {
          source: ({ source }) => idOf(source),
          type: ({ type }) => type,
        }),
    },
    readOne("/v1/balance_transactions/:id", "balance transaction", "id", store.balanceTransactions),
    {
      method: "GET",
      path: "/v1/events",
      handle: ({ params }) => {
        const types = params.texts("types");
        const events = [...store.events.values()];
        const wanted = types.length === 0 ? events : events.filter(({ type }) => types.includes(type));
        return listPage(params, "/v1/events", wanted, { type: ({ type }) => type });
      },
    },
    readOne("/v1/events/:id", "event", "id", store.events),
  ];
}

function readOne(path: string, noun: string, param: string, objects: ReadonlyMap<string, object>): ApiRoute {
  return {
    method: "GET",
    path,
    handle: ({ ids: [id = ""], params }) => {
      params.end();
      const object = objects.get(id);
      if (object === undefined) throw noSuch(noun, id, param);
      return object;
    },
  };
}
