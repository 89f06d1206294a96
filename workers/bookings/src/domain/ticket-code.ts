import { isId, type TicketId } from "@foyer/kernel/ids";

/** What a ticket's code says: which ticket, and which issue of its code. */
export interface TicketCode {
  readonly ticketId: TicketId;
  readonly codeVersion: number;
}

const scheme = "F1";
const codeVersionMax = 1_000_000;

/** The text that is signed: scheme, ticket and version of the code, separated by dots. */
export function codeText(code: TicketCode): string {
  return `${scheme}.${code.ticketId}.${code.codeVersion}`;
}

/** Reads a code; null for whatever is not one. The signature is for the caller to check over `signed`. */
export function parseCode(text: string): (TicketCode & { readonly signed: string; readonly signature: string }) | null {
  const match = /^F1\.([a-z0-9_]+)\.([1-9][0-9]{0,6})\.([A-Za-z0-9_-]{86})$/.exec(text);
  const [, ticketId, version, signature] = match ?? [];
  if (ticketId === undefined || version === undefined || signature === undefined) return null;
  const codeVersion = Number(version);
  if (!isId("ticket", ticketId) || codeVersion > codeVersionMax) return null;
  return { ticketId, codeVersion, signed: codeText({ ticketId, codeVersion }), signature };
}
