import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";

const requestIdShape = new RegExp(`^[A-Za-z0-9_.:-]{1,${limits.requestIdCharsMax}}$`);

/** The request id that a caller sent if it is well-formed, or a new one. */
export function requestIdFrom(header: string | null | undefined): string {
  return header !== null && header !== undefined && requestIdShape.test(header)
    ? header
    : newId("message", Date.now()).replace("msg_", "req_");
}
