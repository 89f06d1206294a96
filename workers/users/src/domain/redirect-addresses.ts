/** Whether a program on the same machine listens there, so that plain HTTP shows nothing to a network. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "127.0.0.1" || hostname === "[::1]" || hostname === "localhost";
}

/**
 * The addresses at which clients take up what a provider sent, from a list with commas. Each is a page by HTTPS, a page on the same
 * machine, or the private scheme of an app, which has a dot (RFC 8252 section 7); without a fragment. Throws for anything else.
 */
export function parseRedirectAddresses(list: string): ReadonlySet<string> {
  const addresses = list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const wrong = addresses.findIndex((address) => !isRedirectAddress(address));
  if (wrong >= 0) throw new TypeError(`entry ${wrong + 1} is no address that a sign-in may end at`);
  return new Set(addresses);
}

function isRedirectAddress(address: string): boolean {
  if (!URL.canParse(address) || address.includes("#") || address.includes("*")) return false;
  const url = new URL(address);
  if (url.username !== "" || url.password !== "") return false;
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" ? isLoopback(url) : url.protocol.includes(".");
}
