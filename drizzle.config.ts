import { defineConfig } from "drizzle-kit";

// One database a domain. `npm run generate` runs drizzle-kit once for each of them.
const domain = process.env.FOYER_DOMAIN ?? "users";

export default defineConfig({
  dialect: "sqlite",
  schema: `./workers/${domain}/src/db/schema.ts`,
  out: `./migrations/${domain}`,
});
