import { parseArgs } from "node:util";
import { emailSchema } from "@foyer/contracts/shared/schemas";
import { newId } from "@foyer/kernel/ids";
import { quote, runOnUsers, targetOf, targetOptions } from "./database.ts";

/**
 * `npm run admin -- grant person@example.com`: makes the first administrator of the platform, who makes the others by the API. The account is
 * to be registered and verified before; there is no default account and no default password. `list` shows who administers, `revoke` takes
 * the role away, in case nobody can by the API.
 */

const usage = "npm run admin -- grant ADDRESS | revoke ADDRESS | list   [--local [--persist-to DIRECTORY]]";

const { values, positionals } = parseArgs({ options: targetOptions, allowPositionals: true });
const target = targetOf(values);
const [action = "", address = ""] = positionals;

if (action === "list" && positionals.length === 1) {
  const administrators = "SELECT id, email FROM users WHERE platform_admin = 1 ORDER BY id";
  for (const { id, email } of await runOnUsers(target, [administrators])) console.log(`${id}  ${email}`);
} else if ((action === "grant" || action === "revoke") && positionals.length === 2) {
  await setRole(action === "grant");
} else {
  console.error(usage);
  process.exitCode = 2;
}

async function setRole(isAdmin: boolean): Promise<void> {
  const parsed = emailSchema.safeParse(address);
  if (!parsed.success) return refuse(`${address} is no address`);
  const email = quote(parsed.data);
  const nowMs = Date.now();
  const [user] = await runOnUsers(target, [
    `SELECT id, email_verified_at_ms AS verifiedAtMs, suspended_at_ms AS suspendedAtMs FROM users WHERE email = ${email}`,
  ]);
  if (user === undefined) return refuse(`there is no account with the address ${parsed.data}; register it first`);
  if (isAdmin && user.verifiedAtMs === null)
    return refuse("the address is not verified; open the link in its mail first");
  if (isAdmin && user.suspendedAtMs !== null) return refuse("the account is suspended");
  const id = quote(String(user.id));
  const roles = (has: boolean): string => quote(JSON.stringify({ roles: has ? ["administrator"] : [] }));
  await runOnUsers(target, [
    `UPDATE users SET platform_admin = ${isAdmin ? 1 : 0}, version = version + 1, updated_at_ms = ${nowMs} WHERE id = ${id}`,
    // Access tokens up to this moment say otherwise.
    `INSERT INTO revocations (subject, before_ms, expires_at_ms) VALUES (${id}, ${nowMs}, ${nowMs + 3_600_000})`,
    `INSERT INTO audit (id, actor_kind, actor_id, action, target_id, before, after, request_id, at_ms)
     VALUES (${quote(newId("audit", nowMs))}, 'system', 'operator', 'user.roles_changed', ${id}, ${roles(!isAdmin)}, ${roles(isAdmin)}, 'operator', ${nowMs})`,
  ]);
  console.log(
    isAdmin ? `${parsed.data} administers the platform` : `${parsed.data} no longer administers the platform`,
  );
}

function refuse(why: string): void {
  console.error(why);
  process.exitCode = 1;
}
