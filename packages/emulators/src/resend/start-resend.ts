import { createEmulator } from "emulate";
import * as z from "zod";
import { emulatorLimits } from "../limits.ts";
import {
  jsonAnswer,
  type LocalAnswer,
  type LocalReply,
  type LocalRequest,
  serveLocally,
} from "../server/local-server.ts";
import { createResendControl, type MailEffect, mailEffects, type ResendControl } from "./control-client.ts";
import { AttachmentStore, readAttachments, readMails } from "./mails.ts";

export interface ResendOptions {
  /** The only key that is accepted; any key is where left out. */
  readonly apiKey?: string;
  /** Zero or nothing takes a free port. */
  readonly port?: number;
}

/** A running Resend: its address for the API, and the control over it. */
export interface ResendEmulator extends ResendControl {
  readonly stop: () => Promise<void>;
}

const failuresSchema = z.strictObject({
  effect: z.enum(mailEffects),
  count: z.int().min(1).max(emulatorLimits.faultCountMax),
});

/**
 * Starts Resend: emulate's own keeps mails, idempotency keys and the inbox page; the layer before it does what that
 * lacks, which is checking the key, keeping attachments, and failing when told to.
 */
export async function startResend(options: ResendOptions = {}): Promise<ResendEmulator> {
  const upstream = await createEmulator({ service: "resend", port: 0, hostname: "127.0.0.1" });
  // It names itself "localhost", which may resolve to an address that it does not listen on.
  const upstreamUrl = `http://127.0.0.1:${new URL(upstream.url).port}`;
  const attachments = new AttachmentStore();
  let failures: { readonly effect: MailEffect; left: number } | null = null;

  const control = async (request: LocalRequest): Promise<LocalAnswer> => {
    if (request.method === "GET" && request.path === "/_emulator/mails") {
      const list = await fetch(`${upstreamUrl}/emails`, { headers: { authorization: "Bearer re_reader" } });
      return jsonAnswer(200, readMails(await list.json(), attachments));
    }
    if (request.method === "POST" && request.path === "/_emulator/failures") {
      const { success, data } = failuresSchema.safeParse(parseJson(request.body));
      if (!success) return jsonAnswer(422, { error: "expected an effect and a count" });
      failures = { effect: data.effect, left: data.count };
      return jsonAnswer(200, data);
    }
    return jsonAnswer(404, { error: `There is no ${request.method} ${request.path}.` });
  };

  const handle = async (request: LocalRequest): Promise<LocalReply> => {
    if (request.path.startsWith("/_emulator/")) return control(request);
    const isPage = request.method === "GET" && /^\/(inbox|_emulate)\b/.test(request.path);
    const refusal = isPage ? null : checkKey(request, options.apiKey);
    if (refusal !== null) return refusal;
    const sends = request.method === "POST" && (request.path === "/emails" || request.path === "/emails/batch");
    if (sends && failures !== null) {
      const { effect } = failures;
      failures.left -= 1;
      if (failures.left === 0) failures = null;
      return failureReply(effect);
    }
    if (!sends) return forward(upstreamUrl, request);
    const sent = readAttachments(parseJson(request.body));
    if (sent === null) return resendError(422, "validation_error", "The body or its attachments are invalid.");
    const header = request.headers["idempotency-key"];
    const key = typeof header === "string" ? header : null;
    if (attachments.conflicts(key, sent)) {
      return resendError(409, "invalid_idempotent_request", "The idempotency key was used with a different request");
    }
    const answer = await forward(upstreamUrl, request);
    if (answer.status === 200) attachments.keep(key, sent, answer);
    return answer;
  };

  const server = await serveLocally({
    port: options.port ?? 0,
    bodyBytesMax: emulatorLimits.mailBodyBytesMax,
    handle,
  }).catch(async (error: unknown) => {
    await upstream.close();
    throw error;
  });
  return {
    ...createResendControl(server.url),
    stop: async () => {
      await Promise.all([server.stop(), upstream.close()]);
    },
  };
}

function failureReply(effect: MailEffect): LocalReply {
  switch (effect) {
    case "429":
      return resendError(429, "rate_limit_exceeded", "Too many requests. Please slow down.");
    case "500":
      return resendError(500, "internal_server_error", "An unexpected error occurred.");
    case "timeout":
      return { silence: true, forMs: emulatorLimits.silenceMsMax };
  }
}

/** Resend's refusals of a missing and of a wrong key (https://resend.com/docs/api-reference/errors). */
function checkKey(request: LocalRequest, apiKey: string | undefined): LocalAnswer | null {
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
  if (given === undefined) return resendError(401, "missing_api_key", "Missing API Key");
  if (apiKey !== undefined && given !== apiKey) return resendError(400, "validation_error", "API key is invalid");
  return null;
}

function resendError(statusCode: number, name: string, message: string): LocalAnswer {
  return jsonAnswer(statusCode, { statusCode, name, message });
}

async function forward(upstreamUrl: string, request: LocalRequest): Promise<LocalAnswer> {
  const query = request.query.size === 0 ? "" : `?${request.query}`;
  const headers = new Headers();
  for (const name of ["authorization", "content-type", "idempotency-key"]) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const response = await fetch(`${upstreamUrl}${request.path}${query}`, {
    method: request.method,
    headers,
    redirect: "manual",
    ...(hasBody ? { body: request.body } : {}),
  });
  return {
    status: response.status,
    headers: { "content-type": response.headers.get("content-type") ?? "application/json" },
    body: await response.text(),
  };
}

/** The JSON value, or undefined where the text is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
