import type { BrowserStep } from "@foyer/emulators/oauth/browser";
import type { ProviderName } from "@foyer/emulators/oauth/provider-names";
import { signInEndsAt } from "../../../scripts/platform/stack.ts";
import { type Answer, Caller, type Request } from "./http.ts";
import type { World } from "./world.ts";

/** A sign-in at a provider that is under way. */
export interface UnderWay {
  readonly provider: ProviderName;
  readonly authorizationUrl: string;
  readonly state: string;
}

/** What the page at the end of a sign-in does with its code. */
export interface Redemption {
  readonly code: string;
  readonly codeVerifier?: string;
}

/** Somebody with a browser of their own: it keeps cookies, and goes where answers send it. */
export class Visitor {
  readonly caller: Caller;
  readonly #world: World;
  readonly #cookies = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
    this.caller = new Caller(world);
  }

  /** Sends a request as a page of our own would, with the cookies that the browser has. */
  async send(what: string, request: Request): Promise<Answer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = {
      ...(cookie === "" ? {} : { cookie }),
      ...(request.method === "GET" ? {} : { origin: this.#world.url }),
      ...request.headers,
    };
    const answer = await this.caller.send(what, { ...request, headers });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === "" || /;\s*max-age=0/i.test(set)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  /** Begins a sign-in, or the linking of an identity for whoever the token is of. */
  async begin(provider: ProviderName, body: object = {}, token?: string): Promise<UnderWay> {
    const answer = await this.send(`begin at ${provider}`, {
      method: "POST",
      path: "/v1/auth/oauth/login",
      body: { provider, redirectUri: signInEndsAt(this.#world.url), ...body },
      ...(token === undefined ? {} : { token }),
    });
    const authorizationUrl = answer.document?.authorizationUrl;
    if (typeof authorizationUrl !== "string") throw new Error(`nothing was begun: ${answer.status} ${answer.text}`);
    return { provider, authorizationUrl, state: new URL(authorizationUrl).searchParams.get("state") ?? "" };
  }

  /** Goes back to us as the provider says. A fragment stays in the browser. */
  comeBack(step: BrowserStep): Promise<Answer> {
    if (step.kind === "redirect") {
      const { origin, pathname, search } = new URL(step.url);
      if (origin !== this.#world.url) throw new Error(`sent elsewhere: ${step.url}`);
      return this.send("come back", { method: "GET", path: `${pathname}${search}` });
    }
    const { origin, pathname } = new URL(step.action);
    if (origin !== this.#world.url) throw new Error(`posted elsewhere: ${step.action}`);
    return this.send("come back by a form", {
      method: "POST",
      path: pathname,
      body: new URLSearchParams(step.fields).toString(),
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        origin: new URL(this.#world.emulators.oauth.url).origin,
      },
    });
  }

  redeem(redemption: Redemption, token?: string): Promise<Answer> {
    return this.send("redeem", {
      method: "POST",
      path: "/v1/auth/oauth/token",
      body: redemption,
      ...(token === undefined ? {} : { token }),
    });
  }
}

/** Where an answer sends the browser; throws where it sends it nowhere. */
export function locationOf({ status, headers, text }: Answer): URL {
  const location = headers.get("location");
  if (status !== 303 || location === null) throw new Error(`sent nowhere: ${status} ${text}`);
  return new URL(location);
}

/** The code that a sign-in ended with; throws where it ended without. */
export function codeOf(answer: Answer): string {
  const location = locationOf(answer);
  const code = location.searchParams.get("code");
  if (code === null) throw new Error(`ended without a code: ${location.href}`);
  return code;
}
