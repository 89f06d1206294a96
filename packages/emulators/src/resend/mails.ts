import * as z from "zod";
import type { LocalAnswer } from "../server/local-server.ts";

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
  // Resend's own client sends bytes as Node writes a Buffer in JSON.
  content: z
    .union([
      z.string(),
      z
        .object({ type: z.literal("Buffer"), data: z.array(z.int().min(0).max(255)) })
        .transform(({ data }) => Buffer.from(data).toString("base64")),
    ])
    .nullable()
    .default(null),
  content_type: z.string().nullable().optional(),
});
const sentSchema = z.object({ attachments: z.array(attachmentSchema).default([]) });
const acceptedMailSchema = z.object({ id: z.string() });
const acceptedSchema = z.union([acceptedMailSchema, z.object({ data: z.array(acceptedMailSchema) })]);
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
 * The attachments of each mail that a call sends, in their order; null where they are not what Resend takes. What else
 * is wrong with a call is for emulate to say.
 */
export function readAttachments(body: unknown): MailAttachment[][] | null {
  const { success, data } = z.array(sentSchema).safeParse(Array.isArray(body) ? body : [body]);
  if (!success) return null;
  return data.map(({ attachments }) =>
    attachments.map(({ filename, content, content_type: contentType }) => ({
      filename,
      content,
      contentType: contentType ?? null,
    })),
  );
}

/** Remembers what emulate drops, by the id that it gave the mail. */
export class AttachmentStore {
  readonly #byMail = new Map<string, readonly MailAttachment[]>();
  /** By idempotency key: the attachments that were first sent under it, as text. */
  readonly #byKey = new Map<string, string>();

  /** Whether a call repeats a key with other attachments; emulate compares everything else. */
  conflicts(key: string | null, sent: readonly (readonly MailAttachment[])[]): boolean {
    const first = key === null ? undefined : this.#byKey.get(key);
    return first !== undefined && first !== JSON.stringify(sent);
  }

  /** Keeps the attachments of an accepted call; those of a repeated one are the same. */
  keep(key: string | null, sent: readonly (readonly MailAttachment[])[], answer: LocalAnswer): void {
    if (key !== null) this.#byKey.set(key, JSON.stringify(sent));
    const accepted = acceptedSchema.parse(JSON.parse(answer.body));
    const ids = "data" in accepted ? accepted.data : [accepted];
    for (const [index, { id }] of ids.entries()) this.#byMail.set(id, sent[index] ?? []);
  }

  /** The attachments of a mail; none where it had none. */
  of(mailId: string): readonly MailAttachment[] {
    return this.#byMail.get(mailId) ?? [];
  }
}

/** Reads Resend's list of mails, and puts the attachments back. Oldest first. */
export function readMails(list: unknown, attachments: AttachmentStore): SentMail[] {
  return mailListSchema
    .parse(list)
    .data.map(({ created_at: createdAt, ...mail }) => ({ ...mail, createdAt, attachments: attachments.of(mail.id) }));
}
