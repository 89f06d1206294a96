import { toBase64Url } from "@foyer/kernel/encoding";
import Argon2, { Argon2Type, Argon2Version } from "@phi-ag/argon2";
import wasm from "@phi-ag/argon2/argon2.wasm";
import { hashCost } from "../domain/passwords.ts";

/** Port for the making and checking of password hashes. */
export interface PasswordHasher {
  /** A PHC string with a fresh salt, at today's cost. */
  hash(password: string): string;
  /** Whether the password is the hash's, at the cost that the hash names. */
  verify(phc: string, password: string): boolean;
}

/**
 * The library takes the length of a text in UTF-16 units for its length in UTF-8 bytes, and would ignore the tail of every
 * password that is not ASCII. Base64url of the UTF-8 bytes has one byte a character.
 */
function toAscii(password: string): string {
  return toBase64Url(new TextEncoder().encode(password));
}

/** argon2id in WebAssembly. Instantiated at the first use: isolates that check no password do not pay for it. */
export function createPasswordHasher(): PasswordHasher {
  let argon2: Argon2 | undefined;
  const ready = (): Argon2 => {
    argon2 ??= new Argon2(new WebAssembly.Instance(wasm, {}));
    return argon2;
  };
  return {
    hash(password) {
      return ready().hash(toAscii(password), {
        memoryCost: hashCost.memoryKibibytes,
        timeCost: hashCost.passes,
        parallelism: hashCost.lanes,
        hashLength: hashCost.hashBytes,
        type: Argon2Type.Argon2id,
        version: Argon2Version.Version13,
        salt: crypto.getRandomValues(new Uint8Array(hashCost.saltBytes)),
      }).encoded;
    },
    verify(phc, password) {
      return ready().tryVerify(phc, toAscii(password), Argon2Type.Argon2id).success;
    },
  };
}
