import { type AccessTokenSubject, signAccessToken } from "@foyer/auth/access-token";
import type { Role } from "@foyer/contracts/shared/permissions";
import { newId } from "@foyer/kernel/ids";
import { openSigningKey } from "../../../scripts/platform/signing-key.ts";
import { newAddress, type World } from "./world.ts";

/** A signed-in account, written into the database: of a role in an organization, or of none. Returns its access token. */
export async function addAccount(
  world: World,
  membership: { readonly organizationId: string; readonly role: Role } | null,
  subject: Partial<AccessTokenSubject> = {},
): Promise<string> {
  const nowMs = Date.now();
  const userId = newId("user", nowMs);
  const db = await world.platform.database("users");
  await db
    .prepare(
      `INSERT INTO users (id, email, email_verified_at_ms, name, version, created_at_ms, updated_at_ms)
       VALUES (?1, ?2, ?3, 'Member', 1, ?3, ?3)`,
    )
    .bind(userId, newAddress("member"), nowMs)
    .run();
  if (membership !== null) {
    await db
      .prepare(
        "INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
      )
      .bind(newId("membership", nowMs), membership.organizationId, userId, membership.role, nowMs)
      .run();
  }
  const { kid, key } = await openSigningKey(world.platform, world.secrets);
  return signAccessToken(
    {
      userId,
      sessionId: newId("session", nowMs),
      emailVerified: true,
      platformAdmin: false,
      authenticatedAtMs: nowMs,
      impersonatorId: null,
      ...subject,
    },
    // As every worker's configuration says.
    { issuer: "https://foyer.local", audience: "foyer", key, kid, nowMs },
  );
}
