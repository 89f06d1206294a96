import { etagOf } from "./etag.ts";

/** A stretch of a representation, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Reads a `Range` header (RFC 9110 section 14) against a representation's length. Null means all of it: no header, another
 * unit, a form that is not understood, or several ranges at once, which a server may answer whole.
 */
export function parseByteRange(header: string | undefined, sizeBytes: number): ByteRange | "unsatisfiable" | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? "unsatisfiable" : { offset: sizeBytes - length, length };
  }
  const offset = Number(first);
  if (last !== "" && Number(last) < offset) return null;
  if (offset >= sizeBytes) return "unsatisfiable";
  const end = last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  return { offset, length: end - offset + 1 };
}

/** Whether `If-Range` lets a range be served: absent, or naming the current representation (RFC 9110 section 13.1.5). */
export function rangeApplies(ifRange: string | undefined, version: string): boolean {
  return ifRange === undefined || ifRange.trim() === etagOf(version);
}

/** Answers with all of a representation, or 206 with a stretch of it. */
export function rangeResponse(
  body: BodyInit | null,
  sizeBytes: number,
  range: ByteRange | null,
  headers: Readonly<Record<string, string>>,
): Response {
  const length = range === null ? sizeBytes : range.length;
  const all = new Headers({ ...headers, "accept-ranges": "bytes", "content-length": String(length) });
  if (range === null) return new Response(body, { status: 200, headers: all });
  all.set("content-range", `bytes ${range.offset}-${range.offset + range.length - 1}/${sizeBytes}`);
  return new Response(body, { status: 206, headers: all });
}
