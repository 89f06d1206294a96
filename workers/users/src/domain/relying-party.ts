/** Who asks for passkeys (WebAuthn section 4, relying party). */
export interface RelyingParty {
  /** The domain that passkeys are made for. */
  readonly id: string;
  /** What authenticators and apps call it. */
  readonly name: string;
  /** Origins of the pages, and names of the apps, that may use them. */
  readonly origins: readonly string[];
}

/**
 * The relying party of a deployment: the host of its public address, unless settings say otherwise. Throws where an origin is outside of
 * the domain, since no browser would make a passkey there.
 */
export function relyingPartyOf(settings: {
  readonly publicUrl: string;
  /** Empty: the host of the public address. */
  readonly id: string;
  /** Separated by commas; empty: the public address. */
  readonly origins: string;
}): RelyingParty {
  const site = new URL(settings.publicUrl);
  const id = settings.id.trim() === "" ? site.hostname : settings.id.trim();
  const given = settings.origins
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
  const origins = given.length === 0 ? [site.origin] : given;
  for (const origin of origins) {
    // Apps are known by other names (`android:apk-key-hash:…`), which have no host.
    if (!/^https?:/.test(origin)) continue;
    const { hostname } = new URL(origin);
    if (hostname !== id && !hostname.endsWith(`.${id}`)) {
      throw new Error(`PASSKEY_ORIGINS: ${origin} is not within ${id}`);
    }
  }
  return { id, name: site.hostname, origins };
}
