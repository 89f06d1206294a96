/** An address for people who may know that there is one, but not which: `b***@example.com`. */
export function maskAddress(email: string): string {
  const at = email.lastIndexOf("@");
  const [first = ""] = email.slice(0, Math.max(at, 0));
  return `${first}***${at < 0 ? "" : email.slice(at)}`;
}
