import type { AppContext } from "@foyer/http/app";
import { fail, ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";

/** A file as a body, for the OpenAPI document. */
export const binarySchema = z.custom<Uint8Array>().meta({ type: "string", format: "binary" });

/** What a body is said to be: its length in bytes, null where that is not known, and its SHA-256 as lower-case hex, null where nobody said. */
export interface DeclaredBody {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly declaredBytes: number | null;
  readonly sha256: string | null;
}

/**
 * Reads what a request says of its body: `Content-Length`, and the SHA-256 of `Content-Digest` (RFC 9530), which other algorithms may stand
 * beside. `request.invalid` where that digest is none.
 */
export function declaredBody(c: AppContext<Deps>): Result<DeclaredBody> {
  const length = c.req.header("content-length");
  const declaredBytes = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null;
  const named = /(?:^|,)\s*sha-256=([^,]*)/i.exec(c.req.header("content-digest") ?? "")?.[1]?.trim();
  if (named === undefined) return ok({ body: c.req.raw.body, declaredBytes, sha256: null });
  const base64 = /^:([A-Za-z0-9+/]{43}=):$/.exec(named)?.[1];
  if (base64 === undefined) {
    return fail("request.invalid", "Content-Digest is not a SHA-256 as RFC 9530 writes it.", {
      errors: [{ path: "header.content-digest", code: "invalid_format", message: "Not sha-256=:base64:" }],
    });
  }
  const sha256 = Array.from(atob(base64), (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return ok({ body: c.req.raw.body, declaredBytes, sha256 });
}
