import { fromBase64Url, toBase64Url } from "@foyer/kernel/encoding";
import type { CryptoKey } from "jose";
import * as z from "zod";

/** Port for what is stored encrypted because it must be had back. */
export interface Vault {
  /** Seals a text for one place; it opens nowhere else. */
  seal(text: string, place: string): Promise<string>;
  /** Opens what was sealed for this place. Throws where it was not, or where its key is gone. */
  open(sealed: string, place: string): Promise<string>;
}

const keysSchema = z
  .array(z.object({ id: z.string().regex(/^[\w-]{1,32}$/), key: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }))
  .min(1)
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, { error: "Key ids repeat" });
type Keys = z.infer<typeof keysSchema>;

const nonceBytes = 12; // what AES-GCM is made for (NIST SP 800-38D section 5.2.1.1)

/**
 * AES-256-GCM under keys of the deployment: a JSON array of `{ id, key }`, the key as 32 bytes in base64url. The first seals,
 * all open; to rotate, put a new one in front. What is wrong with the secret is told without telling it.
 */
export function createVault(secret: string | undefined): Vault {
  let parsed: Keys | undefined;
  const imported = new Map<string, CryptoKey>();

  function keys(): Keys {
    parsed ??= parse(secret);
    return parsed;
  }

  async function keyOf(id: string): Promise<CryptoKey> {
    const known = imported.get(id);
    if (known !== undefined) return known;
    const found = keys().find((each) => each.id === id);
    const bytes = found === undefined ? null : fromBase64Url(found.key);
    if (bytes === null) throw new Error(`ENCRYPTION_KEYS has no key ${id}`);
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    imported.set(id, key);
    return key;
  }

  const parametersOf = (iv: Uint8Array<ArrayBuffer>, place: string) => ({
    name: "AES-GCM",
    iv,
    additionalData: new TextEncoder().encode(place),
  });

  return {
    async seal(text, place) {
      const [first] = keys();
      const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
      const bytes = new TextEncoder().encode(text);
      const sealed = await crypto.subtle.encrypt(parametersOf(iv, place), await keyOf(first?.id ?? ""), bytes);
      return `${first?.id}.${toBase64Url(iv)}.${toBase64Url(new Uint8Array(sealed))}`;
    },
    async open(sealed, place) {
      const [id = "", iv = "", body = ""] = sealed.split(".");
      const [ivBytes, bodyBytes] = [fromBase64Url(iv), fromBase64Url(body)];
      if (ivBytes === null || bodyBytes === null) throw new Error("not a sealed text");
      const opened = await crypto.subtle.decrypt(parametersOf(ivBytes, place), await keyOf(id), bodyBytes);
      return new TextDecoder().decode(opened);
    },
  };
}

function parse(secret: string | undefined): Keys {
  let json: unknown;
  try {
    json = JSON.parse(secret ?? "");
  } catch {
    throw new Error("ENCRYPTION_KEYS is not JSON"); // the parser's own words would quote the secret
  }
  const result = keysSchema.safeParse(json);
  if (result.success) return result.data;
  throw new Error(`ENCRYPTION_KEYS: ${result.error.issues.map((issue) => issue.path.join(".")).join(", ")} not valid`);
}
