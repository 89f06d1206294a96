import { eventsErrors } from "@foyer/contracts/events/errors";
import {
  dashboardSchema,
  followedPageSchema,
  followSchema,
  organizationIdPathSchema,
  organizerPathSchema,
  organizerProfileSchema,
} from "@foyer/contracts/events/organizers";
import { pageQuerySchema } from "@foyer/contracts/shared/schemas";
import { type AppEnv, problem } from "@foyer/http/app";
import { bearerAuth, emptyResponse, responses } from "@foyer/http/responses";
import { toRfc3339 } from "@foyer/kernel/clock";
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";
import { followOrganizer, unfollowOrganizer } from "../service/follow-organizer.ts";
import { listFollowed } from "../service/list-followed.ts";
import { readDashboard } from "../service/read-dashboard.ts";
import { readOrganizer } from "../service/read-organizer.ts";
import { callOf, privateCache, publicCache } from "./call.ts";
import { toDashboardView, toProfileView } from "./organizer-views.ts";

const tags = ["Organizers"];
const followPath = "/v1/organizations/{idOrSlug}/follow";

const profile = createRoute({
  method: "get",
  path: "/v1/organizations/{idOrSlug}/profile",
  operationId: "getOrganizerProfile",
  tags,
  summary: "Read an organizer's public page",
  request: { params: organizerPathSchema },
  responses: responses(200, "The organizer with their next public events", organizerProfileSchema),
});

const follow = createRoute({
  method: "post",
  path: followPath,
  operationId: "followOrganizer",
  tags,
  summary: "Follow an organizer",
  security: bearerAuth,
  request: { params: organizerPathSchema },
  responses: responses(200, "Followed, now or before", followSchema),
});

const unfollow = createRoute({
  method: "delete",
  path: followPath,
  operationId: "unfollowOrganizer",
  tags,
  summary: "Follow an organizer no longer",
  security: bearerAuth,
  request: { params: organizerPathSchema },
  responses: emptyResponse(204, "Not followed, now or before"),
});

const followed = createRoute({
  method: "get",
  path: "/v1/users/profile/follows",
  operationId: "listFollowedOrganizers",
  tags,
  summary: "List the organizers whom the caller follows",
  security: bearerAuth,
  request: { query: pageQuerySchema },
  responses: responses(200, "Those followed last first", followedPageSchema),
});

const dashboard = createRoute({
  method: "get",
  path: "/v1/organizations/{id}/dashboard",
  operationId: "getDashboard",
  tags,
  summary: "An organization's events and sales at a glance",
  security: bearerAuth,
  request: { params: organizationIdPathSchema },
  responses: responses(200, "The overview", dashboardSchema),
});

/** Organizers: their public page, following them, and their own overview. */
export function addOrganizerRoutes(app: OpenAPIHono<AppEnv<Deps>>): void {
  app.openapi(profile, async (c) => {
    const deps = c.get("deps");
    const result = await readOrganizer(deps, callOf(c), c.req.valid("param"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", c.get("actor").kind === "anonymous" ? publicCache : privateCache);
    c.header("vary", "authorization");
    return c.json(toProfileView(result.value, deps.publicUrl), 200);
  });

  app.openapi(follow, async (c) => {
    const result = await followOrganizer(c.get("deps"), callOf(c), c.req.valid("param"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(result.value, 200);
  });

  app.openapi(unfollow, async (c) => {
    const result = await unfollowOrganizer(c.get("deps"), callOf(c), c.req.valid("param"));
    if (!result.ok) return problem(c, eventsErrors, result.error);
    return c.body(null, 204);
  });

  app.openapi(followed, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const result = await listFollowed(c.get("deps"), callOf(c), { limit, cursor });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    const data = result.value.data.map(({ followedAtMs, ...organizer }) => ({
      ...organizer,
      followedAt: toRfc3339(followedAtMs),
    }));
    return c.json({ data, nextCursor: result.value.nextCursor }, 200);
  });

  app.openapi(dashboard, async (c) => {
    const deps = c.get("deps");
    const { id: organizationId } = c.req.valid("param");
    const result = await readDashboard(deps, callOf(c), { organizationId });
    if (!result.ok) return problem(c, eventsErrors, result.error);
    c.header("cache-control", privateCache);
    return c.json(toDashboardView(result.value, deps.publicUrl), 200);
  });
}
