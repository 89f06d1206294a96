import * as z from "zod";
import type { LocalAnswer, LocalRequest } from "../server/local-server.ts";

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

const attachmentSchema = z.object({
  filename: z.string().default("attachment"),
  content: z.string().nullable().default(null),
  content_type: z.string().nullable().optional(),
});
const sentSchema = z.object({ attachments: z.array(attachmentSchema).default([]) });
const acceptedSchema = z.object({ id: z.string() });
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

/** Remembers what emulate drops, by the id that it gave the mail. */
export class AttachmentStore {
  readonly #byMail = new Map<string, readonly MailAttachment[]>();
  /** By idempotency key: the attachments that were first sent under it, as text. */
  readonly #byKey = new Map<string, string>();

  /** Whether a call repeats a key with other attachments; emulate compares everything else. */
  conflicts(request: LocalRequest, sent: unknown): boolean {
    const key = request.headers["idempotency-key"];
    const first = typeof key === "string" ? this.#byKey.get(key) : undefined;
    return first !== undefined && first !== attachmentsText(sent);
  }

  /** Keeps the attachments of an accepted call; of a repeated one they are the same. */
  keep(request: LocalRequest, sent: unknown, answer: LocalAnswer): void {
    const key = request.headers["idempotency-key"];
    if (typeof key === "string") this.#byKey.set(key, attachmentsText(sent));
    const accepted: unknown = JSON.parse(answer.body);
    const isBatch = request.path === "/emails/batch";
    const mails = isBatch ? z.array(sentSchema).parse(sent) : [sentSchema.parse(sent)];
    const ids = isBatch
      ? z.object({ data: z.array(acceptedSchema) }).parse(accepted).data
      : [acceptedSchema.parse(accepted)];
    for (const [index, { id }] of ids.entries()) {
      const attachments = mails[index]?.attachments ?? [];
      this.#byMail.set(
        id,
        attachments.map(({ filename, content, content_type: contentType }) => ({
          filename,
          content,
          contentType: contentType ?? null,
        })),
      );
    }
  }

  /** The attachments of a mail; none where it had none. */
  of(mailId: string): readonly MailAttachment[] {
    return this.#byMail.get(mailId) ?? [];
  }
}

function attachmentsText(sent: unknown): string {
  const mails = z.union([z.array(sentSchema), sentSchema.transform((mail) => [mail])]).safeParse(sent);
  return JSON.stringify(mails.data?.map(({ attachments }) => attachments) ?? []);
}

/** Reads Resend's list of mails, and puts the attachments back. Oldest first. */
export function readMails(list: unknown, attachments: AttachmentStore): SentMail[] {
  return mailListSchema
    .parse(list)
    .data.map(({ created_at: createdAt, ...mail }) => ({ ...mail, createdAt, attachments: attachments.of(mail.id) }));
}
