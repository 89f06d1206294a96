import { parseArgs } from "node:util";
import { toRfc3339 } from "@foyer/kernel/clock";
import { quote, runOnUsers, targetOf, targetOptions } from "./database.ts";

/**
 * `npm run keys -- rotate`: a new key signs access tokens ten minutes from now, and the old one is published for as long as a token of it lives,
 * so nobody is signed out. `withdraw KID` is for a key that leaked: its tokens are refused within minutes, and refresh tokens go on.
 * `list` shows the keys. The worker's clockwork carries an order out within a minute; no private key leaves it.
 */

const usage = "npm run keys -- rotate | withdraw KID | list   [--local [--persist-to DIRECTORY]]";

const { values, positionals } = parseArgs({ options: targetOptions, allowPositionals: true });
const target = targetOf(values);
const [action = "", kid = ""] = positionals;

if (action === "list" && positionals.length === 1) {
  const keys = "SELECT kid, activates_at_ms AS activatesAtMs FROM signing_keys ORDER BY activates_at_ms";
  for (const { kid: known, activatesAtMs } of await runOnUsers(target, [keys])) {
    console.log(`${known}  signs from ${toRfc3339(Number(activatesAtMs))}`);
  }
} else if (action === "rotate" && positionals.length === 1) {
  await runOnUsers(target, ["INSERT INTO signing_key_orders (action) VALUES ('rotate')"]);
  console.log("ordered: a new key is published within a minute and signs ten minutes later");
} else if (action === "withdraw" && positionals.length === 2) {
  const [known] = await runOnUsers(target, [`SELECT kid FROM signing_keys WHERE kid = ${quote(kid)}`]);
  if (known === undefined) {
    console.error(`there is no key ${kid}`);
    process.exitCode = 1;
  } else {
    await runOnUsers(target, [`INSERT INTO signing_key_orders (action, kid) VALUES ('withdraw', ${quote(kid)})`]);
    console.log(`ordered: the tokens of ${kid} are refused within two minutes`);
  }
} else {
  console.error(usage);
  process.exitCode = 2;
}
