import { equalInConstantTime } from "@foyer/kernel/encoding";
import { jwtVerify } from "jose";
import { emulatorLimits } from "../../limits.ts";
import type { LocalRequest } from "../../server/local-server.ts";
import type { BaseAccount } from "../accounts.ts";
import type { Client, Credential } from "../clients.ts";
import type { Parameters } from "../parameters.ts";
import type { ProviderState } from "../provider-state.ts";
import { Refusal } from "../refusal.ts";

interface Claimed {
  readonly clientId: string;
  readonly secret: string;
}

/** The client that sent a token request, which has proved that it is the one; a refusal says nothing of what was wrong. */
export async function authenticateClient<A extends BaseAccount>(
  state: ProviderState<A>,
  request: LocalRequest,
  parameters: Parameters,
): Promise<Client> {
  const { clientId, secret } = readClaim(state, request, parameters);
  const client = state.clients.get(clientId);
  if (client === undefined) throw unauthorized();
  const { credential } = client;
  const proved =
    credential.kind === "secret"
      ? equalInConstantTime(credential.secret, secret)
      : await isSigned(state, client.clientId, credential, secret);
  if (!proved) throw unauthorized();
  return client;
}

/**
 * Who the client says it is, by one of the two ways of https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1, and by one
 * only.
 */
function readClaim<A extends BaseAccount>(
  { profile }: ProviderState<A>,
  request: LocalRequest,
  parameters: Parameters,
): Claimed {
  const postedId = parameters.optional("client_id");
  const postedSecret = parameters.optional("client_secret");
  const { authorization } = request.headers;
  if (authorization === undefined) {
    if (postedId === null || postedSecret === null) throw unauthorized();
    return { clientId: postedId, secret: postedSecret };
  }
  if (!profile.token.clientAuthentication.includes("client_secret_basic")) throw unauthorized();
  const claimed = readBasic(authorization);
  if (claimed === null) throw unauthorized();
  if (postedSecret !== null || (postedId !== null && postedId !== claimed.clientId)) {
    throw new Refusal("invalid_request", "The client authenticates in more than one way");
  }
  return claimed;
}

/** HTTP Basic, whose two halves are encoded as in forms first; null where it is none. */
function readBasic(header: string): Claimed | null {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 0) return null;
  const decode = (part: string): string => new URLSearchParams(`part=${part}`).get("part") ?? "";
  return { clientId: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
}

/**
 * Whether a secret is what Apple asks for: a JWT that the client's key has signed, for this server, good for at most six
 * months (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret).
 */
async function isSigned<A extends BaseAccount>(
  { profile, base, clock }: ProviderState<A>,
  clientId: string,
  credential: Extract<Credential, { kind: "signed" }>,
  secret: string,
): Promise<boolean> {
  const nowMs = clock.nowMs();
  const audience = profile.issuer(base());
  try {
    const { payload, protectedHeader } = await jwtVerify(secret, credential.publicKey, {
      algorithms: ["ES256"],
      issuer: credential.teamId,
      subject: clientId,
      audience,
      currentDate: new Date(nowMs),
    });
    const nowSeconds = Math.floor(nowMs / 1_000);
    // One that is left out lies too far ahead to be taken.
    const { iat = Number.POSITIVE_INFINITY, exp = Number.POSITIVE_INFINITY } = payload;
    return (
      protectedHeader.kid === credential.keyId &&
      payload.aud === audience &&
      iat <= nowSeconds &&
      exp - nowSeconds <= emulatorLimits.appleSecretSecondsMax
    );
  } catch {
    return false; // forged, expired, for somebody else, or no JWT at all
  }
}

function unauthorized(): Refusal {
  return new Refusal("invalid_client", "The client could not be authenticated");
}
