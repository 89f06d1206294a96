import { problemSchema } from "@foyer/contracts/shared/schemas";
import type * as z from "zod";

/** The responses of a route for `createRoute`: its success, and the problem document that everything else is. */
export function responses<S extends number, T extends z.ZodType>(status: S, description: string, schema: T) {
  return {
    [status]: { description, content: { "application/json": { schema } } },
    default: problemAnswer,
  } as { [K in S]: { description: string; content: { "application/json": { schema: T } } } } & {
    default: typeof problemAnswer;
  };
}

/** As {@link responses} for an answer without a body, such as 204. */
export function emptyResponse<S extends number>(status: S, description: string) {
  return { [status]: { description }, default: problemAnswer } as { [K in S]: { description: string } } & {
    default: typeof problemAnswer;
  };
}

const problemAnswer = {
  description: "Problem document (RFC 9457)",
  content: { "application/problem+json": { schema: problemSchema } },
};

/** A JSON request body for `createRoute`; required. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

/** A JSON request body that may be left out; then every field of it is. */
export function optionalJsonBody<T extends z.ZodType>(schema: T) {
  return { body: { required: false, content: { "application/json": { schema } } } };
}

/** OpenAPI security of a route that needs a signed-in user. */
export const bearerAuth: { bearer: string[] }[] = [{ bearer: [] }];
