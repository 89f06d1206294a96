import { bearerSession, createFoyer, FoyerProblem } from "@foyer/sdk";
import type { Stack } from "../platform/stack.ts";
import { type Organizer, publishEvent, registerOrganizer } from "../sale/organizer.ts";
import { plannedEvents } from "./events.ts";

/** Accounts of a development deployment. They exist on this machine only. */
export const accounts = {
  organizer: {
    email: "organizer@example.com",
    password: "correct horse battery staple",
    name: "Organizer",
    organization: "Harbour Hall",
  },
  administrator: {
    email: "admin@example.com",
    password: "correct horse battery staple",
    name: "Administrator",
    organization: "Platform",
  },
} as const;

type Account = (typeof accounts)[keyof typeof accounts];

/** Makes sure that the accounts and the dozen events are there; what is there already stays as it is. */
export async function seed(stack: Stack, say: (text: string) => void): Promise<void> {
  const organizer = await signInOrRegister(stack, accounts.organizer, say);
  await signInOrRegister(stack, accounts.administrator, say);
  const users = await stack.platform.database("users");
  await users.prepare("UPDATE users SET platform_admin = 1 WHERE email = ?1").bind(accounts.administrator.email).run();
  const present = new Set<string>();
  const { organizationId } = organizer;
  for await (const event of organizer.foyer.paginate("/v1/events", {
    params: { query: { organizationId, limit: 100 } },
  })) {
    present.add(event.title);
  }
  for (const plan of plannedEvents(Date.now())) {
    if (present.has(plan.title)) continue;
    say(`publishing ${plan.title}`);
    await publishEvent(organizer, plan);
  }
}

async function signInOrRegister(stack: Stack, account: Account, say: (text: string) => void): Promise<Organizer> {
  const { email, password } = account;
  const visitor = createFoyer({ baseUrl: stack.url });
  try {
    const session = bearerSession((await visitor.post("/v1/auth/login", { body: { email, password } })).data);
    const foyer = createFoyer({ baseUrl: stack.url, accessToken: session.accessToken });
    const [organization] = (await foyer.get("/v1/organizations")).data.data;
    if (organization !== undefined) {
      return { foyer, email, password, accessToken: session.accessToken, organizationId: organization.id };
    }
  } catch (thrown) {
    if (!(thrown instanceof FoyerProblem) || thrown.status !== 401) throw thrown;
  }
  say(`registering ${email}`);
  return registerOrganizer(stack, account);
}
