import { createEmulator } from "emulate";
import * as z from "zod";
import { emulatorLimits } from "../limits.ts";
import { jsonAnswer, type LocalAnswer, type LocalRequest, serveLocally } from "../server/local-server.ts";

export interface ResendOptions {
  /** The only key that is accepted; any key is where left out. */
  readonly apiKey?: string;
  /** Zero or nothing takes a free port. */
  readonly port?: number;
}

/** A file that was sent with a mail. */
export interface MailAttachment {
  readonly filename: string;
  readonly contentType: string | null;
  /** Base64, as it was sent; null where only a `path` to fetch it from was given. */
  readonly content: string | null;
}

/** A mail that was accepted. */
export interface SentMail {
  readonly id: string;
  readonly from: string;
  /** Addresses, in their order. */
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly attachments: readonly MailAttachment[];
  /** RFC 3339. */
  readonly createdAt: string;
}

/** A running Resend. In a browser, `/inbox` shows what was sent. */
export interface ResendEmulator {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Every mail that was accepted, oldest first. */
  readonly listMails: () => Promise<readonly SentMail[]>;
  /** Answers the next calls that send with this status, as if the service were down (500) or in a hurry (429). */
  readonly failNext: (status: 429 | 500, count?: number) => void;
  readonly stop: () => Promise<void>;
}

const attachmentSchema = z.object({
  filename: z.string().default("attachment"),
  content: z.string().nullable().default(null),
  content_type: z.string().nullable().optional(),
});
const sentSchema = z.object({ attachments: z.array(attachmentSchema).default([]) });
const batchSchema = z.array(sentSchema);
const acceptedSchema = z.object({ id: z.string() });
const acceptedBatchSchema = z.object({ data: z.array(acceptedSchema) });
const mailListSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      from: z.string(),
      to: z.array(z.string()),
      cc: z.array(z.string()),
      bcc: z.array(z.string()),
      subject: z.string(),
      text: z.string().nullable(),
      html: z.string().nullable(),
      headers: z.record(z.string(), z.string()),
      created_at: z.string(),
    }),
  ),
});

/**
 * Starts Resend: emulate's own keeps mails, idempotency keys and the inbox page; the layer before it does what that
 * lacks, which is checking the key, keeping attachments, and failing when told to.
 */
export async function startResend(options: ResendOptions = {}): Promise<ResendEmulator> {
  const upstream = await createEmulator({ service: "resend", port: 0, hostname: "127.0.0.1" });
  // It names itself "localhost", which may resolve to an address that it does not listen on.
  const upstreamUrl = `http://127.0.0.1:${new URL(upstream.url).port}`;
  const attachments = new Map<string, readonly MailAttachment[]>();
  let failures: { readonly status: 429 | 500; left: number } | null = null;

  const handle = async (request: LocalRequest): Promise<LocalAnswer> => {
    const isPage = request.method === "GET" && /^\/(inbox|_emulate)\b/.test(request.path);
    if (!isPage) {
      const refusal = checkKey(request, options.apiKey);
      if (refusal !== null) return refusal;
    }
    const sends = request.method === "POST" && (request.path === "/emails" || request.path === "/emails/batch");
    if (sends && failures !== null) {
      const { status } = failures;
      failures.left -= 1;
      if (failures.left === 0) failures = null;
      return status === 429
        ? resendError(429, "rate_limit_exceeded", "Too many requests. Please slow down.")
        : resendError(500, "internal_server_error", "An unexpected error occurred.");
    }
    const answer = await forward(upstreamUrl, request);
    if (sends && answer.status === 200) keepAttachments(attachments, request, answer);
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
    url: server.url,
    listMails: async () => {
      const response = await fetch(`${upstreamUrl}/emails`, { headers: { authorization: "Bearer re_reader" } });
      const { data } = mailListSchema.parse(await response.json());
      return data.map(({ created_at: createdAt, ...mail }) => ({
        ...mail,
        createdAt,
        attachments: attachments.get(mail.id) ?? [],
      }));
    },
    failNext: (status, count = 1) => {
      failures = { status, left: count };
    },
    stop: async () => {
      await Promise.all([server.stop(), upstream.close()]);
    },
  };
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

function keepAttachments(
  kept: Map<string, readonly MailAttachment[]>,
  request: LocalRequest,
  answer: LocalAnswer,
): void {
  const sent: unknown = JSON.parse(request.body);
  const accepted: unknown = JSON.parse(answer.body);
  const isBatch = request.path === "/emails/batch";
  const mails = isBatch ? batchSchema.parse(sent) : [sentSchema.parse(sent)];
  const ids = isBatch ? acceptedBatchSchema.parse(accepted).data : [acceptedSchema.parse(accepted)];
  for (const [index, { id }] of ids.entries()) {
    // A replay answers the first mail's id; what came with the first is what was sent.
    if (kept.has(id)) continue;
    kept.set(
      id,
      (mails[index]?.attachments ?? []).map(({ filename, content, content_type: contentType }) => ({
        filename,
        content,
        contentType: contentType ?? null,
      })),
    );
  }
}
