import { randomBytes } from "node:crypto";
import { type Account, newStripeId, nowSeconds } from "../account.ts";
import { invalidParam, noSuch } from "../api/errors.ts";
import { listPage } from "../api/lists.ts";
import type { ApiRoute } from "../api/router.ts";
import { apiVersion } from "../api-version.ts";

/** https://docs.stripe.com/api/webhook_endpoints; the secret is told once, when the endpoint is made. */
export function webhookEndpointRoutes(account: Account): ApiRoute[] {
  const path = "/v1/webhook_endpoints";
  const { webhookEndpoints } = account.store;
  return [
    {
      method: "POST",
      path,
      handle: ({ params }) => {
        const url = params.text("url");
        const enabledEvents = params.texts("enabled_events");
        params.end();
        if (!URL.canParse(url))
          throw invalidParam("url", "Invalid URL: An explicit scheme (such as https) must be provided.");
        if (enabledEvents.length === 0) {
          throw invalidParam("enabled_events", "Missing required param: enabled_events.", "parameter_missing");
        }
        return addWebhookEndpoint(account, { url, enabledEvents, secret: `whsec_${randomBytes(24).toString("hex")}` });
      },
    },
    {
      method: "GET",
      path,
      handle: ({ params }) => listPage(params, path, [...webhookEndpoints.values()].map(withoutSecret)),
    },
    {
      method: "GET",
      path: `${path}/:id`,
      handle: ({ ids: [id = ""], params }) => {
        params.end();
        const endpoint = webhookEndpoints.get(id);
        if (endpoint === undefined) throw noSuch("webhook endpoint", id, "webhook_endpoint");
        return withoutSecret(endpoint);
      },
    },
    {
      method: "DELETE",
      path: `${path}/:id`,
      handle: ({ ids: [id = ""], params }) => {
        params.end();
        if (!webhookEndpoints.delete(id)) throw noSuch("webhook endpoint", id, "webhook_endpoint");
        return { id, object: "webhook_endpoint", deleted: true };
      },
    },
  ];
}

type Endpoint = Account["store"]["webhookEndpoints"] extends Map<string, infer E> ? E : never;

/** Adds a receiver of events; `*` stands for every type. */
export function addWebhookEndpoint(
  account: Pick<Account, "clock" | "store">,
  input: { readonly url: string; readonly secret: string; readonly enabledEvents: string[] },
): Endpoint {
  const endpoint: Endpoint = {
    id: newStripeId("we"),
    object: "webhook_endpoint",
    api_version: apiVersion,
    application: null,
    created: nowSeconds(account),
    description: null,
    enabled_events: input.enabledEvents,
    livemode: false,
    metadata: {},
    secret: input.secret,
    status: "enabled",
    url: input.url,
  };
  account.store.webhookEndpoints.set(endpoint.id, endpoint);
  return endpoint;
}

function withoutSecret({ secret: _secret, ...endpoint }: Endpoint): Omit<Endpoint, "secret"> {
  return endpoint;
}
