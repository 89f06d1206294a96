import { jsonAnswer, type LocalAnswer, type LocalRequest } from "../server/local-server.ts";
import type { GitHubAccount } from "./accounts.ts";
import type { ProviderState } from "./provider-state.ts";

/** Below GitHub's base; `https://api.github.com` at GitHub itself. */
export const gitHubApiPath = "/api";

const documentation = "https://docs.github.com/rest";

/**
 * The two routes of GitHub's API that say who signed in: https://docs.github.com/en/rest/users/users and
 * https://docs.github.com/en/rest/users/emails. `path` is below `/api`.
 */
export function answerGitHubApi(state: ProviderState<GitHubAccount>, request: LocalRequest, path: string): LocalAnswer {
  const agent = request.headers["user-agent"] ?? "";
  if (agent.trim() === "") return missingUserAgent;
  if (request.method !== "GET" || (path !== "/user" && path !== "/user/emails")) {
    return gitHubError(404, "Not Found", documentation);
  }
  const scheme = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "");
  if (scheme === null) return gitHubError(401, "Requires authentication", documentation);
  const grant = state.grants.findByToken(scheme[1] ?? "");
  const account = grant === null ? undefined : state.accounts.get(grant.accountId);
  if (grant === null || account === undefined) return gitHubError(401, "Bad credentials", documentation);
  if (request.query.size > 0) return gitHubError(422, "Validation Failed", documentation);
  const headers = {
    "x-oauth-scopes": grant.scopes.join(", "),
    "x-accepted-oauth-scopes": path === "/user" ? "" : "user, user:email",
  };
  if (path === "/user") return jsonAnswer(200, userOf(account), headers);
  if (!grant.scopes.includes("user:email")) {
    // GitHub does not admit that there would be something to see.
    return gitHubError(404, "Not Found", `${documentation}/users/emails`, headers);
  }
  return jsonAnswer(200, emailsOf(account), headers);
}

/** https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#user-agent-required */
const missingUserAgent: LocalAnswer = {
  status: 403,
  headers: { "content-type": "text/html; charset=utf-8" },
  body:
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header " +
    "(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). " +
    "Check https://developer.github.com for other possible causes.\r\n",
};

function gitHubError(
  status: number,
  message: string,
  documentationUrl: string,
  headers: Readonly<Record<string, string>> = {},
): LocalAnswer {
  return jsonAnswer(status, { message, documentation_url: documentationUrl, status: String(status) }, headers);
}

function loginOf({ id, login }: GitHubAccount): string {
  return login ?? `user-${id}`;
}

function userOf(account: GitHubAccount): object {
  return {
    login: loginOf(account),
    id: Number(account.id),
    type: "User",
    site_admin: false,
    avatar_url: `https://images.example.com/${account.id}.png`,
    html_url: `https://github.example.com/${loginOf(account)}`,
    name: account.name,
    email: account.private ? null : account.email,
  };
}

function emailsOf(account: GitHubAccount): object[] {
  return [
    {
      email: account.email,
      primary: true,
      verified: account.emailVerified,
      visibility: account.private ? "private" : "public",
    },
    ...account.otherEmails.map((other) => ({ ...other, primary: false, visibility: null })),
    {
      email: `${account.id}+${loginOf(account)}@users.noreply.github.com`,
      primary: false,
      verified: true,
      visibility: null,
    },
  ];
}
