const ipv6Groups = 8;
const networkGroups = 4;

/**
 * The network that an address counts as: an IPv4 address itself, and the /64 of an IPv6 address, which is the least that a
 * subscriber gets (RFC 6177) and would otherwise be 2^64 fresh callers.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const mapped = /:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.toLowerCase().split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, ipv6Groups - before.length - after.length) }, () => "0");
  const groups = tail === undefined ? before : [...before, ...zeros, ...after];
  return `${groups
    .slice(0, networkGroups)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}
