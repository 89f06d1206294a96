import { serializeRequest } from "./load.ts";
import { type Figure, measure, type Scenario, unique } from "./measure.ts";
import type { Stage } from "./stage.ts";

/** Answered from the token alone, behind gateway and worker: no such event can exist. */
const nowhere = "/v1/events/evt_nowhere/pools";

function signIns(stage: Stage, count: number, connections: number): Promise<Figure> {
  const { accounts, password } = stage.people;
  return measure({
    port: stage.port,
    count,
    connections,
    make: () => {
      const email = accounts[unique() % accounts.length];
      return serializeRequest("POST", "/v1/auth/login", {}, JSON.stringify({ email, password }));
    },
    expected: [200],
  });
}

function withTokens(stage: Stage, tokens: readonly string[] | null): Promise<Figure> {
  return measure({
    port: stage.port,
    count: 5_000,
    make: (index) =>
      serializeRequest("GET", nowhere, tokens === null ? {} : { Authorization: tokens[index % tokens.length] ?? "" }),
    expected: [404],
  });
}

/** Signing in, and being known. One isolate serves each worker here, so a rate is that of one isolate. */
export const identityScenarios: readonly Scenario[] = [
  { name: "sign-in-alone", what: "POST login, one at a time", run: (stage) => signIns(stage, 100, 1) },
  {
    name: "sign-in-crowd",
    what: "POST login, eight at a time, on as many accounts",
    run: (stage) => signIns(stage, 400, 8),
  },
  { name: "token-none", what: "a request without a token", run: (stage) => withTokens(stage, null) },
  {
    name: "token-known",
    what: "the same with a token that the isolate has seen",
    ceiling: "token-none",
    run: (stage) => withTokens(stage, stage.buyers.slice(0, 1)),
  },
  {
    name: "token-new",
    what: "the same with a token that is to be verified each time",
    ceiling: "token-none",
    run: async (stage) => withTokens(stage, await stage.newTokens(5_000)),
  },
];
