import { createHmac } from "node:crypto";

/** Makes of an address what is kept of it where only the same address is to be known again. */
export type AddressKeys = (address: string) => string;

/** Keyed hashes of addresses, under the deployment's secret: a list of them tells nobody whose they are. */
export function createAddressKeys(secret: string): AddressKeys {
  return (address) => createHmac("sha256", secret).update(`address:${address}`).digest("base64url");
}
