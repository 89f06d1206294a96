import { limits } from "@foyer/kernel/limits";
import Bowser from "bowser";

/** Where a request comes from, as far as is known. */
export interface Client {
  /** IPv4 address or IPv6 /64; null where the platform does not say. */
  readonly network: string | null;
  /** Words for the browser and system. */
  readonly device: string;
  /** City and country, where the platform knows them. */
  readonly place: string | null;
  /** The header as it came, cut; for telling one client from another, never stored as it is. */
  readonly userAgent: string;
}

/** Where nobody called: the clockwork, another worker. */
export const noClient: Client = { network: null, device: "Unknown device", place: null, userAgent: "" };

/** `Firefox on Linux`, from a `User-Agent`; what is unknown is left out. */
export function deviceOf(userAgent: string): string {
  if (userAgent === "") return "Unknown device";
  const { browser, os } = Bowser.parse(userAgent.slice(0, limits.userAgentCharsMax));
  // The parser says an empty text for what it does not know.
  const program = browser.name || (/^[\w .-]{1,40}(?=\/)/.exec(userAgent)?.[0] ?? "");
  if (program === "") return "Unknown device";
  return os.name === undefined || os.name === "" ? program : `${program} on ${os.name}`;
}
