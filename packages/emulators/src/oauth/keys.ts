import { generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { required } from "@foyer/kernel/assert";
import { exportJWK, type JWK } from "jose";

/** A pair that signs ID tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** How many keys are published: the one that signs, and the one before it. */
const publishedMax = 2;

/**
 * The signing keys of one provider, newest first. The first is made when it is first needed: making one takes a tenth
 * of a second, and most runs sign nobody in by most providers.
 */
export class SigningKeys {
  #keys: Promise<SigningKey>[] = [];

  /** The key that signs. */
  current(): Promise<SigningKey> {
    if (this.#keys.length === 0) this.#keys = [newKey()];
    return required(this.#keys[0], "a first key was just made");
  }

  /** The public keys, with what every JWK set says of them. */
  async published(): Promise<JWK[]> {
    await this.current();
    const keys = await Promise.all(this.#keys);
    return Promise.all(
      keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" })),
    );
  }

  /** Signs with a new key from here on. The one before stays published until the next rotation. */
  async rotate(): Promise<void> {
    await this.current();
    const next = newKey();
    this.#keys = [next, ...this.#keys].slice(0, publishedMax);
    await next;
  }
}

const generate = promisify(generateKeyPair);

async function newKey(): Promise<SigningKey> {
  const pair = await generate("rsa", { modulusLength: 2_048 });
  return { kid: randomBytes(20).toString("hex"), ...pair };
}
