import { answerWithPersonalData, personalDataPath } from "@foyer/auth/personal-data";
import { erasureSchema, personalDataSchema } from "@foyer/contracts/users/api/profile";
import { usersErrors } from "@foyer/contracts/users/errors";
import { respond } from "@foyer/http/app";
import { bearerAuth, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute } from "@hono/zod-openapi";
import { eraseAccount } from "../service/erasure/erase-account.ts";
import { exportPersonalData } from "../service/personal-data/export-personal-data.ts";
import { callOf, personal, type UsersApp } from "./call.ts";
import { clearSessionCookies } from "./session-answer.ts";

const tags = ["Profile"];

const read = createRoute({
  method: "get",
  path: personalDataPath,
  operationId: "exportPersonalData",
  tags,
  summary: "Everything that is kept about the caller, as one document",
  security: bearerAuth,
  responses: responses(200, "The parts of the platform that keep something, and what", personalDataSchema),
});

const erase = createRoute({
  method: "delete",
  path: "/v1/users/profile",
  operationId: "eraseAccount",
  tags,
  summary: "Erase the caller's account and what is kept about them",
  security: bearerAuth,
  responses: responses(
    202,
    "The account is gone; other parts of the platform forget their own within minutes",
    erasureSchema,
  ),
});

/** Adds the routes by which a person has all that is kept about them: as a copy, or gone. */
export function addPersonalDataRoutes(app: UsersApp): void {
  // This worker's part of the document; outside, the gateway answers here with the parts of all.
  app.openapi(read, async (c) => {
    const answer = await answerWithPersonalData(c, "users", c.get("deps").clock, exportPersonalData);
    return answer as never; // a document of this schema, or a problem
  });

  app.openapi(erase, async (c) => {
    personal(c);
    const result = await eraseAccount(c.get("deps"), callOf(c));
    if (result.ok) clearSessionCookies(c);
    return respond(c, usersErrors, result, 202, ({ requestedAtMs, completedAtMs }) => ({
      erasure: {
        requestedAt: toRfc3339(requestedAtMs),
        status: completedAtMs === null ? ("under_way" as const) : ("done" as const),
      },
    }));
  });
}
