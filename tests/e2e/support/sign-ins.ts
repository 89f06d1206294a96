import type { AccountInput } from "@foyer/emulators/oauth/accounts";
import type { BrowserStep } from "@foyer/emulators/oauth/browser";
import type { ProviderName } from "@foyer/emulators/oauth/provider-names";
import { expect } from "vitest";
import { signInEndsAt } from "../../../scripts/platform/stack.ts";
import type { Answer } from "./http.ts";
import { codeOf, locationOf, type UnderWay, Visitor } from "./visitor.ts";
import { newAddress, type World } from "./world.ts";

/** The cookie that binds a flow to its browser. */
export const flowCookie = "__Host-foyer_oauth";

/** An account at a provider, as far as tests look at it. */
export interface Person {
  readonly id: string;
  readonly email: string;
}

/** The answer to a sign-in, as far as tests look at it. */
export interface SignedIn {
  readonly user: {
    readonly id: string;
    readonly email: string;
    readonly emailVerified: boolean;
    readonly name: string;
  };
  readonly session: { readonly accessToken: string };
}

interface LinkedIdentity {
  readonly id: string;
  readonly provider: string;
  readonly email: string;
}

/** People who sign in at the emulated providers of a deployment. What they must keep to themselves is remembered. */
export class SignIns {
  readonly #world: World;
  readonly #visitors: Visitor[] = [];
  /** States, codes and verifiers of all that happens. */
  readonly #confidential = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  newVisitor(): Visitor {
    const visitor = new Visitor(this.#world);
    this.#visitors.push(visitor);
    return visitor;
  }

  keepSecret(text: string): void {
    this.#confidential.add(text);
  }

  /** A new account, whose address the provider vouches for if it ever does. */
  async newPerson<P extends ProviderName>(provider: P, more: Partial<AccountInput<P>> = {}): Promise<Person> {
    const person = { id: String(1e9 + Math.floor(Math.random() * 1e9)), email: newAddress("guest") };
    const verified = provider === "microsoft" || provider === "facebook" ? {} : { emailVerified: true };
    const account = { ...person, name: "Guest Two", ...verified, ...more };
    // What the provider's own schema does not take, it refuses.
    await this.#world.emulators.oauth.addAccount(provider, account as AccountInput<P>);
    return { ...person, ...("email" in more && typeof more.email === "string" ? { email: more.email } : {}) };
  }

  /** The person says yes at the provider. */
  async approve({ state, authorizationUrl }: UnderWay, person: Person): Promise<BrowserStep> {
    this.keepSecret(state);
    const step = await this.#world.emulators.oauth.approve(authorizationUrl, { account: person.id });
    const answer = step.kind === "redirect" ? new URL(step.url).searchParams : new URLSearchParams(step.fields);
    this.keepSecret(answer.get("code") ?? "no code");
    return step;
  }

  /** The whole way there and back, to the answer of the callback. */
  async goThere(
    visitor: Visitor,
    provider: ProviderName,
    person: Person,
    body: object = {},
    token?: string,
  ): Promise<Answer> {
    const underWay = await visitor.begin(provider, body, token);
    return visitor.comeBack(await this.approve(underWay, person));
  }

  /** The whole sign-in, to the answer of redeeming the code. */
  async attempt(
    visitor: Visitor,
    provider: ProviderName,
    person: Person,
    body: object = {},
    token?: string,
  ): Promise<Answer> {
    const code = codeOf(await this.goThere(visitor, provider, person, body, token));
    this.keepSecret(code);
    return visitor.redeem({ code }, token);
  }

  /** A sign-in that must succeed. */
  async signIn(provider: ProviderName, person: Person, visitor = this.newVisitor()): Promise<SignedIn> {
    const answer = await this.attempt(visitor, provider, person);
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
    // The answer of a sign-in, which tests look into.
    return answer.document as unknown as SignedIn;
  }

  async identitiesOf({ session }: SignedIn): Promise<readonly LinkedIdentity[]> {
    const path = "/v1/users/profile/identities";
    const answer = await this.newVisitor().send("identities", { path, method: "GET", token: session.accessToken });
    expect(answer.status).toBe(200);
    return answer.document?.data as readonly LinkedIdentity[];
  }

  /** Expects that the client is told of a failure, and of nothing else. */
  expectError(answer: Answer, error: string): void {
    expect(locationOf(answer).href).toBe(`${signInEndsAt(this.#world.url)}?error=${error}#`);
    expect(answer.text).toBe("");
  }

  /** Expects that nothing was a fault so far, and that no secret is in a log, an address or an answer. */
  async expectNothingLeaked(): Promise<void> {
    const world = this.#world;
    const { secrets } = await world.emulators.oauth.settings();
    const answers = this.#visitors.flatMap(({ caller }) => caller.answers);
    expect(answers.length).toBeGreaterThan(50);
    expect(answers.filter(({ status }) => status >= 500).map(({ what }) => what)).toEqual([]);
    const logged = world.logs.map(({ text }) => text).join("\n");
    for (const secret of this.#confidential) expect(logged).not.toContain(secret);
    const said = answers.map(({ text, headers }) => text + JSON.stringify([...headers])).join("\n");
    for (const secret of [...Object.values(secrets), ...Object.values(world.secrets.users ?? {})]) {
      expect(logged + said).not.toContain(secret);
      expect(logged + said).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
    // Access tokens and ID tokens of the providers never reach a client.
    expect(said).not.toMatch(/ya29\.|gho_|EAA[0-9a-f]{20}|id_token/);
  }
}

/** Expects a refusal that sends nobody anywhere. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.document?.code]).toEqual([status, code]);
  expect(answer.headers.get("location")).toBeNull();
}
