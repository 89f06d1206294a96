import type { Letter, LetterSubject, NoticeKind } from "@foyer/contracts/users/letters";
import { required } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import { formatEventTime } from "./event-time.ts";
import { type Block, compose } from "./layout.ts";
import { type MailContent, toLine, toPersonName } from "./mail.ts";

/**
 * The pages that letters link to. The token stands in the fragment, and is posted on a click, so that scanners that open links use nothing
 * up, and no server, log or `Referer` ever sees it.
 */
const pages = {
  verify_email: "verify-email",
  reset_password: "reset-password",
  confirm_email_change: "confirm-email",
  invitation: "invitation",
} as const;

/** A letter about an account as a mail. It greets nobody by name: the address may be a stranger's, and the name whatever someone wished to send. */
export function letterMail(letter: Letter, publicUrl: string): MailContent {
  const { subject } = letter;
  switch (subject.kind) {
    case "verify_email":
      return compose("Confirm your email address", [
        paragraph("Please confirm that this is your email address."),
        link(letter, publicUrl, "Confirm email address"),
        until(letter, "If you did not open an account with us, ignore this mail; nothing happens without you."),
      ]);
    case "reset_password":
      return compose("Set a new password", [
        paragraph("Someone asked to set a new password for the account with this address."),
        link(letter, publicUrl, "Set a new password"),
        until(letter, "If it was not you, ignore this mail; your password stays as it is."),
        paragraph("A new password signs out every device."),
      ]);
    case "confirm_email_change":
      return emailChangeMail(letter, subject, publicUrl);
    case "invitation":
      return invitationMail(letter, subject, publicUrl);
    case "notice":
      return noticeMail(subject);
  }
}

type Subject<K extends LetterSubject["kind"]> = Extract<LetterSubject, { readonly kind: K }>;

function emailChangeMail(
  letter: Letter,
  { side, newEmail }: Subject<"confirm_email_change">,
  publicUrl: string,
): MailContent {
  const what =
    side === "new"
      ? "Please confirm that your account shall have this email address from now on."
      : `Someone asked to change the email address of your account to ${toLine(newEmail, limits.emailCharsMax)}. Both addresses have to agree.`;
  return compose("Confirm the change of your email address", [
    paragraph(what),
    link(letter, publicUrl, side === "new" ? "Confirm this address" : "Agree to the change"),
    until(
      letter,
      side === "new"
        ? "If you did not ask for it, ignore this mail."
        : "If it was not you, do not agree, and change your password: someone may be signed in to your account.",
    ),
  ]);
}

function invitationMail(
  letter: Letter,
  { organizationName, inviterName, role }: Subject<"invitation">,
  publicUrl: string,
): MailContent {
  const organization = toPersonName(organizationName) ?? "an organization";
  const inviter = toPersonName(inviterName) ?? "Someone";
  return compose(`Invitation to join ${organization}`, [
    paragraph(`${inviter} invites you to join ${organization} as ${roleNames[role]}.`),
    link(letter, publicUrl, "Look at the invitation"),
    until(letter, "It is for this email address only. If you do not know them, ignore this mail."),
  ]);
}

const roleNames = {
  owner: "an owner",
  admin: "an administrator",
  manager: "a manager",
  finance: "a member who sees to its finances",
  support: "a member who helps its guests",
  door: "a member who sees to the door",
} as const;

/** What whoever did not do it is to do. */
const advices = {
  reset: "If it was not you, set a new password at once: someone has been in your account.",
  support: "If you did not expect this, write to support.",
  none: null,
} as const;

/** What happened. */
interface Notice {
  readonly title: string;
  readonly text: string;
  readonly advice: keyof typeof advices;
}

const notices: Readonly<Record<NoticeKind, Notice>> = {
  password_changed: {
    title: "Your password was changed",
    text: "The password of your account was changed, and your other devices were signed out.",
    advice: "reset",
  },
  password_reset: {
    title: "Your password was set anew",
    text: "A new password was set for your account by a mailed link, and every device was signed out.",
    advice: "reset",
  },
  email_changed: {
    title: "Your email address was changed",
    text: "Your account has another email address now. This one no longer opens it.",
    advice: "support",
  },
  totp_enabled: {
    title: "An authenticator app was set up",
    text: "Signing in to your account now asks for a code of your authenticator app.",
    advice: "reset",
  },
  totp_disabled: {
    title: "Your authenticator app was removed",
    text: "Signing in to your account no longer asks for a code.",
    advice: "reset",
  },
  recovery_codes_made: {
    title: "New recovery codes were made",
    text: "New recovery codes were made for your account; earlier ones no longer work.",
    advice: "reset",
  },
  recovery_code_used: {
    title: "A recovery code was used",
    text: "Someone signed in to your account with one of its recovery codes.",
    advice: "reset",
  },
  passkey_added: {
    title: "A passkey was added",
    text: "A passkey was added to your account. It signs in without a password.",
    advice: "reset",
  },
  passkey_removed: {
    title: "A passkey was removed",
    text: "A passkey was removed from your account.",
    advice: "reset",
  },
  identity_linked: {
    title: "A sign-in was linked",
    text: "Your account can now be signed in to with an account at another provider.",
    advice: "reset",
  },
  identity_unlinked: {
    title: "A sign-in was unlinked",
    text: "An account at another provider no longer signs in to your account.",
    advice: "reset",
  },
  sessions_ended: {
    title: "You were signed out",
    text: "An administrator of the platform signed out all devices of your account.",
    advice: "support",
  },
  impersonated: {
    title: "Support looked at your account",
    text: "An administrator of the platform acts in your place for a short time, to help with your account. They cannot see or change how you sign in, and cannot move money.",
    advice: "support",
  },
  suspended: {
    title: "Your account is suspended",
    text: "An administrator of the platform has suspended your account. Nobody can sign in to it.",
    advice: "support",
  },
  restored: {
    title: "Your account is open again",
    text: "Your account is no longer suspended. You can sign in again.",
    advice: "none",
  },
  erased: {
    title: "Your account was deleted",
    text: "Your account and the data in it were deleted, as you asked. Orders are kept without your name. This is the last mail about it.",
    advice: "support",
  },
};

function noticeMail({ notice, at, device, place, name }: Subject<"notice">): MailContent {
  const { title, text, advice } = notices[notice];
  const facts: (readonly [string, string])[] = [
    ["When", formatEventTime({ startsAtMs: Date.parse(at), endsAtMs: null, timezone: "UTC" })],
    ...(name === null ? [] : [["Which", toPersonName(name) ?? "-"] as const]),
    ...(device === null ? [] : [["Device", toLine(device, limits.nameCharsMax)] as const]),
    ...(place === null ? [] : [["Near", toLine(place, limits.placeCharsMax)] as const]),
  ];
  const said = advices[advice];
  return compose(title, [paragraph(text), { kind: "facts", facts }, ...(said === null ? [] : [paragraph(said)])]);
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

function link({ subject, link: given }: Letter, publicUrl: string, label: string): Block {
  const { token } = required(given, "a letter with a link has its token");
  const page = pages[subject.kind as keyof typeof pages]; // notices have no link
  return { kind: "link", label, url: `${publicUrl}/${page}#token=${encodeURIComponent(token)}` };
}

function until({ link: given }: Letter, advice: string): Block {
  const startsAtMs = Date.parse(required(given, "a letter with a link says until when it works").expiresAt);
  const time = formatEventTime({ startsAtMs, endsAtMs: null, timezone: "UTC" });
  return paragraph(`The link works until ${time}. ${advice}`);
}
