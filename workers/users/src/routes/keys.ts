import { jwksSchema } from "@foyer/contracts/users/api/keys";
import { responses } from "@foyer/http/responses";
import { createRoute } from "@hono/zod-openapi";
import type { UsersApp } from "./call.ts";

const keys = createRoute({
  method: "get",
  path: "/.well-known/jwks.json",
  operationId: "getSigningKeys",
  tags: ["Authentication"],
  summary: "Public keys that access tokens are signed with",
  responses: responses(200, "JSON Web Key Set (RFC 7517)", jwksSchema),
});

/** Adds the published keys. */
export function addKeyRoutes(app: UsersApp): void {
  app.openapi(keys, async (c) => {
    const { keys: published } = await c.get("deps").signer.publicKeys();
    c.header("cache-control", "public, s-maxage=300");
    return c.json({ keys: [...published] }, 200);
  });
}
